//! What all documents can do.

/// Makes a document.
macro_rules! document {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq)]
        #[must_use = "a document does nothing until Twilio gets it"]
        pub struct $name(pub(in crate::twilio::twiml) $crate::twilio::twiml::buffer::Buffer);

        impl $name {
            /// The content type to answer with. Twilio takes `application/xml`, too; with `text/xml` the character set
            /// must be said, for its default is not UTF-8 everywhere.
            pub const CONTENT_TYPE: &'static str = "text/xml; charset=utf-8";

            /// Starts an empty document. Sent as it is, it does nothing: no answer to a text, and the end of a call.
            pub fn new() -> Self {
                Self($crate::twilio::twiml::buffer::Buffer::document())
            }

            /// Puts any element in, after what already stands there.
            pub fn element(mut self, element: impl Into<$crate::twilio::twiml::Element>) -> Self {
                self.0.child(element.into().0);
                self
            }

            /// Puts XML in **as it is**: nothing in it is escaped or checked. Whoever writes it can do whatever TwiML can,
            /// and a mistake in it breaks the document. Never give it what a caller or a texter said.
            pub fn dangerously_raw_xml(mut self, xml: impl AsRef<str>) -> Self {
                self.0.raw(xml.as_ref());
                self
            }

            /// Gives the document, always well-formed: characters that XML forbids are left out, and so are elements and
            /// attributes whose name cannot be one. What is beyond a limit of Twilio's is given all the same. Raw XML is the
            /// one thing that can break it.
            #[must_use]
            pub fn to_xml(&self) -> String {
                self.0.clone().finish()
            }

            /// Gives the document, if nothing in it was left out and Twilio would take it.
            ///
            /// # Errors
            /// See [`check`](Self::check).
            pub fn try_to_xml(&self) -> Result<String, $crate::twilio::twiml::TwimlError> {
                self.check().map(|()| self.to_xml())
            }

            /// Tells the first problem: a character that XML forbids, a name that cannot be one, a text or the whole
            /// document (65,536 bytes) longer than Twilio takes, more of a kind than Twilio takes.
            ///
            /// # Errors
            /// The first problem.
            pub fn check(&self) -> Result<(), $crate::twilio::twiml::TwimlError> {
                self.problems().next().map_or(Ok(()), Err)
            }

            /// Tells all problems, in the order in which they were made; the size of the whole comes last.
            pub fn problems(&self) -> impl Iterator<Item = $crate::twilio::twiml::TwimlError> + '_ {
                self.0.problems().iter().cloned().chain($crate::twilio::twiml::limits::too_large(&self.0))
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        /// Names of elements and sizes only: texts may be personal.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), self.0)
            }
        }

        /// The document itself, as [`to_xml`](Self::to_xml) gives it.
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.to_xml())
            }
        }

        /// The document, as `to_xml` gives it.
        impl From<$name> for String {
            fn from(document: $name) -> Self {
                document.0.finish()
            }
        }

        /// The document, as `to_xml` gives it.
        impl From<&$name> for String {
            fn from(document: &$name) -> Self {
                document.to_xml()
            }
        }
    };
}

pub(super) use document;
