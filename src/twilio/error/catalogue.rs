//! Twilio's error codes: the meaning of each, its cause, what to do about it, and whether sending again is safe.
//!
//! Each range of codes has a table in its own file. The tables are sorted, so a lookup is a binary search in the table of the
//! range. The texts name Twilio's parameters as Twilio does, and pages as Twilio's Console does.
//!
//! <https://www.twilio.com/docs/api/errors>

mod access;
mod account;
mod calls;
mod channels;
mod compliance;
mod delivery;
mod messaging;
mod place;
mod rest;
mod scheduling;
mod scope;
mod verify;
mod voice;
mod webhooks;

use serde::Serialize;

use crate::provider::{Action, Outcome, Reason, Scope};

/// What is known about one of Twilio's error codes.
///
/// The same code can arrive in three ways: in the response to a request, as the `error_code` of a message or a call that was
/// accepted and failed later, and in an alert of the debugger. An entry is valid for all three, but the meaning of
/// [`retry`](Self::retry) depends on the way; see [`RetryClass`].
///
/// ```
/// use switchboard::twilio::error::{RetryClass, lookup};
///
/// let entry = lookup(21610).expect("a code that everybody meets");
/// assert_eq!(entry.title, "the recipient has opted out");
/// assert_eq!(entry.retry, RetryClass::Never);
/// assert_eq!(entry.more_info(), "https://www.twilio.com/docs/errors/21610");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CatalogueEntry {
    /// The code.
    pub code: u32,
    /// What it means: one line, lower case, no full stop.
    pub title: &'static str,
    /// The cause, in one or two sentences.
    pub cause: &'static str,
    /// What a person should do about it.
    pub fix: &'static str,
    /// The page of Twilio's Console to open, such as `Messaging > Settings > Geo permissions`.
    pub console: Option<&'static str>,
    /// The word to match on.
    pub reason: Reason,
    /// Whether sending again helps, and is safe.
    pub retry: RetryClass,
    /// Whether the request was carried out, if the code tells more than the HTTP status.
    pub outcome: Option<Outcome>,
    /// What to do, if it does not follow from the HTTP status and [`retry`](Self::retry).
    pub action: Option<Action>,
    /// The meaning on a trial account, if it differs.
    pub trial: Option<&'static str>,
}

/// Whether sending again helps, and is safe.
///
/// In the response to a request, this is about sending the same request again. In the `error_code` of a message or a call
/// (from a status callback or a fetch), that message is final and does not change. There, `Later` means that a *new* message
/// may succeed later, `AfterFix` that a new one may succeed when the cause is removed, and `Ambiguous` that this message may
/// have reached its recipient nevertheless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryClass {
    /// Sending again fails again, or sends an unwanted message.
    Never,
    /// Nothing was done, and the failure is temporary: send again after a pause.
    Later,
    /// Nothing was done. Send again when a person has made the change in `fix`.
    AfterFix,
    /// It may have been done: find out before sending again. Reads and updates may be repeated.
    Ambiguous,
}

/// Looks up a code; `None` if it is not in the catalogue.
#[must_use]
pub fn lookup(code: u32) -> Option<&'static CatalogueEntry> {
    let table = TABLES.iter().find(|table| table.last().is_some_and(|last| code <= last.code))?;
    let at = table.binary_search_by_key(&code, |entry| entry.code).ok()?;
    table.get(at)
}

/// Returns every entry, by ascending code.
pub fn all() -> impl Iterator<Item = &'static CatalogueEntry> {
    TABLES.iter().copied().flatten()
}

impl CatalogueEntry {
    /// Returns the address of Twilio's own page about the code.
    #[must_use]
    pub fn more_info(&self) -> String {
        format!("https://www.twilio.com/docs/errors/{}", self.code)
    }

    /// Returns what else the failure affects: only this message, or its sender, or the whole account.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        scope::of(self)
    }

    /// An entry without the optional fields.
    const fn new(
        code: u32,
        reason: Reason,
        retry: RetryClass,
        title: &'static str,
        cause: &'static str,
        fix: &'static str,
    ) -> Self {
        Self {
            code,
            title,
            cause,
            fix,
            console: None,
            reason,
            retry,
            outcome: None,
            action: None,
            trial: None,
        }
    }

    const fn console(mut self, place: &'static str) -> Self {
        self.console = Some(place);
        self
    }

    const fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = Some(outcome);
        self
    }

    const fn action(mut self, action: Action) -> Self {
        self.action = Some(action);
        self
    }

    /// Marks an entry whose fix is a change of the account, not of the request.
    const fn in_account(self, place: &'static str) -> Self {
        self.console(place).action(Action::ContactSupport)
    }

    const fn on_trial(mut self, meaning: &'static str) -> Self {
        self.trial = Some(meaning);
        self
    }
}

/// The tables, sorted by their ranges, which do not overlap.
static TABLES: &[&[CatalogueEntry]] = &[
    account::ENTRIES,
    webhooks::ENTRIES,
    voice::ENTRIES,
    rest::ENTRIES,
    calls::ENTRIES,
    messaging::ENTRIES,
    delivery::ENTRIES,
    compliance::ENTRIES,
    scheduling::ENTRIES,
    verify::ENTRIES,
    channels::ENTRIES,
    access::ENTRIES,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The codes of Twilio's documentation that are relevant to this crate, and those of Verify.
    #[rustfmt::skip]
    const KNOWN: &[u32] = &[
        20001, 20003, 20004, 20005, 20403, 20007, 20008, 20009, 20404, 20409, 20410, 20422, 20423, 20429, 20500, 20503,
        70051,
        10001, 10002, 10003, 10004,
        11200, 11205, 11210, 11215, 11217, 11220, 11235, 11236, 11237, 11750, 11751, 11240, 11241, 11242, 11243,
        12100, 12200, 12300, 13224, 13225, 13227, 14107, 14109,
        21201, 21203, 21205, 21206, 21213, 21210, 21211, 21212, 21214, 21217, 21215, 21216, 21219, 21608, 21220, 21408,
        21421, 21422, 21451, 21452, 21601, 21606, 21602, 21603, 21604, 21609, 21620, 21623, 21624, 21610, 21611, 21612,
        21614, 21617, 21619, 21635, 21654, 21655, 21656, 21657, 21658, 21664, 21666, 21667, 21701, 21702, 21705, 21703,
        21704, 21730,
        30001, 30002, 30003, 30004, 30005, 30006, 30007, 30008, 30009, 30010, 30011, 30019, 30017, 30410, 30018, 30024,
        30042, 30020, 30021, 30500, 30022, 30023, 30025, 30026, 30027, 30028, 30032, 30033, 30034, 30035, 30036, 30037,
        30038, 30039, 30409, 30450, 30047, 30610, 30640,
        35111, 35115, 35118, 35125, 35126,
        60200, 60202, 60203, 60204, 60205, 60206, 60207, 60208, 60209, 60210, 60211, 60212, 60214, 60215, 60217, 60220,
        60223, 60228, 60410, 60605,
        63001, 63002, 63007, 63008, 63003, 63024, 63005, 63006, 63021, 63009, 63010, 63012, 63011, 63013, 63014, 63015,
        63016, 63017, 63018, 63019, 63020, 63022, 63023, 63025, 63026, 63027, 63028, 63029, 63030, 63031, 63032, 63033,
        63036, 63038,
        572_002, 572_005, 573_005, 575_001,
    ];

    /// Further codes: TLS, the time limit of a trial, retention, the fallback sender, Lookup.
    const FURTHER: &[u32] = &[13805, 20011, 20012, 21665, 30029, 30030, 60600, 60601, 60606];

    fn retry(code: u32) -> RetryClass {
        lookup(code).unwrap_or_else(|| panic!("{code} is missing")).retry
    }

    fn reason(code: u32) -> Reason {
        lookup(code).unwrap_or_else(|| panic!("{code} is missing")).reason
    }

    #[test]
    fn the_catalogue_has_exactly_the_listed_codes() {
        let expected: BTreeSet<u32> = KNOWN.iter().chain(FURTHER).copied().collect();
        let actual: BTreeSet<u32> = all().map(|entry| entry.code).collect();
        assert_eq!(actual, expected);
        assert_eq!(expected.len(), KNOWN.len() + FURTHER.len(), "a code is listed twice in the test");
    }

    #[test]
    fn the_tables_are_sorted_without_duplicates() {
        let codes: Vec<u32> = all().map(|entry| entry.code).collect();
        for pair in codes.windows(2) {
            assert!(pair[0] < pair[1], "{} is before {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn a_lookup_finds_listed_codes_only() {
        for entry in all() {
            assert_eq!(lookup(entry.code).map(|found| found.code), Some(entry.code));
        }
        for code in [0, 9999, 11234, 11238, 21613, 60201, 575_002, u32::MAX] {
            assert_eq!(lookup(code), None, "{code}");
        }
    }

    #[test]
    fn titles_are_lower_case_phrases_and_other_texts_are_sentences() {
        for entry in all() {
            let optional = [entry.console, entry.trial];
            for text in
                [entry.title, entry.cause, entry.fix].into_iter().chain(optional.into_iter().flatten())
            {
                assert!(!text.is_empty() && text.trim() == text, "{}: {text:?}", entry.code);
                assert!(!text.contains(['\n', '\t']) && !text.contains("  "), "{}: {text:?}", entry.code);
            }
            let proper = entry.title.starts_with("Twilio") || entry.title.starts_with("WhatsApp");
            let proper = proper || entry.title.starts_with("Meta") || entry.title.starts_with("Verify");
            assert!(proper || entry.title.starts_with(char::is_lowercase), "{}: {}", entry.code, entry.title);
            assert!(!entry.title.ends_with('.'), "{}: a title has no full stop", entry.code);
            for sentences in [entry.cause, entry.fix].into_iter().chain(entry.trial) {
                assert!(sentences.ends_with('.'), "{}: {sentences:?}", entry.code);
            }
        }
    }

    #[test]
    fn a_refused_request_is_repeated_for_these_codes_only() {
        let later: Vec<u32> = all()
            .filter(|entry| entry.retry == RetryClass::Later && !is_delivery(entry.code))
            .map(|entry| entry.code)
            .collect();
        assert_eq!(later, [10004, 14107, 20009, 20429, 21611, 21730]);
    }

    /// Is it the `error_code` of an accepted message?
    fn is_delivery(code: u32) -> bool {
        matches!(code, 30_000..=30_999 | 63_000..=63_999)
    }

    #[test]
    fn a_verification_without_attempts_left_is_not_retryable() {
        for code in [60202, 60203, 60212] {
            assert_eq!(retry(code), RetryClass::Never, "{code}");
            assert_ne!(
                lookup(code).and_then(|entry| entry.action),
                None,
                "{code}: HTTP 429 alone would say retry"
            );
        }
    }

    #[test]
    fn only_21619_is_a_refusal_that_may_have_been_carried_out() {
        let unclear: Vec<_> = all().filter_map(|entry| Some((entry.code, entry.outcome?))).collect();
        assert_eq!(unclear, [(21619, Outcome::Unknown)]);
        assert_eq!(retry(21619), RetryClass::Ambiguous);
    }

    #[test]
    fn ambiguous_codes_are_never_for_retry() {
        for code in [20500, 20503, 21619, 30020, 30021, 30410, 30500, 63009, 63010, 63012, 63023] {
            assert_eq!(retry(code), RetryClass::Ambiguous, "{code}");
            assert_ne!(lookup(code).and_then(|entry| entry.action), Some(Action::Retry), "{code}");
        }
    }

    #[test]
    fn a_403_that_new_credentials_do_not_solve_has_another_action() {
        for code in [20005, 20008, 20403, 60204, 60205, 60410, 60605, 70051] {
            assert!(lookup(code).is_some_and(|entry| entry.action.is_some()), "{code}");
        }
    }

    #[test]
    fn frequent_codes_have_the_expected_reasons() {
        for (code, expected) in [
            (21610, Reason::OptedOut),
            (63014, Reason::OptedOut),
            (21211, Reason::InvalidRecipient),
            (30005, Reason::InvalidRecipient),
            (21614, Reason::NotTextable),
            (30006, Reason::NotTextable),
            (30003, Reason::RecipientUnreachable),
            (21606, Reason::InvalidSender),
            (30032, Reason::SenderNotRegistered),
            (30034, Reason::SenderNotRegistered),
            (30007, Reason::Filtered),
            (21611, Reason::QueueFull),
            (30001, Reason::QueueFull),
            (20429, Reason::RateLimited),
            (30022, Reason::RateLimited),
            (63016, Reason::OutsideWindow),
            (21408, Reason::CountryNotEnabled),
            (60605, Reason::CountryNotEnabled),
            (21608, Reason::TrialLimit),
            (572_002, Reason::TrialLimit),
            (20003, Reason::BadCredentials),
        ] {
            assert_eq!(reason(code), expected, "{code}");
        }
    }

    #[test]
    fn codes_of_trial_restrictions_have_a_trial_text() {
        for entry in all().filter(|entry| entry.reason == Reason::TrialLimit) {
            assert!(entry.trial.is_some(), "{}", entry.code);
        }
    }

    #[test]
    fn more_info_is_twilios_page_about_the_code() {
        assert_eq!(lookup(21211).unwrap().more_info(), "https://www.twilio.com/docs/errors/21211");
    }
}
