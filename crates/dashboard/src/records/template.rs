//! Texts with places to fill.

use jiff::Timestamp;
use switchboard_store::{SqlRow, SqlStatement, StoreError};

use super::{Page, Records};

/// The most templates of a tenant.
const MOST: i64 = 1_000;

#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) body: String,
    pub(crate) updated: i64,
}

/// Another template has this name, or there are too many.
#[derive(Debug)]
pub(crate) struct TemplateTaken;

impl Records {
    pub(crate) async fn templates(
        &self,
        tenant: &str,
        before: i64,
        limit: u32,
    ) -> Result<Page<Template>, StoreError> {
        let text = "SELECT id, name, body, updated FROM {t}template WHERE tenant = ?1 AND id < ?2
                    ORDER BY id DESC LIMIT ?3";
        let select = SqlStatement::new(text).value(tenant).value(before).value(i64::from(limit) + 1);
        let items = self.sql.read(select).await?.iter().map(template).collect::<Result<_, _>>()?;
        Ok(Page::of(items, limit, |one: &Template| one.id))
    }

    pub(crate) async fn template(&self, tenant: &str, id: i64) -> Result<Option<Template>, StoreError> {
        let text = "SELECT id, name, body, updated FROM {t}template WHERE tenant = ?1 AND id = ?2";
        let rows = self.sql.read(SqlStatement::new(text).value(tenant).value(id)).await?;
        rows.first().map(template).transpose()
    }

    pub(crate) async fn add_template(
        &self,
        tenant: &str,
        name: &str,
        body: &str,
    ) -> Result<Result<Template, TemplateTaken>, StoreError> {
        let text = "INSERT INTO {t}template (tenant, name, body, updated)
                    SELECT CAST(?1 AS text), CAST(?2 AS text), CAST(?3 AS text), CAST(?4 AS bigint)
                    WHERE (SELECT count(*) FROM {t}template WHERE tenant = ?1) < ?5
                    ON CONFLICT (tenant, name) DO NOTHING RETURNING id, name, body, updated";
        let now = Timestamp::now().as_microsecond();
        let insert = SqlStatement::new(text).value(tenant).value(name).value(body).value(now).value(MOST);
        let rows = self.sql.write(vec![insert]).await?;
        let row = rows.first().and_then(|rows| rows.first());
        row.map(template).transpose().map(|found| found.ok_or(TemplateTaken))
    }

    /// Returns `None` if there is no such template.
    pub(crate) async fn change_template(
        &self,
        tenant: &str,
        id: i64,
        name: &str,
        body: &str,
    ) -> Result<Option<Result<Template, TemplateTaken>>, StoreError> {
        if self.template(tenant, id).await?.is_none() {
            return Ok(None);
        }
        let text = "UPDATE {t}template SET name = ?3, body = ?4, updated = ?5 WHERE tenant = ?1 AND id = ?2
                    AND NOT EXISTS (SELECT 1 FROM {t}template AS other
                                    WHERE other.tenant = ?1 AND other.name = ?3 AND other.id <> ?2)
                    RETURNING id, name, body, updated";
        let now = Timestamp::now().as_microsecond();
        let update = SqlStatement::new(text).value(tenant).value(id).value(name).value(body).value(now);
        let rows = self.sql.write(vec![update]).await?;
        let row = rows.first().and_then(|rows| rows.first());
        Ok(Some(row.map(template).transpose()?.ok_or(TemplateTaken)))
    }

    pub(crate) async fn delete_template(&self, tenant: &str, id: i64) -> Result<bool, StoreError> {
        let text = "DELETE FROM {t}template WHERE tenant = ?1 AND id = ?2 RETURNING id";
        let rows = self.sql.write(vec![SqlStatement::new(text).value(tenant).value(id)]).await?;
        Ok(rows.first().is_some_and(|rows| !rows.is_empty()))
    }
}

fn template(row: &SqlRow) -> Result<Template, StoreError> {
    Ok(Template {
        id: row.int(0)?,
        name: row.text(1)?.to_owned(),
        body: row.text(2)?.to_owned(),
        updated: row.int(3)?,
    })
}
