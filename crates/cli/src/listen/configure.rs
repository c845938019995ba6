//! Points a number to the public URL, and puts back what it had.
//!
//! Texts and calls are put back apart, and each only if Twilio still holds our URL. What somebody else changed meanwhile is
//! left alone and told. Twilio has no conditional update, so a change in the moment between the look and the update is
//! overwritten.

use std::time::Duration;

use switchboard::twilio::TwilioAccount;
use switchboard::twilio::calls::HttpMethod;
use switchboard::twilio::numbers::{ListPhoneNumbers, PhoneNumber, UpdateNumber};
use switchboard::{ErrorCode, ProviderError};

use super::journal::{HeldJournal, Hooks, Journal, Journals};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// How long putting back may take at the end, when the network is gone.
const LIMIT: Duration = Duration::from_secs(15);
const POST: &str = "POST";

/// The URLs that a number gets.
#[derive(Debug, Clone)]
pub(crate) struct Urls {
    pub(crate) sms: String,
    pub(crate) voice: String,
}

/// A number that was configured, and has to be put back.
#[derive(Debug)]
pub(crate) struct Configured {
    held: HeldJournal,
    journal: Journal,
}

/// Points a number to these URLs, after what it had is on the disk.
pub(crate) async fn configure(
    account: &TwilioAccount,
    journals: &Journals,
    out: &Output,
    number: &str,
    urls: &Urls,
) -> Result<Configured, Failure> {
    let found = find(account, number).await?;
    let held = journals.hold(&found.sid)?.ok_or_else(|| {
        Failure::new(Exit::Failed, format!("another `switchboard listen` has {} already", out.masked(number)))
            .todo("end that one first")
    })?;
    let found = match held.read()? {
        None => found,
        Some(left_over) => {
            // What the number has now may be the URL of the process that is gone, which is not what it had before.
            put_back(account, &held, &left_over, out)
                .await
                .map_err(|failure| kept(failure, &left_over, out))?;
            account.phone_numbers().fetch(&found.sid).await?
        }
    };
    let before = Hooks::of(&found);
    let ours = Hooks {
        sms_url: urls.sms.clone(),
        sms_method: POST.to_owned(),
        sms_application_sid: String::new(),
        voice_url: urls.voice.clone(),
        voice_method: POST.to_owned(),
        voice_application_sid: String::new(),
        trunk_sid: String::new(),
        ..before.clone()
    };
    let configured = Configured { held, journal: Journal::new(account.sid(), &found, ours) };
    configured.held.write(&configured.journal)?;
    match account.phone_numbers().update(&found.sid, &change(&before, &configured.journal.ours)).await {
        Ok(_) => Ok(configured),
        Err(error) => {
            // A refusal changed nothing, and of a lost answer nobody knows: putting back looks first, and is right for both.
            let failure = Failure::from(error).while_doing("the number was not configured");
            let _ = configured.put_back(account, out).await;
            Err(failure)
        }
    }
}

async fn find(account: &TwilioAccount, number: &str) -> Result<PhoneNumber, Failure> {
    let list = account.phone_numbers().list(&ListPhoneNumbers::new().phone_number(number));
    let owned = list
        .all()
        .await?
        .into_iter()
        .find(|owned| owned.phone_number.as_ref().is_some_and(|n| *n == *number));
    owned.ok_or_else(|| {
        Failure::usage(format!("--configure: the account owns no number {number}"))
            .todo("`switchboard number list` shows those it owns, for instance +14155550100")
    })
}

impl Configured {
    /// Puts back what the number had, within 15 seconds.
    pub(crate) async fn put_back(&self, account: &TwilioAccount, out: &Output) -> Result<(), Failure> {
        let ended = tokio::time::timeout(LIMIT, put_back(account, &self.held, &self.journal, out)).await;
        let late =
            || Failure::new(Exit::Later, format!("Twilio did not answer within {} s", LIMIT.as_secs()));
        ended.unwrap_or_else(|_| Err(late())).map_err(|failure| kept(failure, &self.journal, out))
    }

    /// The failure of a process that did not wait.
    pub(crate) fn left(&self, out: &Output) -> Failure {
        kept(Failure::new(Exit::Later, "you did not wait for it"), &self.journal, out)
    }
}

fn kept(failure: Failure, journal: &Journal, out: &Output) -> Failure {
    let number = out.masked(&journal.number);
    failure
        .while_doing(&format!("the old URLs of {number} are not put back, and are kept"))
        .todo("run `switchboard listen --restore` when Twilio can be reached; any later `switchboard listen` does it, too")
}

/// Puts back what processes left that are gone. Says what it does.
pub(crate) async fn restore_left_over(
    account: &TwilioAccount,
    journals: &Journals,
    out: &Output,
) -> Result<RestoredCount, Failure> {
    let mut count = RestoredCount::default();
    for sid in journals.numbers()? {
        let Some(held) = journals.hold(&sid)? else {
            out.note(&format!("{sid} belongs to a `switchboard listen` that still runs: left to it"));
            continue;
        };
        // Who held it meanwhile may have put it back.
        let journal = match held.read() {
            Ok(Some(journal)) => journal,
            Ok(None) => continue,
            Err(failure) => {
                out.failure(&failure);
                count.failed = count.failed.or(Some(failure.exit()));
                continue;
            }
        };
        if journal.account_sid != account.sid() {
            out.warn(&format!(
                "the old URLs of {} in the account {} are not put back yet: run `switchboard listen --restore` with that account",
                out.masked(&journal.number), journal.account_sid
            ));
            count.of_others += 1;
            continue;
        }
        out.note(&format!("{} was left configured at {}", out.masked(&journal.number), journal.made_at));
        match put_back(account, &held, &journal, out).await {
            Ok(()) => count.done += 1,
            Err(failure) => {
                let failure = kept(failure, &journal, out);
                out.failure(&failure);
                count.failed = count.failed.or(Some(failure.exit()));
            }
        }
    }
    Ok(count)
}

/// How many numbers were put back, and the first status of those that were not.
#[derive(Debug, Default)]
pub(crate) struct RestoredCount {
    pub(crate) done: u64,
    /// Journals of other accounts.
    pub(crate) of_others: u64,
    pub(crate) failed: Option<Exit>,
}

/// Puts back one number and removes its journal.
async fn put_back(
    account: &TwilioAccount,
    held: &HeldJournal,
    journal: &Journal,
    out: &Output,
) -> Result<(), Failure> {
    let number = out.masked(&journal.number);
    let current = match account.phone_numbers().fetch(&journal.number_sid).await {
        Ok(current) => Hooks::of(&current),
        Err(error) if error.code() == ErrorCode::NotFound => {
            out.warn(&format!(
                "{number} is not a number of the account any more: there is nothing to put back"
            ));
            return held.remove();
        }
        Err(error) => return Err(error.into()),
    };
    let (wanted, changed_by_others) = wanted(journal, &current);
    for what in changed_by_others {
        out.warn(&format!("somebody else changed where {what} to {number} go: left alone"));
    }
    if wanted != current {
        update(account, journal, &current, &wanted).await?;
        out.note(&format!("the old URLs of {number} are back"));
    }
    held.remove()
}

async fn update(
    account: &TwilioAccount,
    journal: &Journal,
    current: &Hooks,
    wanted: &Hooks,
) -> Result<(), ProviderError> {
    account.phone_numbers().update(&journal.number_sid, &change(current, wanted)).await.map(drop)
}

/// What the number should have, and what somebody else changed.
fn wanted(journal: &Journal, current: &Hooks) -> (Hooks, Vec<&'static str>) {
    let Journal { before, ours, .. } = journal;
    let (mut wanted, mut others) = (current.clone(), Vec::new());
    if holds_our_sms(current, ours) {
        wanted.sms_url.clone_from(&before.sms_url);
        wanted.sms_method.clone_from(&before.sms_method);
        wanted.sms_application_sid.clone_from(&before.sms_application_sid);
    } else if !holds_our_sms(current, before) {
        others.push("texts");
    }
    if holds_our_voice(current, ours) {
        wanted.voice_url.clone_from(&before.voice_url);
        wanted.voice_method.clone_from(&before.voice_method);
        wanted.voice_application_sid.clone_from(&before.voice_application_sid);
        wanted.trunk_sid.clone_from(&before.trunk_sid);
    } else if !holds_our_voice(current, before) {
        others.push("calls");
    }
    (wanted, others)
}

fn holds_our_sms(current: &Hooks, ours: &Hooks) -> bool {
    (&current.sms_url, &current.sms_application_sid) == (&ours.sms_url, &ours.sms_application_sid)
}

fn holds_our_voice(current: &Hooks, ours: &Hooks) -> bool {
    (&current.voice_url, &current.voice_application_sid, &current.trunk_sid)
        == (&ours.voice_url, &ours.voice_application_sid, &ours.trunk_sid)
}

/// The update that leads from one to the other; it has only what differs.
fn change(from: &Hooks, to: &Hooks) -> UpdateNumber {
    let mut update = UpdateNumber::new();
    let differs = |from: &String, to: &String| (from != to).then(|| to.clone());
    let method = |from: &String, to: &String| {
        differs(from, to).filter(|method| !method.is_empty()).map(|method| HttpMethod::from(method.as_str()))
    };
    update.sms_url = differs(&from.sms_url, &to.sms_url).map(Into::into);
    update.sms_method = method(&from.sms_method, &to.sms_method);
    update.sms_application_sid = differs(&from.sms_application_sid, &to.sms_application_sid);
    update.voice_url = differs(&from.voice_url, &to.voice_url).map(Into::into);
    update.voice_method = method(&from.voice_method, &to.voice_method);
    update.voice_application_sid = differs(&from.voice_application_sid, &to.voice_application_sid);
    update.trunk_sid = differs(&from.trunk_sid, &to.trunk_sid);
    update
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hooks(sms: &str, voice: &str) -> Hooks {
        Hooks {
            sms_url: sms.into(),
            sms_method: POST.into(),
            voice_url: voice.into(),
            voice_method: POST.into(),
            ..Hooks::default()
        }
    }

    fn journal() -> Journal {
        let before = Hooks {
            sms_method: "GET".into(),
            voice_application_sid: "AP0123456789abcdef0123456789abcdef".into(),
            ..hooks("https://old/sms", "https://old/voice")
        };
        let number = serde_json::json!({"sid": "PN0123456789abcdef0123456789abcdef"});
        let number = serde_json::from_value(number).unwrap();
        let mut journal = Journal::new("AC1", &number, hooks("https://ours", "https://ours"));
        journal.before = before;
        journal
    }

    #[test]
    fn only_what_still_holds_our_url_is_put_back() {
        let journal = journal();
        let ours = journal.ours.clone();
        assert_eq!(wanted(&journal, &ours), (journal.before.clone(), vec![]));
        // What is back already needs nothing.
        assert_eq!(wanted(&journal, &journal.before), (journal.before.clone(), vec![]));

        let others = Hooks { sms_url: "https://theirs".into(), ..ours.clone() };
        let (back, told) = wanted(&journal, &others);
        assert_eq!((back.sms_url.as_str(), back.voice_url.as_str()), ("https://theirs", "https://old/voice"));
        assert_eq!((back.sms_method.as_str(), told), (POST, vec!["texts"]));

        let others = Hooks { trunk_sid: "TK1".into(), ..ours };
        let (back, told) = wanted(&journal, &others);
        assert_eq!((back.voice_url.as_str(), back.voice_application_sid.as_str()), ("https://ours", ""));
        assert_eq!((back.sms_url.as_str(), told), ("https://old/sms", vec!["calls"]));
    }

    #[test]
    fn an_update_has_only_what_differs() {
        let journal = journal();
        let update = change(&journal.ours, &journal.before);
        assert_eq!(update.sms_method, Some(HttpMethod::Get));
        assert_eq!((update.voice_method, update.trunk_sid, update.status_callback), (None, None, None));
        assert_eq!(update.voice_application_sid.as_deref(), Some("AP0123456789abcdef0123456789abcdef"));
        let taken = change(&journal.before, &journal.ours);
        assert_eq!((taken.voice_application_sid.as_deref(), taken.sms_application_sid), (Some(""), None));
        assert_eq!(change(&journal.ours, &journal.ours), UpdateNumber::new());
    }
}
