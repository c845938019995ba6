//! Any element, by its name.

use super::buffer::Buffer;
use super::macros::any_element;

any_element! {
    /// Any element with any attributes, for what Twilio adds before it has a type here.
    ///
    /// Texts and values are escaped, names are checked: an ASCII letter or `_` first, then letters, digits, `-`, `_` and
    /// `.`; an attribute may have the prefix `xml:`. An element or attribute with another name is left out of the XML, and
    /// the document's `check` reports it.
    ///
    /// ```
    /// use switchboard::twilio::twiml::{Element, Say, VoiceResponse};
    ///
    /// let survey = Element::new("Survey").attr("maxAttempts", 2).child(Say::new("How was it?"));
    /// let document = VoiceResponse::new().element(survey);
    /// # assert!(document.to_xml().contains(r#"<Survey maxAttempts="2"><Say>How was it?</Say></Survey>"#));
    /// ```
    Element
}

impl Element {
    /// Starts an element.
    pub fn new(name: impl AsRef<str>) -> Self {
        Self(Buffer::new(name.as_ref()))
    }

    /// Adds text, after what is already there.
    pub fn text(mut self, text: impl AsRef<str>) -> Self {
        self.0.text(text.as_ref());
        self
    }

    /// Adds an element, typed or not, after what is already there.
    pub fn child(self, child: impl Into<Self>) -> Self {
        self.element(child)
    }

    /// Adds XML **as it is**: nothing in it is escaped or checked. Whoever writes it can do whatever TwiML can, and a
    /// mistake in it breaks the document. Never give it what a caller or a texter said.
    pub fn dangerously_raw_xml(mut self, xml: impl AsRef<str>) -> Self {
        self.0.raw(xml.as_ref());
        self
    }
}
