//! Webhooks in an axum application: verified, handled once, answered in time.

mod ack;
mod guard;

pub use ack::{AckThen, ack_then};

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::handler::Handler;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use http::StatusCode;
use http::request::Parts;

use super::claim::{Claims, MemoryClaims};
use super::event::{Event, WebhookEvent, WrongEvent};
use super::params::Params;
use super::signature::{SignatureError, Signed, SignedRequest, TenantVerifier, Verified, Verifier};

/// Twilio's webhooks are smaller.
const BODY_LIMIT: usize = 256 * 1024;
/// Twilio waits 15 seconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(12);
/// Longer than any handler should take.
const LEASE: Duration = Duration::from_secs(5 * 60);

/// Guards the routes that Twilio calls: verifies, claims, runs the handler, answers in time.
///
/// ```
/// use axum::{Router, routing::post};
/// use switchboard::twilio::twiml::MessagingResponse;
/// use switchboard::twilio::webhook::{
///     InboundMessage, MessageStatusUpdate, TwilioWebhook, Verifier, Webhooks,
/// };
///
/// async fn sms(TwilioWebhook(message): TwilioWebhook<InboundMessage>) -> MessagingResponse {
///     message.reply("Thank you") // silence where somebody wrote STOP
/// }
///
/// async fn status(TwilioWebhook(update): TwilioWebhook<MessageStatusUpdate>) {
///     println!("{:?} is {:?}", update.sid, update.status);
/// }
///
/// let verifier = Verifier::new("the auth token").public_url("https://example.com");
/// let routes = Router::new().route("/sms", post(sms)).route("/status", post(status));
/// let app: Router = Webhooks::new(verifier).protect(routes);
/// ```
///
/// - **A request that Twilio did not sign gets 403** and an empty body; your log (`tracing`, target `switchboard`) gets
///   the diagnosis.
/// - **A signature is accepted with one content only**, for a day, or until the claims are full: the same signature with
///   the borders between URL, names and values moved gets 403, too. What a [`Verifier`] alone cannot see is in its
///   documentation.
/// - **A repeated delivery is handled once.** Statuses are told apart by SID and status, messages by SID, everything
///   else by Twilio's `I-Twilio-Idempotency-Token`; a delivery with neither is handled each time. Those that come while
///   the first is still handled wait for its answer and give the same. A handler that panics or answers with 4xx or 5xx
///   has not handled it: the next delivery does. Where the store of claims fails, the answer is 503.
/// - **Nobody waits 15 seconds.** A handler that takes longer than [`answer_within`](Self::answer_within) goes on, but
///   Twilio gets an empty document in the meantime. Where that would end a call, use [`ack_then`].
/// - **A handler is not cut off** when Twilio hangs up: it runs in a task of its own.
#[derive(Debug, Clone)]
pub struct Webhooks {
    verifier: AnyVerifier,
    claims: Arc<dyn Claims>,
    body_limit: usize,
    answer_within: Duration,
    lease: Duration,
    methods: MethodFilter,
}

impl Webhooks {
    /// Guards with a [`Verifier`](super::Verifier) or a [`TenantVerifier`](super::TenantVerifier), and remembers deliveries
    /// in memory.
    #[must_use]
    pub fn new(verifier: impl Into<AnyVerifier>) -> Self {
        Self {
            verifier: verifier.into(),
            claims: Arc::new(MemoryClaims::new()),
            body_limit: BODY_LIMIT,
            answer_within: ANSWER_WITHIN,
            lease: LEASE,
            methods: MethodFilter::POST,
        }
    }

    /// Remembers deliveries and signatures elsewhere.
    #[must_use]
    pub fn claims(mut self, claims: impl Claims) -> Self {
        self.claims = Arc::new(claims);
        self
    }

    /// Refuses larger bodies with 413; 256 KiB if not set.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Answers after this time even where the handler is not ready; 12 seconds if not set. Twilio waits 15.
    /// `Duration::MAX` waits for the handler, however long it takes.
    #[must_use]
    pub fn answer_within(mut self, time: Duration) -> Self {
        self.answer_within = time;
        self
    }

    /// Lets a repeated delivery be handled anew if the first is neither done nor failed after this time, because its
    /// process died; 5 minutes if not set. `Duration::MAX` never does.
    #[must_use]
    pub fn lease(mut self, time: Duration) -> Self {
        self.lease = time;
        self
    }

    /// Lets [`router`](Self::router) take GET, too, for URLs that Twilio is told to call so: it takes POST alone if not set.
    ///
    /// Routes that you [`protect`](Self::protect) say themselves which methods they take.
    #[must_use]
    pub fn allow_get(mut self) -> Self {
        self.methods = MethodFilter::POST.or(MethodFilter::GET);
        self
    }

    /// Guards every route of a router, and whatever it answers where it has no route.
    ///
    /// Handlers take a [`TwilioWebhook`] and, as always, whatever else they need: state, a path, a query. The query
    /// was signed too.
    pub fn protect<S: Clone + Send + Sync + 'static>(self, routes: Router<S>) -> Router<S> {
        routes.layer(middleware::from_fn_with_state(self, guard::guard))
    }

    /// Makes a router that gives every POST to one handler, by any path: mount it with `Router::nest`.
    ///
    /// ```
    /// use axum::Router;
    /// use switchboard::twilio::webhook::{Event, TwilioWebhook, Verifier, Webhooks};
    ///
    /// async fn handle(TwilioWebhook(event): TwilioWebhook<Event>) {
    ///     match event.into_inner() {
    ///         Event::OptedOut(change) => println!("{:?} wants no more messages", change.person()),
    ///         other => println!("{other:?}"),
    ///     }
    /// }
    ///
    /// let verifier = Verifier::new("the auth token").public_url("https://example.com");
    /// let app: Router = Router::new().nest("/twilio", Webhooks::new(verifier).router(handle));
    /// ```
    pub fn router<H: Handler<T, ()>, T: 'static>(self, handler: H) -> Router {
        let methods = on(self.methods, handler);
        self.protect(Router::new().route("/", methods.clone()).route("/{*path}", methods))
    }
}

/// A verifier of one account or of several, for [`Webhooks`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum AnyVerifier {
    /// Of one account.
    One(Verifier),
    /// Of several.
    Tenants(TenantVerifier),
}

impl AnyVerifier {
    async fn verify(&self, request: &SignedRequest<'_>) -> Result<Signed, SignatureError> {
        match self {
            Self::One(verifier) => verifier.verify_signed(request),
            Self::Tenants(verifier) => verifier.verify_signed(request).await,
        }
    }
}

impl From<Verifier> for AnyVerifier {
    fn from(verifier: Verifier) -> Self {
        Self::One(verifier)
    }
}

impl From<TenantVerifier> for AnyVerifier {
    fn from(verifier: TenantVerifier) -> Self {
        Self::Tenants(verifier)
    }
}

/// Takes a verified event in an axum handler of a route that [`Webhooks`] guards.
///
/// On a route that is not guarded it answers 500 and logs the reason, because the event was not verified. An event of
/// another type than the handler takes is answered with 422, and its type is logged.
#[derive(Debug, Clone, PartialEq)]
pub struct TwilioWebhook<E>(
    /// The event.
    pub Verified<E>,
);

/// What the guard read, for the handler.
#[derive(Clone)]
struct Decoded {
    params: Verified<Params>,
    /// The event, until a handler takes it.
    event: Option<Event>,
}

impl Decoded {
    fn new(params: Verified<Params>, event: Event) -> Self {
        Self { params, event: Some(event) }
    }

    /// Returns the event as the guard read it. Where the route is for another type, or another extractor took the
    /// event, it is read again.
    fn take<E: WebhookEvent>(&mut self) -> Result<Verified<E>, WrongEvent> {
        let event = self.event.take().and_then(|event| E::from_event(event).ok());
        self.params.try_read(|params| event.map_or_else(|| E::from_params(params), Ok))
    }
}

impl<S: Send + Sync, E: WebhookEvent> FromRequestParts<S> for TwilioWebhook<E> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        let Some(decoded) = parts.extensions.get_mut::<Decoded>() else {
            tracing::error!(
                "a handler asks for a TwilioWebhook on a route that nothing guards: put the router into Webhooks::protect"
            );
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        decoded.take().map(Self).map_err(|wrong| {
            tracing::warn!("{wrong}");
            StatusCode::UNPROCESSABLE_ENTITY.into_response()
        })
    }
}
