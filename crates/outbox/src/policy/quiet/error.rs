//! What is wrong with somebody's own quiet hours.

use thiserror::Error;

/// Quiet hours that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum QuietHoursError {
    /// It is not JSON of the right form: an unknown key, a missing one, a value of another type.
    #[error("the quiet hours cannot be read: {0}")]
    Json(String),
    /// The version is empty.
    #[error("the quiet hours need a version, such as the date they were checked: 2026-11-22")]
    NoVersion,
    /// There is no such time zone.
    #[error("there is no time zone `{0}`; write it as America/Chicago")]
    UnknownZone(String),
    /// No telephone number is known to belong to the place.
    #[error("no number belongs to the place `{0}`; write US, US-FL (ISO 3166), or * for all other countries")]
    UnknownPlace(String),
    /// An entry does not say where its hours are from.
    #[error("{0}: the source is empty")]
    NoSource(String),
    /// An entry applies to neither texts nor calls.
    #[error("{0}: `kinds` is empty; write text, call, or both")]
    NoKinds(String),
    /// It is neither a day nor a range of days.
    #[error("{place}: `{day}` is no day; write monday, or monday-friday")]
    UnknownDay {
        /// The place of the entry.
        place: String,
        /// What stands in the place of the day.
        day: String,
    },
    /// A day has two lists of windows.
    #[error("{place}: {day} stands in it twice")]
    RepeatedDay {
        /// The place of the entry.
        place: String,
        /// The day.
        day: &'static str,
    },
    /// A day has no list of windows.
    #[error("{place}: {day} is missing; a day without windows is written as []")]
    MissingDay {
        /// The place of the entry.
        place: String,
        /// The day.
        day: &'static str,
    },
    /// A window is not of the form `09:00-20:00`.
    #[error("{place}: `{window}` is no window such as 09:00-20:00, from 00:00 to 24:00")]
    BadWindow {
        /// The place of the entry.
        place: String,
        /// What stands in the place of the window.
        window: String,
    },
    /// A window ends before it begins.
    #[error("{place}: `{window}` ends before it begins; a window past midnight is written on both days")]
    Backwards {
        /// The place of the entry.
        place: String,
        /// The window.
        window: String,
    },
    /// Two windows of a day overlap.
    #[error("{place}: two windows overlap on {day}")]
    Overlap {
        /// The place of the entry.
        place: String,
        /// The day.
        day: &'static str,
    },
    /// An entry ends before it begins.
    #[error("{0}: `until` is before `from`")]
    BadDates(String),
}
