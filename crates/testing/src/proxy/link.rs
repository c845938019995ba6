//! One connection of a client, with the connection to the server.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::ProxyMode;
use super::message::{Feed, Framing};
use super::registry::{Registry, Ticket};

/// The pause after a connection could not be accepted.
const RECOVERY: Duration = Duration::from_millis(10);

/// Accepts connections. They end together with this task.
pub(super) async fn accept(listener: TcpListener, target: (String, u16), registry: Arc<Registry>) {
    let mut links = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(RECOVERY).await;
            continue;
        };
        let number = registry.count();
        if registry.mode() == ProxyMode::Refuse {
            reset(stream);
            continue;
        }
        if let Ok((ticket, stream)) = registry.enter(number, stream) {
            links.spawn(run(ticket, stream, target.clone()));
        }
        while links.try_join_next().is_some() {}
    }
}

/// Closes a connection so that the other side sees a reset.
fn reset(stream: TcpStream) {
    // Fails where the connection is closed already.
    let _ = stream.set_zero_linger();
}

async fn run(ticket: Ticket, stream: TcpStream, target: (String, u16)) {
    let _ = stream.set_nodelay(true);
    let mut link = Link { ticket, client: Feed::new(stream), server: None, target, served: 0 };
    let end = link.serve().await;
    if matches!(end, Ok(End::Reset)) {
        reset(link.client.stream);
    }
}

/// How a connection ends.
enum End {
    Close,
    Reset,
}

struct Link {
    ticket: Ticket,
    client: Feed<TcpStream>,
    server: Option<Feed<TcpStream>>,
    target: (String, u16),
    served: usize,
}

impl Link {
    async fn serve(&mut self) -> io::Result<End> {
        loop {
            if !self.next_request().await? || !self.ticket.set_idle(false) {
                return Ok(End::Close);
            }
            let mode = self.ticket.registry.mode();
            if let Some(end) = self.exchange(mode).await? {
                return Ok(end);
            }
            self.served += 1;
            if !self.ticket.set_idle(true) {
                return Ok(End::Close);
            }
        }
    }

    /// Waits for the first bytes of a request. Returns false when the client or the server closes the connection.
    async fn next_request(&mut self) -> io::Result<bool> {
        if !self.client.is_empty() {
            return Ok(true);
        }
        let Some(server) = &mut self.server else { return self.client.fill().await };
        tokio::select! {
            arrived = self.client.fill() => arrived,
            // A server sends nothing without a request: it has closed the connection.
            _ = server.fill() => Ok(false),
        }
    }

    async fn exchange(&mut self, mode: ProxyMode) -> io::Result<Option<End>> {
        match mode {
            ProxyMode::CloseOnReuse if self.served > 0 => return Ok(Some(End::Close)),
            // The mode was set after the connection was accepted.
            ProxyMode::Refuse => return Ok(Some(End::Reset)),
            ProxyMode::Stall => {
                self.read_until_close().await?;
                return Ok(Some(End::Close));
            }
            _ => {}
        }
        let request = self.request().await?;
        if mode == ProxyMode::ResetBefore {
            return Ok(Some(End::Reset));
        }
        let server = self.forward(&request.concat()).await?;
        let head = server.head().await?;
        let left = Framing::of_answer(&head, request.first().map_or(&[], Vec::as_slice));
        match mode {
            ProxyMode::ResetAfter => self.drop_answer(left).await.map(Some),
            ProxyMode::CutAnswer { after } => self.answer(&head, left, after).await.map(Some),
            _ => {
                let end = self.answer(&head, left, usize::MAX).await?;
                Ok((left == Framing::UntilClose).then_some(end))
            }
        }
    }

    /// Reads until the client closes the connection.
    async fn read_until_close(&mut self) -> io::Result<()> {
        let mut left = Framing::UntilClose;
        while self.client.piece(&mut left).await?.is_some() {}
        Ok(())
    }

    /// Reads a whole request: its head, and the pieces of its body.
    async fn request(&mut self) -> io::Result<Vec<Vec<u8>>> {
        let head = self.client.head().await?;
        let mut left = Framing::of_request(&head);
        let mut request = vec![head];
        while let Some(piece) = self.client.piece(&mut left).await? {
            request.push(piece);
        }
        Ok(request)
    }

    async fn forward(&mut self, request: &[u8]) -> io::Result<&mut Feed<TcpStream>> {
        let server = match self.server.take() {
            Some(server) => server,
            None => {
                let stream = TcpStream::connect((self.target.0.as_str(), self.target.1)).await?;
                stream.set_nodelay(true)?;
                Feed::new(stream)
            }
        };
        let server = self.server.insert(server);
        server.stream.write_all(request).await?;
        self.ticket.registry.count_forwarded();
        Ok(server)
    }

    async fn drop_answer(&mut self, mut left: Framing) -> io::Result<End> {
        if let Some(server) = &mut self.server {
            while server.piece(&mut left).await?.is_some() {}
        }
        Ok(End::Reset)
    }

    /// Forwards an answer, with at most `limit` bytes of its body.
    async fn answer(&mut self, head: &[u8], mut left: Framing, limit: usize) -> io::Result<End> {
        self.client.stream.write_all(head).await?;
        let mut passed = 0;
        let Some(server) = &mut self.server else { return Ok(End::Close) };
        while passed < limit
            && let Some(mut piece) = server.piece(&mut left).await?
        {
            piece.truncate(limit - passed);
            passed += piece.len();
            self.client.stream.write_all(&piece).await?;
        }
        Ok(End::Close)
    }
}
