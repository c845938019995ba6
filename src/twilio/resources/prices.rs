//! Prices of texts, calls and numbers, by country.

use crate::phone::{Address, check_e164};
use crate::provider::{ApiRequest, ProviderError};
use crate::sms::PriceList;
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::wire::{Amount, answer, check};

answer! {
    /// A price for one kind of number.
    NumberPrice {
        /// The kind: `local`, `mobile`, `shortcode`, `toll free`.
        number_type: String = "number_type",
        /// The list price.
        base_price: Amount = "base_price",
        /// The price that the account pays.
        current_price: Amount = "current_price",
    }
}

answer! {
    /// The prices of texts to one carrier.
    CarrierPrices {
        /// The carrier.
        carrier: String = "carrier",
        /// The mobile country code.
        mcc: String = "mcc",
        /// The mobile network code.
        mnc: String = "mnc",
        /// The prices of a segment, by the kind of the sender's number.
        prices: Vec<NumberPrice> = "prices",
    }
}

answer! {
    /// The prices of texts in a country.
    ///
    /// <https://www.twilio.com/docs/messaging/api/pricing>
    SmsPrices {
        /// The country.
        country: String = "country",
        /// Its code, ISO 3166.
        iso_country: String = "iso_country",
        /// The currency, ISO 4217.
        price_unit: String = "price_unit",
        /// The prices of a sent segment, by carrier.
        outbound: Vec<CarrierPrices> = "outbound_sms_prices",
        /// The prices of a received segment.
        inbound: Vec<NumberPrice> = "inbound_sms_prices",
        /// Its address.
        url: String = "url",
    }
}

answer! {
    /// The price of calls to numbers with certain prefixes.
    PrefixPrice {
        /// The name of this group of numbers.
        friendly_name: String = "friendly_name",
        /// The prefixes of the called numbers.
        destination_prefixes: Vec<String> = "destination_prefixes",
        /// The prefixes of the calling numbers; `ALL` means any number.
        origination_prefixes: Vec<String> = "origination_prefixes",
        /// The list price per minute.
        base_price: Amount = "base_price",
        /// The price per minute that the account pays.
        current_price: Amount = "current_price",
    }
}

answer! {
    /// The prices of calls in a country.
    ///
    /// <https://www.twilio.com/docs/voice/pricing>
    VoicePrices {
        /// The country.
        country: String = "country",
        /// Its code, ISO 3166.
        iso_country: String = "iso_country",
        /// The currency, ISO 4217.
        price_unit: String = "price_unit",
        /// The prices per minute of outgoing calls.
        outbound: Vec<PrefixPrice> = "outbound_prefix_prices",
        /// The prices per minute of incoming calls.
        inbound: Vec<NumberPrice> = "inbound_call_prices",
        /// Its address.
        url: String = "url",
    }
}

answer! {
    /// The prices of numbers in a country, for a month.
    ///
    /// <https://www.twilio.com/docs/phone-numbers/pricing>
    NumberPrices {
        /// The country.
        country: String = "country",
        /// Its code, ISO 3166.
        iso_country: String = "iso_country",
        /// The currency, ISO 4217.
        price_unit: String = "price_unit",
        /// The price of a month, by the kind of the number.
        prices: Vec<NumberPrice> = "phone_number_prices",
        /// Its address.
        url: String = "url",
    }
}

impl NumberPrices {
    /// Returns what a number of this kind costs each month: `local`, `mobile`, `toll free`, `national`.
    #[must_use]
    pub fn monthly(&self, kind: &str) -> Option<&Amount> {
        let prices = self.prices.iter().flatten();
        let of_kind = |price: &&NumberPrice| {
            price.number_type.as_deref().is_some_and(|word| usual(word).eq_ignore_ascii_case(usual(kind)))
        };
        prices.filter(of_kind).find_map(|price| price.current_price.as_ref())
    }
}

answer! {
    /// The prices of calls with one number.
    ///
    /// <https://www.twilio.com/docs/voice/pricing>
    CallPrices {
        /// The number.
        destination_number: Address = "destination_number",
        /// The calling number, where one was named.
        origination_number: Address = "origination_number",
        /// Its country.
        country: String = "country",
        /// The code of the country, ISO 3166.
        iso_country: String = "iso_country",
        /// The currency, ISO 4217.
        price_unit: String = "price_unit",
        /// The prices per minute of calls to it.
        outbound: Vec<PrefixPrice> = "outbound_call_prices",
        /// The price per minute of calls from it to the account, if it is one of the account's.
        inbound: NumberPrice = "inbound_call_price",
        /// Its address.
        url: String = "url",
    }
}

answer! {
    /// A country that has prices.
    PricedCountry {
        /// The country.
        country: String = "country",
        /// Its code, ISO 3166.
        iso_country: String = "iso_country",
        /// The URL of its prices.
        url: String = "url",
    }
}

impl SmsPrices {
    /// Adds the prices that the account pays for a segment to a price list; if carriers differ, the highest price is
    /// used. Returns how many prices were read.
    ///
    /// # Errors
    /// `INVALID_REQUEST` if the list is in another currency, or if Twilio's answer has no country or currency.
    pub fn add_to(&self, list: &mut PriceList) -> Result<usize, ProviderError> {
        let (Some(country), Some(currency)) = (&self.iso_country, &self.price_unit) else {
            return Err(check::refuse("Twilio's answer has no country or no currency"));
        };
        if !currency.eq_ignore_ascii_case(list.currency()) {
            return Err(check::refuse(format!(
                "the prices are in {currency}, but the list is in {}: use one list per currency",
                list.currency()
            )));
        }
        let mut read = 0;
        for price in self.outbound.iter().flatten().flat_map(|carrier| carrier.prices.iter().flatten()) {
            let amount = price.current_price.as_ref().and_then(|amount| amount.as_str().parse().ok());
            if let (Some(kind), Some(amount)) = (&price.number_type, amount) {
                list.raise(country, usual(kind), amount);
                read += 1;
            }
        }
        Ok(read)
    }
}

/// Twilio writes this kind in three ways.
fn usual(kind: &str) -> &str {
    match kind {
        "toll-free" | "tollfree" => "toll free",
        kind => kind,
    }
}

/// The prices that an account pays.
#[derive(Debug, Clone)]
pub struct Prices {
    session: Session,
}

impl Prices {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Lists the countries that have prices for texts. Errors are items of the list.
    ///
    /// <https://www.twilio.com/docs/messaging/api/pricing>
    pub fn sms_countries(&self) -> Pages<PricedCountry> {
        let request = ApiRequest::get("/v1/Messaging/Countries").on("pricing");
        Pages::new(&self.session, request, "countries")
    }

    /// Reads the prices of texts in a country, ISO 3166.
    ///
    /// <https://www.twilio.com/docs/messaging/api/pricing>
    ///
    /// # Errors
    /// `NOT_FOUND` for a country without prices, or any other [`ProviderError`].
    pub async fn sms(&self, country: &str) -> Result<SmsPrices, ProviderError> {
        self.session.json(of(ApiRequest::get("/v1/Messaging/Countries/{country}"), country)?).await
    }

    /// Reads the prices of calls in a country, ISO 3166.
    ///
    /// <https://www.twilio.com/docs/voice/pricing>
    ///
    /// # Errors
    /// `NOT_FOUND` for a country without prices, or any other [`ProviderError`].
    pub async fn voice(&self, country: &str) -> Result<VoicePrices, ProviderError> {
        self.session.json(of(ApiRequest::get("/v2/Voice/Countries/{country}"), country)?).await
    }

    /// Reads what numbers in a country, ISO 3166, cost a month.
    ///
    /// <https://www.twilio.com/docs/phone-numbers/pricing>
    ///
    /// # Errors
    /// `NOT_FOUND` for a country without prices, or any other [`ProviderError`].
    pub async fn numbers(&self, country: &str) -> Result<NumberPrices, ProviderError> {
        self.session.json(of(ApiRequest::get("/v1/PhoneNumbers/Countries/{country}"), country)?).await
    }

    /// Reads what calls to a number cost, and which country it is in.
    ///
    /// <https://www.twilio.com/docs/voice/pricing>
    ///
    /// # Errors
    /// `INVALID_REQUEST` where it is not a number such as `+14155551234`, or any other [`ProviderError`].
    pub async fn call_to(&self, number: &str) -> Result<CallPrices, ProviderError> {
        check_e164(number).map_err(|error| check::refuse(format!("the number has no prices: {error}")))?;
        let request = ApiRequest::get("/v2/Voice/Numbers/{number}").on("pricing").segment(number);
        self.session.json(request).await
    }
}

fn of(request: ApiRequest, country: &str) -> Result<ApiRequest, ProviderError> {
    check::country(country)?;
    Ok(request.on("pricing").segment(country.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::wire::mutation::{read_whole, survives};

    const SMS: &str = r#"{"country": "country", "iso_country": "US", "price_unit": "USD", "url": "https://x",
        "inbound_sms_prices": [{"base_price": "0.05", "current_price": "0.05", "number_type": "mobile"}],
        "outbound_sms_prices": [
            {"carrier": "att", "mcc": "foo", "mnc": "bar", "prices": [
                {"base_price": "0.05", "current_price": "0.0079", "number_type": "local"}]},
            {"carrier": "other", "prices": [{"current_price": "0.0083", "number_type": "local"},
                {"current_price": "0.0081", "number_type": "toll-free"}]}]}"#;

    #[test]
    fn prices_go_into_a_list_of_their_currency() {
        let prices: SmsPrices = serde_json::from_str(SMS).unwrap();
        assert!(prices.extra.is_empty());
        let mut list = PriceList::new("usd");
        assert_eq!(prices.add_to(&mut list).unwrap(), 3);
        assert_eq!(list.segment("US", "toll free"), Some("0.0081".parse().unwrap()));
        assert_eq!(list.segment("US", "local"), Some("0.0083".parse().unwrap()));
        assert!(prices.add_to(&mut PriceList::new("EUR")).unwrap_err().to_string().contains("EUR"));
    }

    #[test]
    fn prices_of_numbers_and_of_calls_with_a_number_are_read_whole() {
        let body = serde_json::json!({
            "country": "United States", "iso_country": "US", "price_unit": "USD", "url": "https://x",
            "phone_number_prices": [
                {"number_type": "local", "base_price": "1.00", "current_price": "1.15"},
                {"number_type": "toll free", "base_price": "2.00", "current_price": "2.15"}]
        });
        let read: NumberPrices = read_whole(&body);
        let prices = read.prices.unwrap();
        assert_eq!(prices[1].current_price.as_ref().unwrap().as_str(), "2.15");
        survives::<NumberPrices>(&body);
        let body = serde_json::json!({
            "country": "United States", "destination_number": "+18001234567", "iso_country": "US",
            "inbound_call_price": {"base_price": null, "current_price": null, "number_type": null},
            "origination_number": "+12125550187", "price_unit": "USD", "url": "https://x",
            "outbound_call_prices": [
                {"base_price": "0.013", "current_price": "0.013", "origination_prefixes": ["ALL"]}]
        });
        let read: CallPrices = read_whole(&body);
        assert_eq!(read.iso_country.as_deref(), Some("US"));
        assert!(!format!("{read:?}").contains("1234567"));
        survives::<CallPrices>(&body);
    }

    #[test]
    fn a_number_costs_what_the_account_pays_each_month() {
        let prices: NumberPrices = serde_json::from_str(
            r#"{"country": "United Kingdom", "iso_country": "GB", "price_unit": "USD", "url": "https://x",
                "phone_number_prices": [{"number_type": "mobile", "base_price": "1.50", "current_price": "1.15"},
                    {"number_type": "toll free", "base_price": "2.15", "current_price": "2.15"}]}"#,
        )
        .unwrap();
        assert!(prices.extra.is_empty());
        assert_eq!(prices.monthly("Mobile").map(Amount::as_str), Some("1.15"));
        assert_eq!(prices.monthly("toll-free").map(Amount::as_str), Some("2.15"));
        assert_eq!(prices.monthly("local"), None);
    }

    #[test]
    fn a_country_is_two_letters() {
        assert_eq!(of(ApiRequest::get("/x/{c}"), "us").unwrap().segments(), ["US"]);
        assert!(of(ApiRequest::get("/x/{c}"), "../").is_err());
    }
}
