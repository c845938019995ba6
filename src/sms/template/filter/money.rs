//! The filter that formats amounts of money, without rounding errors.

use minijinja::value::Kwargs;
use minijinja::{Error, Value};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{FilterError, text};

/// Currencies without decimal places (ISO 4217).
const NO_DECIMALS: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF",
    "XPF",
];
/// Currencies with three decimal places; all others have two.
const THREE_DECIMALS: &[&str] = &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// Currency signs in GSM-7: `€` counts as two units there, the others as one.
const SIGNS: &[(&str, &str)] = &[("USD", "$"), ("EUR", "€"), ("GBP", "£"), ("JPY", "¥")];

/// Formats `12.5` as `12.50`, `12.50 EUR` or `$12.50`: rounded half away from zero, without thousands separators.
pub(super) fn money(value: Value, currency: Option<String>, options: Kwargs) -> Result<String, Error> {
    let sign: Option<bool> = options.get("sign")?;
    let point: Option<String> = options.get("point")?;
    options.assert_all_used()?;
    let currency = currency.unwrap_or_default();
    let known =
        currency.is_empty() || (currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase()));
    if !known {
        return Err(FilterError::misuse(
            "the currency must be a three-letter code of ISO 4217, as in money('EUR')",
        ));
    }
    let amount = rounded(parse(&text(&value)?)?, &currency);
    let digits = amount.abs().to_string().replace('.', point.as_deref().unwrap_or("."));
    let minus = if amount.is_sign_negative() && !amount.is_zero() { "-" } else { "" };
    if sign == Some(true) {
        let sign = SIGNS.iter().find(|(code, _)| *code == currency).map(|(_, sign)| sign);
        let sign = sign
            .ok_or_else(|| FilterError::misuse("only USD, EUR, GBP and JPY have a sign: remove sign=true"))?;
        return Ok(format!("{minus}{sign}{digits}"));
    }
    let suffix = if currency.is_empty() { String::new() } else { format!(" {currency}") };
    Ok(format!("{minus}{digits}{suffix}"))
}

fn parse(text: &str) -> Result<Decimal, Error> {
    let text = text.trim();
    let amount = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text));
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    amount.ok().filter(|_| plain).ok_or_else(|| {
        FilterError::bad_value(
            "is not an amount: give digits with a decimal point, as in 1234.50, without currency signs and thousands separators",
        )
    })
}

/// Rounds an amount to the decimal places of its currency.
fn rounded(amount: Decimal, currency: &str) -> Decimal {
    let places = match currency {
        code if NO_DECIMALS.contains(&code) => 0,
        code if THREE_DECIMALS.contains(&code) => 3,
        _ => 2,
    };
    let mut amount = amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    // Adds trailing zeros. A number of 29 digits cannot hold them and is written without.
    amount.rescale(places);
    amount
}
