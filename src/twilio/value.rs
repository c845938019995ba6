//! What answers and requests are made of, beside numbers and texts: amounts, names with texts, and what else came.

pub use super::wire::{Amount, Extra, Pairs};
