//! What an account has: one file for each resource, with its handle, its requests and its answers.

mod calls;
mod check;
mod content;
mod lookup;
mod messages;
mod messaging_services;
mod options;
mod verify;
mod whatsapp;

pub use calls::*;
pub use content::*;
pub use lookup::*;
pub use messages::*;
pub use messaging_services::*;
pub use options::SendOptions;
pub use verify::*;
pub use whatsapp::{WHATSAPP_SANDBOX, WhatsAppContent, WhatsAppMessage};
