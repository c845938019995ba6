#![doc = include_str!("../README.md")]

mod accounts;
mod change;
mod entry;
mod error;
mod file;
mod owner;
mod place;
mod secret;
mod trust;

pub use accounts::Accounts;
pub use change::NewAccount;
pub use entry::{Entry, Source};
pub use error::AccountsError;
pub use file::Webhooks;
pub use place::Places;
pub use secret::SecretRef;
