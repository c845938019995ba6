//! Searching for numbers to buy.

use super::Capabilities;
use crate::phone::Address;
use crate::provider::{ApiRequest, ProviderError};
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::wire::{Parameters as _, answer, check, request, wire_enum};

wire_enum! {
    /// A kind of number. Not every country has every kind: the US has no `Mobile`.
    NumberType {
        /// A number of a town or an area.
        Local = "Local",
        /// A toll-free number.
        TollFree = "TollFree",
        /// A number of a mobile network.
        Mobile = "Mobile",
        /// A number of the whole country.
        National = "National",
        /// A voice-over-IP number, which belongs to no town or area.
        Voip = "Voip",
        /// A number whose calls are partly paid by the caller.
        SharedCost = "SharedCost",
        /// A number for machine-to-machine messages.
        MachineToMachine = "MachineToMachine",
    }
}

answer! {
    /// A number that is available to buy.
    ///
    /// <https://www.twilio.com/docs/phone-numbers/api/availablephonenumberlocal-resource>
    AvailableNumber always {
        /// The number.
        phone_number: Address = "phone_number",
    } {
        /// The number in a readable format.
        friendly_name: Address = "friendly_name",
        /// Its country, ISO 3166.
        iso_country: String = "iso_country",
        /// Its state or province.
        region: String = "region",
        /// Its town.
        locality: String = "locality",
        /// Its rate center (US and Canada).
        rate_center: String = "rate_center",
        /// Its LATA (US and Canada).
        lata: String = "lata",
        /// Its post code.
        postal_code: String = "postal_code",
        /// Its latitude, in degrees.
        latitude: f64 = "latitude",
        /// Its longitude, in degrees.
        longitude: f64 = "longitude",
        /// Which address you must provide: `none`, `any`, `local`, `foreign`.
        address_requirements: String = "address_requirements",
        /// Is it new on Twilio's platform?
        beta: bool = "beta",
        /// Its capabilities.
        capabilities: Capabilities = "capabilities",
    }
}

request! {
    /// A search for numbers to buy.
    ///
    /// ```
    /// use switchboard::twilio::numbers::SearchNumbers;
    ///
    /// let search = SearchNumbers::local("US").area_code(415).contains("*CAT").sms(true).mms(true);
    /// # let _ = search;
    /// ```
    ///
    /// <https://www.twilio.com/docs/phone-numbers/api/availablephonenumberlocal-resource#read-multiple-availablephonenumberlocal-resources>
    SearchNumbers {
        /// The area code (US and Canada).
        area_code: Option<u32> = "AreaCode",
        /// A pattern of 2 to 16 characters: `*` is any digit, `%` any digits, `+` the beginning, `$` the end.
        contains: Option<String> = "Contains",
        /// Only numbers that can, or cannot, text.
        sms_enabled as sms: Option<bool> = "SmsEnabled",
        /// Only numbers that can, or cannot, send pictures.
        mms_enabled as mms: Option<bool> = "MmsEnabled",
        /// Only numbers that can, or cannot, call.
        voice_enabled as voice: Option<bool> = "VoiceEnabled",
        /// Only numbers that can, or cannot, fax.
        fax_enabled: Option<bool> = "FaxEnabled",
        /// Leave out numbers for which you must provide an address.
        exclude_all_address_required: Option<bool> = "ExcludeAllAddressRequired",
        /// Leave out numbers for which you must provide an address in their country.
        exclude_local_address_required: Option<bool> = "ExcludeLocalAddressRequired",
        /// Leave out numbers for which you must provide an address outside their country.
        exclude_foreign_address_required: Option<bool> = "ExcludeForeignAddressRequired",
        /// Whether numbers that are new on Twilio's platform are included.
        beta: Option<bool> = "Beta",
        /// Near this number (US and Canada).
        near_number: Option<Address> = "NearNumber",
        /// Near this place, in degrees: `37.78,-122.42` (US and Canada).
        near_lat_long: Option<String> = "NearLatLong",
        /// The radius of that search in miles, at most 500; 25 by default.
        distance: Option<u32> = "Distance",
        /// In this post code (US and Canada).
        in_postal_code: Option<String> = "InPostalCode",
        /// In this state or province (US and Canada).
        in_region as region: Option<String> = "InRegion",
        /// In this rate center (US and Canada).
        in_rate_center: Option<String> = "InRateCenter",
        /// In this LATA (US and Canada).
        in_lata: Option<String> = "InLata",
        /// In this town.
        in_locality as locality: Option<String> = "InLocality",
        /// How many numbers are returned.
        page_size: Option<u32> = "PageSize",
    }
    apart {
        /// The country, ISO 3166, two letters.
        country: String,
        /// The kind.
        kind: NumberType,
    }
}

impl SearchNumbers {
    /// Searches for numbers of a kind in a country.
    pub fn new(country: impl Into<String>, kind: NumberType) -> Self {
        Self { country: country.into(), kind, ..Self::default() }
    }

    /// Searches for numbers of a place.
    pub fn local(country: impl Into<String>) -> Self {
        Self::new(country, NumberType::Local)
    }

    /// Searches for toll-free numbers.
    pub fn toll_free(country: impl Into<String>) -> Self {
        Self::new(country, NumberType::TollFree)
    }

    /// Searches for numbers of a mobile network.
    pub fn mobile(country: impl Into<String>) -> Self {
        Self::new(country, NumberType::Mobile)
    }

    /// Only numbers near a number, in miles (US and Canada).
    #[must_use]
    pub fn near(mut self, number: impl Into<Address>, miles: u32) -> Self {
        self.near_number = Some(number.into());
        self.distance = Some(miles);
        self
    }

    /// Only numbers near a place in degrees north and east, in miles (US and Canada).
    #[must_use]
    pub fn near_place(mut self, north: f64, east: f64, miles: u32) -> Self {
        self.near_lat_long = Some(format!("{north},{east}"));
        self.distance = Some(miles);
        self
    }

    fn request(&self) -> Result<ApiRequest, ProviderError> {
        check::country(&self.country)?;
        check::range("distance in miles", self.distance, 0, 500)?;
        let request = ApiRequest::get("/AvailablePhoneNumbers/{country}/{kind}.json");
        let request = request.segment(self.country.to_ascii_uppercase()).segment(self.kind.as_str());
        Ok(self.in_query(request))
    }
}

/// The numbers that are available to buy.
///
/// <https://www.twilio.com/docs/phone-numbers/api/availablephonenumber-resource>
#[derive(Debug, Clone)]
pub struct AvailableNumbers {
    session: Session,
}

impl AvailableNumbers {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Searches for numbers. Twilio answers with one page of them; the next search may return others.
    ///
    /// <https://www.twilio.com/docs/phone-numbers/api/availablephonenumberlocal-resource#read-multiple-availablephonenumberlocal-resources>
    ///
    /// # Errors
    /// `NOT_FOUND` where the country has no numbers of that kind, or any other [`ProviderError`].
    pub async fn search(&self, search: &SearchNumbers) -> Result<Vec<AvailableNumber>, ProviderError> {
        Pages::new(&self.session, search.request()?, "available_phone_numbers").all().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_twilios_names() {
        let search =
            SearchNumbers::local("us").area_code(415).contains("*CAT").sms(true).near("+14155550100", 10);
        let request = search.request().unwrap();
        assert_eq!(request.segments(), ["US", "Local"]);
        assert_eq!(
            request.query_string(),
            "AreaCode=415&Contains=*CAT&SmsEnabled=true&NearNumber=%2B14155550100&Distance=10"
        );
        for country in ["", "USA", "U/", "12"] {
            assert!(SearchNumbers::mobile(country).request().is_err(), "{country}");
        }
        assert!(SearchNumbers::local("US").near_place(37.78, -122.42, 501).request().is_err());
    }

    #[test]
    fn degrees_are_read_as_texts_and_as_numbers() {
        for (north, east) in [("\"37.78\"", "\"-122.42\""), ("37.78", "-122.42")] {
            let body = format!(
                "{{\"phone_number\": \"+1\", \"latitude\": {north}, \"longitude\": {east}, \"beta\": false}}"
            );
            let read: AvailableNumber = serde_json::from_str(&body).unwrap();
            assert_eq!((read.latitude, read.longitude), (Some(37.78), Some(-122.42)));
        }
    }
}
