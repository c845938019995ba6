//! The kind of line of a number, according to its numbering plan.

use rlibphonenumber::PhoneNumberType;

/// The kind of line of a number, according to its numbering plan.
///
/// A plan contains what a range was assigned for. It does not know that a number was ported to another network; Twilio's
/// Lookup does (`account.lookup()`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LineKind {
    /// A mobile telephone.
    Mobile,
    /// A landline. Few of them receive texts.
    FixedLine,
    /// A mobile telephone or a landline: the plan does not distinguish them, as in the United States.
    FixedLineOrMobile,
    /// Free for the caller.
    TollFree,
    /// The caller pays a premium rate.
    Premium,
    /// Caller and called party share the cost.
    SharedCost,
    /// Voice over IP.
    Voip,
    /// A number that follows a person, whatever line they have. Twilio's test numbers (`+1500…`) are of this kind.
    Personal,
    /// A pager.
    Pager,
    /// A universal access number: one number for all places of a company.
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
