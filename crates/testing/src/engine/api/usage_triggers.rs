//! Usage triggers: `/2010-04-01/Accounts/{AccountSid}/Usage/Triggers`.

use http::StatusCode;

use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::form::Pairs;
use crate::engine::page::{self, ListFormat};
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::tenant::Tenant;
use crate::engine::usage_triggers::{UsageTrigger, decimal};
use crate::engine::webhook::web_url;
use crate::engine::wire::FakeReply;

const ALL: &str = "/2010-04-01/Accounts/{AccountSid}/Usage/Triggers.json";
const ONE: &str = "/2010-04-01/Accounts/{AccountSid}/Usage/Triggers/{Sid}.json";

pub(super) const ROUTES: &[Route] = &[
    Route::get(ALL, list),
    Route::post(ALL, create),
    Route::get(ONE, fetch),
    Route::post(ONE, update),
    Route::delete(ONE, delete),
];

/// What an update may change; the value and the category stay.
const CHANGEABLE: &[&str] = &["FriendlyName", "CallbackUrl", "CallbackMethod"];

fn list(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let asked = |key: &str| request.query.get(key);
    let (recurring, by, category) = (asked("Recurring"), asked("TriggerBy"), asked("UsageCategory"));
    let Tenant { core, usage_triggers, .. } = tenant;
    let keep = |trigger: &UsageTrigger| trigger.matches(recurring, by, category);
    page::list(request, ListFormat::Classic, "usage_triggers", usage_triggers.rows(), keep, |sid, trigger| {
        trigger.view(core, sid)
    })
}

fn create(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let form = &request.form;
    let category = required(form, "UsageCategory")?;
    if !category.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err(Refusal::bad_request(20001, format!("The UsageCategory {category} is not valid")));
    }
    let given = required(form, "TriggerValue")?;
    let (text, is_more) = given.strip_prefix('+').map_or((given, false), |more| (more, true));
    let refusal = || {
        Refusal::bad_request(
            20001,
            format!("The TriggerValue {given} is not a positive number of at most five decimals"),
        )
    };
    let value = decimal(text).ok_or_else(refusal)?;
    web_url(required(form, "CallbackUrl")?)
        .ok_or_else(|| Refusal::bad_request(20001, "The CallbackUrl is not a valid URL"))?;
    let mut trigger = UsageTrigger::new(category, (value, text), tenant.core.now());
    trigger.settings.apply(form, 20001)?;
    let sid = tenant.usage_triggers.add(&mut tenant.core, trigger, is_more);
    show(tenant, request, &sid, StatusCode::CREATED)
}

fn fetch(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    show(tenant, request, request.param("Sid"), StatusCode::OK)
}

fn update(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let (sid, now) = (request.param("Sid"), tenant.core.now());
    let trigger = tenant.usage_triggers.rows_mut().get_mut(sid).ok_or_else(|| request.not_found())?;
    let pairs = CHANGEABLE.iter().filter_map(|key| Some(((*key).to_owned(), request.form.owned(key)?)));
    trigger.settings.apply(&Pairs::of(pairs.collect()), 20001)?;
    trigger.updated = now;
    show(tenant, request, sid, StatusCode::OK)
}

fn delete(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let deleted = tenant.usage_triggers.rows_mut().remove(request.param("Sid"));
    deleted.map(|_| FakeReply::empty(StatusCode::NO_CONTENT)).ok_or_else(|| request.not_found())
}

fn required<'a>(form: &'a Pairs, key: &str) -> Result<&'a str, Refusal> {
    form.get(key).ok_or_else(|| Refusal::bad_request(20001, format!("The {key} is required")))
}

fn show(tenant: &Tenant, request: &RoutedRequest<'_>, sid: &str, status: StatusCode) -> HandlerResult {
    let trigger = tenant.usage_triggers.rows().get(sid).ok_or_else(|| request.not_found())?;
    Ok(FakeReply::json(status, &trigger.view(&tenant.core, sid)))
}
