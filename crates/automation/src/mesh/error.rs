//! What can go wrong.

use switchboard_store::StoreError;

/// Why a notice was not published, or a subscriber gets none. Nothing of a payload is in it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum MeshError {
    /// The name of a notice is none.
    #[error(
        "`{name}` is no name: write parts of letters, digits, `_` and `-`, divided by dots, such as `order.paid`, at most 255 bytes"
    )]
    BadName {
        /// Its beginning.
        name: String,
    },
    /// A pattern is none.
    #[error(
        "`{pattern}` is no pattern: write a name, with `*` for one part or `**` at the end for all further ones, such as `twilio.sms.*`"
    )]
    BadPattern {
        /// Its beginning.
        pattern: String,
    },
    /// A field of a notice is empty, too long, or has a NUL.
    #[error("the {field} of a notice must have 1 to {max} bytes and no NUL")]
    BadField {
        /// Which field.
        field: &'static str,
        /// The limit.
        max: usize,
    },
    /// The payload is too large.
    #[error(
        "the payload has {bytes} bytes, and at most {max} are stored: publish an id, and keep the rest elsewhere"
    )]
    TooLarge {
        /// Its size as JSON.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// The payload would not be read back as it is.
    #[error(
        "the payload cannot be read back as it is: nest it at most 100 deep, and leave out what is no JSON"
    )]
    Unreadable,
    /// Too many notices at once.
    #[error("{notices} notices are too many for one transaction: publish at most {max} at once")]
    TooMany {
        /// How many.
        notices: usize,
        /// The limit.
        max: usize,
    },
    /// The name of a subscriber is empty.
    #[error("a subscriber needs a name")]
    NoName,
    /// Notices cause each other without end.
    #[error(
        "this notice has {hops} causes behind it, at most {max} are allowed: do two rules answer each other?"
    )]
    TooManyHops {
        /// How many.
        hops: u8,
        /// The limit.
        max: u8,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored row cannot be read.
    #[error("a stored notice cannot be read: {0}")]
    BadRow(&'static str),
    /// This database is neither SQLite nor PostgreSQL.
    #[error("the mesh cannot use this database")]
    UnknownDatabase,
}
