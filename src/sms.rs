//! Everything about the text of a message before it is sent: characters, encoding, segments and price.
//!
//! Read in this order:
//!
//! 1. [`Text`] holds the text of a message and never shows it in `Debug`.
//! 2. [`Encoding`] is GSM-7 or UCS-2. A single character outside GSM-7, such as ’, switches the whole message to UCS-2, whose
//!    segments hold less than half as much.
//! 3. [`Segmentation`] splits a text into the segments that it is billed as, names the first character that forced UCS-2
//!    ([`NonGsm`]) and what to write instead, and rewrites a text as Twilio's Smart Encoding does ([`SmartEncoded`]).
//! 4. `Templates` (feature `template`) are named texts with placeholders such as `{{name}}`. `Plan` renders a template for a
//!    list of recipients and counts segments, before anything is sent.
//! 5. [`PriceList`] and [`estimate`] compute what a list of messages will cost, by country and kind of sender; [`Guards`]
//!    refuse messages that have too many segments or cost too much.
//! 6. [`Keyword`] recognises STOP, START and HELP in an incoming message.
//!
//! This module must not use providers, the network or stores. It may use [`phone`](crate::phone), for the country of a
//! number.

mod cost;
mod encoding;
mod keyword;
mod segment;
#[cfg(feature = "template")]
mod template;
mod text;

pub use cost::{
    BillableMessage, CostLimit, Destination, Estimate, EstimateRow, GuardError, Guards, PriceList,
    UnpricedRow, destination, estimate,
};
pub use encoding::Encoding;
pub use keyword::{Consent, HELP_WORDS, Keyword, Keywords, START_WORDS, STOP_WORDS};
pub use segment::{NonGsm, Segmentation, SmartEncoded, Texts};
#[cfg(feature = "template")]
pub use template::{Measured, Plan, TemplateError, Templates, Ucs2Cause};
pub use text::Text;
