//! The operations that most resources share: list, fetch, update and delete.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::page::{self, ListFormat};
use crate::engine::request::RoutedRequest;
use crate::engine::settings::Settings;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

/// Returns whether a list contains a row.
pub(super) type Filter<'a, R> = Box<dyn Fn(&R) -> bool + 'a>;

/// A resource with the shared operations.
pub(super) trait Resource: Sized {
    /// The JSON key of the rows in a list.
    const KEY: &'static str;
    /// The JSON format of its lists.
    const FORMAT: ListFormat;

    /// Returns the rows of an account.
    fn rows(tenant: &Tenant) -> &Table<Self>;

    /// Returns the rows of an account, for changes.
    fn rows_mut(tenant: &mut Tenant) -> &mut Table<Self>;

    /// Returns the JSON of a row.
    fn view(&self, request: &RoutedRequest<'_>, account: &str, sid: &str) -> Value;

    /// Returns whether it belongs to the parent resources in the path.
    fn is_under(&self, _: &RoutedRequest<'_>) -> bool {
        true
    }

    /// Returns the only group of the table in which the rows of a list are, if it has one.
    fn group<'a>(_: &'a RoutedRequest<'_>) -> Option<&'a str> {
        None
    }

    /// Reads the filters of a list.
    fn filter<'a>(_: &'a RoutedRequest<'_>) -> Result<Filter<'a, Self>, Refusal> {
        Ok(Box::new(|_| true))
    }
}

/// A resource whose update changes its settings, and nothing else.
pub(super) trait Editable: Resource {
    /// The error code for an invalid setting.
    const INVALID: u32 = 20001;

    /// Returns its settings, and the time of the last change.
    fn settings(&mut self) -> (&mut Settings, &mut Timestamp);

    /// Checks a form before its settings are read.
    fn check(_: &RoutedRequest<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    /// Adjusts settings that depend on each other.
    fn reconcile(_: &mut Settings, _: &RoutedRequest<'_>) {}
}

/// Answers with one page of rows.
pub(super) fn list<R: Resource>(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let filter = R::filter(request)?;
    let keep = |row: &R| row.is_under(request) && filter(row);
    let account = tenant.core.account_sid();
    let rows = (R::rows(tenant), R::group(request));
    page::list_group(request, R::FORMAT, R::KEY, rows, keep, |sid, row| row.view(request, account, sid))
}

/// Answers with the row whose SID is in the path.
pub(super) fn fetch<R: Resource>(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    find::<R>(tenant, request)?;
    show::<R>(tenant, request, request.param("Sid"), StatusCode::OK)
}

/// Deletes the row whose SID is in the path.
pub(super) fn delete<R: Resource>(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    find::<R>(tenant, request)?;
    R::rows_mut(tenant).remove(request.param("Sid"));
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

/// Changes the settings of the row whose SID is in the path.
pub(super) fn update<R: Editable>(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let (sid, now) = (request.param("Sid"), tenant.core.now());
    let row = R::rows_mut(tenant).get_mut(sid).ok_or_else(|| request.not_found())?;
    R::check(request)?;
    let (settings, updated) = row.settings();
    settings.apply(&request.form, R::INVALID)?;
    R::reconcile(settings, request);
    *updated = now;
    show::<R>(tenant, request, sid, StatusCode::OK)
}

/// Finds the row whose SID is in the path, if it belongs to the parent resources in the path.
pub(super) fn find<'t, R: Resource>(
    tenant: &'t Tenant,
    request: &RoutedRequest<'_>,
) -> Result<&'t R, Refusal> {
    let row = R::rows(tenant).get(request.param("Sid")).filter(|row| row.is_under(request));
    row.ok_or_else(|| request.not_found())
}

/// Answers with a row.
pub(super) fn show<R: Resource>(
    tenant: &Tenant,
    request: &RoutedRequest<'_>,
    sid: &str,
    status: StatusCode,
) -> HandlerResult {
    let row = R::rows(tenant).get(sid).ok_or_else(|| request.not_found())?;
    Ok(FakeReply::json(status, &row.view(request, tenant.core.account_sid(), sid)))
}
