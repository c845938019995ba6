//! The table of the notices.

use switchboard_store::{Migration, Migrations};

/// The table, see [`Mesh::MIGRATIONS`](super::Mesh::MIGRATIONS).
pub(super) const MIGRATIONS: Migrations = Migrations {
    room: "mesh",
    list: &[Migration { number: 1, name: "notices", sql: SQLITE, postgres: POSTGRES }],
};

const SQLITE: &str = "\
CREATE TABLE {p}notice (
  seq INTEGER PRIMARY KEY,              -- the number of its event in the log
  source TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, tenant TEXT NOT NULL, subject TEXT,
  time INTEGER NOT NULL, published INTEGER NOT NULL, cause TEXT, hops INTEGER NOT NULL, payload TEXT NOT NULL,
  UNIQUE (source, id)
) STRICT;
CREATE INDEX {p}notice_tenant ON {p}notice (tenant, seq);
CREATE INDEX {p}notice_subject ON {p}notice (subject) WHERE subject IS NOT NULL;
";

const POSTGRES: &str = "\
CREATE TABLE {s}.notice (
  seq bigint PRIMARY KEY,               -- the number of its event in the log
  source text NOT NULL, id text NOT NULL, name text NOT NULL, tenant text NOT NULL, subject text,
  time bigint NOT NULL, published bigint NOT NULL, cause text, hops integer NOT NULL, payload text NOT NULL,
  UNIQUE (source, id)
);
CREATE INDEX notice_tenant ON {s}.notice (tenant, seq);
CREATE INDEX notice_subject ON {s}.notice (subject) WHERE subject IS NOT NULL;
";
