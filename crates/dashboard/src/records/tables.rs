//! The tables of a dashboard. Times are microseconds since 1970 (UTC).

use switchboard_store::{Migration, Migrations};

/// The tables, see [`Dashboard::MIGRATIONS`](crate::Dashboard::MIGRATIONS).
pub(crate) static MIGRATIONS: Migrations = Migrations {
    room: "dashboard",
    list: &[Migration {
        number: 1,
        name: "conversations, templates, campaign drafts and an audit",
        sql: SQLITE,
        postgres: POSTGRES,
    }],
};

const SQLITE: &str = "\
-- With one person; the sender is the one of ours that was used last.
CREATE TABLE {p}conversation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL, person TEXT NOT NULL, sender TEXT NOT NULL,
  newest INTEGER NOT NULL DEFAULT 0,    -- the id of its newest text
  read_to INTEGER NOT NULL DEFAULT 0,   -- texts up to this id were read
  listed INTEGER NOT NULL,              -- 0: it has texts of campaigns only
  opted_out INTEGER NOT NULL DEFAULT 0,
  UNIQUE (tenant, person)
) STRICT;
CREATE INDEX {p}conversation_newest ON {p}conversation (tenant, newest) WHERE listed = 1;
CREATE TABLE {p}conversation_text (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation INTEGER NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
  name TEXT NOT NULL,                   -- tells it from the others of the conversation
  message INTEGER,                      -- its id in the outbox
  sid TEXT, sender TEXT NOT NULL, body TEXT NOT NULL,
  media TEXT,                           -- JSON
  status TEXT, error TEXT, at INTEGER NOT NULL,
  UNIQUE (conversation, name)
) STRICT;
CREATE INDEX {p}conversation_text_list ON {p}conversation_text (conversation, id);
CREATE INDEX {p}conversation_text_message ON {p}conversation_text (message) WHERE message IS NOT NULL;
CREATE INDEX {p}conversation_text_sid ON {p}conversation_text (sid) WHERE sid IS NOT NULL;
CREATE INDEX {p}conversation_text_at ON {p}conversation_text (at);

CREATE TABLE {p}template (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, updated INTEGER NOT NULL,
  UNIQUE (tenant, name)
) STRICT;

-- Campaigns as they were entered, with their lists.
CREATE TABLE {p}campaign_draft (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL,
  definition TEXT,                      -- JSON; NULL if another program has started it
  number INTEGER,                       -- of the campaign in the outbox, once it was started
  starting INTEGER NOT NULL DEFAULT 0,
  format TEXT, bytes INTEGER,           -- of the list
  error TEXT,                           -- why the last import ended
  UNIQUE (tenant, name)
) STRICT;
CREATE UNIQUE INDEX {p}campaign_draft_number ON {p}campaign_draft (tenant, number) WHERE number IS NOT NULL;
CREATE TABLE {p}campaign_part (
  draft INTEGER NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('list', 'rejects')), upload INTEGER NOT NULL,
  part INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (draft, kind, upload, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE {p}dashboard_audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, target TEXT,
  detail TEXT NOT NULL                  -- JSON; no text of a message, and of numbers the last four digits
) STRICT;
CREATE INDEX {p}dashboard_audit_list ON {p}dashboard_audit (tenant, id);
CREATE INDEX {p}dashboard_audit_at ON {p}dashboard_audit (at);
";

const POSTGRES: &str = "\
-- With one person; the sender is the one of ours that was used last.
CREATE TABLE {s}.conversation (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text NOT NULL, person text NOT NULL, sender text NOT NULL,
  newest bigint NOT NULL DEFAULT 0,     -- the id of its newest text
  read_to bigint NOT NULL DEFAULT 0,    -- texts up to this id were read
  listed bigint NOT NULL,               -- 0: it has texts of campaigns only
  opted_out bigint NOT NULL DEFAULT 0,
  UNIQUE (tenant, person)
);
CREATE INDEX conversation_newest ON {s}.conversation (tenant, newest) WHERE listed = 1;
CREATE TABLE {s}.conversation_text (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  conversation bigint NOT NULL,
  direction text NOT NULL CHECK (direction IN ('in', 'out')),
  name text NOT NULL,                   -- tells it from the others of the conversation
  message bigint,                       -- its id in the outbox
  sid text, sender text NOT NULL, body text NOT NULL,
  media text,                           -- JSON
  status text, error text, at bigint NOT NULL,
  UNIQUE (conversation, name)
);
CREATE INDEX conversation_text_list ON {s}.conversation_text (conversation, id);
CREATE INDEX conversation_text_message ON {s}.conversation_text (message) WHERE message IS NOT NULL;
CREATE INDEX conversation_text_sid ON {s}.conversation_text (sid) WHERE sid IS NOT NULL;
CREATE INDEX conversation_text_at ON {s}.conversation_text (at);

CREATE TABLE {s}.template (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text NOT NULL, name text NOT NULL, body text NOT NULL, updated bigint NOT NULL,
  UNIQUE (tenant, name)
);

-- Campaigns as they were entered, with their lists.
CREATE TABLE {s}.campaign_draft (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text NOT NULL, name text NOT NULL, created bigint NOT NULL,
  definition text,                      -- JSON; NULL if another program has started it
  number bigint,                        -- of the campaign in the outbox, once it was started
  starting bigint NOT NULL DEFAULT 0,
  format text, bytes bigint,            -- of the list
  error text,                           -- why the last import ended
  UNIQUE (tenant, name)
);
CREATE UNIQUE INDEX campaign_draft_number ON {s}.campaign_draft (tenant, number) WHERE number IS NOT NULL;
CREATE TABLE {s}.campaign_part (
  draft bigint NOT NULL, kind text NOT NULL CHECK (kind IN ('list', 'rejects')), upload bigint NOT NULL,
  part bigint NOT NULL, data bytea NOT NULL,
  PRIMARY KEY (draft, kind, upload, part)
);

CREATE TABLE {s}.dashboard_audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text NOT NULL, at bigint NOT NULL, actor text NOT NULL, action text NOT NULL, target text,
  detail text NOT NULL                  -- JSON; no text of a message, and of numbers the last four digits
);
CREATE INDEX dashboard_audit_list ON {s}.dashboard_audit (tenant, id);
CREATE INDEX dashboard_audit_at ON {s}.dashboard_audit (at);
";
