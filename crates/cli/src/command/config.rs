//! `config`: what is set, and where it is from.

use clap::Subcommand;
use serde::Serialize;

use crate::choose::without_user;
use crate::context::Context;
use crate::failure::Failure;
use crate::record::own_record;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show what is set and where it is from; secrets are not shown
    Show,
}

/// A setting.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Setting {
    name: String,
    value: Option<String>,
    from: String,
}

own_record!(Setting, open: true { "NAME" = "name", "VALUE" = "value", "FROM" = "from" });

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let Command::Show = args.command;
    let (places, accounts) = (context.places()?, context.accounts()?);
    let mut settings = Vec::new();
    let mut add = |name: &str, value: Option<String>, from: String| {
        settings.push(Ok::<_, Failure>(Setting { name: name.to_owned(), value, from }));
    };
    let file = places.user_file();
    let exists = if file.exists() { "your file" } else { "your file, which does not exist yet" };
    add("accounts", Some(file.display().to_string()), exists.to_owned());
    if let Some(path) = accounts.untrusted() {
        add("accounts", Some(path.display().to_string()), "this folder, not trusted and not used".to_owned());
    }
    match context.chosen(&accounts) {
        Ok(entry) => {
            add("account", Some(entry.name().to_owned()), entry.source().to_string());
            for (field, from) in entry.where_from() {
                let value =
                    (field == "account_sid").then(|| entry.account_sid().map(str::to_owned)).flatten();
                add(field, value, from);
            }
            for (field, value) in [
                ("messaging_service_sid", entry.messaging_service()),
                ("default_from", entry.default_from()),
                ("verify_service_sid", entry.verify_service()),
            ] {
                if value.is_some() {
                    add(field, value.map(str::to_owned), entry.source().to_string());
                }
            }
        }
        Err(failure) => add("account", None, failure.lines().0),
    }
    for name in ["TWILIO_BASE_URL", "TWILIO_REGION", "TWILIO_EDGE"] {
        if let Some(value) = std::env::var(name).ok().filter(|value| !value.is_empty()) {
            let shown = if name == "TWILIO_BASE_URL" { without_user(&value) } else { value };
            add(name, Some(shown), "the environment".to_owned());
        }
    }
    context.out.list(futures_util::stream::iter(settings), "nothing is set").await
}
