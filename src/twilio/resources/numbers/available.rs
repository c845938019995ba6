//! Numbers that could be bought.

use serde::{Deserialize, Serialize};

use super::super::check;
use super::Capabilities;
use crate::phone::Address;
use crate::provider::{ApiRequest, ProviderError};
use crate::transport::Form;
use crate::twilio::wire::{answer, wire_enum};
use crate::twilio::{Pages, TwilioAccount};

wire_enum! {
    /// A kind of number. Not every country has every kind: the US has no `Mobile`.
    NumberType {
        /// Of a place.
        Local = "Local",
        /// Free for the caller.
        TollFree = "TollFree",
        /// Of a mobile network.
        Mobile = "Mobile",
        /// Of the whole country.
        National = "National",
        /// Of no place.
        Voip = "Voip",
        /// Partly paid by the caller.
        SharedCost = "SharedCost",
        /// For machines.
        MachineToMachine = "MachineToMachine",
    }
}

answer! {
    /// A number that could be bought.
    ///
    /// <https://www.twilio.com/docs/phone-numbers/api/availablephonenumberlocal-resource>
    AvailableNumber {
        /// The number.
        phone_number: Address = "phone_number",
        /// The same, written for people.
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
        /// How far north it is, in degrees.
        latitude: f64 = "latitude",
        /// How far east it is, in degrees.
        longitude: f64 = "longitude",
        /// Which address of yours it needs: `none`, `any`, `local`, `foreign`.
        address_requirements: String = "address_requirements",
        /// Is it new on Twilio's platform?
        beta: bool = "beta",
        /// What it can do.
        capabilities: Capabilities = "capabilities",
    }
}

/// Which numbers to look for.
///
/// ```
/// use switchboard::twilio::SearchNumbers;
///
/// let search = SearchNumbers::local("US").area_code(415).contains("*CAT").sms(true).mms(true);
/// # let _ = search;
/// ```
///
/// <https://www.twilio.com/docs/phone-numbers/api/availablephonenumberlocal-resource#read-multiple-availablephonenumberlocal-resources>
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SearchNumbers {
    /// The country, ISO 3166, two letters.
    pub country: String,
    /// The kind.
    pub kind: NumberType,
    /// The area (US and Canada).
    pub area_code: Option<u32>,
    /// A pattern of 2 to 16 characters: `*` is any digit, `%` any digits, `+` the beginning, `$` the end.
    pub contains: Option<String>,
    /// Only those that can, or cannot, text.
    pub sms_enabled: Option<bool>,
    /// Only those that can, or cannot, send pictures.
    pub mms_enabled: Option<bool>,
    /// Only those that can, or cannot, call.
    pub voice_enabled: Option<bool>,
    /// Only those that can, or cannot, fax.
    pub fax_enabled: Option<bool>,
    /// Leave out those that need an address of yours.
    pub exclude_all_address_required: Option<bool>,
    /// Leave out those that need an address in their country.
    pub exclude_local_address_required: Option<bool>,
    /// Leave out those that need an address outside their country.
    pub exclude_foreign_address_required: Option<bool>,
    /// Take or leave those that are new on Twilio's platform.
    pub beta: Option<bool>,
    /// Near this number (US and Canada).
    pub near_number: Option<Address>,
    /// Near this place, in degrees: `37.78,-122.42` (US and Canada).
    pub near_lat_long: Option<String>,
    /// How near, in miles, at most 500; 25 where it is not set.
    pub distance: Option<u32>,
    /// In this post code (US and Canada).
    pub in_postal_code: Option<String>,
    /// In this state or province (US and Canada).
    pub in_region: Option<String>,
    /// In this rate center (US and Canada).
    pub in_rate_center: Option<String>,
    /// In this LATA (US and Canada).
    pub in_lata: Option<String>,
    /// In this town.
    pub in_locality: Option<String>,
    /// How many are shown.
    pub page_size: Option<u32>,
}

impl SearchNumbers {
    /// Looks for numbers of a kind in a country.
    pub fn new(country: impl Into<String>, kind: NumberType) -> Self {
        Self {
            country: country.into(),
            kind,
            area_code: None,
            contains: None,
            sms_enabled: None,
            mms_enabled: None,
            voice_enabled: None,
            fax_enabled: None,
            exclude_all_address_required: None,
            exclude_local_address_required: None,
            exclude_foreign_address_required: None,
            beta: None,
            near_number: None,
            near_lat_long: None,
            distance: None,
            in_postal_code: None,
            in_region: None,
            in_rate_center: None,
            in_lata: None,
            in_locality: None,
            page_size: None,
        }
    }

    /// Looks for numbers of a place.
    pub fn local(country: impl Into<String>) -> Self {
        Self::new(country, NumberType::Local)
    }

    /// Looks for numbers that are free for the caller.
    pub fn toll_free(country: impl Into<String>) -> Self {
        Self::new(country, NumberType::TollFree)
    }

    /// Looks for numbers of a mobile network.
    pub fn mobile(country: impl Into<String>) -> Self {
        Self::new(country, NumberType::Mobile)
    }

    /// Only those of this area (US and Canada).
    #[must_use]
    pub fn area_code(mut self, code: u32) -> Self {
        self.area_code = Some(code);
        self
    }

    /// Only those with this pattern: `*` is any digit, `%` any digits, `+` the beginning, `$` the end.
    #[must_use]
    pub fn contains(mut self, pattern: impl Into<String>) -> Self {
        self.contains = Some(pattern.into());
        self
    }

    /// Only those that can, or cannot, text.
    #[must_use]
    pub fn sms(mut self, yes: bool) -> Self {
        self.sms_enabled = Some(yes);
        self
    }

    /// Only those that can, or cannot, send pictures.
    #[must_use]
    pub fn mms(mut self, yes: bool) -> Self {
        self.mms_enabled = Some(yes);
        self
    }

    /// Only those that can, or cannot, call.
    #[must_use]
    pub fn voice(mut self, yes: bool) -> Self {
        self.voice_enabled = Some(yes);
        self
    }

    /// Only those near a number, in miles (US and Canada).
    #[must_use]
    pub fn near(mut self, number: impl Into<Address>, miles: u32) -> Self {
        self.near_number = Some(number.into());
        self.distance = Some(miles);
        self
    }

    /// Only those near a place in degrees north and east, in miles (US and Canada).
    #[must_use]
    pub fn near_place(mut self, north: f64, east: f64, miles: u32) -> Self {
        self.near_lat_long = Some(format!("{north},{east}"));
        self.distance = Some(miles);
        self
    }

    /// Only those of this town.
    #[must_use]
    pub fn locality(mut self, town: impl Into<String>) -> Self {
        self.in_locality = Some(town.into());
        self
    }

    /// Only those of this state or province (US and Canada).
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.in_region = Some(region.into());
        self
    }

    /// Sets how many are shown.
    #[must_use]
    pub fn page_size(mut self, size: u32) -> Self {
        self.page_size = Some(size);
        self
    }

    fn request(&self) -> Result<ApiRequest, ProviderError> {
        check::country(&self.country)?;
        check::range("distance in miles", self.distance, 0, 500)?;
        let mut query = Form::new();
        query
            .display("AreaCode", self.area_code)
            .maybe("Contains", self.contains.as_ref())
            .display("SmsEnabled", self.sms_enabled)
            .display("MmsEnabled", self.mms_enabled)
            .display("VoiceEnabled", self.voice_enabled)
            .display("FaxEnabled", self.fax_enabled)
            .display("ExcludeAllAddressRequired", self.exclude_all_address_required)
            .display("ExcludeLocalAddressRequired", self.exclude_local_address_required)
            .display("ExcludeForeignAddressRequired", self.exclude_foreign_address_required)
            .display("Beta", self.beta)
            .maybe("NearNumber", self.near_number.as_ref())
            .maybe("NearLatLong", self.near_lat_long.as_ref())
            .display("Distance", self.distance)
            .maybe("InPostalCode", self.in_postal_code.as_ref())
            .maybe("InRegion", self.in_region.as_ref())
            .maybe("InRateCenter", self.in_rate_center.as_ref())
            .maybe("InLata", self.in_lata.as_ref())
            .maybe("InLocality", self.in_locality.as_ref())
            .display("PageSize", self.page_size);
        Ok(ApiRequest::get("/AvailablePhoneNumbers/{country}/{kind}.json")
            .segment(self.country.to_ascii_uppercase())
            .segment(self.kind.as_str())
            .encoded_query(query.finish()))
    }
}

/// The numbers that could be bought.
///
/// <https://www.twilio.com/docs/phone-numbers/api/availablephonenumber-resource>
#[derive(Debug, Clone)]
pub struct AvailableNumbers {
    account: TwilioAccount,
}

impl AvailableNumbers {
    pub(in crate::twilio) fn of(account: TwilioAccount) -> Self {
        Self { account }
    }

    /// Looks for numbers. Twilio shows one page of them, and others the next time.
    ///
    /// <https://www.twilio.com/docs/phone-numbers/api/availablephonenumberlocal-resource#read-multiple-availablephonenumberlocal-resources>
    ///
    /// # Errors
    /// `NOT_FOUND` where the country has no numbers of that kind, or any other [`ProviderError`].
    pub async fn search(&self, search: &SearchNumbers) -> Result<Vec<AvailableNumber>, ProviderError> {
        Pages::new(self.account.clone(), search.request()?, "available_phone_numbers").all().await
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
            let body = format!("{{\"latitude\": {north}, \"longitude\": {east}, \"beta\": false}}");
            let read: AvailableNumber = serde_json::from_str(&body).unwrap();
            assert_eq!((read.latitude, read.longitude), (Some(37.78), Some(-122.42)));
        }
    }
}
