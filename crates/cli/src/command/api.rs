//! `api`: any request to Twilio's API, with the account's credentials, the outcome and the errors of all others.

use std::str::FromStr;

use serde_json::Value;
use switchboard::provider::{ApiRequest, RequestClass};

use crate::args::DryRun;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// GET, POST or DELETE
    method: Method,
    /// The path under the account, such as /Queues.json, or with --on the path of the product, such as /v2/Services
    path: String,
    /// The product whose host it is: verify, messaging, lookups, content, pricing, monitor, accounts
    #[arg(long, value_name = "PRODUCT")]
    on: Option<String>,
    /// A parameter, NAME=VALUE; in the query of a GET, else in the form; may be repeated
    #[arg(short = 'F', long = "field", value_name = "NAME=VALUE")]
    fields: Vec<Pair>,
    /// The body as JSON, instead of a form; `-` reads it from standard input
    #[arg(long = "body", value_name = "JSON", conflicts_with = "fields")]
    body: Option<String>,
    /// Repeating this POST is safe: it sets a state, and creates nothing
    #[arg(long)]
    update: bool,
    #[command(flatten)]
    dry_run: DryRun,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Method {
    #[value(name = "GET", alias = "get")]
    Get,
    #[value(name = "POST", alias = "post")]
    Post,
    #[value(name = "DELETE", alias = "delete")]
    Delete,
}

impl Method {
    const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// A parameter as it is typed.
#[derive(Debug, Clone)]
pub(crate) struct Pair(pub(crate) String, pub(crate) String);

impl FromStr for Pair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE, for instance PageSize=5")?;
        Ok(Self(name.to_owned(), value.to_owned()))
    }
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let request = request(&args)?;
    if let Some(problem) = request.problem() {
        return Err(Failure::usage(format!("PATH: {problem}")));
    }
    if args.dry_run.dry_run {
        let names: Vec<&str> = args.fields.iter().map(|Pair(name, _)| name.as_str()).collect();
        let sentence = format!("would send {} {} with {}", args.method.name(), args.path, names.join(", "));
        let json = serde_json::json!({ "dryRun": true, "path": args.path, "fields": names });
        return context.out.say_or(&sentence, json);
    }
    if args.update && !names_one(&args.path) {
        let what = "--update: a POST to this path creates something, and would be repeated";
        return Err(Failure::usage(what)
            .todo("leave --update out, unless the path ends with the SID of what is changed"));
    }
    if args.method != Method::Get {
        context.confirm(&format!(
            "Send {} {}? It may cost money, or delete something",
            args.method.name(),
            args.path
        ))?;
    }
    let account = context.account().await?;
    let answer = match request.class_of() {
        RequestClass::Create => {
            let sent = context.hand_over(account.request(request)).await;
            sent.map_err(|failure| match failure.exit() {
                Exit::Unknown => {
                    failure.todo("look with `api GET` at the list that it would be in, before you repeat it")
                }
                _ => failure,
            })?
        }
        RequestClass::Read => account.request(request).await?,
        _ => context.hand_over(account.request(request)).await?,
    };
    if answer.body().is_empty() {
        return context.out.say_or(&format!("done ({})", answer.status().as_u16()), Value::Null);
    }
    match answer.json::<Value>() {
        // What Twilio answers is the result, so there is no envelope around it; only its secrets are left out.
        Ok(value) => show(context, without_secrets(value)),
        Err(_) => context.out.say(&String::from_utf8_lossy(answer.body())),
    }
}

fn show(context: &Context, value: Value) -> Result<(), Failure> {
    if context.out.is_json() { context.out.line(&value) } else { context.out.line_pretty(&value) }
}

/// Does a path name one thing, by its SID?
fn names_one(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    let sid = last.strip_suffix(".json").unwrap_or(last);
    sid.len() == 34 && sid.bytes().take(2).all(|byte| byte.is_ascii_uppercase())
}

/// Replaces the secrets of an answer: there are commands that keep them.
fn without_secrets(value: Value) -> Value {
    const SECRETS: [&str; 4] = ["auth_token", "secondary_auth_token", "secret", "password"];
    match value {
        Value::Object(object) => {
            let hidden = |(name, value): (String, Value)| {
                let is_secret = SECRETS.contains(&name.as_str()) && value.is_string();
                let value = if is_secret { Value::from("***") } else { without_secrets(value) };
                (name, value)
            };
            Value::Object(object.into_iter().map(hidden).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(without_secrets).collect()),
        other => other,
    }
}

fn request(args: &Args) -> Result<ApiRequest, Failure> {
    let request = match args.method {
        Method::Get => ApiRequest::get(&args.path),
        Method::Post => ApiRequest::post(&args.path),
        Method::Delete => ApiRequest::delete(&args.path),
    };
    let request = match &args.on {
        Some(product) => request.on(product),
        None => request,
    };
    let pairs: Vec<(&str, &str)> =
        args.fields.iter().map(|Pair(name, value)| (name.as_str(), value.as_str())).collect();
    let request = match (&args.body, args.method) {
        (Some(body), Method::Post) => {
            let body = if body == "-" { std::io::read_to_string(std::io::stdin())? } else { body.clone() };
            let json: Value = serde_json::from_str(&body).map_err(|error| {
                Failure::usage(format!("--body: this is not JSON: {error}"))
                    .todo(r#"for instance --body '{"name": "x"}'"#)
            })?;
            request.json(json)
        }
        (Some(_), _) => return Err(Failure::usage("--body: only a POST has a body")),
        (None, Method::Post) if !pairs.is_empty() => request.form(pairs),
        (None, _) if !pairs.is_empty() => request.query(pairs),
        (None, _) => request,
    };
    Ok(if args.update && args.method == Method::Post { request.class(RequestClass::Update) } else { request })
}
