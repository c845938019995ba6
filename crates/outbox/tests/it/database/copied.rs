//! Backups and copies of a database.

use switchboard_store::rusqlite::Connection;

use super::{Folder, TestDatabase};

/// Copies every table of a schema.
const BACK_UP: &str = "DO $$ DECLARE name text; BEGIN
  CREATE SCHEMA {b};
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = '{n}' LOOP
    EXECUTE format('CREATE TABLE {b}.%I AS TABLE {s}.%I', name, name);
  END LOOP;
END $$";
/// Replaces every table of the schema by its copy, so that all else stays as it is, as when a server's files are
/// restored.
const RESTORE: &str = "DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = '{n}' LOOP
    EXECUTE format('TRUNCATE {s}.%I', name);
    EXECUTE format('INSERT INTO {s}.%I OVERRIDING SYSTEM VALUE TABLE {b}.%I', name, name);
  END LOOP;
  DROP SCHEMA {b} CASCADE;
END $$";

impl TestDatabase {
    /// Keeps a copy, to which [`restore`](Self::restore) goes back.
    pub(crate) async fn back_up(&self) {
        match self {
            Self::Sqlite(folder) => copy(&folder.open(), &folder.path().join("backup.db")),
            Self::Postgres(server) => server.batch(&of_backup(BACK_UP, server.postgres.schema())).await,
        }
    }

    /// Restores the copy in the same place. Nobody may have it open.
    pub(crate) async fn restore(&self) {
        match self {
            Self::Sqlite(folder) => {
                // The content is copied, so that the file keeps its number.
                std::fs::copy(folder.path().join("backup.db"), folder.database()).unwrap();
                for beside in ["app.db-wal", "app.db-shm"] {
                    drop(std::fs::remove_file(folder.path().join(beside)));
                }
            }
            Self::Postgres(server) => server.batch(&of_backup(RESTORE, server.postgres.schema())).await,
        }
    }

    /// Copies it to another place: another file, or a dump restored into another database.
    pub(crate) async fn copied(&self) -> Self {
        match self {
            Self::Sqlite(folder) => {
                let other = Folder::new();
                copy(&folder.open(), &other.database());
                Self::Sqlite(other)
            }
            Self::Postgres(server) => Self::Postgres(Box::new(server.restored_dump().await)),
        }
    }
}

fn copy(from: &Connection, to: &std::path::Path) {
    from.execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
}

fn of_backup(sql: &str, schema: &str) -> String {
    sql.replace("{n}", schema).replace("{b}", &format!("{schema}_backup"))
}
