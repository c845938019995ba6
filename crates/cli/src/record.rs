//! What is printed: a value that is written as JSON, and the columns of its table.

use serde::Serialize;

/// A value that commands print. What it serialises to is what `--json` gives, and its table and its text are made from the same
/// fields.
pub(crate) trait Record: Serialize {
    /// The columns of a list, by the names of its fields in JSON: `("STATUS", "status")`.
    const COLUMNS: &'static [(&'static str, &'static str)];
    /// Are its numbers the account's own, or for sale? Those are shown whole.
    const OPEN_NUMBERS: bool = false;

    /// The names of all its fields in JSON.
    fn fields() -> Vec<String>;
}

/// Makes an answer of the adapter a [`Record`]: `record!(Message { "SID" = "sid", "STATUS" = "status" })`.
macro_rules! record {
    ($kind:ty $(, open: $open:literal)? { $($title:literal = $field:literal),+ $(,)? }) => {
        impl $crate::record::Record for $kind {
            const COLUMNS: &'static [(&'static str, &'static str)] = &[$(($title, $field)),+];
            $(const OPEN_NUMBERS: bool = $open;)?

            fn fields() -> Vec<String> {
                Self::json_fields()
            }
        }
    };
}

/// The same for an own type: all its fields are given.
macro_rules! own_record {
    ($kind:ty $(, open: $open:literal)? { $($title:literal = $field:literal),+ $(,)? } $(, more: [$($more:literal),* $(,)?])?) => {
        impl $crate::record::Record for $kind {
            const COLUMNS: &'static [(&'static str, &'static str)] = &[$(($title, $field)),+];
            $(const OPEN_NUMBERS: bool = $open;)?

            fn fields() -> Vec<String> {
                [$($field),+ $($(, $more)*)?].into_iter().map(str::to_owned).collect()
            }
        }
    };
}

pub(crate) use {own_record, record};
