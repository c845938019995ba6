//! Numbers that can be bought, and how they are searched.

pub(super) mod offers;
mod search;

pub(super) use self::offers::{NumberType, Offer};
pub(super) use self::search::Search;
