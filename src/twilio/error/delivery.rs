//! Why a message or a call did not arrive.

use super::lookup;
use crate::provider::{DeliveryError, Reason};

/// Explains Twilio's number for a delivery that failed. 0 is no failure.
pub(in crate::twilio) fn delivery_error(code: Option<u32>) -> Option<DeliveryError> {
    let code = code.filter(|code| *code != 0)?;
    Some(match lookup(code) {
        Some(entry) => {
            DeliveryError::new(code, entry.reason).with_scope(entry.scope()).explained(entry.title, entry.fix)
        }
        None => DeliveryError::new(code, Reason::Unknown),
    })
}
