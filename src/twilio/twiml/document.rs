//! The macro that makes a document: the methods that all documents have.

/// Makes the type of a document.
macro_rules! document {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq)]
        #[must_use = "a document does nothing until Twilio gets it"]
        pub struct $name(pub(in crate::twilio::twiml) $crate::twilio::twiml::buffer::Buffer);

        impl $name {
            /// The content type of an HTTP response with this document. The character set is stated because the default
            /// for `text/xml` is not UTF-8 everywhere.
            pub const CONTENT_TYPE: &'static str = "text/xml; charset=utf-8";

            /// Starts an empty document. An empty document sends no reply to a text and ends a call.
            pub fn new() -> Self {
                Self($crate::twilio::twiml::buffer::Buffer::document())
            }

            /// Adds any element, after those that are already there.
            pub fn element(mut self, element: impl Into<$crate::twilio::twiml::Element>) -> Self {
                self.0.child(element.into().0);
                self
            }

            /// Adds XML **as it is**: nothing in it is escaped or checked. Whoever writes it can do whatever TwiML can,
            /// and a mistake in it breaks the document. Never give it what a caller or a texter said.
            pub fn dangerously_raw_xml(mut self, xml: impl AsRef<str>) -> Self {
                self.0.raw(xml.as_ref());
                self
            }

            /// Returns the XML, which is always well-formed: characters that XML forbids are left out, and so are elements and
            /// attributes with an invalid name. Twilio's limits are not enforced here, see [`check`](Self::check). Only raw XML
            /// can make it malformed.
            #[must_use]
            pub fn to_xml(&self) -> String {
                self.0.clone().finish()
            }

            /// Returns the XML if nothing was left out and no limit of Twilio's is exceeded.
            ///
            /// # Errors
            /// See [`check`](Self::check).
            pub fn try_to_xml(&self) -> Result<String, $crate::twilio::twiml::TwimlError> {
                self.check().map(|()| self.to_xml())
            }

            /// Checks the document: no forbidden character, no invalid name, no limit of Twilio's exceeded (65,536 bytes, the
            /// length of a text, the number of files or of parties that are dialled at once).
            ///
            /// # Errors
            /// The first problem.
            pub fn check(&self) -> Result<(), $crate::twilio::twiml::TwimlError> {
                self.problems().next().map_or(Ok(()), Err)
            }

            /// Returns all problems, in the order of the document's construction; its total size comes last.
            pub fn problems(&self) -> impl Iterator<Item = $crate::twilio::twiml::TwimlError> + '_ {
                self.0.problems().iter().cloned().chain($crate::twilio::twiml::limits::too_large(&self.0))
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        /// Shows names of elements and sizes only: texts may be personal.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), self.0)
            }
        }

        /// Writes the XML, as [`to_xml`](Self::to_xml).
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.to_xml())
            }
        }

        /// The XML, as `to_xml` returns it.
        impl From<$name> for String {
            fn from(document: $name) -> Self {
                document.0.finish()
            }
        }

        /// The XML, as `to_xml` returns it.
        impl From<&$name> for String {
            fn from(document: &$name) -> Self {
                document.to_xml()
            }
        }
    };
}

pub(super) use document;
