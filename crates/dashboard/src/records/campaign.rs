//! Campaigns as they were entered, and their lists.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;
use switchboard_store::{SqlRow, SqlStatement, StoreError};

use super::{Page, Records};

/// A campaign as it was entered.
#[derive(Debug, Clone)]
pub(crate) struct CampaignDraft {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) created: i64,
    /// What is sent; null if another program has started it.
    pub(crate) definition: Value,
    /// Of the campaign in the outbox, once it was started.
    pub(crate) number: Option<i64>,
    /// The format and the size of its list.
    pub(crate) list: Option<(String, i64)>,
    /// Why the last import ended.
    pub(crate) error: Option<String>,
}

/// What is stored in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartKind {
    /// The list.
    List,
    /// The rows of the list that cannot be used.
    Rejects,
}

impl PartKind {
    const fn word(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Rejects => "rejects",
        }
    }
}

impl Records {
    /// Returns `None` if the name is taken.
    pub(crate) async fn add_draft(
        &self,
        tenant: &str,
        name: &str,
        definition: &Value,
    ) -> Result<Option<CampaignDraft>, StoreError> {
        let text = "INSERT INTO {t}campaign_draft (tenant, name, created, definition) VALUES (?1, ?2, ?3, ?4)
                    ON CONFLICT (tenant, name) DO NOTHING
                    RETURNING id, name, created, definition, number, format, bytes, error";
        let now = Timestamp::now().as_microsecond();
        let insert =
            SqlStatement::new(text).value(tenant).value(name).value(now).value(definition.to_string());
        let rows = self.sql.write(vec![insert]).await?;
        rows.first().and_then(|rows| rows.first()).map(draft).transpose()
    }

    /// Makes sure that campaigns that other programs have started have an id here, too.
    pub(crate) async fn adopt_campaigns(
        &self,
        tenant: &str,
        campaigns: Vec<(String, i64, i64)>,
    ) -> Result<(), StoreError> {
        let text = "INSERT INTO {t}campaign_draft (tenant, name, created, number) VALUES (?1, ?2, ?3, ?4)
                    ON CONFLICT (tenant, name) DO UPDATE SET number = excluded.number";
        let one = |(name, created, number): (String, i64, i64)| {
            SqlStatement::new(text).value(tenant).value(name).value(created).value(number)
        };
        self.sql.write(campaigns.into_iter().map(one).collect()).await.map(drop)
    }

    pub(crate) async fn drafts(
        &self,
        tenant: &str,
        before: i64,
        limit: u32,
    ) -> Result<Page<CampaignDraft>, StoreError> {
        let text = "SELECT id, name, created, definition, number, format, bytes, error FROM {t}campaign_draft
                    WHERE tenant = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
        let select = SqlStatement::new(text).value(tenant).value(before).value(i64::from(limit) + 1);
        let items = self.sql.read(select).await?.iter().map(draft).collect::<Result<_, _>>()?;
        Ok(Page::of(items, limit, |one: &CampaignDraft| one.id))
    }

    pub(crate) async fn draft(&self, tenant: &str, id: i64) -> Result<Option<CampaignDraft>, StoreError> {
        let text = "SELECT id, name, created, definition, number, format, bytes, error FROM {t}campaign_draft
                    WHERE tenant = ?1 AND id = ?2";
        let rows = self.sql.read(SqlStatement::new(text).value(tenant).value(id)).await?;
        rows.first().map(draft).transpose()
    }

    /// The ids of the campaigns with these numbers in the outbox.
    pub(crate) async fn draft_ids(&self, tenant: &str) -> Result<HashMap<i64, i64>, StoreError> {
        let text = "SELECT number, id FROM {t}campaign_draft WHERE tenant = ?1 AND number IS NOT NULL
                    ORDER BY id DESC LIMIT 1000";
        let rows = self.sql.read(SqlStatement::new(text).value(tenant)).await?;
        rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
    }

    /// The id of the campaign with this number in the outbox.
    pub(crate) async fn draft_id(&self, tenant: &str, number: i64) -> Result<Option<i64>, StoreError> {
        let text = "SELECT id FROM {t}campaign_draft WHERE tenant = ?1 AND number = ?2";
        let rows = self.sql.read(SqlStatement::new(text).value(tenant).value(number)).await?;
        rows.first().map(|row| row.int(0)).transpose()
    }

    /// Notes that a campaign is being started, so that it is not deleted meanwhile; or that it was not. Returns `false` if
    /// there is no such campaign any more.
    pub(crate) async fn note_starting(&self, id: i64, starting: bool) -> Result<bool, StoreError> {
        let text = "UPDATE {t}campaign_draft SET starting = ?2 WHERE id = ?1 RETURNING id";
        let rows = self.sql.write(vec![SqlStatement::new(text).value(id).value(i64::from(starting))]).await?;
        Ok(rows.first().is_some_and(|rows| !rows.is_empty()))
    }

    /// Deletes the list of a campaign that was read to its end.
    pub(crate) async fn drop_list(&self, id: i64) -> Result<(), StoreError> {
        let parts = "DELETE FROM {t}campaign_part WHERE draft = ?1 AND kind = 'list'";
        let note = "UPDATE {t}campaign_draft SET format = NULL, bytes = NULL WHERE id = ?1";
        self.sql.write([parts, note].map(|text| SqlStatement::new(text).value(id)).into()).await.map(drop)
    }

    /// Deletes a campaign that was not started.
    pub(crate) async fn delete_draft(&self, id: i64) -> Result<bool, StoreError> {
        let delete =
            "DELETE FROM {t}campaign_draft WHERE id = ?1 AND number IS NULL AND starting = 0 RETURNING id";
        let parts = "DELETE FROM {t}campaign_part WHERE draft = ?1
                     AND NOT EXISTS (SELECT 1 FROM {t}campaign_draft WHERE id = ?1)";
        let both = [delete, parts].map(|text| SqlStatement::new(text).value(id));
        let rows = self.sql.write(both.into()).await?;
        Ok(rows.first().is_some_and(|rows| !rows.is_empty()))
    }

    /// Notes that an import has begun, with the campaign's number in the outbox.
    pub(crate) async fn note_start(&self, id: i64, number: i64) -> Result<(), StoreError> {
        let text = "UPDATE {t}campaign_draft SET number = ?2, error = NULL WHERE id = ?1";
        self.sql.write(vec![SqlStatement::new(text).value(id).value(number)]).await.map(drop)
    }

    /// Notes why an import ended before its list did.
    pub(crate) async fn note_failure(&self, id: i64, error: &str) -> Result<(), StoreError> {
        let text = "UPDATE {t}campaign_draft SET error = ?2 WHERE id = ?1";
        self.sql.write(vec![SqlStatement::new(text).value(id).value(error)]).await.map(drop)
    }

    /// Stores a part of an upload, which counts once it is finished.
    pub(crate) async fn add_part(
        &self,
        (draft, kind, upload): (i64, PartKind, i64),
        part: i64,
        data: Vec<u8>,
    ) -> Result<(), StoreError> {
        let text =
            "INSERT INTO {t}campaign_part (draft, kind, upload, part, data) VALUES (?1, ?2, ?3, ?4, ?5)";
        let insert = SqlStatement::new(text).value(draft).value(kind.word()).value(upload);
        self.sql.write(vec![insert.value(part).value(data)]).await.map(drop)
    }

    /// Makes an upload of so many parts the current one, and deletes those before. Returns `false` if another upload was
    /// finished meanwhile, which has deleted parts of this one.
    pub(crate) async fn finish_upload(
        &self,
        (draft, kind, upload): (i64, PartKind, i64),
        parts: i64,
        (format, bytes): (&str, i64),
    ) -> Result<bool, StoreError> {
        let whole =
            "UPDATE {t}campaign_part SET part = part WHERE draft = ?1 AND kind = ?2 AND upload = ?3 AND ?4 =
                     (SELECT count(*) FROM {t}campaign_part WHERE draft = ?1 AND kind = ?2 AND upload = ?3)
                     AND part = 0 RETURNING part";
        let clean = "DELETE FROM {t}campaign_part WHERE draft = ?1 AND kind = ?2 AND upload <> ?3 AND ?4 =
                     (SELECT count(*) FROM {t}campaign_part WHERE draft = ?1 AND kind = ?2 AND upload = ?3)";
        let named = |text| SqlStatement::new(text).value(draft).value(kind.word()).value(upload).value(parts);
        // Uploads that end at the same time take turns.
        let lock = SqlStatement::new("UPDATE {t}campaign_draft SET name = name WHERE id = ?1").value(draft);
        let mut statements = vec![lock, named(whole), named(clean)];
        if kind == PartKind::List {
            let note = "UPDATE {t}campaign_draft SET format = ?5, bytes = ?6 WHERE id = ?1 AND ?4 =
                        (SELECT count(*) FROM {t}campaign_part WHERE draft = ?1 AND kind = ?2 AND upload = ?3)";
            statements.push(named(note).value(format).value(bytes));
        }
        let rows = self.sql.write(statements).await?;
        Ok(rows.get(1).is_some_and(|rows| !rows.is_empty()))
    }

    /// Deletes the parts of an upload that was not finished.
    pub(crate) async fn drop_upload(
        &self,
        (draft, kind, upload): (i64, PartKind, i64),
    ) -> Result<(), StoreError> {
        let text = "DELETE FROM {t}campaign_part WHERE draft = ?1 AND kind = ?2 AND upload = ?3";
        let delete = SqlStatement::new(text).value(draft).value(kind.word()).value(upload);
        self.sql.write(vec![delete]).await.map(drop)
    }

    /// The upload that counts; `None` if there is none.
    pub(crate) async fn upload(&self, draft: i64, kind: PartKind) -> Result<Option<i64>, StoreError> {
        let text =
            "SELECT upload FROM {t}campaign_part WHERE draft = ?1 AND kind = ?2 ORDER BY upload LIMIT 1";
        let rows = self.sql.read(SqlStatement::new(text).value(draft).value(kind.word())).await?;
        rows.first().map(|row| row.int(0)).transpose()
    }

    /// A part of an upload; `None` after the last one.
    pub(crate) async fn part(
        &self,
        (draft, kind, upload): (i64, PartKind, i64),
        part: i64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let text =
            "SELECT data FROM {t}campaign_part WHERE draft = ?1 AND kind = ?2 AND upload = ?3 AND part = ?4";
        let select = SqlStatement::new(text).value(draft).value(kind.word()).value(upload).value(part);
        let rows = self.sql.read(select).await?;
        rows.first().map(|row| Ok(row.bytes(0)?.to_vec())).transpose()
    }
}

fn draft(row: &SqlRow) -> Result<CampaignDraft, StoreError> {
    let definition = row.opt_text(3)?.and_then(|text| serde_json::from_str(text).ok());
    Ok(CampaignDraft {
        id: row.int(0)?,
        name: row.text(1)?.to_owned(),
        created: row.int(2)?,
        definition: definition.unwrap_or_default(),
        number: row.opt_int(4)?,
        list: row.opt_text(5)?.map(str::to_owned).zip(row.opt_int(6)?),
        error: row.opt_text(7)?.map(str::to_owned),
    })
}
