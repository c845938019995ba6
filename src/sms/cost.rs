//! What sending costs, by country and kind of sender. Exact decimals, in one currency.

mod billable;
mod country;
mod estimate;
mod guard;
mod prices;
mod table;

pub use billable::BillableMessage;
pub use country::{Destination, destination};
pub use estimate::{Estimate, EstimateRow, UnpricedRow, estimate};
pub use guard::{CostLimit, GuardError, Guards};
pub use prices::PriceList;

/// The kind that a message is priced as where nobody says otherwise.
pub(crate) const LOCAL: &str = "local";
/// The kind of a message with pictures or files.
pub(crate) const MMS: &str = "mms";

/// Is a message of this kind billed as a whole, and not by segment?
fn is_flat(kind: &str) -> bool {
    [MMS, "whatsapp", "messenger", "rcs"].contains(&kind)
}
