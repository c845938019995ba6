//! What kind of line a number is for, as far as its numbering plan tells.

use rlibphonenumber::PhoneNumberType;

/// What kind of line a number is for, as far as its numbering plan tells.
///
/// A plan says what a range is meant for. It does not say what a number that was carried to another network is now:
/// Twilio's Lookup does (`account.lookup()`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LineKind {
    /// A mobile telephone.
    Mobile,
    /// A line in a house. Few of them take texts.
    FixedLine,
    /// One of the two: the plan keeps them together, as in the United States.
    FixedLineOrMobile,
    /// Free for whoever calls.
    TollFree,
    /// Dear for whoever calls.
    Premium,
    /// Paid for by both sides.
    SharedCost,
    /// A line over the internet.
    Voip,
    /// A number that follows a person, whatever line they have. Twilio's test numbers (`+1500…`) are of this kind.
    Personal,
    /// A pager.
    Pager,
    /// A company's one number for all its places.
    Uan,
    /// A voice mailbox.
    Voicemail,
    /// The number is not in the plan, or its range has no known use.
    Unknown,
}

impl From<PhoneNumberType> for LineKind {
    fn from(kind: PhoneNumberType) -> Self {
        match kind {
            PhoneNumberType::Mobile => Self::Mobile,
            PhoneNumberType::FixedLine => Self::FixedLine,
            PhoneNumberType::FixedLineOrMobile => Self::FixedLineOrMobile,
            PhoneNumberType::TollFree => Self::TollFree,
            PhoneNumberType::PremiumRate => Self::Premium,
            PhoneNumberType::SharedCost => Self::SharedCost,
            PhoneNumberType::VoIP => Self::Voip,
            PhoneNumberType::PersonalNumber => Self::Personal,
            PhoneNumberType::Pager => Self::Pager,
            PhoneNumberType::UAN => Self::Uan,
            PhoneNumberType::VoiceMail => Self::Voicemail,
            PhoneNumberType::Unknown => Self::Unknown,
        }
    }
}
