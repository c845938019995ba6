//! What was written to and by each person.

use serde_json::Value;
use switchboard_store::{SqlRow, SqlStatement, StoreError};

use super::{Page, Records};

/// A conversation with one person.
#[derive(Debug, Clone)]
pub(crate) struct Conversation {
    pub(crate) id: i64,
    pub(crate) person: String,
    /// The sender of ours that was used last.
    pub(crate) sender: String,
    /// The id of its newest text.
    pub(crate) newest: i64,
    pub(crate) unread: i64,
    pub(crate) opted_out: bool,
    pub(crate) last: Option<ConversationText>,
}

/// A text of a conversation.
#[derive(Debug, Clone)]
pub(crate) struct ConversationText {
    pub(crate) id: i64,
    pub(crate) direction: String,
    pub(crate) message: Option<i64>,
    pub(crate) sid: Option<String>,
    pub(crate) body: String,
    pub(crate) media: Value,
    pub(crate) status: Option<String>,
    pub(crate) error: Value,
    pub(crate) at: i64,
}

/// A text that we send.
#[derive(Debug)]
pub(crate) struct TextOut {
    pub(crate) tenant: String,
    pub(crate) person: String,
    pub(crate) sender: String,
    pub(crate) message: Option<i64>,
    pub(crate) body: String,
    pub(crate) at: i64,
    pub(crate) of_campaign: bool,
    pub(crate) status: TextStatus,
}

/// What became of a text that we send.
#[derive(Debug, Clone)]
pub(crate) struct TextStatus {
    pub(crate) sid: Option<String>,
    pub(crate) status: String,
    pub(crate) error: Option<Value>,
}

/// What is to be noted about texts that we send.
#[derive(Debug)]
pub(crate) enum Change {
    /// A text, or what became of it.
    Text(TextOut),
    /// What became of a text of the outbox.
    Status {
        /// Its id in the outbox.
        message: i64,
        status: TextStatus,
    },
}

/// A text that somebody sent to us.
#[derive(Debug)]
pub(crate) struct TextIn {
    pub(crate) tenant: String,
    pub(crate) person: String,
    pub(crate) sender: String,
    pub(crate) sid: String,
    pub(crate) body: String,
    /// Their types and URLs.
    pub(crate) media: Value,
    pub(crate) at: i64,
    /// They opted out with it, or in again.
    pub(crate) opts_out: Option<bool>,
}

const CONVERSATION: &str = "INSERT INTO {t}conversation AS c (tenant, person, sender, listed)
    VALUES (?1, ?2, ?3, ?4) ON CONFLICT (tenant, person) DO UPDATE SET
    sender = CASE WHEN ?5 = 1 AND excluded.sender <> '' THEN excluded.sender ELSE c.sender END,
    listed = CASE WHEN excluded.listed = 1 THEN 1 ELSE c.listed END";

const TEXT: &str = "INSERT INTO {t}conversation_text AS t
    (conversation, direction, name, message, sid, sender, body, media, status, error, at)
    VALUES ((SELECT id FROM {t}conversation WHERE tenant = ?1 AND person = ?2),
      ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
    ON CONFLICT (conversation, name) DO UPDATE SET sid = coalesce(excluded.sid, t.sid),
      status = coalesce(excluded.status, t.status), error = excluded.error RETURNING id, conversation";

const NEWEST: &str = "UPDATE {t}conversation AS c SET newest =
    (SELECT max(t.id) FROM {t}conversation_text AS t WHERE t.conversation = c.id) WHERE tenant = ?1 AND person = ?2";

const LIST: &str = "SELECT c.id, c.person, c.sender, c.newest, c.opted_out,
    (SELECT count(*) FROM {t}conversation_text AS u
     WHERE u.conversation = c.id AND u.id > c.read_to AND u.direction = 'in'),
    t.id, t.direction, t.message, t.sid, t.body, t.media, t.status, t.error, t.at
    FROM {t}conversation AS c LEFT JOIN {t}conversation_text AS t ON t.id = c.newest
    WHERE c.tenant = ?1 AND c.listed = 1 AND c.newest < ?2 ORDER BY c.newest DESC LIMIT ?3";

const ONE: &str = "SELECT c.id, c.person, c.sender, c.newest, c.opted_out,
    (SELECT count(*) FROM {t}conversation_text AS u
     WHERE u.conversation = c.id AND u.id > c.read_to AND u.direction = 'in'),
    t.id, t.direction, t.message, t.sid, t.body, t.media, t.status, t.error, t.at
    FROM {t}conversation AS c LEFT JOIN {t}conversation_text AS t ON t.id = c.newest
    WHERE c.tenant = ?1 AND (c.id = ?2 OR c.person = ?3)";

const TEXTS: &str = "SELECT t.id, t.direction, t.message, t.sid, t.body, t.media, t.status, t.error, t.at
    FROM {t}conversation_text AS t JOIN {t}conversation AS c ON c.id = t.conversation
    WHERE c.tenant = ?1 AND c.id = ?2 AND t.id < ?3 ORDER BY t.id DESC LIMIT ?4";

impl Records {
    /// Notes texts that we send, and what became of them, in this order.
    pub(crate) async fn change(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let statements = changes.into_iter().flat_map(|change| match change {
            Change::Text(text) => out(text).to_vec(),
            Change::Status { message, status } => vec![known(message, status)],
        });
        let statements: Vec<SqlStatement> = statements.collect();
        if statements.is_empty() {
            return Ok(());
        }
        self.sql.execute(statements).await
    }

    /// Sets what became of a text with this id at the provider, of this tenant.
    pub(crate) async fn delivered(&self, tenant: &str, status: TextStatus) -> Result<(), StoreError> {
        let text =
            "UPDATE {t}conversation_text SET status = ?3, error = ?4 WHERE sid = ?2 AND conversation IN
                    (SELECT id FROM {t}conversation WHERE tenant = ?1)
                    AND (?3 = 'read' OR status NOT IN ('delivered', 'undelivered', 'failed', 'read'))";
        let error = status.error.map(|error| error.to_string());
        let update = SqlStatement::new(text).value(tenant).value(status.sid);
        self.sql.write(vec![update.value(status.status).value(error)]).await.map(drop)
    }

    /// Adds a text that somebody sent, and returns the conversation. The same one again changes nothing.
    pub(crate) async fn received(&self, text: TextIn) -> Result<i64, StoreError> {
        let conversation = SqlStatement::new(CONVERSATION).value(text.tenant.as_str());
        let conversation =
            conversation.value(text.person.as_str()).value(text.sender.as_str()).value(1_i64).value(1_i64);
        let insert = SqlStatement::new(TEXT).value(text.tenant.as_str()).value(text.person.as_str());
        let insert = insert.value("in").value(text.sid.as_str()).value(None::<i64>).value(text.sid.as_str());
        let media = (!text.media.is_null()).then(|| text.media.to_string());
        let insert = insert.value(text.sender).value(storable(&text.body)).value(media).value("received");
        let insert = insert.value(None::<&str>).value(text.at);
        let (tenant, person) = (text.tenant.as_str(), text.person.as_str());
        let newest = SqlStatement::new(NEWEST).value(tenant).value(person);
        let mut statements = vec![conversation, insert, newest];
        if let Some(opts_out) = text.opts_out {
            let update = "UPDATE {t}conversation SET opted_out = ?3 WHERE tenant = ?1 AND person = ?2";
            let update = SqlStatement::new(update).value(tenant).value(person).value(i64::from(opts_out));
            statements.push(update);
        }
        let answers = self.sql.write(statements).await?;
        answers.get(1).and_then(|rows| rows.first()).ok_or(StoreError::NoRow)?.int(1)
    }

    pub(crate) async fn conversations(
        &self,
        tenant: &str,
        before: i64,
        limit: u32,
    ) -> Result<Page<Conversation>, StoreError> {
        let select = SqlStatement::new(LIST).value(tenant).value(before).value(i64::from(limit) + 1);
        let items = self.sql.read(select).await?.iter().map(conversation).collect::<Result<_, _>>()?;
        Ok(Page::of(items, limit, |one: &Conversation| one.newest))
    }

    pub(crate) async fn conversation(
        &self,
        tenant: &str,
        id: i64,
    ) -> Result<Option<Conversation>, StoreError> {
        self.one_conversation(SqlStatement::new(ONE).value(tenant).value(id).value(None::<&str>)).await
    }

    pub(crate) async fn conversation_with(
        &self,
        tenant: &str,
        person: &str,
    ) -> Result<Option<Conversation>, StoreError> {
        self.one_conversation(SqlStatement::new(ONE).value(tenant).value(None::<i64>).value(person)).await
    }

    async fn one_conversation(&self, select: SqlStatement) -> Result<Option<Conversation>, StoreError> {
        self.sql.read(select).await?.first().map(conversation).transpose()
    }

    pub(crate) async fn texts(
        &self,
        (tenant, conversation): (&str, i64),
        before: i64,
        limit: u32,
    ) -> Result<Page<ConversationText>, StoreError> {
        let select = SqlStatement::new(TEXTS).value(tenant).value(conversation).value(before);
        let rows = self.sql.read(select.value(i64::from(limit) + 1)).await?;
        let items = rows.iter().map(|row| text(row, 0)).collect::<Result<_, _>>()?;
        Ok(Page::of(items, limit, |one: &ConversationText| one.id))
    }

    /// Marks all texts of a conversation as read. Returns `false` if there is no such conversation.
    pub(crate) async fn read(&self, tenant: &str, conversation: i64) -> Result<bool, StoreError> {
        let text = "UPDATE {t}conversation SET read_to = newest WHERE tenant = ?1 AND id = ?2 RETURNING id";
        let rows = self.sql.write(vec![SqlStatement::new(text).value(tenant).value(conversation)]).await?;
        Ok(rows.first().is_some_and(|rows| !rows.is_empty()))
    }

    /// Notes whether a person wants no texts of a tenant, if there is a conversation with them.
    pub(crate) async fn set_opted_out(
        &self,
        tenant: &str,
        person: &str,
        opted_out: bool,
    ) -> Result<(), StoreError> {
        let text = "UPDATE {t}conversation SET opted_out = ?3 WHERE tenant = ?1 AND person = ?2";
        let update = SqlStatement::new(text).value(tenant).value(person).value(i64::from(opted_out));
        self.sql.write(vec![update]).await.map(drop)
    }

    /// Deletes what a tenant has of a person.
    pub(crate) async fn forget(&self, tenant: &str, person: &str) -> Result<(), StoreError> {
        // In the order in which others lock the rows.
        let lock = "UPDATE {t}conversation SET listed = listed WHERE tenant = ?1 AND person = ?2";
        let texts = "DELETE FROM {t}conversation_text WHERE conversation IN
                     (SELECT id FROM {t}conversation WHERE tenant = ?1 AND person = ?2)";
        let conversation = "DELETE FROM {t}conversation WHERE tenant = ?1 AND person = ?2";
        let both =
            [lock, texts, conversation].map(|text| SqlStatement::new(text).value(tenant).value(person));
        self.sql.write(both.into()).await.map(drop)
    }

    /// Deletes texts, audit entries and lists of campaigns before a time, at most `limit` of each. Returns how many they were.
    pub(crate) async fn delete_before(&self, time: i64, limit: u32) -> Result<u64, StoreError> {
        let texts = "DELETE FROM {t}conversation_text WHERE id IN
                     (SELECT id FROM {t}conversation_text WHERE at < ?1 ORDER BY at LIMIT ?2) RETURNING 1";
        let audit = "DELETE FROM {t}dashboard_audit WHERE id IN
                     (SELECT id FROM {t}dashboard_audit WHERE at < ?1 ORDER BY at LIMIT ?2) RETURNING 1";
        // An upload is named after its time.
        let parts = "DELETE FROM {t}campaign_part WHERE (draft, kind, upload, part) IN
                     (SELECT draft, kind, upload, part FROM {t}campaign_part WHERE upload < ?1 LIMIT ?2) RETURNING 1";
        let limit = i64::from(limit);
        let all = [texts, audit, parts].map(|text| SqlStatement::new(text).value(time).value(limit));
        let rows = self.sql.write(all.into()).await?;
        Ok(rows.iter().map(Vec::len).sum::<usize>() as u64)
    }

    /// Deletes conversations that have no texts any more, and notes which lists of campaigns are gone.
    pub(crate) async fn tidy(&self) -> Result<(), StoreError> {
        let empty = "DELETE FROM {t}conversation WHERE NOT EXISTS
                     (SELECT 1 FROM {t}conversation_text AS t WHERE t.conversation = {t}conversation.id)";
        let gone = "UPDATE {t}campaign_draft SET format = NULL, bytes = NULL WHERE format IS NOT NULL AND NOT EXISTS
                    (SELECT 1 FROM {t}campaign_part AS p WHERE p.draft = {t}campaign_draft.id AND p.kind = 'list')";
        self.sql.write([empty, gone].map(SqlStatement::new).into()).await.map(drop)
    }
}

fn out(text: TextOut) -> [SqlStatement; 3] {
    let name = match (&text.message, &text.status.sid) {
        (Some(message), _) => format!("outbox {message}"),
        (None, sid) => sid.clone().unwrap_or_else(|| format!("{:032x}", fastrand::u128(..))),
    };
    let (tenant, person) = (text.tenant.as_str(), text.person.as_str());
    let conversation = SqlStatement::new(CONVERSATION).value(tenant).value(person);
    let conversation = conversation.value(text.sender.as_str()).value(i64::from(!text.of_campaign));
    // A sender that the provider refuses is not the one to answer from.
    let conversation = conversation.value(i64::from(text.status.sid.is_some()));
    let error = text.status.error.map(|error| error.to_string());
    let insert = SqlStatement::new(TEXT).value(tenant).value(person).value("out").value(name);
    let insert = insert.value(text.message).value(text.status.sid);
    let insert = insert.value(text.sender).value(storable(&text.body));
    let insert = insert.value(None::<&str>).value(text.status.status).value(error).value(text.at);
    [conversation, insert, SqlStatement::new(NEWEST).value(tenant).value(person)]
}

/// PostgreSQL takes no NUL.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn known(message: i64, status: TextStatus) -> SqlStatement {
    let text =
        "UPDATE {t}conversation_text SET status = ?2, sid = coalesce(sid, ?3), error = ?4 WHERE message = ?1";
    let error = status.error.map(|error| error.to_string());
    SqlStatement::new(text).value(message).value(status.status).value(status.sid).value(error)
}

fn conversation(row: &SqlRow) -> Result<Conversation, StoreError> {
    Ok(Conversation {
        id: row.int(0)?,
        person: row.text(1)?.to_owned(),
        sender: row.text(2)?.to_owned(),
        newest: row.int(3)?,
        opted_out: row.int(4)? != 0,
        unread: row.int(5)?,
        last: row.opt_int(6)?.map(|_| text(row, 6)).transpose()?,
    })
}

fn text(row: &SqlRow, first: usize) -> Result<ConversationText, StoreError> {
    let json = |column: usize| -> Result<Value, StoreError> {
        let text = row.opt_text(first + column)?;
        Ok(text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default())
    };
    Ok(ConversationText {
        id: row.int(first)?,
        direction: row.text(first + 1)?.to_owned(),
        message: row.opt_int(first + 2)?,
        sid: row.opt_text(first + 3)?.map(str::to_owned),
        body: row.text(first + 4)?.to_owned(),
        media: json(5)?,
        status: row.opt_text(first + 6)?.map(str::to_owned),
        error: json(7)?,
        at: row.int(first + 8)?,
    })
}
