use std::net::IpAddr;
use std::time::Duration;

use tokio_postgres::config::{Host, TargetSessionAttrs};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Config, NoTls, Socket};

use super::transport::{Connector, Transport};
use super::{Postgres, Shared};
use crate::StoreError;

/// A server that no longer answers is noticed after about this time.
const DEAD_AFTER: Duration = Duration::from_secs(15);

/// The settings with which a [`Postgres`] is opened.
#[must_use]
pub struct PostgresBuilder {
    url: String,
    schema: String,
    transport: Option<Box<dyn Transport>>,
    allow_plain: bool,
}

impl PostgresBuilder {
    pub(super) fn new(url: &str) -> Self {
        let schema = "switchboard".to_owned();
        Self { url: url.to_owned(), schema, transport: None, allow_plain: false }
    }

    /// Sets the schema of all tables. It is created if it does not exist. Default: `switchboard`.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// Sets the TLS connector, for example from `tokio-postgres-rustls` or `postgres-native-tls`. Add
    /// `sslmode=require` to the URL, or a server may still choose a connection without TLS.
    pub fn connector<T>(mut self, connector: T) -> Self
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + 'static,
        T::TlsConnect: Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        self.transport = Some(Box::new(Connector(connector)));
        self
    }

    /// Allows a connection without TLS to a server on another machine. Password, numbers and texts may then be read
    /// on the way.
    pub fn allow_plain(mut self) -> Self {
        self.allow_plain = true;
        self
    }

    /// Connects once, to find errors early, and returns the database.
    ///
    /// # Errors
    /// `BadUrl`, `BadSchema`, `NotEncrypted` if the server is on another machine and there is no connector,
    /// `CannotConnect`.
    pub async fn connect(self) -> Result<Postgres, StoreError> {
        if !is_schema(&self.schema) {
            return Err(StoreError::BadSchema { schema: self.schema });
        }
        let mut config: Config = self.url.parse().map_err(|_| StoreError::BadUrl)?;
        if self.transport.is_none() && !self.allow_plain && !is_local(&config) {
            return Err(StoreError::NotEncrypted);
        }
        set_defaults(&mut config);
        let transport = self.transport.unwrap_or_else(|| Box::new(Connector(NoTls)));
        let commits = tokio::sync::watch::Sender::new(0);
        let shared = Shared { config, schema: self.schema, transport, commits };
        let postgres = Postgres(std::sync::Arc::new(shared));
        postgres.connection().await?;
        Ok(postgres)
    }
}

impl std::fmt::Debug for PostgresBuilder {
    /// The URL may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresBuilder").field("schema", &self.schema).finish_non_exhaustive()
    }
}

fn set_defaults(config: &mut Config) {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(DEAD_AFTER);
    }
    config.keepalives_idle(DEAD_AFTER / 2).keepalives_interval(DEAD_AFTER / 6).keepalives_retries(3);
    if config.get_target_session_attrs() == TargetSessionAttrs::Any {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    if config.get_application_name().is_none() {
        config.application_name("switchboard");
    }
}

/// Are all hosts on this machine?
fn is_local(config: &Config) -> bool {
    let loopback =
        |host: &str| host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let local = |host: &Host| match host {
        Host::Tcp(name) => loopback(name),
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    // `hostaddr` decides where the connection goes; `host` is then only a name.
    if config.get_hostaddrs().is_empty() {
        config.get_hosts().iter().all(local)
    } else {
        config.get_hostaddrs().iter().all(IpAddr::is_loopback)
    }
}

/// A name that is the same with and without quotes.
fn is_schema(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=63).contains(&name.len())
        && name.bytes().all(word)
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.starts_with("pg_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_servers_on_this_machine_are_local() {
        for (url, expected) in [
            ("postgres://localhost/x", true),
            ("postgres://127.0.0.1/x", true),
            ("postgres://[::1]/x", true),
            ("host=/var/run/postgresql dbname=x", true),
            ("host=localhost hostaddr=10.0.0.1", false),
            ("postgres://db.example/x", false),
            ("host=localhost,db.example", false),
            ("postgres://10.0.0.1/x", false),
        ] {
            assert_eq!(is_local(&url.parse().unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn names_of_schemas() {
        for (name, expected) in [
            ("switchboard", true),
            ("a_1", true),
            ("", false),
            ("1a", false),
            ("A", false),
            ("pg_x", false),
            ("a\"b", false),
        ] {
            assert_eq!(is_schema(name), expected, "{name}");
        }
        assert!(!is_schema(&"a".repeat(64)));
    }

    #[tokio::test]
    async fn a_server_elsewhere_needs_tls() {
        let error = Postgres::connect("postgres://app:planted@db.example/app").await.unwrap_err();
        assert!(matches!(error, StoreError::NotEncrypted));
        let shown = format!("{:?}", Postgres::builder("postgres://app:planted@db.example/app"));
        assert!(!shown.contains("planted"));
        let error = Postgres::connect("postgres://app:planted@[/").await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("planted"));
    }
}
