//! What happens, as a stream for one page.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::json;
use switchboard::ErrorCode;
use switchboard_automation::mesh::{Live, LiveEvent, MeshError};
use tokio::time::{Instant, timeout_at};

use crate::answer::Problem;
use crate::dashboard::Dashboard;
use crate::identity::Login;
use crate::request::{By, View};

/// How many streams a person may have.
const MOST: usize = 20;
/// Something is written at least so often, because proxies end silent connections.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The open streams of each person.
#[derive(Debug, Default)]
pub(crate) struct Streams(Mutex<HashMap<(String, String), usize>>);

/// One of a person's streams, until it is dropped.
struct Seat {
    streams: Arc<Streams>,
    person: (String, String),
}

impl Seat {
    fn take(streams: &Arc<Streams>, login: &Login) -> Option<Self> {
        let person = (login.tenant.clone(), login.user.clone());
        let mut open = streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(person.clone()).or_default();
        if *count >= MOST {
            return None;
        }
        *count += 1;
        Some(Self { streams: Arc::clone(streams), person })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.person);
            }
        }
    }
}

/// `GET /api/events`, from now on, or behind the event that `Last-Event-ID` names.
pub(crate) async fn stream(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    By { login, .. }: By<View>,
) -> Result<Response, Problem> {
    let mesh = dashboard.events().ok_or_else(|| Problem::not_found("this server has no events to show"))?;
    let last = headers.get("last-event-id").map(|id| id.to_str().ok().and_then(|id| id.parse::<i64>().ok()));
    let newest = mesh.newest().await.map_err(|error| unavailable(&error))?;
    // A number that was never given is from a database that is not in use any more.
    let (after, is_lost) = match last {
        None => (newest, false),
        Some(Some(number)) if number > newest => (newest, true),
        Some(Some(number)) => (number, false),
        Some(None) => return Err(Problem::bad_request("`Last-Event-ID` is the number of an event")),
    };
    let live = mesh.live_after(after, "**").await.map_err(|error| unavailable(&error))?.tenant(&login.tenant);
    let seat = Seat::take(dashboard.streams(), &login).ok_or_else(|| {
        let said = format!("you have {MOST} pages open already: close one");
        Problem::new(StatusCode::TOO_MANY_REQUESTS, ErrorCode::RateLimited, said)
    })?;
    let now = Instant::now();
    let check_at = now + dashboard.login_checks();
    let page = Page {
        live,
        dashboard,
        login,
        _seat: seat,
        is_new: true,
        is_lost,
        write_by: now + KEEP_ALIVE,
        check_at,
    };
    let mut response = Sse::new(stream::unfold(page, Page::next)).into_response();
    // Otherwise nginx collects what is written.
    let no_buffer = (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response.headers_mut().insert(no_buffer.0, no_buffer.1);
    Ok(response)
}

fn unavailable(error: &MeshError) -> Problem {
    tracing::error!(%error, "the events cannot be read");
    let said = "the events cannot be read now: try again";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::NetworkError, said)
}

/// The page at the other end.
struct Page {
    live: Live,
    dashboard: Dashboard,
    login: Login,
    _seat: Seat,
    is_new: bool,
    /// What it shows must be read again.
    is_lost: bool,
    write_by: Instant,
    check_at: Instant,
}

impl Page {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        let event = self.event().await?;
        self.write_by = Instant::now() + KEEP_ALIVE;
        Some((Ok(event), self))
    }

    /// Waits for the next thing to write; `None` ends the stream, and the browser comes back.
    async fn event(&mut self) -> Option<Event> {
        if std::mem::take(&mut self.is_new) {
            // So that the browser knows at once that it is connected.
            return Some(Event::default().comment("open"));
        }
        if std::mem::take(&mut self.is_lost) {
            return Some(resync());
        }
        loop {
            let now = Instant::now();
            if self.login.expires.is_some_and(|end| end <= Timestamp::now()) {
                return None;
            }
            if self.check_at <= now {
                if !self.dashboard.identity().still_valid(&self.login).await {
                    return None;
                }
                self.check_at = now + self.dashboard.login_checks();
            }
            if self.write_by <= now {
                return Some(Event::default().comment(""));
            }
            let Ok(event) = timeout_at(self.write_by.min(self.check_at), self.live.next()).await else {
                continue;
            };
            match event {
                Ok(Some(LiveEvent::Notice { number, notice })) => {
                    let data = json!({
                        "id": notice.id, "name": notice.name, "source": notice.source, "time": notice.time,
                        "subject": notice.subject, "payload": notice.payload,
                    });
                    return Some(Event::default().id(number.to_string()).data(data.to_string()));
                }
                Ok(Some(LiveEvent::Lagged(_))) => return Some(resync()),
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(error) => {
                    tracing::warn!(%error, "a stream of events ends");
                    return None;
                }
            }
        }
    }
}

fn resync() -> Event {
    Event::default().event("resync").data("{}")
}
