//! Amounts of money, exact.

use minijinja::value::Kwargs;
use minijinja::{Error, Value};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Problem, text};

/// Currencies without minor units, and with three digits of them; all others have two. ISO 4217.
const WHOLE: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF",
    "XPF",
];
const THREE: &[&str] = &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// Signs that stand before the amount. All but the euro's cost one unit of GSM-7, the euro's two.
const SIGNS: &[(&str, &str)] = &[("USD", "$"), ("EUR", "€"), ("GBP", "£"), ("JPY", "¥")];

/// `12.5` as `12.50`, `12.50 EUR`, `$12.50`: digits without grouping, rounded half away from zero.
pub(super) fn money(value: Value, currency: Option<String>, options: Kwargs) -> Result<String, Error> {
    let sign: Option<bool> = options.get("sign")?;
    let point: Option<String> = options.get("point")?;
    options.assert_all_used()?;
    let currency = currency.unwrap_or_default();
    let known =
        currency.is_empty() || (currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase()));
    if !known {
        return Err(Problem::of_use("the currency must be three letters of ISO 4217, as in money('EUR')"));
    }
    let amount = rounded(exact(&text(&value)?)?, &currency);
    let digits = amount.abs().to_string().replace('.', point.as_deref().unwrap_or("."));
    let minus = if amount.is_sign_negative() && !amount.is_zero() { "-" } else { "" };
    if sign == Some(true) {
        let sign = SIGNS.iter().find(|(code, _)| *code == currency).map(|(_, sign)| sign);
        let sign = sign.ok_or_else(|| {
            Problem::of_use("there is a sign for USD, EUR, GBP and JPY only: leave sign=true out")
        })?;
        return Ok(format!("{minus}{sign}{digits}"));
    }
    let behind = if currency.is_empty() { String::new() } else { format!(" {currency}") };
    Ok(format!("{minus}{digits}{behind}"))
}

fn exact(text: &str) -> Result<Decimal, Error> {
    let text = text.trim();
    let amount = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text));
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    amount.ok().filter(|_| plain).ok_or_else(|| {
        Problem::of_value(
            "is no amount: write digits with a point, as in 1234.50, without signs and grouping",
        )
    })
}

/// The amount with the digits that its currency has.
fn rounded(amount: Decimal, currency: &str) -> Decimal {
    let places = match currency {
        code if WHOLE.contains(&code) => 0,
        code if THREE.contains(&code) => 3,
        _ => 2,
    };
    let mut amount = amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    // Adds the zeros behind the point; a number of 29 digits has no room for them, and is written without.
    amount.rescale(places);
    amount
}
