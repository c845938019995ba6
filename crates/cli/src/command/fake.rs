//! `fake`: a Twilio on this machine, to try everything without an account.

use serde_json::json;
use switchboard_testing::FakeTwilio;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// The port that the manual names.
pub(crate) const PORT: u16 = 4010;

/// The numbers that the lines of the old script buy.
const OFFERED: [&str; 2] = ["+14155551234", "+12125551234"];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The port on this machine; 0 takes a free one
    #[arg(long, default_value_t = PORT)]
    port: u16,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    // Before anything is printed, so that an interrupt is not missed by who has read it.
    let interrupts = context.interrupts()?;
    let fake =
        FakeTwilio::builder().port(args.port).seed(0).real_time().try_start().await.map_err(|error| {
            Failure::new(Exit::Failed, format!("the fake cannot listen on port {}: {error}", args.port))
                .todo("end what uses the port, or name another: `switchboard fake --port 0`")
        })?;
    OFFERED.iter().for_each(|number| fake.offer_number(number));
    let variables = [
        ("TWILIO_BASE_URL", fake.url()),
        ("TWILIO_ACCOUNT_SID", fake.account_sid()),
        ("TWILIO_AUTH_TOKEN", fake.auth_token()),
        ("TWILIO_PHONE_NUMBER", fake.phone_number().to_owned()),
    ];
    let lines: Vec<String> = variables.iter().map(|(name, value)| format!("export {name}={value}")).collect();
    let sentence =
        format!("# In another terminal, until you end this one with Ctrl-C:\n{}", lines.join("\n"));
    let values: serde_json::Map<_, _> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    context.out.say_or(&sentence, values)?;
    interrupts.reached(1).await;
    Ok(())
}
