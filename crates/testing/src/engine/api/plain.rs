//! What most resources have in common: rows that are listed, fetched, updated and deleted.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::page::{self, Shape};
use crate::engine::request::RoutedRequest;
use crate::engine::settings::Settings;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

/// Which rows a list shows.
pub(super) type Filter<'a, R> = Box<dyn Fn(&R) -> bool + 'a>;

/// A resource whose operations need no code of their own.
pub(super) trait Resource: Sized {
    /// The key of the rows in a list.
    const KEY: &'static str;
    /// The shape of its lists.
    const SHAPE: Shape;

    /// The rows of an account.
    fn rows(tenant: &Tenant) -> &Table<Self>;

    /// The rows of an account, to change them.
    fn rows_mut(tenant: &mut Tenant) -> &mut Table<Self>;

    /// Writes one row.
    fn view(&self, request: &RoutedRequest<'_>, account: &str, sid: &str) -> Value;

    /// Does it belong to the parents that the path names?
    fn is_under(&self, _: &RoutedRequest<'_>) -> bool {
        true
    }

    /// Reads the filters of a list.
    fn filter<'a>(_: &'a RoutedRequest<'_>) -> Result<Filter<'a, Self>, Refusal> {
        Ok(Box::new(|_| true))
    }
}

/// A resource that is changed by its settings only.
pub(super) trait Editable: Resource {
    /// The error code for an invalid setting.
    const INVALID: u32 = 20001;

    /// Its settings, and the time of the last change.
    fn settings(&mut self) -> (&mut Settings, &mut Timestamp);

    /// Refuses a form as a whole, before its settings are read.
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
    page::list(request, R::SHAPE, R::KEY, R::rows(tenant), keep, |sid, row| row.view(request, account, sid))
}

/// Answers with the row that the path names.
pub(super) fn fetch<R: Resource>(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    find::<R>(tenant, request)?;
    show::<R>(tenant, request, request.param("Sid"), StatusCode::OK)
}

/// Takes the row away that the path names.
pub(super) fn delete<R: Resource>(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    find::<R>(tenant, request)?;
    R::rows_mut(tenant).remove(request.param("Sid"));
    Ok(FakeReply::empty(StatusCode::NO_CONTENT))
}

/// Changes the settings of the row that the path names.
pub(super) fn update<R: Editable>(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let (sid, now) = (request.param("Sid"), tenant.core.now());
    let row = R::rows_mut(tenant).get_mut(sid).ok_or_else(|| request.not_found())?;
    R::check(request)?;
    let (settings, updated) = row.settings();
    settings.take(&request.form, R::INVALID)?;
    R::reconcile(settings, request);
    *updated = now;
    show::<R>(tenant, request, sid, StatusCode::OK)
}

/// Finds the row that the path names, under the parents that it names.
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
