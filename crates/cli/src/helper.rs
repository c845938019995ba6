//! The command lines of the old shell script, `twilio-helper.sh`, and what they are called here.

use std::fmt::Write as _;

use crate::failure::Failure;

/// One word of the old script.
#[derive(Debug)]
struct Old {
    word: &'static str,
    /// Its old arguments behind the account; `None`: it takes no account.
    usage: Option<&'static str>,
    /// The new command with the names of its arguments.
    new: &'static str,
}

const fn old(word: &'static str, usage: &'static str, new: &'static str) -> Old {
    Old { word, usage: Some(usage), new }
}

/// Every word of the old script. Options keep their names.
const WORDS: &[Old] = &[
    Old { word: "accounts", usage: None, new: "account list" },
    old("status", "", "account check"),
    old("balance", "", "account balance"),
    old("usage", "[--period day|month]", "account usage"),
    old("audit", "", "account audit"),
    old("analytics", "messages|calls [--days N]", "report"),
    old("sms", "TO TEXT [--callback URL]", "message send TO TEXT"),
    old("messages", "[--limit N]", "message list"),
    old("message-status", "SID", "message get SID"),
    old(
        "call",
        "TO [--twiml XML] [--url URL] [--record] [--transcribe] [--transcription-callback URL]",
        "call make TO",
    ),
    old("calls", "[--limit N]", "call list"),
    old("call-details", "SID", "call get SID"),
    old("recordings", "", "recording list"),
    old("recording", "SID", "recording get SID"),
    old("download-recording", "SID FOLDER", "recording download SID FOLDER"),
    old("transcriptions", "", "transcription list"),
    old("transcription", "SID", "transcription get SID"),
    old("numbers", "", "number list"),
    old(
        "search-numbers",
        "COUNTRY [--area-code CODE] [--sms] [--voice] [--contains DIGITS]",
        "number search COUNTRY",
    ),
    old("buy-number", "NUMBER", "number buy NUMBER"),
    old("release-number", "NUMBER", "number release NUMBER"),
    old("configure-webhooks", "NUMBER [--sms-url URL] [--voice-url URL]", "number configure NUMBER"),
    old("verify-create-service", "NAME", "verify service create NAME"),
    old("verify-send", "TO [--channel sms]", "verify send TO"),
    old("verify-check", "TO CODE", "verify check TO CODE"),
    old("verify", "TO [--channel sms]", "verify send TO"),
    old("lookup", "NUMBER [--type carrier|caller-name]", "lookup NUMBER"),
    old("whatsapp", "TO TEXT", "whatsapp send TO TEXT"),
    old("whatsapp-template", "TO NAME VARIABLES", "whatsapp template TO NAME VARIABLES"),
];

/// Options that every command takes.
const EVERYWHERE: &[&str] = &["--json", "--yes", "-y", "--quiet", "-q", "--show-numbers", "--dry-run"];

/// The new form of an old line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Translated {
    /// The arguments of this program.
    pub(crate) arguments: Vec<String>,
    /// The form to use from now on, with names for texts and numbers.
    pub(crate) form: String,
}

/// Translates an old line, without the name of the script.
pub(crate) fn translate(line: &[String]) -> Result<Translated, Failure> {
    let Some((word, rest)) = line.split_first() else {
        return Err(
            Failure::usage("helper: which of the old commands?").todo(format!("use one of {}", words()))
        );
    };
    let Some(old) = WORDS.iter().find(|old| old.word == word) else {
        return Err(Failure::usage(format!("helper: the old script has no `{word}`"))
            .todo(format!("use one of {}", words())));
    };
    let (command, _) = split(old.new);
    let mut arguments: Vec<String> = command.iter().map(|&word| word.to_owned()).collect();
    let mut form = format!("switchboard {}", old.new);
    let rest = match (old.usage, rest.split_first()) {
        (None, _) => rest,
        (Some(_), Some((account, rest))) => {
            arguments.extend(["-a".to_owned(), account.clone()]);
            let _ = write!(form, " -a {account}");
            rest
        }
        (Some(usage), None) => {
            let what = format!("helper {word}: which account?");
            let example = format!("helper {word} production {usage}");
            return Err(Failure::usage(what).todo(format!("for instance `{}`", example.trim_end())));
        }
    };
    let mut behind = Vec::new();
    let mut rest = rest.iter();
    while let Some(argument) = rest.next() {
        let name = argument.split('=').next().unwrap_or_default();
        match option(old.usage.unwrap_or_default(), name) {
            Some(value) => {
                let _ = write!(form, " {name}");
                arguments.push(argument.clone());
                if let Some(value) = value.filter(|_| !argument.contains('=')) {
                    let _ = write!(form, " {value}");
                    arguments.extend(rest.next().cloned());
                }
            }
            None => behind.push(argument.clone()),
        }
    }
    // `analytics A messages` is `report messages`: the word is a command here.
    if old.word == "analytics" && !behind.is_empty() {
        let of = behind.remove(0);
        form = form.replacen("report", &format!("report {of}"), 1);
        arguments.insert(1, of);
    }
    let (_, names) = split(old.new);
    if old.usage.is_some() && behind.len() > names.len() {
        let what = format!(
            "helper {word}: there are more words than {}",
            if names.is_empty() { "it takes".to_owned() } else { names.join(", ") }
        );
        return Err(Failure::usage(what).todo("put a text of several words into quotes"));
    }
    if !behind.is_empty() {
        // A text may begin with a dash.
        arguments.push("--".to_owned());
        arguments.extend(behind);
    }
    Ok(Translated { arguments, form })
}

/// Is this an option of a line? Then the name of its value, if it has one.
fn option(usage: &'static str, name: &str) -> Option<Option<&'static str>> {
    if EVERYWHERE.contains(&name) {
        return Some(None);
    }
    let known = usage
        .split('[')
        .filter_map(|part| part.split(']').next())
        .find(|part| name.starts_with("--") && part.split(' ').next() == Some(name))?;
    Some(known.split_once(' ').map(|(_, value)| value))
}

/// The words of a new command, and the names of its arguments.
fn split(new: &'static str) -> (Vec<&'static str>, Vec<&'static str>) {
    new.split(' ').partition(|word| word.bytes().any(|byte| byte.is_ascii_lowercase()))
}

fn words() -> String {
    WORDS.iter().map(|old| old.word).collect::<Vec<_>>().join(", ")
}

/// The table of old and new forms, in Markdown. The manual has it.
#[cfg(test)]
fn table() -> String {
    let mut table = "| old | new |\n|---|---|\n".to_owned();
    let escaped = |text: &str| text.replace('|', "\\|");
    for Old { word, usage, new } in WORDS {
        let (usage, account) = match usage {
            None => (String::new(), ""),
            Some(usage) => (format!(" A {usage}"), " -a A"),
        };
        let options: Vec<&str> = usage.split('[').skip(1).filter_map(|part| part.split(']').next()).collect();
        let options: String = options.iter().map(|option| format!(" [{option}]")).collect();
        let behind = if *word == "analytics" { " messages|calls" } else { "" };
        let _ = writeln!(
            table,
            "| `{}` | `switchboard {}` |",
            escaped(format!("{word}{usage}").trim()),
            escaped(&format!("{new}{behind}{options}{account}"))
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(line: &[&str]) -> Translated {
        translate(&line.iter().map(|&word| word.to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn a_line_keeps_its_values_and_the_form_shows_none() {
        let Translated { arguments, form } = translated(&[
            "sms",
            "production",
            "+1234567890",
            "-secret text",
            "--callback",
            "https://example.com/x",
        ]);
        assert_eq!(
            arguments,
            [
                "message",
                "send",
                "-a",
                "production",
                "--callback",
                "https://example.com/x",
                "--",
                "+1234567890",
                "-secret text"
            ]
        );
        assert_eq!(form, "switchboard message send TO TEXT -a production --callback URL");
    }

    #[test]
    fn switches_take_no_value() {
        let Translated { arguments, .. } = translated(&["call", "a", "+1", "--record", "--twiml", "<R/>"]);
        assert_eq!(arguments, ["call", "make", "-a", "a", "--record", "--twiml", "<R/>", "--", "+1"]);
        assert_eq!(translated(&["accounts"]).arguments, ["account", "list"]);
    }

    #[test]
    fn the_old_script_has_29_words() {
        assert_eq!(WORDS.len(), 29);
        assert!(translate(&["nonsense".to_owned()]).is_err());
        assert!(translate(&[]).is_err());
    }

    /// The manual's table is made from this code: run with `UPDATE=1` to write it.
    #[test]
    fn the_manual_has_this_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
        let manual = std::fs::read_to_string(path).unwrap();
        let (before, rest) = manual.split_once("<!-- old lines -->\n").unwrap();
        let (_, after) = rest.split_once("<!-- end of old lines -->").unwrap();
        let wanted = format!("{before}<!-- old lines -->\n{}<!-- end of old lines -->{after}", table());
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &wanted).unwrap();
        }
        assert_eq!(manual, wanted);
    }
}
