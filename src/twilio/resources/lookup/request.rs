//! The request of a lookup.

use jiff::civil::Date;

use crate::phone::Address;
use crate::provider::{ApiRequest, ProviderError};
use crate::sms::Text;
use crate::twilio::wire::{Form, Parameters as _, check, request, wire_enum};

wire_enum! {
    /// A package of data about a number. All but the first cost money.
    LookupPackage {
        /// Whether it is valid.
        Validation = "validation",
        /// The name of its owner.
        CallerName = "caller_name",
        /// When its SIM card was last changed.
        SimSwap = "sim_swap",
        /// Whether its calls are forwarded.
        CallForwarding = "call_forwarding",
        /// Whether it is in use.
        LineStatus = "line_status",
        /// The kind of line, and its carrier.
        LineTypeIntelligence = "line_type_intelligence",
        /// Whether it belongs to the person with a stated identity.
        IdentityMatch = "identity_match",
        /// Whether it was reassigned to a new owner.
        ReassignedNumber = "reassigned_number",
        /// Whether it is likely to be used for SMS pumping.
        SmsPumpingRisk = "sms_pumping_risk",
        /// Its quality score.
        PhoneNumberQualityScore = "phone_number_quality_score",
        /// Data about its owner, to fill in a form.
        PreFill = "pre_fill",
    }
}

request! {
    /// A number to look up, and the packages of data to request. Plain data, masked in `Debug`.
    ///
    /// ```
    /// use switchboard::twilio::lookup::LookupRequest;
    ///
    /// let request = LookupRequest::new("+14155551234").line_type().caller_name();
    /// let national = LookupRequest::new("(415) 555-1234").country("US");
    /// # let _ = (request, national);
    /// ```
    ///
    /// <https://www.twilio.com/docs/lookup/v2-api#making-a-request>
    LookupRequest {
        /// The country of a number in national format: two letters, ISO 3166.
        country: Option<String> = "CountryCode",
        /// The verification that the person passed, `VE…`, for [`LookupPackage::PreFill`].
        verification_sid: Option<String> = "VerificationSid",
        /// The tenant for whom you ask, for [`LookupPackage::SmsPumpingRisk`].
        partner_sub_id: Option<String> = "PartnerSubId",
    }
    apart {
        /// The number: with plus sign and country code, or in national format and with a country.
        number: Address,
        /// The packages.
        packages: Vec<LookupPackage>,
        /// The person's stated identity, for [`LookupPackage::IdentityMatch`].
        identity: Identity,
        /// A day on which the person certainly still had the number, for [`LookupPackage::ReassignedNumber`].
        last_verified: Option<Date>,
    }
}

request! {
    /// The identity that a person states. Set the fields that you have. Masked in `Debug`.
    Identity {
        /// First name.
        first_name: Option<Text> = "FirstName",
        /// Last name.
        last_name: Option<Text> = "LastName",
        /// First line of the address.
        address_line1: Option<Text> = "AddressLine1",
        /// Second line of the address.
        address_line2: Option<Text> = "AddressLine2",
        /// City.
        city: Option<Text> = "City",
        /// State, province or locality.
        state: Option<Text> = "State",
        /// Postal code.
        postal_code: Option<Text> = "PostalCode",
        /// Country: two letters, ISO 3166.
        address_country_code: Option<Text> = "AddressCountryCode",
        /// National id, such as a passport's number.
        national_id: Option<Text> = "NationalId",
        /// Date of birth, as `YYYYMMDD`.
        date_of_birth as _: Option<Text> = "DateOfBirth",
    }
}

impl Identity {
    /// Starts with a name.
    pub fn named(first: impl Into<Text>, last: impl Into<Text>) -> Self {
        Self { first_name: Some(first.into()), last_name: Some(last.into()), ..Self::default() }
    }

    /// Sets the address: a line, the city, the postal code, the country in two letters.
    #[must_use]
    pub fn address(
        mut self,
        line: impl Into<Text>,
        city: impl Into<Text>,
        postal_code: impl Into<Text>,
        country: impl Into<Text>,
    ) -> Self {
        self.address_line1 = Some(line.into());
        self.city = Some(city.into());
        self.postal_code = Some(postal_code.into());
        self.address_country_code = Some(country.into());
        self
    }

    /// Sets the date of birth.
    #[must_use]
    pub fn date_of_birth(mut self, day: Date) -> Self {
        self.date_of_birth = Some(compact(day).into());
        self
    }
}

/// The number and the packages.
impl LookupRequest {
    /// Asks whether a number is valid, without any package that costs money.
    pub fn new(number: impl Into<Address>) -> Self {
        Self { number: number.into(), ..Self::default() }
    }

    /// Asks for a package.
    #[must_use]
    pub fn package(mut self, package: LookupPackage) -> Self {
        if !self.packages.contains(&package) {
            self.packages.push(package);
        }
        self
    }

    /// Requests the kind of line, and its carrier.
    #[must_use]
    pub fn line_type(self) -> Self {
        self.package(LookupPackage::LineTypeIntelligence)
    }

    /// Requests the name of its owner (US only).
    #[must_use]
    pub fn caller_name(self) -> Self {
        self.package(LookupPackage::CallerName)
    }

    /// Asks when its SIM card was last changed.
    #[must_use]
    pub fn sim_swap(self) -> Self {
        self.package(LookupPackage::SimSwap)
    }

    /// Asks whether its calls are forwarded.
    #[must_use]
    pub fn call_forwarding(self) -> Self {
        self.package(LookupPackage::CallForwarding)
    }

    /// Asks whether it is in use.
    #[must_use]
    pub fn line_status(self) -> Self {
        self.package(LookupPackage::LineStatus)
    }

    /// Asks whether it belongs to the person with this identity.
    #[must_use]
    pub fn identity_match(mut self, identity: Identity) -> Self {
        self.identity = identity;
        self.package(LookupPackage::IdentityMatch)
    }

    /// Requests whether it was reassigned since this day (US only).
    #[must_use]
    pub fn reassigned_number(mut self, last_verified: Date) -> Self {
        self.last_verified = Some(last_verified);
        self.package(LookupPackage::ReassignedNumber)
    }

    /// Asks whether it is likely to be used for SMS pumping.
    #[must_use]
    pub fn sms_pumping_risk(self) -> Self {
        self.package(LookupPackage::SmsPumpingRisk)
    }

    /// Asks for its quality score.
    #[must_use]
    pub fn quality_score(self) -> Self {
        self.package(LookupPackage::PhoneNumberQualityScore)
    }

    /// Requests data about its owner, to fill in a form, after a verification, `VE…`.
    #[must_use]
    pub fn pre_fill(mut self, verification_sid: impl Into<String>) -> Self {
        self.verification_sid = Some(verification_sid.into());
        self.package(LookupPackage::PreFill)
    }
}

/// Checks and encoding.
impl LookupRequest {
    /// Refuses what Twilio would certainly refuse. The format of the number is not checked, because that is what Lookup
    /// is asked for.
    fn check(&self) -> Result<(), ProviderError> {
        if self.number.as_str().trim().is_empty() {
            return Err(check::missing("there is no number to look up: give one, as in +14155551234"));
        }
        country("number", self.country.as_deref())?;
        country("address", self.identity.address_country_code.as_ref().map(Text::as_str))?;
        check::optional_sid("verification", self.verification_sid.as_deref(), "VE")
    }

    pub(super) fn request(&self) -> Result<ApiRequest, ProviderError> {
        self.check().map_err(|error| error.with_recipient(self.number.clone()))?;
        let get = ApiRequest::get("/v2/PhoneNumbers/{number}").segment(self.number.as_str()).on("lookups");
        Ok(get.encoded_query(self.query()?).recipient(&self.number))
    }

    fn query(&self) -> Result<String, ProviderError> {
        let fields = self.packages.iter().map(LookupPackage::as_str).collect::<Vec<_>>().join(",");
        let mut query = Form::new();
        query.maybe("Fields", Some(fields).filter(|fields| !fields.is_empty()));
        self.identity.write(&mut query)?;
        query.maybe("LastVerifiedDate", self.last_verified.map(compact));
        self.write(&mut query)?;
        Ok(query.finish())
    }
}

/// Writes a day as Lookup takes it, `YYYYMMDD`.
fn compact(day: Date) -> String {
    day.strftime("%Y%m%d").to_string()
}

fn country(whose: &str, code: Option<&str>) -> Result<(), ProviderError> {
    match code {
        Some(code) if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_alphabetic()) => {
            Err(check::refuse(format!("the country of the {whose} must be two letters, as in US")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_written_by_its_name() {
        let day: Date = "2026-01-05".parse().unwrap();
        let identity = Identity::named("Ada", "L")
            .address("1 St", "Town", "123", "GB")
            .address_line2("Flat 2")
            .state("S")
            .national_id("N1")
            .date_of_birth("1815-12-10".parse().unwrap());
        let request = LookupRequest::new("+14155551234")
            .country("US")
            .package(LookupPackage::Validation)
            .line_type()
            .line_type()
            .caller_name()
            .sim_swap()
            .call_forwarding()
            .line_status()
            .identity_match(identity)
            .reassigned_number(day)
            .sms_pumping_risk()
            .partner_sub_id("t1")
            .quality_score()
            .pre_fill("VE0123456789abcdef0123456789abcdef")
            .param("Brand", "New");
        let sent = request.request().unwrap();
        assert_eq!((sent.path(), sent.product()), ("/v2/PhoneNumbers/{number}", Some("lookups")));
        assert_eq!(sent.segments(), ["+14155551234"]);
        assert_eq!(
            sent.query_string(),
            "Fields=validation%2Cline_type_intelligence%2Ccaller_name%2Csim_swap%2Ccall_forwarding%2Cline_status%2C\
             identity_match%2Creassigned_number%2Csms_pumping_risk%2Cphone_number_quality_score%2Cpre_fill&\
             FirstName=Ada&LastName=L&AddressLine1=1+St&AddressLine2=Flat+2&City=Town&State=S&\
             PostalCode=123&AddressCountryCode=GB&NationalId=N1&DateOfBirth=18151210&LastVerifiedDate=20260105&\
             CountryCode=US&VerificationSid=VE0123456789abcdef0123456789abcdef&PartnerSubId=t1&Brand=New"
        );
        let stored = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<LookupRequest>(&stored).unwrap(), request);
    }

    #[test]
    fn a_number_of_any_shape_is_asked_about_and_surely_wrong_things_are_not() {
        for number in ["(415) 555-1234", "+1", "+141599299600", "+1/../../x"] {
            let request = LookupRequest::new(number).request().unwrap();
            assert_eq!((request.segments(), request.query_string()), ([number.to_owned()].as_slice(), ""));
        }
        let new = || LookupRequest::new("+14155551234");
        for (request, expected) in [
            (LookupRequest::new(" "), "no number"),
            (new().country("USA"), "two letters"),
            (new().identity_match(Identity::default().address("x", "x", "x", "Germany")), "of the address"),
            (new().pre_fill("VA1"), "must start with \"VE\""),
        ] {
            let error = request.request().unwrap_err().to_string();
            assert!(error.contains(expected), "{error} lacks {expected:?}");
        }
    }

    #[test]
    fn debug_shows_nothing_personal() {
        let identity = Identity::named("planted", "planted").date_of_birth("1815-12-10".parse().unwrap());
        let shown = format!("{:?}", LookupRequest::new("(415) 555-1234").identity_match(identity));
        for secret in ["planted", "555-", "1815"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
