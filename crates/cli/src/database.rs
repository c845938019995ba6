//! The database of what is sent durably: a file in the user's folder of data, or a PostgreSQL server.

mod tls;

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use clap::Args;
use switchboard_outbox::campaign::CampaignError;
use switchboard_outbox::{Outbox, OutboxError};
use switchboard_store::{Database, Postgres, SealError, Sqlite, StoreError};
use url::Url;

use crate::context::quoted;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::place;

/// The variable that names the database.
const VARIABLE: &str = "SWITCHBOARD_DATABASE";
/// The file in the user's folder of data.
const FILE: &str = "outbox.db";

/// Where the messages, campaigns and consents are.
#[derive(Clone, Default, Args)]
pub(crate) struct DatabaseArgs {
    /// The database: a file, or the URL of a PostgreSQL server; `SWITCHBOARD_DATABASE` names one for all commands, and may
    /// hold a password
    #[arg(long, global = true, value_name = "FILE or URL")]
    database: Option<String>,
}

impl fmt::Debug for DatabaseArgs {
    /// A URL may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseArgs").finish_non_exhaustive()
    }
}

impl DatabaseArgs {
    /// Opens the database, and makes the file if there is none.
    pub(crate) async fn open(&self) -> Result<Database, Failure> {
        match self.named()? {
            Some(url) if is_postgres(&url) => {
                let (url, is_encrypted) = encrypted(&url);
                let builder = Postgres::builder(&url);
                let builder = if is_encrypted { builder.connector(tls::connector()?) } else { builder };
                Ok(builder.connect().await?.into())
            }
            Some(path) => sqlite(Path::new(&path)).await,
            None => sqlite(&place::data()?.join(FILE)).await,
        }
    }

    /// Opens the database, and makes no file.
    pub(crate) async fn open_if_there(&self) -> Result<Option<Database>, Failure> {
        let file = match self.named()? {
            Some(url) if is_postgres(&url) => None,
            Some(path) => Some(path.into()),
            None => Some(place::data()?.join(FILE)),
        };
        if file.is_some_and(|file| !file.exists()) { Ok(None) } else { self.open().await.map(Some) }
    }

    fn named(&self) -> Result<Option<String>, Failure> {
        Ok(match &self.database {
            Some(named) => Some(without_password(named)?.to_owned()),
            None => env::var(VARIABLE).ok().filter(|named| !named.is_empty()),
        })
    }

    /// Opens the outbox in the database.
    pub(crate) async fn outbox(&self) -> Result<Outbox, Failure> {
        Ok(Outbox::open(self.open().await?).await?)
    }

    /// The option as it is typed again in a command that this program prints.
    pub(crate) fn again(&self) -> String {
        self.database.as_ref().map(|named| format!(" --database {}", quoted(named))).unwrap_or_default()
    }
}

async fn sqlite(path: &Path) -> Result<Database, Failure> {
    // A file that SQLite makes can be read by others, and it holds numbers and texts.
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // SQLite says what is wrong with a file that cannot be made.
    drop(options.open(path));
    Ok(Sqlite::open(path).await.map_err(|error| Failure::from(error).while_doing(&shown(path)))?.into())
}

fn shown(path: &Path) -> String {
    PathBuf::from(path).display().to_string()
}

fn is_postgres(named: &str) -> bool {
    let named = named.to_ascii_lowercase();
    ["postgres://", "postgresql://"].iter().any(|scheme| named.starts_with(scheme))
}

/// Everybody on the machine can read the command line.
fn without_password(named: &str) -> Result<&str, Failure> {
    let has_password = match Url::parse(named) {
        Ok(url) => url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password"),
        // What cannot be read may hold one, too.
        Err(_) => named.contains('@'),
    };
    if is_postgres(named) && has_password {
        let what = "--database: the URL has a password, which everybody on this machine can read there";
        return Err(Failure::usage(what).todo(format!("put the URL into the variable {VARIABLE}")));
    }
    if named.contains("password=") {
        let what = "--database: this is no file, and it has a password, which everybody on this machine can read there";
        return Err(
            Failure::usage(what).todo(format!("put a URL, postgres://…, into the variable {VARIABLE}"))
        );
    }
    Ok(named)
}

/// Demands TLS of a server on another machine, if the URL says nothing about it. Is TLS set up?
fn encrypted(url: &str) -> (String, bool) {
    let local =
        |host: &str| matches!(host, "" | "localhost" | "127.0.0.1" | "[::1]") || host.starts_with("%2F");
    let is_local = Url::parse(url).is_ok_and(|url| {
        url.host_str().is_none_or(local) && !url.query_pairs().any(|(name, _)| name.starts_with("host"))
    });
    if url.contains("sslmode=") {
        return (url.to_owned(), true);
    }
    if is_local {
        return (url.to_owned(), false);
    }
    let separator = if url.contains('?') { '&' } else { '?' };
    (format!("{url}{separator}sslmode=require"), true)
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let later = matches!(
            error,
            StoreError::Locked { .. }
                | StoreError::Busy { .. }
                | StoreError::ConnectionLost
                | StoreError::CannotConnect { .. }
                | StoreError::DiskFull
        );
        let exit = match &error {
            StoreError::Seal(_) => Exit::Credentials,
            StoreError::BadUrl | StoreError::NotADatabase | StoreError::CannotOpen { .. } => Exit::Usage,
            _ if later => Exit::Later,
            _ => Exit::Failed,
        };
        match error {
            StoreError::Seal(error) => error.into(),
            StoreError::Locked { name } => Self::new(
                exit,
                format!("another process sends from this database: it holds the lock `{name}`"),
            )
            .todo("wait until it has ended, or interrupt it: it tells how to go on"),
            error => Self::new(exit, error.to_string()),
        }
    }
}

impl From<SealError> for Failure {
    fn from(error: SealError) -> Self {
        let failure = Self::new(Exit::Credentials, error.to_string());
        match error {
            SealError::NoKeys => Self::new(Exit::Credentials, "there is no key to seal credentials with")
                .todo("run `switchboard keys new`, and set SWITCHBOARD_KEYS to what it prints, or SWITCHBOARD_KEYS_FILE to a file with it"),
            _ => failure,
        }
    }
}

impl From<OutboxError> for Failure {
    fn from(error: OutboxError) -> Self {
        let exit = match error {
            OutboxError::Store(error) => return error.into(),
            OutboxError::Unlisted(error) => return error.into(),
            OutboxError::CopiedFile { .. } => {
                return Self::new(
                    Exit::Failed,
                    "the database was copied or moved since it was used last: nothing is sent",
                )
                .todo("if the original is still in use, use that one; else run `switchboard outbox adopt`");
            }
            OutboxError::Invalid(_)
            | OutboxError::KeyConflict { .. }
            | OutboxError::CampaignOver { .. }
            | OutboxError::CampaignChanged { .. } => Exit::Usage,
            OutboxError::Blocked { .. } | OutboxError::Forgotten { .. } => Exit::Refused,
            OutboxError::LostLease => Exit::Later,
            _ => Exit::Failed,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<CampaignError> for Failure {
    fn from(error: CampaignError) -> Self {
        match error {
            CampaignError::Outbox(error) => error.into(),
            CampaignError::Interrupted | CampaignError::Panicked => {
                Self::new(Exit::Failed, error.to_string())
            }
            _ => Self::usage(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_refused_on_the_command_line_and_never_shown() {
        for url in [
            "postgres://ada:planted-4711@db.example/app",
            "postgresql://ada@db.example/app?password=planted-4711",
            "postgres://ada:planted-4711@one,two/app",
        ] {
            let args = DatabaseArgs { database: Some(url.to_owned()) };
            let failure = without_password(url).unwrap_err();
            let shown = format!("{failure:?} {:?} {args:?}", failure.lines());
            assert!(!shown.contains("4711") && failure.exit() == Exit::Usage, "{shown}");
        }
        for good in ["app.db", "postgres://ada@db.example/app", "a@b:c.db"] {
            assert_eq!(without_password(good).unwrap(), good);
        }
    }

    #[test]
    fn a_server_on_another_machine_is_asked_with_tls() {
        let same = [
            "postgres://localhost/app",
            "postgres://ada:x@127.0.0.1:5432/app",
            "postgres://[::1]/app",
            "postgres://db.example/app?sslmode=disable",
        ];
        for url in same {
            assert_eq!(encrypted(url).0, url);
        }
        let changed = [
            ("postgres://db.example/app", "postgres://db.example/app?sslmode=require"),
            ("postgres://a,b/app?connect_timeout=3", "postgres://a,b/app?connect_timeout=3&sslmode=require"),
            (
                "postgres://localhost/app?host=db.example",
                "postgres://localhost/app?host=db.example&sslmode=require",
            ),
        ];
        for (url, expected) in changed {
            assert_eq!(encrypted(url), (expected.to_owned(), true));
        }
    }
}
