//! The contract of `Messenger`: each send is made once, and every error has the right outcome.

use std::time::Duration;

use switchboard::provider::{
    BeginBy, DeliveryStatus, Evidence, KeyInput, Messenger, Outgoing, OutgoingCall, Search, SendId, SendKind,
    SendOptions, Sender, TemplateRef,
};
use switchboard::sms::Consent;
use switchboard::{ErrorCode, Outcome, ProviderError};

use super::adapter::{ANSWERED, AdapterUnderTest, PLANTED, check_error, read_timeout, status};
use super::peer::{Answer, Behaviour, Peer, closed_port};
use super::violation::{Findings, Violation};

/// What the suite needs to test a messenger, in addition to what it needs for every adapter.
pub trait MessengerUnderTest: AdapterUnderTest {
    /// Returns the answer with which the provider accepts a text or a call and gives it this id.
    fn accepted(&self, id: &SendId) -> Answer;

    /// Returns the answer to a status request for a text or a call that is not final yet.
    fn described(&self, id: &SendId) -> Answer;

    /// Returns a page that lists these texts or calls, the newest first, with a link to the next page where `more`.
    fn page(&self, ids: &[SendId], more: bool) -> Answer;

    /// Returns an id in the provider's format; a different one for each number.
    fn id(&self, kind: SendKind, number: u8) -> SendId;

    /// Returns the URL and the parameters of a webhook that reports `status` with this reference; `None` where the
    /// provider's reports carry no reference.
    fn report(&self, id: &SendId, status: &DeliveryStatus, reference: &str) -> Option<Webhook>;

    /// Returns a webhook that reports the text STOP from `from` to `to`; `None` where the provider has no such webhook.
    fn stop(&self, from: &str, to: &str) -> Option<Webhook>;
}

/// A webhook whose signature was verified: its URL and its parameters, decoded.
pub type Webhook = (String, Vec<(String, String)>);

const TO: &str = "+14155551234";
const FROM: &str = "+14155550100";

fn text() -> Outgoing {
    Outgoing::text(TO, PLANTED).from(FROM)
}

fn options() -> SendOptions {
    SendOptions::new().read_timeout(ANSWERED).max_attempts(3)
}

async fn send(
    messenger: &dyn Messenger,
    subject: &(impl MessengerUnderTest + ?Sized),
    kind: SendKind,
    options: &SendOptions,
) -> Result<switchboard::provider::Accepted, ProviderError> {
    let credentials = subject.credentials();
    match kind {
        SendKind::Text => messenger.send(&credentials, &text(), options).await,
        SendKind::Call => {
            let call = OutgoingCall::say(TO, PLANTED).from(FROM);
            messenger.call(&credentials, &call, options).await
        }
    }
}

/// Tests an adapter that can text against the contract of [`Messenger`].
///
/// # Errors
/// An [`std::io::Error`] where no port of this machine can be opened.
pub async fn messenger<M: MessengerUnderTest>(subject: &M) -> std::io::Result<Vec<Violation>> {
    let mut findings = Findings::default();
    let adapter = subject.adapter("http://127.0.0.1:9");
    let Some(messenger) = adapter.messenger() else {
        findings.rule("the adapter is a messenger").expect(false, || "messenger() is None".to_owned());
        return Ok(findings.finish());
    };
    let kinds =
        if messenger.abilities().calls { vec![SendKind::Text, SendKind::Call] } else { vec![SendKind::Text] };
    for kind in kinds {
        check_outcomes(subject, kind, &mut findings).await?;
        check_success(subject, kind, &mut findings).await?;
        check_options(subject, kind, &mut findings).await?;
        check_status(subject, kind, &mut findings).await?;
        if messenger.abilities().list {
            check_list(subject, kind, &mut findings).await?;
        }
    }
    check_abilities(subject, &mut findings).await?;
    check_evidence(subject, messenger, &mut findings);
    Ok(findings.finish())
}

/// Returns for each behaviour of the server: a name, the outcome, and whether the send is repeated.
fn outcomes(accepted: &Answer, refused: Answer) -> Vec<(String, Behaviour, Outcome, bool)> {
    use Outcome::{Applied, NotApplied, Unknown};
    let with_body = |body: &str| Behaviour::Answer(Answer { body: body.to_owned(), ..accepted.clone() });
    let mut rows = vec![
        ("the connection is closed after the request".to_owned(), Behaviour::Close, Unknown, false),
        ("no answer comes in time".to_owned(), Behaviour::Stall, Unknown, false),
        ("the answer is not HTTP".to_owned(), Behaviour::Garbage, Unknown, false),
        ("429".to_owned(), status(429), NotApplied, true),
        ("a success whose body is incomplete".to_owned(), Behaviour::Cut(accepted.clone()), Applied, false),
        ("a success whose body is not JSON".to_owned(), with_body("accepted"), Applied, false),
        ("a success without an id".to_owned(), with_body("{}"), Applied, false),
        ("a refusal in the provider's own words".to_owned(), Behaviour::Answer(refused), NotApplied, false),
    ];
    for (code, outcome) in [(101, Unknown), (303, Unknown), (307, NotApplied), (400, NotApplied)] {
        rows.push((code.to_string(), status(code), outcome, false));
    }
    for code in [401, 403, 404, 410, 422] {
        rows.push((code.to_string(), status(code), NotApplied, false));
    }
    for code in [408, 500, 502, 503, 504] {
        rows.push((code.to_string(), status(code), Unknown, false));
    }
    rows
}

async fn check_outcomes<M: MessengerUnderTest>(
    subject: &M,
    kind: SendKind,
    findings: &mut Findings,
) -> std::io::Result<()> {
    let accepted = subject.accepted(&subject.id(kind, 1));
    for (what, behaviour, outcome, repeated) in outcomes(&accepted, subject.refused()) {
        let options = options().read_timeout(read_timeout(&behaviour));
        let peer = Peer::start([behaviour]).await?;
        let adapter = subject.adapter(peer.url());
        let Some(messenger) = adapter.messenger() else { return Ok(()) };
        findings.rule(format!("{kind:?}: {what}"));
        let Err(error) = send(messenger, subject, kind, &options).await else {
            findings.expect(false, || "it counts as accepted".to_owned());
            continue;
        };
        let sent = peer.received().len();
        findings
            .expect(error.outcome() == outcome, || {
                format!("the outcome is {:?}, not {outcome:?}", error.outcome())
            })
            .expect(error.is_retryable() == repeated, || {
                format!("is_retryable() is {}", error.is_retryable())
            })
            .expect((sent > 1) == repeated, || format!("it was sent {sent} times"));
        check_send_error(&error, subject, findings);
    }
    findings.rule(format!("{kind:?}: no server listens"));
    let adapter = subject.adapter(&closed_port().await?);
    let Some(messenger) = adapter.messenger() else { return Ok(()) };
    match send(messenger, subject, kind, &options()).await {
        Ok(_) => findings.expect(false, || "it counts as accepted".to_owned()),
        Err(error) => findings
            .expect(error.outcome() == Outcome::NotApplied, || {
                format!("the outcome is {:?}", error.outcome())
            })
            .expect(error.is_retryable(), || "it is not retryable".to_owned()),
    };
    Ok(())
}

/// Does what [`check_error`] does, and checks that the number of the recipient is masked.
fn check_send_error(
    error: &ProviderError,
    subject: &(impl AdapterUnderTest + ?Sized),
    findings: &mut Findings,
) {
    check_error(error, subject, findings);
    let printed = format!("{error} {error:?} {error:#?}");
    let whole = TO.trim_start_matches('+');
    findings.expect(!printed.contains(whole), || "the error prints the whole number".to_owned());
    findings.expect(error.recipient().is_some(), || "the error has no recipient".to_owned());
}

async fn check_success<M: MessengerUnderTest>(
    subject: &M,
    kind: SendKind,
    findings: &mut Findings,
) -> std::io::Result<()> {
    findings.rule(format!("{kind:?}: a success has the provider's id, and is sent once"));
    let id = subject.id(kind, 1);
    let peer = Peer::start([Behaviour::Answer(subject.accepted(&id))]).await?;
    let adapter = subject.adapter(peer.url());
    let Some(messenger) = adapter.messenger() else { return Ok(()) };
    for _ in 0..2 {
        let result = send(messenger, subject, kind, &options()).await;
        findings.expect(result.as_ref().is_ok_and(|accepted| accepted.id == id), || format!("{result:?}"));
    }
    let received = peer.received();
    findings.expect(received.len() == 2, || format!("{} requests for two sends", received.len()));
    findings.rule(format!("{kind:?}: the text and the recipient are sent"));
    let has = |request: &super::peer::ReceivedRequest| {
        let words = PLANTED.split(' ').all(|word| request.body.contains(word));
        words && request.body.contains(TO.trim_start_matches('+'))
    };
    findings.expect(received.iter().all(has), || "they are not".to_owned());
    Ok(())
}

async fn check_options<M: MessengerUnderTest>(
    subject: &M,
    kind: SendKind,
    findings: &mut Findings,
) -> std::io::Result<()> {
    let accepted = Behaviour::Answer(subject.accepted(&subject.id(kind, 1)));
    findings.rule(format!("{kind:?}: after begin_by nothing is sent"));
    let peer = Peer::start([accepted.clone()]).await?;
    let adapter = subject.adapter(peer.url());
    let Some(messenger) = adapter.messenger() else { return Ok(()) };
    let late = options().begin_by(BeginBy::within(Duration::ZERO));
    match send(messenger, subject, kind, &late).await {
        Ok(_) => findings.expect(false, || "it is accepted".to_owned()),
        Err(error) => {
            let outcome = error.outcome();
            findings.expect(outcome == Outcome::NotApplied, || format!("the outcome is {outcome:?}"))
        }
    };
    findings.expect(peer.received().is_empty(), || "the request arrived".to_owned());
    let in_time = options().begin_by(BeginBy::within(Duration::from_secs(60)));
    let result = send(messenger, subject, kind, &in_time).await;
    findings.rule(format!("{kind:?}: before begin_by it is sent"));
    findings.expect(result.is_ok(), || format!("{result:?}"));

    findings.rule(format!("{kind:?}: max_attempts(1) repeats nothing"));
    let peer = Peer::start([status(429), accepted.clone()]).await?;
    let adapter = subject.adapter(peer.url());
    let Some(messenger) = adapter.messenger() else { return Ok(()) };
    let result = send(messenger, subject, kind, &options().max_attempts(1)).await;
    findings.expect(result.is_err() && peer.received().len() == 1, || format!("{result:?}"));

    findings.rule(format!("{kind:?}: allow_duplicates repeats a send whose outcome is unknown"));
    let peer = Peer::start([status(503), accepted]).await?;
    let adapter = subject.adapter(peer.url());
    let Some(messenger) = adapter.messenger() else { return Ok(()) };
    let result = send(messenger, subject, kind, &options().allow_duplicates()).await;
    findings.expect(result.is_ok() && peer.received().len() == 2, || format!("{result:?}"));
    Ok(())
}

async fn check_status<M: MessengerUnderTest>(
    subject: &M,
    kind: SendKind,
    findings: &mut Findings,
) -> std::io::Result<()> {
    let id = subject.id(kind, 1);
    let described = Behaviour::Answer(subject.described(&id));
    let peer = Peer::start([status(503), described, status(404)]).await?;
    let adapter = subject.adapter(peer.url());
    let Some(messenger) = adapter.messenger() else { return Ok(()) };
    findings.rule(format!("{kind:?}: the status is read, also after a 503"));
    let result = messenger.status(&subject.credentials(), &id).await;
    let read = result.as_ref().is_ok_and(|delivery| delivery.id == id && !delivery.status.is_final());
    findings.expect(read, || format!("{result:?}"));
    findings.rule(format!("{kind:?}: the status of an unknown id is NOT_FOUND"));
    let code = messenger.status(&subject.credentials(), &id).await.err().map(|error| error.code());
    findings.expect(code == Some(ErrorCode::NotFound), || format!("{code:?}"));
    Ok(())
}

async fn check_list<M: MessengerUnderTest>(
    subject: &M,
    kind: SendKind,
    findings: &mut Findings,
) -> std::io::Result<()> {
    findings.rule(format!("{kind:?}: a list has every row of every page, in order"));
    let ids: Vec<SendId> = (1..=3).map(|number| subject.id(kind, number)).collect();
    let (first, second) = ids.split_at(2);
    let pages = [subject.page(first, true), subject.page(second, false)].map(Behaviour::Answer);
    let peer = Peer::start(pages).await?;
    let adapter = subject.adapter(peer.url());
    let Some(messenger) = adapter.messenger() else { return Ok(()) };
    let search = Search::new(kind).to(TO).from(FROM).page_size(2);
    let (mut listed, mut page) = (Vec::new(), None);
    for _ in 0..3 {
        match messenger.list(&subject.credentials(), &search, page.as_ref()).await {
            Ok(found) => {
                listed.extend(found.rows.into_iter().map(|row| row.delivery.id));
                page = found.next;
            }
            Err(error) => {
                findings.expect(false, || error.to_string());
                return Ok(());
            }
        }
        if page.is_none() {
            break;
        }
    }
    findings.expect(listed == ids, || format!("{listed:?}"));
    let received = peer.received();
    findings.expect(received.len() == 2, || format!("{} requests for two pages", received.len()));
    findings.rule(format!("{kind:?}: a list is filtered by the recipient and the sender"));
    let target = received.first().map(|request| request.target().to_owned()).unwrap_or_default();
    let filtered = [TO, FROM].iter().all(|number| target.contains(number.trim_start_matches('+')));
    findings.expect(filtered, || "the request does not name them".to_owned());
    Ok(())
}

/// Checks that a message is refused before anything is sent where the provider lacks an ability for it.
async fn check_abilities<M: MessengerUnderTest>(subject: &M, findings: &mut Findings) -> std::io::Result<()> {
    let peer = Peer::start([Behaviour::Answer(subject.accepted(&subject.id(SendKind::Text, 1)))]).await?;
    let adapter = subject.adapter(peer.url());
    let Some(messenger) = adapter.messenger() else { return Ok(()) };
    let abilities = *messenger.abilities();
    let pool = text().from(Sender::pool("pool-1"));
    let cases = [
        (abilities.media, "media", text().add_media("https://example.com/a.png")),
        (abilities.templates, "templates", Outgoing::template(TO, TemplateRef::new("t1")).from(FROM)),
        (abilities.pools, "pools", pool),
        (abilities.validity, "validity", text().valid_for(Duration::from_secs(60))),
        (abilities.callbacks, "callbacks", text().callback("https://example.com/status")),
        (false, "nothing to send", Outgoing::text(TO, "").from(FROM)),
    ];
    for (able, what, message) in cases.into_iter().filter(|(able, ..)| !able) {
        findings.rule(format!("{what}: refused where the provider cannot do it"));
        let result = messenger.send(&subject.credentials(), &message, &options()).await;
        let refused = result.as_ref().is_err_and(|error| {
            error.code() == ErrorCode::InvalidRequest && error.outcome() == Outcome::NotApplied
        });
        findings.expect(refused && !able, || format!("{result:?}"));
    }
    let call = || OutgoingCall::say(TO, "Hi").from(FROM);
    let asks = KeyInput::one().callback("https://example.com/keys");
    let calls = [
        (abilities.machine_detection, "machine detection", call().detect_machine()),
        (abilities.key_input, "keys of a call", OutgoingCall::ask(TO, "Hi", asks).from(FROM)),
        (
            false,
            "a call for keys that nobody receives",
            OutgoingCall::ask(TO, "Hi", KeyInput::one()).from(FROM),
        ),
    ];
    for (_, what, call) in calls.into_iter().filter(|(able, ..)| !able) {
        findings.rule(format!("{what}: refused where the provider cannot do it"));
        let result = messenger.call(&subject.credentials(), &call, &options()).await;
        let refused = result.as_ref().is_err_and(|error| {
            error.code() == ErrorCode::InvalidRequest && error.outcome() == Outcome::NotApplied
        });
        findings.expect(refused, || format!("{result:?}"));
    }
    findings.expect(peer.received().is_empty(), || "something was sent".to_owned());
    Ok(())
}

fn check_evidence<M: MessengerUnderTest>(subject: &M, messenger: &dyn Messenger, findings: &mut Findings) {
    let id = subject.id(SendKind::Text, 1);
    if messenger.abilities().callback_reference {
        findings.rule("a report contains its reference");
        let report = subject.report(&id, &DeliveryStatus::Delivered, "s1.a-b_c~d");
        let evidence = report.and_then(|(url, signed)| messenger.evidence(&url, &signed));
        let right = matches!(&evidence, Some(Evidence::Delivery { delivery, reference })
            if delivery.id == id
                && delivery.status == DeliveryStatus::Delivered
                && reference.as_deref() == Some("s1.a-b_c~d"));
        findings.expect(right, || format!("{evidence:?}"));
    }
    if let Some((url, signed)) = subject.stop(TO, FROM) {
        findings.rule("STOP is evidence of an opt-out");
        let evidence = messenger.evidence(&url, &signed);
        let right = matches!(&evidence, Some(Evidence::Inbound { from, to, consent, .. })
            if from.as_str() == TO && to.as_str() == FROM && *consent == Some(Consent::OptedOut));
        findings.expect(right, || format!("{evidence:?}"));
    }
    findings.rule("a webhook of somebody else is no evidence");
    let nothing = messenger.evidence("https://example.com/", &[("x".to_owned(), "y".to_owned())]);
    findings.expect(nothing.is_none(), || format!("{nothing:?}"));
}
