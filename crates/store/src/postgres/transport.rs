//! Opens connections with any TLS library.

use std::future::Future;
use std::pin::Pin;

use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Client, Config, Error, Socket};

type Opening<'a> = Pin<Box<dyn Future<Output = Result<Client, Error>> + Send + 'a>>;

/// Hides the type of the TLS library.
pub(super) trait Transport: Send + Sync {
    /// Connects, and starts the task that reads and writes the connection.
    fn open<'a>(&'a self, config: &'a Config) -> Opening<'a>;
}

pub(super) struct Connector<T>(pub(super) T);

impl<T> Transport for Connector<T>
where
    T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
    T::Stream: Send + 'static,
    T::TlsConnect: Send,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    fn open<'a>(&'a self, config: &'a Config) -> Opening<'a> {
        Box::pin(async move {
            let (client, connection) = config.connect(self.0.clone()).await?;
            // Its error also reaches every statement that waits for an answer.
            tokio::spawn(async move { drop(connection.await) });
            Ok(client)
        })
    }
}
