//! The media of messages, and the storage that serves their bytes.

use http::StatusCode;
use serde_json::Value;

use super::plain::{self, Filter, Resource, delete, fetch};
use super::storage::refuse_credentials;
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::filter::Dates;
use crate::engine::media::Media;
use crate::engine::page::ListFormat;
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;
use crate::engine::wire::FakeReply;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media.json", list),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media/{Sid}.json", fetch::<Media>),
    Route::delete(
        "/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media/{Sid}.json",
        delete::<Media>,
    ),
    Route::get("/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media/{Sid}", redirect),
    Route::storage("/_storage/{AccountSid}/media/{Sid}", storage),
];

impl Resource for Media {
    const KEY: &'static str = "media_list";
    const FORMAT: ListFormat = ListFormat::Classic;

    fn rows(tenant: &Tenant) -> &Table<Self> {
        &tenant.media.rows
    }

    fn rows_mut(tenant: &mut Tenant) -> &mut Table<Self> {
        &mut tenant.media.rows
    }

    fn view(&self, _: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        self.view(account, sid)
    }

    fn is_under(&self, request: &RoutedRequest<'_>) -> bool {
        self.parent == request.param("MessageSid")
    }

    fn filter<'a>(request: &'a RoutedRequest<'_>) -> Result<Filter<'a, Self>, Refusal> {
        let dates = Dates::read(&request.query, "DateCreated")?;
        Ok(Box::new(move |media| dates.contain(Some(media.created))))
    }
}

fn list(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    tenant.messages.rows.get(request.param("MessageSid")).ok_or_else(|| request.not_found())?;
    plain::list::<Media>(tenant, request)
}

fn redirect(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    plain::find::<Media>(tenant, request)?;
    let path = format!("/_storage/{}/media/{}", request.param("AccountSid"), request.param("Sid"));
    Ok(FakeReply::redirect(&request.url(&path)))
}

fn storage(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    if let Some(refusal) = refuse_credentials(request) {
        return Ok(refusal);
    }
    let media = tenant.media.rows.get(request.param("Sid")).ok_or_else(|| request.not_found())?;
    Ok(FakeReply::empty(StatusCode::OK).with_body(&media.content_type, media.bytes.clone()))
}
