//! The scope of codes for which it does not follow from the reason.

use super::CatalogueEntry;
use crate::provider::Scope;

/// Returns the scope of a failure.
pub(super) const fn of(entry: &CatalogueEntry) -> Scope {
    match entry.code {
        // Temporary. 30025 and 30026 are only warnings that a daily limit is close.
        20009 | 30008 | 30025 | 30026 => Scope::Attempt,
        // The sender cannot send this message, or not to this country; it can send others.
        21612 | 21657 | 21665 | 21703 | 30018 | 30024 | 30042 => Scope::Message,
        // A loop of automatic replies; a lookup; WhatsApp and RCS users who cannot get such messages.
        14107 | 60601 | 63015 | 63032 | 63036 => Scope::Message,
        // An accepted message that expired, or that may have been delivered nevertheless.
        30020 | 30021 | 30036 | 30410 | 30500 | 63009 | 63010 | 63012 => Scope::Message,
        // A messaging service that does not exist or is not available; limits and bans of one sender.
        21701 | 21702 | 21705 | 30022 | 30023 | 30027 | 63018 | 63026 => Scope::Sender,
        // A TLS version or cipher that Twilio refuses; outbound messages disabled.
        20011 | 20012 | 30037 => Scope::Account,
        _ => Scope::of_reason(entry.reason),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{all, lookup};
    use super::*;

    fn scope(code: u32) -> Scope {
        lookup(code).unwrap_or_else(|| panic!("{code} is missing")).scope()
    }

    #[test]
    fn codes_of_a_sending_queue_have_the_expected_scope() {
        #[rustfmt::skip]
        let table: &[(Scope, &[u32])] = &[
            (Scope::Recipient, &[21610, 63014, 63033]),
            (Scope::Sender, &[
                21611, 30001, 21601, 21606, 21704, 21701, 30022, 30023, 30027, 30032, 30033, 30034, 63018, 63007,
            ]),
            (Scope::Account, &[
                20003, 20005, 20403, 70051, 10001, 30002, 30037, 20429, 10004, 63017, 63038,
            ]),
            (Scope::Attempt, &[21730, 20503, 20500, 30003, 30008, 30017, 30047, 30610]),
            (Scope::Message, &[
                21211, 21614, 21612, 21617, 21408, 21608, 21602, 21656, 21703, 30004, 30005, 30006, 30007, 30018, 30036,
                30410, 63016, 63027,
            ]),
        ];
        for (expected, codes) in table {
            for code in *codes {
                assert_eq!(scope(*code), *expected, "{code}");
            }
        }
    }

    #[test]
    fn every_listed_code_is_in_the_catalogue() {
        let odd = all().filter(|entry| of(entry) != Scope::of_reason(entry.reason));
        assert_eq!(odd.count(), 35, "a code above is unknown, or has the scope of its reason");
    }

    #[test]
    fn a_message_that_may_have_been_delivered_is_never_sent_again() {
        use crate::twilio::error::RetryClass;
        for entry in all().filter(|entry| matches!(entry.code, 30_000..=30_999 | 63_000..=63_999)) {
            if entry.retry == RetryClass::Ambiguous {
                assert!(entry.scope() != Scope::Attempt, "{}", entry.code);
            }
        }
    }
}
