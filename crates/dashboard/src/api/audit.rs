//! Who did what.

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::answer::{Problem, page as list_page};
use crate::dashboard::Dashboard;
use crate::records::Audited;
use crate::request::{By, Manage, Paging};

/// `GET /api/audit`.
pub(crate) async fn list(
    State(dashboard): State<Dashboard>,
    By { login, .. }: By<Manage>,
    paging: Paging,
) -> Result<Response, Problem> {
    let page = dashboard.records().audited(&login.tenant, paging.before(), paging.limit).await?;
    let one = |audited: &Audited| {
        let Audited { id, at, actor, action, target, detail } = audited;
        let at = Timestamp::from_microsecond(*at).ok();
        json!({"id": id, "at": at, "user": actor, "action": action, "target": target, "detail": detail})
    };
    let items: Vec<Value> = page.items.iter().map(one).collect();
    Ok(list_page(items, page.next))
}
