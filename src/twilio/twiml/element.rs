//! Any element, by its name.

use super::buffer::Buffer;
use super::macros::any_element;

any_element! {
    /// Any element with any attributes, for whatever Twilio has or adds that has no type here.
    ///
    /// Names are checked, texts and values escaped. A name that cannot be one is told by the document's `check`, and
    /// left out of what it writes. Names are letters of ASCII, digits, `-`, `_` and `.`; an attribute may have the
    /// prefix `xml:`.
    ///
    /// ```
    /// use switchboard::twilio::twiml::{Element, VoiceResponse};
    ///
    /// let pay = Element::new("Pay")
    ///     .attr("chargeAmount", "20.45")
    ///     .attr("maxAttempts", 2)
    ///     .child(Element::new("Prompt").attr("for", "payment-card-number").child(Element::new("Say").text("Your card?")));
    /// let document = VoiceResponse::new().element(pay);
    /// # assert!(document.to_xml().contains(r#"<Pay chargeAmount="20.45" maxAttempts="2"><Prompt for="#));
    /// ```
    Element
}

impl Element {
    /// Starts an element.
    pub fn new(name: impl AsRef<str>) -> Self {
        Self(Buffer::new(name.as_ref()))
    }

    /// Adds text, after what already stands there.
    pub fn text(mut self, text: impl AsRef<str>) -> Self {
        self.0.text(text.as_ref());
        self
    }

    /// Puts an element in, typed or not, after what already stands there.
    pub fn child(self, child: impl Into<Self>) -> Self {
        self.element(child)
    }

    /// Puts XML in **as it is**: nothing in it is escaped or checked. Whoever writes it can do whatever TwiML can, and a
    /// mistake in it breaks the document. Never give it what a caller or a texter said.
    pub fn dangerously_raw_xml(mut self, xml: impl AsRef<str>) -> Self {
        self.0.raw(xml.as_ref());
        self
    }
}
