//! A TCP proxy that breaks connections on demand.
//!
//! It connects a client with [`FakeTwilio`](super::FakeTwilio) or any other plain HTTP/1.1 server, and must know nothing
//! about Twilio. For each connection of a client it opens one to the server; when the server closes that, the proxy closes
//! the client's.

mod link;
mod message;
mod registry;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::Url;

use self::registry::Registry;

/// What the proxy does with each request that arrives after the mode was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ProxyMode {
    /// Forwards everything.
    #[default]
    Pass,
    /// Resets each new connection immediately, and each open one at its next request. Nothing is forwarded.
    Refuse,
    /// Reads requests and never answers. Nothing is forwarded.
    Stall,
    /// Reads a whole request, then resets the connection. Nothing is forwarded.
    ResetBefore,
    /// Forwards a request, reads the whole answer of the server, then resets the connection.
    ResetAfter,
    /// Forwards a request, then the head of the answer and this many bytes of its body, and closes the connection.
    CutAnswer {
        /// The number of bytes of the body that are forwarded.
        after: usize,
    },
    /// Forwards the first request of a connection, and closes the connection at the second one, which is not forwarded. This
    /// happens to a client that keeps idle connections longer than the server.
    CloseOnReuse,
}

/// A proxy on a loopback port, until it is dropped.
///
/// ```
/// # async fn demo() {
/// use switchboard_testing::{FakeTwilio, FaultProxy, ProxyMode};
///
/// let twilio = FakeTwilio::start().await;
/// let proxy = FaultProxy::to(twilio.url());
/// proxy.set(ProxyMode::ResetAfter);
/// // … the fake carries out a request to `proxy.url()`, and the client gets no answer …
/// # }
/// ```
pub struct FaultProxy {
    address: SocketAddr,
    registry: Arc<Registry>,
    _task: JoinSet<()>,
}

impl FaultProxy {
    /// Starts a proxy to a plain `http` URL.
    ///
    /// # Panics
    /// Outside a tokio runtime, when the URL is not `http`, and when no loopback port can be bound.
    #[expect(clippy::expect_used, reason = "a test without its proxy can only stop")]
    #[must_use]
    pub fn to(url: impl AsRef<str>) -> Self {
        let url = Url::parse(url.as_ref()).expect("the URL of the server can be read");
        assert_eq!(url.scheme(), "http", "the proxy reads what it passes on, so it speaks plain http only");
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let target = (host, url.port_or_known_default().unwrap_or(80));
        let listener =
            std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port can be bound");
        let address = listener.local_addr().expect("a bound port has an address");
        listener.set_nonblocking(true).expect("a listener can be made non-blocking");
        let listener = TcpListener::from_std(listener).expect("the runtime takes the listener");
        let registry = Arc::new(Registry::default());
        let mut task = JoinSet::new();
        task.spawn(link::accept(listener, target, Arc::clone(&registry)));
        Self { address, registry, _task: task }
    }

    /// Returns the URL to send to: `http://127.0.0.1:49153`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes the mode.
    pub fn set(&self, mode: ProxyMode) {
        self.registry.set(mode);
    }

    /// Returns how many connections were accepted so far, including those that were reset immediately.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.registry.accepted()
    }

    /// Returns how many connections are open now.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.registry.open()
    }

    /// Returns how many requests were forwarded to the server.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.registry.forwarded()
    }

    /// Closes each connection that has no request in progress, as a server with an idle timeout does, and returns how many.
    ///
    /// They are closed when this returns, but a client may notice it later.
    pub fn close_idle(&self) -> usize {
        self.registry.close_idle()
    }
}

impl fmt::Debug for FaultProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultProxy").field("address", &self.address).finish_non_exhaustive()
    }
}
