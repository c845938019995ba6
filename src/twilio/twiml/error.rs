//! Problems of a document.

/// A problem of a document: Twilio would refuse it, or a part of it was left out. Never quotes a text or a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TwimlError {
    /// A text or a value has a character that XML 1.0 forbids. `to_xml` leaves it out.
    #[error("<{element}> has a character that XML forbids: U+{character:04X}")]
    ForbiddenCharacter {
        /// The element that contains it.
        element: String,
        /// The character.
        character: u32,
    },
    /// The name of an element is not a valid XML name. `to_xml` leaves the element out.
    #[error("an element in <{parent}> has an invalid name")]
    ElementName {
        /// The element that contains it.
        parent: String,
    },
    /// The name of an attribute is not a valid XML name. `to_xml` leaves the attribute out.
    #[error("an attribute of <{element}> has an invalid name")]
    AttributeName {
        /// The element that contains it.
        element: String,
    },
    /// The document is larger than Twilio accepts (11750).
    #[error("the document has {bytes} bytes, and Twilio accepts 65,536 (11750)")]
    TooLarge {
        /// How large it is.
        bytes: usize,
    },
    /// A text is longer than Twilio accepts.
    #[error("the text of <{element}> has {characters} characters, and Twilio accepts {limit}")]
    TooLong {
        /// The element.
        element: String,
        /// How long it is.
        characters: usize,
        /// How long it may be.
        limit: usize,
    },
    /// There are more elements of a kind than Twilio accepts.
    #[error("<{element}> holds {count} {what}, and Twilio accepts {limit}")]
    TooMany {
        /// The element.
        element: String,
        /// What there are too many of.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A number is greater than Twilio accepts.
    #[error("{attribute} of <{element}> is greater than {limit}")]
    OutOfRange {
        /// The element.
        element: String,
        /// The attribute.
        attribute: &'static str,
        /// The greatest value.
        limit: u32,
    },
    /// A key that somebody is asked to press does not exist on a telephone.
    #[error("a key to press must be one of 0-9, * and #")]
    NoSuchKey,
}
