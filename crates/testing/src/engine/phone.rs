//! Live calls that a test drives.

mod dial;
mod gather;
mod gather_rules;
mod input;
mod live_call;
mod phones;
mod progress;
mod sound;
mod verbs;

pub(crate) use self::input::Input;
pub(crate) use self::phones::Phones;
pub(crate) use self::progress::DocumentRequest;
