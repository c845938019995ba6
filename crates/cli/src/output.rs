//! What a command prints: JSON for programs, tables and lines for people.

mod table;

use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};
use futures_util::{Stream, StreamExt as _};
use serde::Serialize;
use serde_json::{Map, Value, json};
use switchboard::phone::Address;

use crate::escape::{escaped, escaped_json};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::record::Record;
use table::Table;

/// How many rows are measured, at most, before the first one is printed.
const FIRST_ROWS: usize = 1_000;

/// Fields that say nothing to people, or the same as another one: a number in another notation would not be masked.
const HIDDEN: &[&str] = &[
    "uri",
    "url",
    "apiVersion",
    "subresourceUris",
    "links",
    "toFormatted",
    "fromFormatted",
    "nationalFormat",
];

/// Standard output and standard error, as the options ask for them.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    /// `Some`: JSON, with these fields only, or all.
    json: Option<Vec<String>>,
    quiet: bool,
    show_numbers: bool,
    /// The options that choose the account and its file, for commands that are printed.
    options: String,
    /// Was something done that cannot be taken back? Then what is printed about it may fail, and the status stays.
    done: Arc<AtomicBool>,
}

impl Output {
    pub(crate) fn new(json: Option<&str>, quiet: bool, show_numbers: bool, options: String) -> Self {
        let fields = |fields: &str| {
            fields.split(',').map(str::trim).filter(|field| !field.is_empty()).map(str::to_owned).collect()
        };
        Self { json: json.map(fields), quiet, show_numbers, options, done: Arc::default() }
    }

    /// Something was done that cannot be taken back.
    pub(crate) fn was_done(&self) {
        self.done.store(true, Ordering::SeqCst);
    }

    pub(crate) const fn is_json(&self) -> bool {
        self.json.is_some()
    }

    pub(crate) const fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Prints one thing that was read.
    pub(crate) fn item<R: Record>(&self, record: &R) -> Result<(), Failure> {
        let value = self.value(record)?;
        if self.is_json() {
            return self.envelope(value);
        }
        let Value::Object(object) = value else { return self.print(&escaped(&value.to_string())) };
        self.print(table::block(&self.shown_fields::<R>(&object)).trim_end())
    }

    /// Prints one thing that was done: a sentence for people, the thing for programs.
    pub(crate) fn done<R: Record>(&self, sentence: &str, record: &R) -> Result<(), Failure> {
        if self.is_json() { self.envelope(self.value(record)?) } else { self.say(sentence) }
    }

    /// Prints a sentence for people, and this value for programs: with the wanted fields only, if it has any.
    pub(crate) fn say_or(&self, sentence: &str, value: impl Serialize) -> Result<(), Failure> {
        if !self.is_json() {
            return self.say(sentence);
        }
        let value = json!(value);
        self.envelope(if value.is_object() { self.picked(value) } else { value })
    }

    /// Prints a sentence for people. Programs get nothing.
    pub(crate) fn say(&self, sentence: &str) -> Result<(), Failure> {
        if self.is_json() || self.quiet { Ok(()) } else { self.print(&lines_escaped(sentence)) }
    }

    /// Prints text that is the result itself: a completion script, a file. Not escaped.
    pub(crate) fn raw(text: &str) -> Result<(), Failure> {
        write_out(&format!("{}\n", text.trim_end_matches('\n')))
    }

    /// Prints a list as it is read. `empty` tells that there is nothing.
    ///
    /// A row that cannot be read does not end the list. The first such failure is told at the end, and is the status.
    pub(crate) async fn list<R: Record>(
        &self,
        rows: impl Stream<Item = Result<R, impl Into<Failure>>>,
        empty: &str,
    ) -> Result<(), Failure> {
        self.check_fields::<R>()?;
        let mut rows = std::pin::pin!(rows.ready_chunks(FIRST_ROWS));
        let mut table = Table::new(R::COLUMNS.iter().map(|(title, _)| (*title).to_owned()).collect());
        let (mut printed, mut failed) = (0_u64, None);
        while let Some(chunk) = rows.next().await {
            let mut cells = Vec::new();
            for row in chunk {
                match row {
                    Ok(row) if self.is_json() => self.line(&self.value(&row)?)?,
                    Ok(row) => cells.push(self.cells(&row)?),
                    Err(error) => {
                        let error = error.into();
                        match &failed {
                            None => failed = Some(error),
                            Some(_) => self.warn(&error.lines().0),
                        }
                        continue;
                    }
                }
                printed += 1;
            }
            if !cells.is_empty() {
                self.print_all(&table.rows(&cells, width()))?;
            }
        }
        match failed {
            Some(failure) => Err(failure),
            None => {
                if printed == 0 && !self.is_json() {
                    self.note(empty);
                }
                Ok(())
            }
        }
    }

    fn envelope(&self, data: Value) -> Result<(), Failure> {
        self.print(&escaped_json(&json!({ "success": true, "data": data }).to_string()))
    }

    /// Prints one value on a line.
    pub(crate) fn line(&self, value: &Value) -> Result<(), Failure> {
        self.print(&escaped_json(&value.to_string()))
    }

    /// Prints a value as JSON for people, on several lines.
    pub(crate) fn line_pretty(&self, value: &Value) -> Result<(), Failure> {
        let json = serde_json::to_string_pretty(value).unwrap_or_default();
        self.print(&json.lines().map(escaped_json).collect::<Vec<_>>().join("\n"))
    }

    /// The JSON of a record, with the wanted fields only. A field without a value is null then.
    pub(crate) fn value<R: Record>(&self, record: &R) -> Result<Value, Failure> {
        self.check_fields::<R>()?;
        let value = serde_json::to_value(record).map_err(|error| {
            Failure::new(Exit::Failed, format!("the answer cannot be written as JSON: {error}"))
        })?;
        Ok(self.picked(value))
    }

    /// The wanted fields of an object, or all of them. A field without a value is null then.
    fn picked(&self, value: Value) -> Value {
        let wanted = self.json.as_deref().unwrap_or_default();
        if wanted.is_empty() {
            return value;
        }
        let pick = |field: &String| (field.clone(), value.get(field).cloned().unwrap_or_default());
        Value::Object(wanted.iter().map(pick).collect())
    }

    /// Refuses the name of a field that does not exist.
    pub(crate) fn check_fields<R: Record>(&self) -> Result<(), Failure> {
        let known = R::fields();
        let wrong = self.json.iter().flatten().find(|field| !known.contains(field));
        match wrong {
            None => Ok(()),
            Some(field) => {
                let todo = format!("use some of {}", known.join(", "));
                Err(Failure::usage(format!("--json: there is no field `{field}`")).todo(todo))
            }
        }
    }

    fn cells<R: Record>(&self, record: &R) -> Result<Vec<String>, Failure> {
        let value = self.value(record)?;
        Ok(R::COLUMNS.iter().map(|(_, field)| self.text::<R>(value.get(*field))).collect())
    }

    /// All fields with a plain value: those of the columns first, then the others in their own order.
    fn shown_fields<R: Record>(&self, object: &Map<String, Value>) -> Vec<(String, String)> {
        let first = R::COLUMNS.iter().map(|(_, field)| (*field).to_owned());
        let others = R::fields().into_iter().filter(|field| {
            !R::COLUMNS.iter().any(|(_, known)| known == field) && !HIDDEN.contains(&field.as_str())
        });
        let shown = first.chain(others).map(|field| (self.text::<R>(object.get(&field)), field));
        shown.filter(|(text, _)| !text.is_empty()).map(|(text, field)| (field, text)).collect()
    }

    fn text<R: Record>(&self, value: Option<&Value>) -> String {
        match value {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) if !R::OPEN_NUMBERS => self.masked(text),
            Some(Value::String(text)) => escaped(text).into_owned(),
            Some(Value::Bool(flag)) => if *flag { "yes" } else { "no" }.to_owned(),
            Some(Value::Array(values)) => {
                values.iter().map(|value| self.text::<R>(Some(value))).collect::<Vec<_>>().join(" ")
            }
            Some(Value::Object(price)) if price.contains_key("amount") && price.contains_key("currency") => {
                let part = |name| self.text::<R>(price.get(name));
                format!("{} {}", part("amount"), part("currency"))
            }
            Some(Value::Object(fields)) => self.object::<R>(fields),
            Some(Value::Number(number)) if number.is_f64() => {
                format!("{:.2}", number.as_f64().unwrap_or_default())
            }
            Some(other) => escaped(&other.to_string()).into_owned(),
        }
    }

    /// The fields of an object in a line: `type mobile, carrierName Acme`; of one that says yes or no, what it says yes to:
    /// `voice sms`.
    fn object<R: Record>(&self, fields: &Map<String, Value>) -> String {
        if fields.values().all(Value::is_boolean) {
            let yes = fields.iter().filter(|(_, flag)| flag.as_bool() == Some(true));
            return yes.map(|(name, _)| escaped(name)).collect::<Vec<_>>().join(" ");
        }
        let shown = fields.iter().map(|(name, value)| (escaped(name), self.text::<R>(Some(value))));
        let shown = shown.filter(|(_, text)| !text.is_empty()).map(|(name, text)| format!("{name} {text}"));
        shown.collect::<Vec<_>>().join(", ")
    }

    /// A number or an address of a channel by its last four digits, unless the user wants it whole. Any other text as it is.
    pub(crate) fn masked(&self, text: &str) -> String {
        let is_number =
            || text.bytes().filter(u8::is_ascii_digit).count() > 4 && Address::from(text).number().is_some();
        if !self.show_numbers && is_number() {
            return Address::from(text).masked().to_string();
        }
        escaped(text).into_owned()
    }

    fn print(&self, text: &str) -> Result<(), Failure> {
        self.print_all(&format!("{text}\n"))
    }

    /// Writes. After something was done, its status must not become another one because nobody can read it: then the result
    /// goes to standard error.
    fn print_all(&self, text: &str) -> Result<(), Failure> {
        match write_out(text) {
            Err(failure) if self.done.load(Ordering::SeqCst) => {
                if !failure.is_told() {
                    self.warn(&failure.lines().0);
                    tell(None, text.trim_end(), "");
                }
                Ok(())
            }
            written => written,
        }
    }

    /// Tells something beside the result.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet && !text.is_empty() {
            tell(None, text, "");
        }
    }

    /// Tells something that a person should know, also when quiet.
    pub(crate) fn warn(&self, text: &str) {
        tell(Some(("warning", AnsiColor::Yellow)), text, "");
    }

    /// Tells a failure, on standard error in both forms.
    pub(crate) fn failure(&self, failure: &Failure) {
        if failure.is_told() {
            return;
        }
        if self.is_json() {
            let json = failure.json(&self.options).to_string();
            let _ = writeln!(anstream::stderr(), "{}", escaped_json(&json));
            return;
        }
        let (what, more) = failure.lines_with(&self.options);
        let name = if failure.exit() == Exit::Done {
            ("warning", AnsiColor::Yellow)
        } else {
            ("error", AnsiColor::Red)
        };
        tell(Some(name), &what, &more);
    }
}

fn tell(name: Option<(&str, AnsiColor)>, text: &str, more: &str) {
    let text = lines_escaped(text);
    let mut stderr = anstream::stderr().lock();
    // There is nobody to tell if standard error is closed.
    let _ = match name {
        Some((name, colour)) => {
            let style = Style::new().bold().fg_color(Some(colour.into()));
            write!(stderr, "{style}{name}{style:#}: {text}\n{more}")
        }
        None => write!(stderr, "{text}\n{more}"),
    };
}

/// Escapes each line: sentences of our own have several.
fn lines_escaped(text: &str) -> String {
    text.lines().map(escaped).collect::<Vec<_>>().join("\n")
}

/// Writes, and ends the command without a word if nobody reads any more.
fn write_out(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::told(Exit::Done),
        _ => Failure::new(Exit::Failed, format!("standard output cannot be written: {error}")),
    })
}

/// The width of the terminal, or what COLUMNS says. `None`: as wide as it has to be.
fn width() -> Option<usize> {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.filter(|columns| *columns >= 10).or_else(|| {
        let terminal = std::io::stdout().is_terminal();
        terminal
            .then(console::Term::stdout)
            .and_then(|terminal| Some(usize::from(terminal.size_checked()?.1)))
    })
}
