//! Whether a message of a provider's list has the text that was sent.

use super::{FoundRow, Outgoing};

/// Whether a listed message has the text of a message that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Likeness {
    /// It has this text.
    Same,
    /// Its text cannot be compared: it was deleted, it comes from a template, or its links were shortened.
    Opaque,
    /// It has another text.
    Other,
}

impl Outgoing {
    /// Compares the text with a listed message, apart from blanks at the ends and the kind of line breaks.
    ///
    /// The text of a template is not known here, so every message that it could be is [`Opaque`](Likeness::Opaque).
    /// Links count as equal to other links, but only as `Opaque`, because a provider may shorten them.
    #[must_use]
    pub fn likeness(&self, found: &FoundRow) -> Likeness {
        let found = found.text.as_ref().map(|text| plain(text.as_str()));
        let Some(found) = found.filter(|text| !text.is_empty()) else { return Likeness::Opaque };
        if self.template.is_some() {
            return Likeness::Opaque;
        }
        let own = plain(self.text.as_ref().map_or("", |text| text.as_str()));
        match () {
            () if own == found => Likeness::Same,
            () if own.contains("://") && without_links(&own) == without_links(&found) => Likeness::Opaque,
            () => Likeness::Other,
        }
    }
}

fn plain(text: &str) -> String {
    text.trim().replace("\r\n", "\n").replace('\r', "\n")
}

/// Leaves out what may be a link. A shortened link may have lost its scheme.
fn without_links(text: &str) -> Vec<&str> {
    let is_link = |word: &&str| word.contains("://") || (word.contains('.') && word.contains('/'));
    text.split_whitespace().map(|word| if is_link(&word) { "" } else { word }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Delivery, DeliveryStatus, SendId, TemplateRef};

    fn found(text: Option<&str>) -> FoundRow {
        let delivery = Delivery::new(SendId::text("SM1"), DeliveryStatus::Sent);
        FoundRow { text: text.map(Into::into), ..FoundRow::new(delivery, true) }
    }

    #[test]
    fn a_text_is_the_same_opaque_or_another() {
        for (sent, listed, expected) in [
            ("Hi", Some("Hi"), Likeness::Same),
            (" Hi\r\nthere ", Some("Hi\nthere"), Likeness::Same),
            ("Hi", Some("Hi!"), Likeness::Other),
            ("Hi", Some("hi"), Likeness::Other),
            ("Hi", Some(""), Likeness::Opaque),
            ("Hi", None, Likeness::Opaque),
            ("See https://a.example/1 now", Some("See https://a.example/1 now"), Likeness::Same),
            ("See https://a.example/1 now", Some("See twil.io/x now"), Likeness::Opaque),
            ("See https://a.example/1 now", Some("See twil.io/x later"), Likeness::Other),
            ("See a.example/1 now", Some("See twil.io/x now"), Likeness::Other),
        ] {
            let sent = Outgoing::text("+14155551234", sent);
            assert_eq!(sent.likeness(&found(listed)), expected, "{listed:?}");
        }
        let template = Outgoing::template("+14155551234", TemplateRef::new("HX1"));
        assert_eq!(template.likeness(&found(Some("anything"))), Likeness::Opaque);
        let picture = Outgoing::media("+14155551234", "https://example.com/a.png");
        assert_eq!(picture.likeness(&found(Some("Hi"))), Likeness::Other);
        assert_eq!(picture.likeness(&found(Some(""))), Likeness::Opaque, "pictures are not compared");
    }
}
