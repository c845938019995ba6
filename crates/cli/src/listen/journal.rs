//! What a number had before it was configured, kept on the disk until it is put back.
//!
//! Each number has a file of its own, and a lock that belongs to the process which configured it. So several processes with
//! several numbers do not meet, and the journal of a process that still lives is left to it.
//!
//! A journal has no token. URLs are kept whole, also with a password in them, because they could not be put back otherwise;
//! so only the user may read the file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard::twilio::numbers::PhoneNumber;

use super::lock::Lock;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::place;

const VERSION: u32 = 1;

/// Where Twilio sends what happens at a number. What is not set is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Hooks {
    pub(crate) sms_url: String,
    pub(crate) sms_method: String,
    pub(crate) sms_fallback_url: String,
    pub(crate) sms_fallback_method: String,
    pub(crate) sms_application_sid: String,
    pub(crate) voice_url: String,
    pub(crate) voice_method: String,
    pub(crate) voice_fallback_url: String,
    pub(crate) voice_fallback_method: String,
    pub(crate) voice_application_sid: String,
    pub(crate) trunk_sid: String,
    pub(crate) status_callback: String,
    pub(crate) status_callback_method: String,
}

impl Hooks {
    pub(crate) fn of(number: &PhoneNumber) -> Self {
        let text =
            |text: Option<&dyn AsRef<str>>| text.map(|text| text.as_ref().to_owned()).unwrap_or_default();
        macro_rules! hooks {
            ($($field:ident),+) => {
                Self { $($field: text(number.$field.as_ref().map(|value| value as &dyn AsRef<str>))),+ }
            };
        }
        hooks!(
            sms_url,
            sms_method,
            sms_fallback_url,
            sms_fallback_method,
            sms_application_sid,
            voice_url,
            voice_method,
            voice_fallback_url,
            voice_fallback_method,
            voice_application_sid,
            trunk_sid,
            status_callback,
            status_callback_method
        )
    }
}

/// What a number had, and what it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Journal {
    version: u32,
    pub(crate) account_sid: String,
    pub(crate) number_sid: String,
    pub(crate) number: String,
    pub(crate) made_at: Timestamp,
    pub(crate) before: Hooks,
    pub(crate) ours: Hooks,
}

impl Journal {
    pub(crate) fn new(account_sid: &str, number: &PhoneNumber, ours: Hooks) -> Self {
        Self {
            version: VERSION,
            account_sid: account_sid.to_owned(),
            number_sid: number.sid.clone(),
            number: number.phone_number.as_ref().map(|number| number.as_str().to_owned()).unwrap_or_default(),
            made_at: Timestamp::now(),
            before: Hooks::of(number),
            ours,
        }
    }
}

/// All journals of the user.
#[derive(Debug, Clone)]
pub(crate) struct Journals {
    folder: PathBuf,
}

impl Journals {
    /// Opens the folder of journals below the user's state.
    pub(crate) fn of_user() -> Result<Self, Failure> {
        Self::in_folder(place::state()?.join("listen"))
    }

    fn in_folder(folder: PathBuf) -> Result<Self, Failure> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(|error| failed(&folder, &error))?;
        Ok(Self { folder })
    }

    /// The SIDs of the numbers that have a journal.
    pub(crate) fn numbers(&self) -> Result<Vec<String>, Failure> {
        let entries = fs::read_dir(&self.folder).map_err(|error| failed(&self.folder, &error))?;
        let mut sids = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| failed(&self.folder, &error))?.path();
            let sid = path.file_stem().and_then(|stem| stem.to_str()).filter(|sid| is_sid(sid));
            if let Some(sid) = sid.filter(|_| path.extension().is_some_and(|end| end == "json")) {
                sids.push(sid.to_owned());
            }
        }
        sids.sort_unstable();
        Ok(sids)
    }

    /// Takes the journal of a number; `None` where another process, which still lives, has it.
    pub(crate) fn hold(&self, number_sid: &str) -> Result<Option<HeldJournal>, Failure> {
        if !is_sid(number_sid) {
            return Err(Failure::new(
                Exit::Failed,
                "the number has no SID of the form PN…, so nothing was changed",
            ));
        }
        let path = self.folder.join(format!("{number_sid}.lock"));
        let lock = Lock::take(&path).map_err(|error| failed(&path, &error))?;
        Ok(lock.map(|lock| HeldJournal { path: self.folder.join(format!("{number_sid}.json")), _lock: lock }))
    }
}

/// The journal of one number, which no other process touches meanwhile.
#[derive(Debug)]
pub(crate) struct HeldJournal {
    path: PathBuf,
    _lock: Lock,
}

impl HeldJournal {
    /// Reads it; `None` where there is none.
    pub(crate) fn read(&self) -> Result<Option<Journal>, Failure> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&self.path, &error)),
        };
        let journal =
            serde_json::from_slice::<Journal>(&bytes).ok().filter(|journal| journal.version == VERSION);
        journal.map(Some).ok_or_else(|| {
            Failure::new(Exit::Failed, format!("the journal {} cannot be read", self.path.display()))
                .todo("set the URLs of the number with `switchboard number configure`, then delete the file")
        })
    }

    /// Writes it, and returns when it is on the disk.
    pub(crate) fn write(&self, journal: &Journal) -> Result<(), Failure> {
        let bytes = serde_json::to_vec_pretty(journal)
            .map_err(|error| Failure::new(Exit::Failed, format!("the journal cannot be written: {error}")))?;
        place::replace(&self.path, &bytes)
    }

    /// Removes it, when there is nothing to put back any more.
    pub(crate) fn remove(&self) -> Result<(), Failure> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&self.path, &error)),
            _ => Ok(()),
        }
    }
}

/// A name that cannot lead out of the folder.
fn is_sid(text: &str) -> bool {
    text.len() == 34 && text.starts_with("PN") && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SID: &str = "PN0123456789abcdef0123456789abcdef";

    fn journals(name: &str) -> Journals {
        let folder = std::env::temp_dir().join(format!("switchboard-journal-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Journals::in_folder(folder).unwrap()
    }

    fn journal() -> Journal {
        let number = serde_json::json!({"sid": SID, "phone_number": "+14155550100", "sms_url": "https://old.example/sms",
            "sms_method": "GET", "voice_application_sid": "AP1", "trunk_sid": null});
        let number: PhoneNumber = serde_json::from_value(number).unwrap();
        let ours = Hooks { sms_url: "https://new.example".into(), ..Hooks::of(&number) };
        Journal::new("AC1", &number, ours)
    }

    #[test]
    fn a_journal_is_read_back_whole_and_removed_once() {
        let journals = journals("whole");
        let held = journals.hold(SID).unwrap().unwrap();
        assert_eq!(held.read().unwrap(), None);
        let journal = journal();
        assert_eq!((journal.before.sms_method.as_str(), journal.before.trunk_sid.as_str()), ("GET", ""));
        held.write(&journal).unwrap();
        assert_eq!(journals.numbers().unwrap(), [SID]);
        assert_eq!(held.read().unwrap(), Some(journal));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&held.path), mode(&journals.folder)), (0o600, 0o700));
        }
        held.remove().unwrap();
        held.remove().unwrap();
        assert_eq!(journals.numbers().unwrap(), [""; 0]);
    }

    #[test]
    fn a_journal_has_one_holder_at_a_time() {
        let journals = journals("holder");
        let held = journals.hold(SID).unwrap().unwrap();
        assert!(journals.hold(SID).unwrap().is_none());
        assert!(journals.hold("PN1123456789abcdef0123456789abcdef").unwrap().is_some());
        drop(held);
        assert!(journals.hold(SID).unwrap().is_some());
    }

    #[test]
    fn what_is_no_journal_is_not_touched() {
        let journals = journals("junk");
        for name in ["notes.json", "PN1.json", "PN0123456789abcdef0123456789abcdef.new"] {
            fs::write(journals.folder.join(name), "x").unwrap();
        }
        assert_eq!(journals.numbers().unwrap(), [""; 0]);
        assert!(journals.hold("../../etc/passwd").is_err());
        let held = journals.hold(SID).unwrap().unwrap();
        for broken in ["", "{}", "{\"version\": 2}"] {
            fs::write(&held.path, broken).unwrap();
            assert!(held.read().is_err(), "{broken}");
        }
    }
}
