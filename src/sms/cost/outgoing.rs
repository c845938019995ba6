//! A message as far as its price is concerned.

use super::{Destination, LOCAL, MMS, destination, is_flat};
use crate::phone::{Address, AddressKind};
use crate::sms::{Segmentation, Text};

/// The area codes of toll-free numbers under `+1`.
const TOLL_FREE: &[&str] = &["800", "833", "844", "855", "866", "877", "888"];

/// A message as far as its price is concerned: whom it is for, what it says, who sends it.
///
/// A pair of recipient and text is one, and so are `SendSms` and `CreateMessage`.
///
/// ```
/// use switchboard::sms::Outgoing;
///
/// let plain: Outgoing = ("+14155551234", "Your table is ready").into();
/// let from_free = Outgoing::new("+14155551234", "Your table is ready").kind("toll free");
/// # let _ = (plain, from_free);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outgoing {
    /// Whom it is for.
    pub to: Address,
    /// What it says; `None` where only the provider knows, as with a content template.
    pub body: Option<Text>,
    /// The kind of its sender, in the words of the price list; `local` where it is not set.
    pub kind: Option<String>,
    /// Has it pictures or files? It is billed as one `mms` then, whatever its text.
    pub media: bool,
    /// Is it sent with Smart Encoding? Its segments are counted as that rewrites it.
    pub smart: bool,
}

impl Outgoing {
    /// Describes a text to somebody.
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

    /// Sets the kind of its sender from its address, where that tells: `shortcode`, and under `+1` `toll free` or `local`.
    /// Whether a number of another country is a mobile one cannot be seen.
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

    /// The kind that it is priced as: its channel's, `mms`, or its sender's.
    pub(crate) fn priced_as(&self) -> String {
        match self.to.kind() {
            Ok(AddressKind::WhatsApp) => "whatsapp".to_owned(),
            Ok(AddressKind::Messenger) => "messenger".to_owned(),
            Ok(AddressKind::Rcs) => "rcs".to_owned(),
            _ if self.media => MMS.to_owned(),
            _ => self.kind.as_deref().unwrap_or(LOCAL).to_ascii_lowercase(),
        }
    }

    /// What it is billed as: one where it is billed by message, else its segments; `None` where nobody can know.
    pub(crate) fn units(&self) -> Option<u64> {
        if is_flat(&self.priced_as()) {
            return Some(1);
        }
        let body = self.body.as_ref()?.as_str();
        let segments =
            if self.smart { Segmentation::smart(body).segments() } else { Segmentation::of(body).segments() };
        Some(u64::try_from(segments).unwrap_or(u64::MAX))
    }

    /// Where it goes; `None` where there is no telephone number in the address.
    pub(crate) fn destination(&self) -> Option<Destination> {
        self.to.number().map(|number| destination(&number))
    }
}

/// The kind of a sender, as far as its address tells.
fn kind_of_sender(sender: &Address) -> Option<&'static str> {
    if sender.kind() == Ok(AddressKind::ShortCode) {
        return Some("shortcode");
    }
    let area = sender.as_str().strip_prefix("+1")?.get(..3)?;
    Some(if TOLL_FREE.contains(&area) { "toll free" } else { LOCAL })
}

impl<A: Into<Address>, T: Into<Text>> From<(A, T)> for Outgoing {
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
            (Outgoing::new(to, "x"), "local", Some(1)),
            (Outgoing::new(to, long.as_str()).kind("Toll Free"), "toll free", Some(2)),
            (Outgoing::new(to, long.as_str()).media(), "mms", Some(1)),
            (Outgoing::new("whatsapp:+14155551234", long.as_str()), "whatsapp", Some(1)),
            (Outgoing::new(to, "x").sent_from(&"+18885550100".into()), "toll free", Some(1)),
            (Outgoing::new(to, "x").sent_from(&"72345".into()), "shortcode", Some(1)),
            (Outgoing::new(to, "x").sent_from(&"ACME".into()), "local", Some(1)),
            (Outgoing::new(to, "x").sent_from(&"+14155550100".into()), "local", Some(1)),
            (Outgoing::unknown_text(to), "local", None),
            (Outgoing::unknown_text("whatsapp:+14155551234"), "whatsapp", Some(1)),
        ];
        for (message, kind, units) in cases {
            assert_eq!((message.priced_as().as_str(), message.units()), (kind, units), "{message:?}");
        }
        assert_eq!(Outgoing::new("client:alice", "x").destination(), None);
    }
}
