//! What a price depends on: recipient, text, sender, media.

use super::{Destination, LOCAL, MMS, destination, is_flat};
use crate::phone::{Address, AddressKind};
use crate::sms::{Segmentation, Text};

/// The area codes of toll-free numbers under `+1`.
const TOLL_FREE: &[&str] = &["800", "833", "844", "855", "866", "877", "888"];

/// What the price of a message depends on: its recipient, its text, its sender, and whether it has media.
///
/// Made from a pair of recipient and text, from `SendSms` or from `CreateMessage`.
///
/// ```
/// use switchboard::sms::BillableMessage;
///
/// let plain: BillableMessage = ("+14155551234", "Your table is ready").into();
/// let from_free = BillableMessage::new("+14155551234", "Your table is ready").kind("toll free");
/// # let _ = (plain, from_free);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BillableMessage {
    /// The recipient.
    pub to: Address,
    /// The text; `None` if only the provider knows it, as for a content template.
    pub body: Option<Text>,
    /// The kind of sender, as the price list names it; `None` means `local`.
    pub kind: Option<String>,
    /// Whether it has media. It is then billed as one `mms`, whatever its text.
    pub media: bool,
    /// Whether it is sent with Smart Encoding. Segments are then counted in the rewritten text.
    pub smart: bool,
}

impl BillableMessage {
    /// Describes a message with a known text.
    pub fn new(to: impl Into<Address>, body: impl Into<Text>) -> Self {
        Self { to: to.into(), body: Some(body.into()), kind: None, media: false, smart: false }
    }

    /// Describes a message whose text only the provider knows.
    pub fn unknown_text(to: impl Into<Address>) -> Self {
        Self { to: to.into(), body: None, kind: None, media: false, smart: false }
    }

    /// Sets the kind of its sender, in the words of the price list.
    #[must_use]
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// Sets the kind of sender from the sender's address, if the address shows it: `shortcode`, and for `+1` `toll free` or
    /// `local`. Numbers of other countries do not show whether they are mobile numbers, so the kind is not changed.
    #[must_use]
    pub fn sent_from(self, sender: &Address) -> Self {
        match kind_of_sender(sender) {
            Some(kind) => self.kind(kind),
            None => self,
        }
    }

    /// Says that it is sent with Smart Encoding.
    #[must_use]
    pub const fn smart(mut self) -> Self {
        self.smart = true;
        self
    }

    /// Says that it has pictures or files.
    #[must_use]
    pub const fn media(mut self) -> Self {
        self.media = true;
        self
    }

    /// Returns the kind under which the price is listed: the channel, `mms`, or the kind of sender.
    pub(crate) fn priced_as(&self) -> String {
        match self.to.kind() {
            Ok(AddressKind::WhatsApp) => "whatsapp".to_owned(),
            Ok(AddressKind::Messenger) => "messenger".to_owned(),
            Ok(AddressKind::Rcs) => "rcs".to_owned(),
            _ if self.media => MMS.to_owned(),
            _ => self.kind.as_deref().unwrap_or(LOCAL).to_ascii_lowercase(),
        }
    }

    /// Returns how many units are billed: one for a message that is billed as a whole, else the number of segments; `None` if
    /// the text is not known.
    pub(crate) fn units(&self) -> Option<u64> {
        if is_flat(&self.priced_as()) {
            return Some(1);
        }
        let body = self.body.as_ref()?.as_str();
        let segments =
            if self.smart { Segmentation::smart(body).segments() } else { Segmentation::of(body).segments() };
        Some(u64::try_from(segments).unwrap_or(u64::MAX))
    }

    /// Returns the destination; `None` where the address has no telephone number.
    pub(crate) fn destination(&self) -> Option<Destination> {
        self.to.number().map(|number| destination(&number))
    }
}

/// Returns the kind of a sender, where its address shows it.
fn kind_of_sender(sender: &Address) -> Option<&'static str> {
    if sender.kind() == Ok(AddressKind::ShortCode) {
        return Some("shortcode");
    }
    let area = sender.as_str().strip_prefix("+1")?.get(..3)?;
    Some(if TOLL_FREE.contains(&area) { "toll free" } else { LOCAL })
}

impl From<&BillableMessage> for BillableMessage {
    fn from(message: &BillableMessage) -> Self {
        message.clone()
    }
}

impl<A: Into<Address>, T: Into<Text>> From<(A, T)> for BillableMessage {
    fn from((to, body): (A, T)) -> Self {
        Self::new(to, body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_priced_by_its_channel_its_media_or_its_sender() {
        let to = "+14155551234";
        let long = "x".repeat(161);
        let cases = [
            (BillableMessage::new(to, "x"), "local", Some(1)),
            (BillableMessage::new(to, long.as_str()).kind("Toll Free"), "toll free", Some(2)),
            (BillableMessage::new(to, long.as_str()).media(), "mms", Some(1)),
            (BillableMessage::new("whatsapp:+14155551234", long.as_str()), "whatsapp", Some(1)),
            (BillableMessage::new(to, "x").sent_from(&"+18885550100".into()), "toll free", Some(1)),
            (BillableMessage::new(to, "x").sent_from(&"72345".into()), "shortcode", Some(1)),
            (BillableMessage::new(to, "x").sent_from(&"ACME".into()), "local", Some(1)),
            (BillableMessage::new(to, "x").sent_from(&"+14155550100".into()), "local", Some(1)),
            (BillableMessage::unknown_text(to), "local", None),
            (BillableMessage::unknown_text("whatsapp:+14155551234"), "whatsapp", Some(1)),
        ];
        for (message, kind, units) in cases {
            assert_eq!((message.priced_as().as_str(), message.units()), (kind, units), "{message:?}");
        }
        assert_eq!(BillableMessage::new("client:alice", "x").destination(), None);
    }
}
