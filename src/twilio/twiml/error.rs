//! What is wrong with a document.

/// Why a document is not what Twilio would take, or not what was meant. Never quotes a text or a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TwimlError {
    /// A text or a value has a character that XML 1.0 forbids. `to_xml` leaves it out.
    #[error("<{element}> has a character that XML forbids: U+{character:04X}")]
    ForbiddenCharacter {
        /// The element it stands in.
        element: String,
        /// The character.
        character: u32,
    },
    /// The name of an element is none. `to_xml` leaves the element out.
    #[error("an element in <{parent}> has a name that cannot be one")]
    ElementName {
        /// The element it stands in.
        parent: String,
    },
    /// The name of an attribute is none. `to_xml` leaves the attribute out.
    #[error("an attribute of <{element}> has a name that cannot be one")]
    AttributeName {
        /// The element it stands in.
        element: String,
    },
    /// The document is larger than Twilio takes (11750).
    #[error("the document has {bytes} bytes, and Twilio takes 65,536 (11750)")]
    TooLarge {
        /// How large it is.
        bytes: usize,
    },
    /// A text is longer than Twilio takes.
    #[error("the text of <{element}> has {characters} characters, and Twilio takes {limit}")]
    TooLong {
        /// The element.
        element: String,
        /// How long it is.
        characters: usize,
        /// How long it may be.
        limit: usize,
    },
    /// There are more of a kind than Twilio takes.
    #[error("<{element}> holds {count} {what}, and Twilio takes {limit}")]
    TooMany {
        /// The element.
        element: String,
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A number is greater than Twilio takes.
    #[error("{attribute} of <{element}> is greater than {limit}")]
    OutOfRange {
        /// The element.
        element: String,
        /// The attribute.
        attribute: &'static str,
        /// How great it may be.
        limit: u32,
    },
    /// No telephone has the key that somebody is asked to press.
    #[error("a key that is asked for is none of 0-9, * and #")]
    NoSuchKey,
}
