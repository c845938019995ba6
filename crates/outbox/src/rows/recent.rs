//! What was sent recently, as it is stored.

/// How many rows that count no longer are deleted for each one that is written. Two, so that they become fewer.
pub(crate) const KEPT: i64 = 2;
