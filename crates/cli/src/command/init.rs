//! `init`: the first account.

use crate::command::account::{self, AddArgs};
use crate::context::Context;
use crate::failure::Failure;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    add: AddArgs,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let known = context.accounts()?;
    if let Some(entry) = known.iter().next() {
        let what = format!("there is an account {} from {} already", entry.name(), entry.source());
        context.out.note(&what);
    }
    account::add(context, args.add).await?;
    context.out.note("try it: switchboard account check, switchboard message send +1… \"Hello\"");
    Ok(())
}
