//! What the library behind `E164::parse_in` writes to `log`: nothing above TRACE, and all of it under its own target.
//!
//! The manual promises this to programs that log with `log` and not with `tracing`. It is a test binary of its own,
//! because `log` has one logger for the whole process.

#![cfg(feature = "phone-national")]
#![allow(clippy::unwrap_used, reason = "a test fails where it cannot read a number")]

use std::sync::Mutex;

use log::{Level, LevelFilter, Metadata, Record};
use switchboard::phone::E164;

struct Written(Mutex<Vec<(Level, String, String)>>);

impl log::Log for Written {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = (record.level(), record.target().to_owned(), record.args().to_string());
        self.0.lock().unwrap().push(line);
    }

    fn flush(&self) {}
}

static WRITTEN: Written = Written(Mutex::new(Vec::new()));

fn every_way(text: &str) {
    let _ = E164::parse_in(text, "US");
    if let Ok(number) = E164::parse(text) {
        let _ = (
            number.country(),
            number.line_kind(),
            number.is_in_plan(),
            number.national(),
            number.international(),
        );
    }
}

#[test]
fn the_port_writes_numbers_at_trace_only_and_under_its_target() {
    log::set_logger(&WRITTEN).unwrap();
    log::set_max_level(LevelFilter::Trace);
    for text in [
        "202-555-0187",
        "+12025550187",
        "+12025550187 x5",
        "+999 2025550187",
        "tel:0187;phone-context=x",
        "no",
    ] {
        every_way(text);
    }
    let written = WRITTEN.0.lock().unwrap();
    assert!(
        written.iter().any(|(.., line)| line.contains("2025550187")),
        "the library logs no number any more: remove the warning from the manual"
    );
    for (level, target, line) in written.iter() {
        assert_eq!(*level, Level::Trace, "{line}");
        assert!(target.starts_with("rlibphonenumber"), "{target}: {line}");
    }
}
