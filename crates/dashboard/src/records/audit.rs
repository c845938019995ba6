//! Who did what.

use jiff::Timestamp;
use serde_json::Value;
use switchboard_store::{SqlRow, SqlStatement, StoreError};

use super::{Page, Records};

/// Something that a person did.
#[derive(Debug)]
pub(crate) struct Audited {
    pub(crate) id: i64,
    pub(crate) at: i64,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) target: Option<String>,
    pub(crate) detail: Value,
}

impl Records {
    pub(crate) async fn audit(
        &self,
        (tenant, actor): (&str, &str),
        action: &'static str,
        target: Option<String>,
        detail: &Value,
    ) -> Result<(), StoreError> {
        let text = "INSERT INTO {t}dashboard_audit (tenant, at, actor, action, target, detail)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let now = Timestamp::now().as_microsecond();
        let insert = SqlStatement::new(text).value(tenant).value(now).value(actor);
        self.sql.write(vec![insert.value(action).value(target).value(detail.to_string())]).await.map(drop)
    }

    pub(crate) async fn audited(
        &self,
        tenant: &str,
        before: i64,
        limit: u32,
    ) -> Result<Page<Audited>, StoreError> {
        let text = "SELECT id, at, actor, action, target, detail FROM {t}dashboard_audit
                    WHERE tenant = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
        let select = SqlStatement::new(text).value(tenant).value(before).value(i64::from(limit) + 1);
        let items = self.sql.read(select).await?.iter().map(audited).collect::<Result<_, _>>()?;
        Ok(Page::of(items, limit, |one: &Audited| one.id))
    }
}

fn audited(row: &SqlRow) -> Result<Audited, StoreError> {
    Ok(Audited {
        id: row.int(0)?,
        at: row.int(1)?,
        actor: row.text(2)?.to_owned(),
        action: row.text(3)?.to_owned(),
        target: row.opt_text(4)?.map(str::to_owned),
        detail: serde_json::from_str(row.text(5)?).unwrap_or_default(),
    })
}
