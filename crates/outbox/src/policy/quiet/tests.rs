//! The table of decisions, and what holds for all of them.

mod clock;
mod file;
mod properties;
mod table;

use jiff::Timestamp;
use switchboard::phone::Address;

use super::{Opening, QuietHours};
use crate::policy::Purpose;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn marketing(quiet: &QuietHours, to: &str, time: &str) -> Opening {
    quiet.decide(&Address::from(to), Purpose::Marketing, None, at(time))
}

/// `open`, `open until …`, `closed until …`, `never`.
fn shown(opening: &Opening) -> String {
    match opening {
        Opening::Open { until: None, .. } => "open".into(),
        Opening::Open { until: Some(until), .. } => format!("open until {until}"),
        Opening::Closed { opens, .. } => format!("closed until {opens}"),
        Opening::Never { .. } => "never".into(),
    }
}
