//! Numbers that nobody used for a month, and what they cost.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::finding::{AuditPart, Finding, FindingKind, FindingSeverity};
use super::plan::{is_toll_free, is_us_long_code};
use super::run::Run;
use super::webhooks::OwnedNumber;
use crate::phone::Address;
use crate::provider::ProviderError;
use crate::twilio::calls::ListCalls;
use crate::twilio::messages::ListMessages;
use crate::twilio::prices::NumberPrices;

/// After how many days without a message or a call a number is idle.
const DAYS: u32 = 30;

/// The prices of numbers by country; `None` where they could not be read.
type PriceLists = BTreeMap<String, Option<NumberPrices>>;

/// Asks for each number that no message of the last weeks has shown whether there was anything in a month: one request
/// where it called or texted, and up to six where it is idle. Numbers that were bought within the month are not idle.
pub(super) async fn check(run: &mut Run) {
    let since = run.days_ago(DAYS);
    let mut prices = PriceLists::new();
    for own in run.take_numbers() {
        let new = own.created.is_some_and(|created| created > since);
        if own.used || new || own.number.is_empty() {
            continue;
        }
        match is_idle(run, &own.number).await {
            Ok(false) => {}
            Ok(true) => {
                let price = price(run, &own, &mut prices).await;
                run.found(finding(&own, price));
            }
            Err(error) => {
                let what = "Which numbers were not used for a month was not checked for all numbers.";
                return run.skip(AuditPart::Usage, what, &error);
            }
        }
    }
}

/// Was there no message and no call? The WhatsApp messages of a number have another address.
async fn is_idle(run: &Run, number: &Address) -> Result<bool, ProviderError> {
    let since = run.days_ago(DAYS);
    let account = run.account();
    let channel = Address::from(format!("whatsapp:{}", number.as_str()));
    let messages = ListMessages::new().sent_on_or_after(since).page_size(1);
    let calls = ListCalls::new().started_on_or_after(since).page_size(1);
    for filter in [messages.clone().from(number.clone()), messages.clone().to(number.clone())] {
        if account.messages().list(&filter).limit(1).next().await.transpose()?.is_some() {
            return Ok(false);
        }
    }
    for filter in [calls.clone().to(number.clone()), calls.from(number.clone())] {
        if account.calls().list(&filter).limit(1).next().await.transpose()?.is_some() {
            return Ok(false);
        }
    }
    for filter in [messages.clone().from(channel.clone()), messages.to(channel)] {
        if account.messages().list(&filter).limit(1).next().await.transpose()?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns the price of a number for a month, with its currency.
async fn price(
    run: &mut Run,
    own: &OwnedNumber,
    lists: &mut PriceLists,
) -> Option<(Decimal, Option<String>)> {
    let country = match country(run, own).await {
        Ok(country) => country?,
        Err(error) => {
            skip(run, &error);
            return None;
        }
    };
    if !lists.contains_key(&country) {
        let read = run.account().prices().numbers(&country).await;
        let list = read.map_err(|error| skip(run, &error)).ok();
        lists.insert(country.clone(), list);
    }
    let list = lists.get(&country)?.as_ref()?;
    let price = list.monthly(&kind(own))?;
    Some((price.decimal()?, list.price_unit.clone()))
}

fn skip(run: &mut Run, error: &ProviderError) {
    run.skip(AuditPart::Prices, "What an idle number costs is not known.", error);
}

/// Returns the type of a number as price lists write it.
fn kind(own: &OwnedNumber) -> String {
    match &own.kind {
        _ if is_toll_free(own.number.as_str()) => "toll free".to_owned(),
        Some(kind) => kind.replace('-', " "),
        None => "local".to_owned(),
    }
}

/// Returns the country of a number. Twilio is asked where it is not one of the United States.
async fn country(run: &Run, own: &OwnedNumber) -> Result<Option<String>, ProviderError> {
    let number = own.number.as_str();
    if is_us_long_code(number) || is_toll_free(number) {
        return Ok(Some("US".to_owned()));
    }
    Ok(run.account().prices().call_to(number).await?.iso_country)
}

fn finding(own: &OwnedNumber, price: Option<(Decimal, Option<String>)>) -> Finding {
    let cost = match &price {
        Some((amount, currency)) => {
            format!(" and costs {amount} {} a month", currency.as_deref().unwrap_or_default())
        }
        None => String::new(),
    };
    let finding = Finding::new(
        FindingKind::IdleNumber,
        FindingSeverity::Notice,
        &own.sid,
        format!("The number {} had no message and no call in {DAYS} days{}.", own.shown(), cost.trim_end()),
        "Release the number if nobody needs it; it cannot be undone, and somebody else may get the number.",
    )
    .number(&own.number)
    .command(format!("switchboard number release {}", own.sid));
    match price {
        Some((amount, currency)) => finding.amount(amount, currency.as_deref()),
        None => finding,
    }
}
