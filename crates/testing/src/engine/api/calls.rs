//! Calls: `/2010-04-01/Accounts/{AccountSid}/Calls`.

use http::StatusCode;
use serde_json::Value;

use super::plain::{Filter, Resource, fetch, list, show};
use crate::engine::calls::{Call, check, check_change};
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::filter::Dates;
use crate::engine::page::ListFormat;
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

pub(super) const ROUTES: &[Route] = &[
    Route::post("/2010-04-01/Accounts/{AccountSid}/Calls.json", create),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Calls.json", list::<Call>),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json", fetch::<Call>),
    Route::post("/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json", update),
    Route::delete("/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json", delete),
];

impl Resource for Call {
    const KEY: &'static str = "calls";
    const FORMAT: ListFormat = ListFormat::Classic;

    fn rows(tenant: &Tenant) -> &Table<Self> {
        &tenant.calls.rows
    }

    fn rows_mut(tenant: &mut Tenant) -> &mut Table<Self> {
        &mut tenant.calls.rows
    }

    fn view(&self, _: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        self.view(account, sid)
    }

    fn filter<'a>(request: &'a RoutedRequest<'_>) -> Result<Filter<'a, Self>, Refusal> {
        let started = Dates::read(&request.query, "StartTime")?;
        let ended = Dates::read(&request.query, "EndTime")?;
        let query = &request.query;
        Ok(Box::new(move |call| {
            call.listed_from <= request.now
                && query.get("To").is_none_or(|to| call.to == to)
                && query.get("From").is_none_or(|from| call.from == from)
                && query.get("Status").is_none_or(|status| call.status.word() == status)
                && query.get("ParentCallSid").is_none_or(|sid| call.parent.as_deref() == Some(sid))
                && started.contain(call.started.or(Some(call.created)))
                && ended.contain(call.ended)
        }))
    }
}

fn create(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let call = check(&tenant.core, &tenant.senders.numbers, &request.form)?;
    let sid = tenant.calling().place(call);
    show::<Call>(tenant, request, &sid, StatusCode::CREATED)
}

fn update(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let sid = request.param("Sid");
    let status = tenant.calls.rows.get(sid).ok_or_else(|| request.not_found())?.status;
    let change = check_change(&request.form, status)?;
    tenant.calling().change(sid, change);
    show::<Call>(tenant, request, sid, StatusCode::OK)
}

fn delete(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let sid = request.param("Sid");
    let call = tenant.calls.rows.get(sid).ok_or_else(|| request.not_found())?;
    if call.status.is_live() {
        return Err(Refusal::unfinished("call"));
    }
    tenant.calls.rows.remove(sid);
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}
