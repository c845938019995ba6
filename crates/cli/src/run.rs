//! From the arguments to the exit status.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command};
use crate::command;
use crate::context::Context;
use crate::escape::escaped;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::helper;
use crate::output::Output;

/// The name of the old script, of which a link to this program takes the lines.
const OLD_SCRIPT: &str = "twilio-helper";

/// Runs the program with these arguments, the first of which is its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let name = arguments.first().map(PathBuf::from);
    if name.as_deref().and_then(Path::file_stem).is_some_and(|name| name == OLD_SCRIPT) {
        arguments.insert(1, "helper".into());
    }
    parse_and_start(arguments, true)
}

fn parse_and_start(arguments: Vec<OsString>, old_lines: bool) -> ExitCode {
    let given: Vec<String> = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            refuse(&error, &given);
            return ExitCode::from(if error.use_stderr() { Exit::Usage } else { Exit::Done }.code());
        }
    };
    let context = Context::new(cli.global);
    let ended = match cli.command {
        Command::Helper { line } if old_lines => match helper::translate(&line) {
            Ok(translated) => {
                context.out.note(&format!("new form: {}", translated.form));
                let arguments = std::iter::once("switchboard".to_owned()).chain(translated.arguments);
                return parse_and_start(arguments.map(OsString::from).collect(), false);
            }
            Err(failure) => Err(failure),
        },
        command => start(&context, command),
    };
    let exit = match ended {
        Ok(()) => Exit::Done,
        Err(failure) => {
            context.out.failure(&failure);
            failure.exit()
        }
    };
    ExitCode::from(exit.code())
}

/// Prints what the parser says: help as it is, and a mistake without what would steer a terminal.
fn refuse(error: &clap::Error, given: &[String]) {
    // There is nobody to tell if the output is closed.
    if !error.use_stderr()
        || given.iter().all(|word| escaped(word) == *word) && !given.iter().any(|word| is_json(word))
    {
        let _ = error.print();
        return;
    }
    let text = error.render().to_string();
    let (what, todo) = text.trim_end().split_once("\n\n").unwrap_or((text.trim_end(), ""));
    let lines = |text: &str| text.lines().map(escaped).collect::<Vec<_>>().join("\n");
    let failure = Failure::usage(what.trim_start_matches("error: ").to_owned());
    let failure = if todo.is_empty() { failure } else { failure.todo(todo.to_owned()) };
    if given.iter().any(|word| is_json(word)) {
        Output::new(Some(""), false, false, String::new()).failure(&failure);
    } else {
        let _ = writeln!(anstream::stderr(), "{}", lines(&text));
    }
}

fn is_json(word: &str) -> bool {
    word == "--json" || word.starts_with("--json=")
}

fn start(context: &Context, command: Command) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime =
        runtime.map_err(|error| Failure::new(Exit::Failed, format!("no threads can be started: {error}")))?;
    let ended = runtime.block_on(dispatch(context, command));
    // A thread that reads standard input is not waited for.
    runtime.shutdown_background();
    ended
}

async fn dispatch(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Init(args) => command::init::run(context, args).await,
        Command::Config(args) => command::config::run(context, args).await,
        Command::Completions(args) => command::completions::run(context, args),
        Command::Man(args) => command::man::run(context, args),
        Command::Helper { .. } => Err(Failure::usage("helper: an old line cannot be in an old line")),
        Command::Account(args) => command::account::run(context, args).await,
        Command::Message(args) => command::message::run(context, args).await,
        Command::Whatsapp(args) => command::whatsapp::run(context, args).await,
        Command::Call(args) => command::call::run(context, args).await,
        Command::Recording(args) => command::recording::run(context, args).await,
        Command::Transcription(args) => command::transcription::run(context, args).await,
        Command::Number(args) => command::number::run(context, args).await,
        Command::Verify(args) => command::verify::run(context, args).await,
        Command::Lookup(args) => command::lookup::run(context, args).await,
        Command::Alert(args) => command::alert::run(context, args).await,
        Command::Price(args) => command::price::run(context, args).await,
        Command::Text(args) => command::text::run(context, args),
        Command::SupportRequest(args) => command::support_request::run(context, args),
        Command::Report(args) => command::report::run(context, args).await,
        Command::ApiKey(args) => command::api_key::run(context, args).await,
        Command::AuthToken(args) => command::auth_token::run(context, args).await,
        Command::Geo(args) => command::geo::run(context, args).await,
        Command::Conference(args) => command::conference::run(context, args).await,
        Command::CallerId(args) => command::caller_id::run(context, args).await,
        Command::Trigger(args) => command::trigger::run(context, args).await,
        Command::Registration(args) => command::registration::run(context, args).await,
        Command::Bulk(args) => command::bulk::run(context, args).await,
        Command::Dashboard(args) => command::dashboard::run(context, args).await,
        Command::Outbox(args) => command::outbox::run(context, args).await,
        Command::Consent(args) => command::consent::run(context, args).await,
        Command::Keys(args) => command::keys::run(context, args).await,
        Command::Api(args) => command::api::run(context, args).await,
        Command::Fake(args) => command::fake::run(context, args).await,
        Command::Listen(args) => command::listen::run(context, args).await,
        Command::Webhook(args) => command::webhook::run(context, args).await,
    }
}
