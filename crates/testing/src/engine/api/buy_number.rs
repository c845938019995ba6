//! Buying a number: it is no longer for sale, is billed, and can send.

use http::StatusCode;

use super::plain::show;
use crate::engine::available_numbers::{NumberType, Offer, offers};
use crate::engine::countries;
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::incoming_numbers::{self, IncomingNumber};
use crate::engine::ledger::Item;
use crate::engine::numbers::is_e164;
use crate::engine::request::RoutedRequest;
use crate::engine::sid::is_sid;
use crate::engine::tenant::Tenant;

/// Twilio's magic numbers: one is never for sale, the other always.
const SOLD: &str = "+15005550000";
const ALWAYS: &str = "+15005550006";
/// The magic area code that gives [`ALWAYS`].
const ALWAYS_AREA: &str = "500";

pub(super) fn buy(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let offer = offer(tenant, request)?;
    address(&offer, request)?;
    let now = tenant.core.now();
    let mut row = IncomingNumber::new(&offer, now);
    row.settings.apply(&request.form, 20001)?;
    incoming_numbers::reconcile(&mut row.settings, &request.form);
    // The magic number can be bought again and again.
    if let Some(known) = tenant.senders.sid_of(&offer.number) {
        return show::<IncomingNumber>(tenant, request, &known, StatusCode::CREATED);
    }
    let sid = tenant.core.sids.next("PN");
    tenant.senders.incoming.insert(&sid, row);
    tenant.senders.numbers.own(&offer.number);
    let digits = offer.number.trim_start_matches('+');
    let price = countries::of_digits(digits).map_or(0, |country| country.prices.number);
    tenant.core.ledger.bill(now, Item::PhoneNumber, 1, price);
    show::<IncomingNumber>(tenant, request, &sid, StatusCode::CREATED)
}

/// Finds the offer with the given number, or the first one with the given area code.
fn offer(tenant: &Tenant, request: &RoutedRequest<'_>) -> Result<Offer, Refusal> {
    let kind = NumberType::of_path(request.param("Sid"));
    match (request.form.get("PhoneNumber"), request.form.get("AreaCode")) {
        (Some(number), _) => by_number(tenant, number, kind),
        (None, Some(area)) if kind.is_none() => by_area(tenant, area),
        _ => Err(Refusal::bad_request(21421, "A PhoneNumber or an AreaCode is required")),
    }
}

fn by_number(tenant: &Tenant, number: &str, kind: Option<NumberType>) -> Result<Offer, Refusal> {
    if number == ALWAYS {
        return Ok(offers::foreign(ALWAYS));
    }
    if number == "+15005550001" || !is_e164(number) {
        return Err(Refusal::bad_request(21421, format!("The PhoneNumber {number} is not valid")));
    }
    let numbers = &tenant.senders.numbers;
    let offered = || numbers.for_sale().find(|other| *other == number).map(offers::foreign);
    let offer = offers::find(number).filter(|offer| number != SOLD && !numbers.owns(&offer.number));
    let offer = offer.or_else(offered);
    let offer = offer.ok_or_else(|| {
        Refusal::bad_request(
            21422,
            format!("The PhoneNumber {number} is not for sale: search for one that is"),
        )
    })?;
    if kind.is_some_and(|kind| kind != offer.kind) {
        return Err(Refusal::bad_request(21421, format!("The PhoneNumber {number} is not of this type")));
    }
    Ok(offer)
}

fn by_area(tenant: &Tenant, area: &str) -> Result<Offer, Refusal> {
    if area == ALWAYS_AREA {
        return Ok(offers::foreign(ALWAYS));
    }
    if area.len() != 3 || !area.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::bad_request(21451, format!("The AreaCode {area} is not valid")));
    }
    let free = |offer: &Offer| !tenant.senders.numbers.owns(&offer.number);
    let found = ["US", "CA"].iter().find_map(|iso| offers::of(iso, NumberType::Local, Some(area)).find(free));
    found.ok_or_else(|| Refusal::bad_request(21452, format!("There is no number in the AreaCode {area}")))
}

fn address(offer: &Offer, request: &RoutedRequest<'_>) -> Result<(), Refusal> {
    let given = request.form.get("AddressSid").is_some_and(|sid| is_sid(sid, &["AD"]));
    if offer.address == "none" || given {
        return Ok(());
    }
    Err(Refusal::bad_request(21615, format!("The PhoneNumber {} needs an AddressSid", offer.number)))
}
