//! How a webhook is shown: one line for a person, one object for a program.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use switchboard::twilio::webhook::{Event, Params};

use crate::escape::escaped;
use crate::output::Output;
use crate::record::own_record;

/// How much of a text is shown on a line.
const LONGEST: usize = 80;

/// A webhook and what became of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown<'a> {
    pub(super) time: Timestamp,
    pub(super) method: &'a str,
    /// Without the query, which may hold numbers and names.
    pub(super) path: &'a str,
    /// Did Twilio sign it?
    pub(super) verified: bool,
    /// Why it is refused, and what to change.
    pub(super) diagnosis: Option<String>,
    /// What it tells, such as `inbound_message`.
    pub(super) event: Option<&'static str>,
    #[serde(serialize_with = "as_object")]
    pub(super) params: Params,
    /// The status that Twilio was answered with.
    pub(super) status: u16,
    /// Who answered: `target`, or `listen` where there is no target, or no answer of it.
    pub(super) answered_by: &'static str,
    pub(super) milliseconds: u64,
    /// Why the target has not answered.
    pub(super) error: Option<String>,
}

own_record!(Shown<'_> {
    "TIME" = "time",
    "EVENT" = "event",
    "STATUS" = "status",
}, more: ["method", "path", "verified", "diagnosis", "params", "answeredBy", "milliseconds", "error"]);

/// Writes parameters by their names; a repeated one as a list.
fn as_object<S: serde::Serializer>(params: &Params, serializer: S) -> Result<S::Ok, S::Error> {
    let mut object = Map::new();
    for (name, _) in params.iter() {
        let mut values: Vec<Value> = params.get_all(name).map(Value::from).collect();
        let value = if values.len() == 1 { values.remove(0) } else { Value::Array(values) };
        object.insert(name.to_owned(), value);
    }
    object.serialize(serializer)
}

impl Shown<'_> {
    /// Reads what a verified webhook tells.
    pub(super) fn told(params: &Params) -> &'static str {
        Event::from_params(params).name()
    }

    /// The line for a person.
    pub(super) fn line(&self, out: &Output) -> String {
        let clock = self.time.strftime("%H:%M:%S");
        let path = escaped(self.path);
        let mut line = format!("{clock}  {} {path}", self.method);
        if let Some(diagnosis) = &self.diagnosis {
            let _ = write!(line, "  REFUSED with {}: {}", self.status, escaped(diagnosis));
            return line;
        }
        let _ = write!(line, "  {}", self.event.unwrap_or("unknown").replace('_', " "));
        for text in [self.sid(), self.parties(out), self.words()].into_iter().flatten() {
            let _ = write!(line, "  {text}");
        }
        let _ = write!(line, "  {} in {} ms", self.status, self.milliseconds);
        if let Some(error) = &self.error {
            let _ = write!(line, ": {}", escaped(error));
        }
        line
    }

    fn sid(&self) -> Option<String> {
        let names = ["MessageSid", "RecordingSid", "CallSid", "SmsSid"];
        names.iter().find_map(|name| self.params.get(name)).map(|sid| escaped(sid).into_owned())
    }

    fn parties(&self, out: &Output) -> Option<String> {
        let (from, to) = (self.params.get("From")?, self.params.get("To")?);
        Some(format!("{} → {}", out.masked(from), out.masked(to)))
    }

    /// What somebody wrote, pressed or said, or else the status.
    fn words(&self) -> Option<String> {
        let typed = ["Body", "Digits", "SpeechResult"].iter().find_map(|name| self.params.get(name));
        if let Some(typed) = typed.filter(|typed| !typed.is_empty()) {
            let shown: String = typed.chars().take(LONGEST).collect();
            let more = if shown.len() < typed.len() { "…" } else { "" };
            return Some(format!("\"{}{more}\"", escaped(&shown)));
        }
        let status =
            ["MessageStatus", "RecordingStatus", "CallStatus"].iter().find_map(|name| self.params.get(name));
        status.map(|status| escaped(status).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;

    fn shown(query: &str) -> Shown<'static> {
        let params = Params::from_query(query);
        Shown {
            time: "2026-09-01T12:00:05Z".parse().unwrap(),
            method: "POST",
            path: "/sms",
            verified: true,
            diagnosis: None,
            event: Some(Shown::told(&params)),
            params,
            status: 200,
            answered_by: "target",
            milliseconds: 12,
            error: None,
        }
    }

    const SMS: &str = "MessageSid=SM1&From=%2B14155551234&To=%2B14155550100&Body=hi%0A%1B%5B2J%E2%80%AEx";

    #[test]
    fn a_line_is_one_line_without_whole_numbers_or_controls() {
        let line = shown(SMS).line(&Output::new(None, false, false, String::new()));
        assert_eq!(
            line,
            "12:00:05  POST /sms  inbound message  SM1  …1234 → …0100  \"hi\\n\\u{1b}[2J\\u{202e}x\"  200 in 12 ms"
        );
        let open = shown(SMS).line(&Output::new(None, false, true, String::new()));
        assert!(open.contains("+14155551234 → +14155550100"), "{open}");
        let call =
            shown("CallSid=CA1&CallStatus=ringing&Direction=inbound&From=%2B14155551234&To=%2B14155550100");
        assert!(
            call.line(&Output::new(None, false, false, String::new()))
                .contains("inbound call  CA1  …1234 → …0100  ringing")
        );
    }

    #[test]
    fn a_refused_one_shows_its_diagnosis_and_nothing_of_its_content() {
        let refused = Shown { diagnosis: Some("the signature is wrong".into()), status: 403, ..shown(SMS) };
        let line = refused.line(&Output::new(None, false, true, String::new()));
        assert_eq!(line, "12:00:05  POST /sms  REFUSED with 403: the signature is wrong");
    }

    #[test]
    fn json_has_the_parameters_by_name() {
        let json = serde_json::to_value(shown("MessageSid=SM1&Body=x&Tag=a&Tag=b")).unwrap();
        assert_eq!(json["params"], serde_json::json!({"MessageSid": "SM1", "Body": "x", "Tag": ["a", "b"]}));
        assert_eq!((&json["answeredBy"], &json["event"]), (&"target".into(), &"inbound_message".into()));
        let mut names: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        let mut fields = <Shown<'_> as Record>::fields();
        names.sort_unstable();
        fields.sort_unstable();
        assert_eq!(names, fields);
    }

    #[test]
    fn a_long_text_is_cut() {
        let line = shown(&format!("MessageSid=SM1&Body={}", "é".repeat(100))).line(&Output::new(
            None,
            false,
            false,
            String::new(),
        ));
        assert!(line.contains(&format!("\"{}…\"", "é".repeat(80))), "{line}");
    }
}
