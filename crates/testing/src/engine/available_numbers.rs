//! The numbers for sale, and the search for them.

pub(super) mod offers;
mod search;

pub(super) use self::offers::{NumberType, Offer};
pub(super) use self::search::Search;
