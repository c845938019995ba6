//! `whatsapp`: texts over WhatsApp, free ones within 24 hours of the person's last, and templates at any time.

use clap::Subcommand;
use serde_json::{Map, Value};
use switchboard::twilio::content::Content;
use switchboard::twilio::whatsapp::WhatsAppMessage;
use switchboard::twilio::{CreateMessage, Message, TwilioAccount};

use super::message::{Prices, checked, send, send_from};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Stands for a template whose SID is not asked for yet, to check everything else before.
const NO_TEMPLATE: &str = "HX00000000000000000000000000000000";
/// How many names of templates an error shows.
const MOST_NAMES: usize = 20;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Send a text to somebody who wrote to you in the last 24 hours
    Send {
        /// Who gets it, as in +14155551234
        to: String,
        /// The text; `-` reads it from standard input
        body: Option<String>,
        /// The URL of a picture or file
        #[arg(long, value_name = "URL")]
        media: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// Send a template that WhatsApp has approved
    Template {
        /// Who gets it, as in +14155551234
        to: String,
        /// The template, by its name or its SID, HX…
        name: String,
        /// The values for its places: '{"1": "John", "2": "Tomorrow 3pm"}'
        #[arg(value_name = "JSON")]
        variables: Option<String>,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, clap::Args)]
struct Common {
    /// The sender: a number of yours that WhatsApp knows, or a messaging service, MG…; by default that of the account
    #[arg(long, value_name = "SENDER")]
    from: Option<String>,
    /// The URL that Twilio reports to what became of it
    #[arg(long, value_name = "URL")]
    callback: Option<String>,
    #[command(flatten)]
    dry_run: Prices,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Send { to, body, media, common } => {
            let body = match body.as_deref() {
                Some("-") => {
                    Some(std::io::read_to_string(std::io::stdin())?.trim_end_matches(['\r', '\n']).to_owned())
                }
                _ => body,
            };
            let message = match (body, media) {
                (body, Some(url)) => match body {
                    Some(caption) => WhatsAppMessage::media(to, url).caption(caption),
                    None => WhatsAppMessage::media(to, url),
                },
                (Some(body), None) => WhatsAppMessage::text(to, body),
                (None, None) => {
                    return Err(Failure::usage("BODY: there is no text").todo(
                        "for instance `switchboard whatsapp send +14155551234 \"Your table is ready\"`",
                    ));
                }
            };
            send(context, vec![common.on(message)], &common.dry_run).await
        }
        Command::Template { to, name, variables, common } => {
            let variables = places(variables.as_deref())?;
            let message = |sid: &str| {
                let message = WhatsAppMessage::template(to.as_str(), sid);
                common.on(variables
                    .iter()
                    .fold(message, |message, (place, text)| message.variable(place, text.as_str())))
            };
            if name.starts_with("HX") {
                return send(context, vec![message(&name)], &common.dry_run).await;
            }
            let (credentials, named) = (context.credentials().await?, &message(NO_TEMPLATE));
            context.out.check_fields::<Message>()?;
            let named = checked(named, &credentials)?;
            if common.dry_run.dry_run {
                return show(context, &named, &name);
            }
            let account = context.adapter()?.account(&credentials)?;
            let sid = find(&account, &name).await?;
            send_from(context, &account, &[message(&sid)]).await
        }
    }
}

impl Common {
    fn on(&self, mut message: WhatsAppMessage) -> CreateMessage {
        match self.from.as_deref() {
            Some(service) if service.starts_with("MG") => {
                message.messaging_service_sid = Some(service.to_owned());
            }
            Some(number) => message.from = Some(number.into()),
            None => {}
        }
        message.status_callback = self.callback.as_deref().map(Into::into);
        message.into()
    }
}

/// The values for the places of a template.
fn places(json: Option<&str>) -> Result<Vec<(String, String)>, Failure> {
    let wrong = |why: &str| {
        Failure::usage(format!("JSON: {why}")).todo(r#"for instance '{"1": "John", "2": "Tomorrow 3pm"}'"#)
    };
    let Some(json) = json else { return Ok(Vec::new()) };
    let values: Map<String, Value> =
        serde_json::from_str(json).map_err(|_| wrong("the values for the places are not a JSON object"))?;
    let text = |(place, value): (String, Value)| match value {
        Value::String(text) => Ok((place, text)),
        Value::Number(number) => Ok((place, number.to_string())),
        _ => Err(wrong(&format!("the value for {place} is not a text"))),
    };
    values.into_iter().map(text).collect()
}

/// Finds the template of this name. Twilio allows several of one name, so that only a person can choose.
async fn find(account: &TwilioAccount, name: &str) -> Result<String, Failure> {
    let (mut found, mut others): (Vec<Content>, Vec<String>) = (Vec::new(), Vec::new());
    let mut templates = account.content().list();
    while let Some(template) = templates.next().await {
        let template = template?;
        match &template.friendly_name {
            Some(known) if known == name => found.push(template),
            Some(other) if others.len() < MOST_NAMES => others.push(other.clone()),
            _ => {}
        }
    }
    match found.as_slice() {
        [only] => Ok(only.sid.clone()),
        [] if others.is_empty() => {
            Err(Failure::new(Exit::Failed, "the account has no templates")
                .todo("make one in Twilio's Console"))
        }
        [] => Err(Failure::new(Exit::Failed, format!("the account has no template {name}"))
            .todo(format!("use one of {}", others.join(", ")))),
        several => {
            let language = |template: &Content| template.language.clone().unwrap_or_default();
            let all: Vec<String> =
                several.iter().map(|template| format!("{} ({})", template.sid, language(template))).collect();
            Err(Failure::usage(format!("the account has {} templates {name}", several.len()))
                .todo(format!("name one by its SID: {}", all.join(", "))))
        }
    }
}

/// Shows a template that is not sent. Its SID is not asked for.
fn show(context: &Context, message: &CreateMessage, name: &str) -> Result<(), Failure> {
    let mut request = message.clone();
    request.content_sid = None;
    let from = message.from.as_ref().map(|from| context.out.masked(from.as_str()));
    let from = from.or_else(|| message.messaging_service_sid.clone()).unwrap_or_default();
    let to = context.out.masked(message.to.as_str());
    let sentence = format!(
        "would send the template {name} to {to} from {from}: segments unknown, cost unknown; its SID is asked for when it is sent"
    );
    let request = context.masked_request(&request);
    context.out.say_or(&sentence, serde_json::json!({ "dryRun": true, "request": request, "template": name }))
}
