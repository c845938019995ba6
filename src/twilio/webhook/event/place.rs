//! Where a number is at home.

use super::read::part;
use crate::sms::Text;

part! {
    /// Where Twilio thinks a number is at home. Mostly of numbers of the United States and Canada, and of the number,
    /// not of the person.
    Place {
        /// City.
        city: Text = "City",
        /// State or province.
        state: Text = "State",
        /// Postal code.
        zip: Text = "Zip",
        /// Country, two letters.
        country: Text = "Country",
    }
}
