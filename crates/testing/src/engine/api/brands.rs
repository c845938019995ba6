//! Brands: `/v1/a2p/BrandRegistrations`.

use http::StatusCode;
use serde_json::Value;

use super::plain::{Resource, fetch, list, show};
use crate::engine::brands::Brand;
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::form::Pairs;
use crate::engine::page::ListFormat;
use crate::engine::request::RoutedRequest;
use crate::engine::route::Route;
use crate::engine::sid::is_sid;
use crate::engine::table::Table;
use crate::engine::tenant::Tenant;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/v1/a2p/BrandRegistrations", list::<Brand>),
    Route::post("/v1/a2p/BrandRegistrations", create),
    Route::get("/v1/a2p/BrandRegistrations/{Sid}", fetch::<Brand>),
    Route::post("/v1/a2p/BrandRegistrations/{Sid}", resubmit),
];

const TYPES: &[&str] = &["STANDARD", "SOLE_PROPRIETOR"];

impl Resource for Brand {
    const KEY: &'static str = "data";
    const FORMAT: ListFormat = ListFormat::Meta;

    fn rows(tenant: &Tenant) -> &Table<Self> {
        &tenant.brands.rows
    }

    fn rows_mut(tenant: &mut Tenant) -> &mut Table<Self> {
        &mut tenant.brands.rows
    }

    fn view(&self, request: &RoutedRequest<'_>, account: &str, sid: &str) -> Value {
        self.view(request, account, sid)
    }
}

fn create(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let form = &request.form;
    let kind = form.get("BrandType").unwrap_or("STANDARD");
    if !TYPES.contains(&kind) {
        return Err(bad(format!("The BrandType {kind} is none of {}", TYPES.join(", "))));
    }
    let now = tenant.core.now();
    let brand = Brand {
        customer_profile: bundle(form, "CustomerProfileBundleSid")?,
        messaging_profile: bundle(form, "A2PProfileBundleSid")?,
        sole_proprietor: kind == "SOLE_PROPRIETOR",
        mock: form.flag("Mock"),
        skip_vetting: form.flag("SkipAutomaticSecVet"),
        status: "PENDING",
        error: None,
        created: now,
        updated: now,
    };
    let sid = tenant.core.sids.next("BN");
    tenant.brands.rows.insert(&sid, brand);
    show::<Brand>(tenant, request, &sid, StatusCode::CREATED)
}

fn bundle(form: &Pairs, name: &str) -> Result<String, Refusal> {
    let sid = form.get(name).filter(|sid| is_sid(sid, &["BU"]));
    sid.map(str::to_owned).ok_or_else(|| bad(format!("The {name} is not the SID of a bundle, BU…")))
}

fn bad(message: String) -> Refusal {
    Refusal::bad_request(20001, message)
}

fn resubmit(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    let (sid, now) = (request.param("Sid"), tenant.core.now());
    let brand = tenant.brands.rows.get_mut(sid).ok_or_else(|| request.not_found())?;
    if !brand.resubmit(now) {
        return Err(bad("Only a brand that failed can be submitted again".to_owned()));
    }
    show::<Brand>(tenant, request, sid, StatusCode::ACCEPTED)
}
