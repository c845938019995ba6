//! A warning where an answer is about somebody else.

use crate::phone::{Address, E164};

/// Warns where both numbers are known and differ.
///
/// HTTP/1.1 has no numbers on its answers: a server that sends one too many on a connection kept open shifts all that
/// follow. No client can see that for sure, and people's own mocks answer with a fixed number, so it is a warning, not
/// an error.
pub(super) fn warn(asked: &Address, answered: Option<&Address>) {
    let Some(answered) = answered.filter(|answered| answered.as_str() != asked.as_str()) else { return };
    let number = |address: &Address| E164::parse(address.as_str()).ok();
    if let (Some(to), Some(other)) = (number(asked), number(answered))
        && to != other
    {
        tracing::warn!(
            asked = %asked.masked(),
            answered = %answered.masked(),
            "the answer names another recipient: its SID may be that of another request"
        );
    }
}
