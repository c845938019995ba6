//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use switchboard::twilio::page::Pages;

use crate::command;

/// Texts and calls people through Twilio, and hears back.
///
/// The exit status says what became of it: 0 done · 1 failed, nothing went out · 2 wrong usage · 3 unknown: do not repeat it ·
/// 4 credentials · 5 nothing went out, safe to repeat later · 6 refused by a policy or a person · 130 interrupted before anything
/// could leave.
#[derive(Debug, Parser)]
#[command(
    name = "switchboard",
    version,
    propagate_version = true,
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// The account, by its name in the file of accounts
    #[arg(short, long, global = true, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// Print JSON: an envelope for one thing, one object a line for a list; with only these fields, if some are named
    #[arg(long, global = true, value_name = "FIELDS", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(crate) json: Option<String>,
    /// Answer yes to every question
    #[arg(short, long, global = true)]
    pub(crate) yes: bool,
    /// Print the result only
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Show the numbers of other people whole
    #[arg(long, global = true)]
    pub(crate) show_numbers: bool,
    /// The file of accounts, instead of the user's own
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// How much of a list is read.
#[derive(Debug, Clone, Args)]
pub(crate) struct Limit {
    /// How many at most; 0 for all
    #[arg(long, default_value_t = 50, value_name = "COUNT")]
    pub(crate) limit: u64,
}

/// For commands that create something.
#[derive(Debug, Clone, Args)]
pub(crate) struct DryRun {
    /// Show what would be done, and make no request
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add your first account
    Init(command::init::Args),
    /// Named accounts: add, check, balance, usage
    Account(command::account::Args),
    /// Send texts, and see what became of them
    Message(command::message::Args),
    /// Texts over WhatsApp, free or of a template
    Whatsapp(command::whatsapp::Args),
    /// Call people, and see what became of it
    Call(command::call::Args),
    /// What was recorded in calls
    Recording(command::recording::Args),
    /// What was said in recordings, as text
    Transcription(command::transcription::Args),
    /// Numbers: yours, those for sale, and what a text means as a number
    Number(command::number::Args),
    /// Send a code to somebody, and check it
    Verify(command::verify::Args),
    /// What is known about a number: is it valid, what kind of line, whose
    Lookup(command::lookup::Args),
    /// What went wrong in the account
    Alert(command::alert::Args),
    /// What texts, calls and numbers cost in a country
    Price(command::price::Args),
    /// Count the segments of a text, and see what makes it expensive
    Text(command::text::Args),
    /// Write a request for a number to Twilio's support
    SupportRequest(command::support_request::Args),
    /// What the messages or the calls of some days amount to
    Report(command::report::Args),
    /// API keys of the account: list, create, revoke
    ApiKey(command::api_key::Args),
    /// The secondary auth token: create, promote, delete
    AuthToken(command::auth_token::Args),
    /// The countries that texts may go to
    Geo(command::geo::Args),
    /// Conferences: list, show, end
    Conference(command::conference::Args),
    /// Numbers of others that the account may show when it calls
    CallerId(command::caller_id::Args),
    /// A URL is called when usage or its cost reaches a value
    Trigger(command::trigger::Args),
    /// What carriers want to know about senders: brands, campaigns, toll-free numbers
    Registration(command::registration::Args),
    /// Text everybody of a list, each once
    Bulk(command::bulk::Args),
    /// What was enqueued, what became of it, and what you must decide
    Outbox(command::outbox::Args),
    /// Who wants messages, and who wants none
    Consent(command::consent::Args),
    /// A page for all of this in your browser
    Dashboard(command::dashboard::Args),
    /// The keys that seal credentials and webhooks of the dashboard
    Keys(command::keys::Args),
    /// Send any request to Twilio's API
    Api(command::api::Args),
    /// A Twilio on this machine, to try everything without an account
    Fake(command::fake::Args),
    /// Settings, and where they are from
    Config(command::config::Args),
    /// The command lines of the old twilio-helper.sh
    #[command(disable_help_flag = true)]
    Helper {
        /// An old command with its arguments, for instance `sms production +14155551234 Hello`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OLD LINE")]
        line: Vec<String>,
    },
    /// What a shell needs to complete commands
    Completions(command::completions::Args),
    /// The manual pages
    Man(command::man::Args),
    /// Hear Twilio's webhooks behind a tunnel: verify, show and forward them
    Listen(command::listen::Args),
    /// Check the signature of a webhook, or send one to a server of yours
    Webhook(command::webhook::Args),
}

impl Limit {
    /// The list, up to the limit, in pages that fit.
    pub(crate) fn of<T: serde::de::DeserializeOwned + Send + 'static>(&self, list: Pages<T>) -> Pages<T> {
        let size = if self.limit == 0 { 1_000 } else { self.limit.min(1_000) };
        let list = list.page_size(u32::try_from(size).unwrap_or(1_000));
        if self.limit == 0 { list } else { list.limit(self.limit) }
    }
}

#[cfg(test)]
mod manual;
