//! From the arguments to the exit status.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command};
use crate::command;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Runs the program with these arguments, the first of which is its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // There is nobody to tell if the output is closed.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Exit::Usage } else { Exit::Done }.code());
        }
    };
    let context = Context::new(cli.global);
    let ended = start(&context, cli.command);
    let exit = match ended {
        Ok(()) => Exit::Done,
        Err(failure) => {
            context.out.failure(&failure);
            failure.exit()
        }
    };
    ExitCode::from(exit.code())
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
        Command::Account(args) => command::account::run(context, args).await,
        Command::Message(args) => command::message::run(context, args).await,
        Command::Api(args) => command::api::run(context, args).await,
        Command::Fake(args) => command::fake::run(context, args).await,
    }
}
