//! Webhooks in an axum application: verified, handled once, answered in time.

mod ack;
mod evidence;
mod guard;

pub use ack::{AckThen, ack_then};
pub use evidence::WebhookEvidence;

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

/// The default limit of a body; Twilio's webhooks are smaller.
const BODY_LIMIT: usize = 256 * 1024;
/// The default time after which Twilio gets an answer; it waits 15 seconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(12);
/// The default lease of a claim. It is shorter than Twilio waits, so that a delivery is handled by the repetition that
/// follows a crash.
const LEASE: Duration = Duration::from_secs(10);

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
///     message.reply("Thank you") // an empty document if the message is STOP
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
/// - **A signature is accepted with one content only**, for a day, or until the claims are full. So the same signature gets
///   403 if the borders between URL, names and values were moved, which a [`Verifier`] alone cannot detect (see its
///   documentation).
/// - **A repeated delivery is handled once.** A status report is identified by SID and status, a message by its SID, and any
///   other delivery by Twilio's `I-Twilio-Idempotency-Token`; a delivery with neither is handled each time. A repetition that
///   arrives while the first is still being handled waits for its answer, and gets the same, or 503 if there is none in
///   time. If a handler panics or answers
///   with 4xx or 5xx, the delivery is not handled, and the next repetition is. If the store of claims fails, the answer is 503.
/// - **Twilio gets an answer in time.** If a handler takes longer than [`answer_within`](Self::answer_within), Twilio gets an
///   empty document, and the handler continues. If an empty document would end a call, use [`ack_then`].
/// - **A handler is not cancelled** when Twilio closes the connection: it runs in its own task.
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
    /// Verifies with a [`Verifier`](super::Verifier) or a [`TenantVerifier`](super::TenantVerifier), and stores claims in
    /// memory.
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

    /// Stores claims here instead of in memory.
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

    /// Answers after this time even if the handler has not finished; 12 seconds if not set. Twilio waits 15.
    /// `Duration::MAX` waits for the handler without a limit.
    #[must_use]
    pub fn answer_within(mut self, time: Duration) -> Self {
        self.answer_within = time;
        self
    }

    /// Sets how long a delivery stays claimed after its process ended without finishing it. While a handler runs, its
    /// claim is renewed every third of this time. After it, a repetition is handled again; 10 seconds if not set, never
    /// with `Duration::MAX`.
    ///
    /// A process that stops for longer than this (a suspended machine, a blocked runtime) loses its claims.
    #[must_use]
    pub fn lease(mut self, time: Duration) -> Self {
        self.lease = time;
        self
    }

    /// Lets [`router`](Self::router) also accept GET, for URLs that Twilio is configured to call with GET. If not set, it
    /// accepts POST only.
    ///
    /// Routes that you [`protect`](Self::protect) decide themselves which methods they accept.
    #[must_use]
    pub fn allow_get(mut self) -> Self {
        self.methods = MethodFilter::POST.or(MethodFilter::GET);
        self
    }

    /// Guards every route of a router, and its fallback.
    ///
    /// Handlers take a [`TwilioWebhook`] and any other extractor: state, a path, a query. The signature covers the query, too.
    pub fn protect<S: Clone + Send + Sync + 'static>(self, routes: Router<S>) -> Router<S> {
        routes.layer(middleware::from_fn_with_state(self, guard::guard))
    }

    /// Creates a router that passes every POST to one handler, whatever the path. Mount it with `Router::nest`.
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
    /// A verifier of one account.
    One(Verifier),
    /// A verifier of several accounts.
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

/// The axum extractor of a verified event, for routes that [`Webhooks`] guards.
///
/// On a route that is not guarded, it answers with 500 and logs the reason, because the event was not verified. If the event
/// is of another kind than the handler takes, it answers with 422 and logs the kind.
#[derive(Debug, Clone, PartialEq)]
pub struct TwilioWebhook<E>(
    /// The event.
    pub Verified<E>,
);

/// The request as the guard read it, for the handler.
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

    /// Returns the event that the guard read. If the route is for another kind, or another extractor has already taken the
    /// event, the parameters are read again.
    fn take<E: WebhookEvent>(&mut self) -> Result<Verified<E>, WrongEvent> {
        let event = self.event.take().and_then(|event| E::from_event(event).ok());
        self.params.try_read(|params| event.map_or_else(|| E::from_params(params), Ok))
    }
}

impl<S: Send + Sync, E: WebhookEvent> FromRequestParts<S> for TwilioWebhook<E> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        let Some(decoded) = parts.extensions.get_mut::<Decoded>() else {
            unguarded("TwilioWebhook");
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        decoded.take().map(Self).map_err(|wrong| {
            tracing::warn!("{wrong}");
            StatusCode::UNPROCESSABLE_ENTITY.into_response()
        })
    }
}

fn unguarded(extractor: &str) {
    tracing::error!(
        "a handler takes a {extractor} on a route that is not guarded: pass the router to Webhooks::protect"
    );
}
