//! What a text is, before anybody sends it: its characters, its encoding, the segments it will be billed as.
//!
//! Nothing here knows a provider, a network or a store.

mod cost;
mod encoding;
mod keyword;
mod segment;
#[cfg(feature = "template")]
mod template;
mod text;

pub use cost::{
    CostLimit, Destination, Estimate, EstimateRow, GuardError, Guards, Outgoing, PriceList, UnpricedRow,
    destination, estimate,
};
pub use encoding::Encoding;
pub use keyword::{Consent, HELP_WORDS, Keyword, Keywords, START_WORDS, STOP_WORDS};
pub use segment::{Culprit, Segmentation, SmartEncoded, Texts};
#[cfg(feature = "template")]
pub use template::{Forced, Measured, Plan, TemplateError, Templates};
pub use text::Text;
