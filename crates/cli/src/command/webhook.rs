//! `webhook`: check the signature of a webhook that was refused, or send a signed one to a server of yours.

use std::path::PathBuf;
use std::time::Duration;

use axum::body::Bytes;
use clap::{Subcommand, ValueEnum};
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::json;
use switchboard::twilio::webhook::{SignedRequest, Verifier};

use crate::command::api::Pair;
use crate::context::Context;
use crate::escape::escaped;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::listen::{Received, Target};

/// Twilio waits as long.
const LIMIT: Duration = Duration::from_secs(15);
const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say whether Twilio signed a request, and if not, what was tried and what to change
    Verify(Verify),
    /// Send a signed webhook to a server of yours, as Twilio would, and print its answer
    Send(Send),
}

#[derive(Debug, clap::Args)]
struct Verify {
    /// The URL that Twilio called, with its query
    url: String,
    /// The value of the header X-Twilio-Signature
    #[arg(long, value_name = "SIGNATURE")]
    signature: String,
    /// A parameter of the form, NAME=VALUE, decoded; may be repeated
    #[arg(short = 'F', long = "field", value_name = "NAME=VALUE")]
    fields: Vec<Pair>,
    /// A file with the body as it came, instead of single parameters
    #[arg(long, value_name = "FILE", conflicts_with = "fields")]
    body: Option<PathBuf>,
    /// The type of that body
    #[arg(long, value_name = "TYPE", default_value = FORM)]
    content_type: String,
}

#[derive(Debug, clap::Args)]
struct Send {
    /// The URL of the server, plain http
    url: String,
    /// What happened
    #[arg(long, value_enum, default_value_t = Event::Message)]
    event: Event,
    /// Who texts or calls, or got the text
    #[arg(long, value_name = "NUMBER", default_value = "+14155551234")]
    from: String,
    /// Your number; that of the account by default
    #[arg(long, value_name = "NUMBER")]
    to: Option<String>,
    /// The text of a message
    #[arg(long, default_value = "Hello")]
    text: String,
    /// What became of the message or the call
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// Another parameter, NAME=VALUE, or another value for one; may be repeated
    #[arg(short = 'F', long = "field", value_name = "NAME=VALUE")]
    fields: Vec<Pair>,
    /// The public URL that is signed, if the server stands behind a proxy
    #[arg(long, value_name = "URL")]
    signed_url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Event {
    /// Somebody texts you
    Message,
    /// What became of a text of yours
    Status,
    /// Somebody calls you
    Call,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Verify(args) => verify(context, args).await,
        Command::Send(args) => send(context, args).await,
    }
}

async fn verify(context: &Context, args: Verify) -> Result<(), Failure> {
    let url = url::Url::parse(&args.url).ok().filter(|url| url.has_host());
    if url.is_none() {
        return Err(
            Failure::usage("URL: this is no URL").todo("for instance https://example.com/sms?lang=en")
        );
    }
    let wrong = |name: &str| Failure::usage(format!("{name}: this cannot be the value of a header"));
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_str(&args.content_type).map_err(|_| wrong("--content-type"))?,
    );
    headers.insert(
        "x-twilio-signature",
        HeaderValue::from_str(&args.signature).map_err(|_| wrong("--signature"))?,
    );
    let body = match &args.body {
        Some(file) => std::fs::read(file)
            .map_err(|error| Failure::usage(format!("--body: {}: {error}", file.display())))?,
        None => {
            form(args.fields.iter().map(|Pair(name, value)| (name.as_str(), value.as_str()))).into_bytes()
        }
    };
    // A request without any parameter is a GET, whose parameters are in its URL.
    let method = if body.is_empty() { Method::GET } else { Method::POST };
    let verifier = Verifier::from_credentials(&context.credentials().await?)?;
    let request = SignedRequest { method: &method, url: &args.url, headers: &headers, body: &body };
    match verifier.verify_params(&request) {
        Ok(verified) => {
            let spelling = format!("{:?}", verified.matched().spelling);
            context.out.say_or("the signature is right", json!({ "verified": true, "spelling": spelling }))
        }
        Err(error) => {
            let failure = Failure::new(Exit::Failed, error.to_string());
            Err(match error.diagnosis() {
                Some(diagnosis) => failure.todo(diagnosis.advice()),
                None => failure,
            })
        }
    }
}

async fn send(context: &Context, args: Send) -> Result<(), Failure> {
    let url = url::Url::parse(&args.url).map_err(|error| {
        Failure::usage(format!("URL: {error}")).todo("for instance http://localhost:3000/sms")
    })?;
    let origin = url.origin().ascii_serialization();
    let target = Target::named("URL", &origin)?;
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let uri = path.parse().map_err(|_| Failure::usage("URL: its path cannot be requested"))?;
    let credentials = context.credentials().await?;
    let verifier = Verifier::from_credentials(&credentials)?;
    let own = args.to.clone().or_else(|| credentials.get("phoneNumber").map(str::to_owned));
    let own = own.unwrap_or_else(|| "+14155550100".to_owned());
    let account = credentials.get("accountSid").unwrap_or_default();
    let mut params = params(&args, account, &own);
    for Pair(name, value) in &args.fields {
        params.retain(|(known, _)| known != name);
        params.push((name.clone(), value.clone()));
    }
    let signed_url = args.signed_url.clone().unwrap_or_else(|| args.url.clone());
    let signature = verifier.sign_form(&signed_url, &params);
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8"),
    );
    headers.insert(header::USER_AGENT, HeaderValue::from_static("TwilioProxy/1.1"));
    let signature =
        HeaderValue::from_str(&signature).map_err(|_| Failure::usage("--signed-url: it cannot be signed"))?;
    headers.insert("x-twilio-signature", signature);
    let body = form(params.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let webhook = Received { method: Method::POST, uri, headers, body: Bytes::from(body) };
    let answered = target.pass_on(&webhook, &signed_url, "", LIMIT).await;
    let answered = answered
        .map_err(|(_, why)| Failure::new(Exit::Failed, why).todo("start your server, or check the URL"))?;
    let kind =
        answered.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let text = String::from_utf8_lossy(&answered.body);
    let status = answered.status.as_u16();
    if context.out.is_json() {
        context.out.say_or("", json!({ "status": status, "contentType": kind, "body": text }))?;
    } else {
        context.out.say(&format!("{status} {}\n{text}", escaped(kind)))?;
    }
    if answered.status.is_success() {
        return Ok(());
    }
    let todo = match status {
        403 => {
            "the server does not take the signature: does it verify with this account's auth token, and with the URL that is signed (--signed-url)?"
        }
        404 => "check the path of the URL",
        _ => "look at the log of your server",
    };
    Err(Failure::new(Exit::Failed, format!("the server answered {status}")).todo(todo))
}

/// What Twilio sends, with SIDs that belong to nothing.
fn params(args: &Send, account: &str, own: &str) -> Vec<(String, String)> {
    let message = "SM00000000000000000000000000000001";
    let call = "CA00000000000000000000000000000001";
    let status = args.status.as_deref();
    let pairs: Vec<(&str, &str)> = match args.event {
        Event::Message => vec![
            ("MessageSid", message),
            ("SmsSid", message),
            ("SmsMessageSid", message),
            ("AccountSid", account),
            ("From", &args.from),
            ("To", own),
            ("Body", &args.text),
            ("NumMedia", "0"),
            ("NumSegments", "1"),
            ("SmsStatus", "received"),
            ("ApiVersion", "2010-04-01"),
        ],
        Event::Status => vec![
            ("MessageSid", message),
            ("SmsSid", message),
            ("AccountSid", account),
            ("From", own),
            ("To", &args.from),
            ("MessageStatus", status.unwrap_or("delivered")),
            ("SmsStatus", status.unwrap_or("delivered")),
            ("ApiVersion", "2010-04-01"),
        ],
        Event::Call => vec![
            ("CallSid", call),
            ("AccountSid", account),
            ("From", &args.from),
            ("To", own),
            ("Caller", &args.from),
            ("Called", own),
            ("Direction", "inbound"),
            ("CallStatus", status.unwrap_or("ringing")),
            ("ApiVersion", "2010-04-01"),
        ],
    };
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn form<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
