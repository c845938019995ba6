//! What an account has: one file for each resource, with its handle, its requests and its answers.

mod account;
mod alerts;
mod calls;
mod check;
mod content;
#[cfg(test)]
mod fixtures;
mod lookup;
mod messages;
mod messaging_services;
mod moment;
mod numbers;
mod prices;
mod recordings;
mod transcriptions;
mod usage;
mod verify;
mod whatsapp;

pub use crate::provider::SendOptions;
pub use account::{Account, AccountStatus, AccountType, AuthToken, Balance, ListAccounts, Subaccounts};
pub(super) use account::{balance, details};
pub use alerts::*;
pub use calls::*;
pub use content::*;
pub use lookup::*;
pub use messages::*;
pub use messaging_services::*;
pub use moment::{Moment, ParseMomentError};
pub use numbers::*;
pub use prices::*;
pub use recordings::*;
pub use transcriptions::*;
pub use usage::*;
pub use verify::*;
pub use whatsapp::{WHATSAPP_SANDBOX, WhatsAppContent, WhatsAppMessage};
