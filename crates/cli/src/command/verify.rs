//! `verify`: a code is sent to somebody, and checked.

mod service;

use clap::Subcommand;
use switchboard::twilio::TwilioAccount;
use switchboard::twilio::verify::{
    CheckOutcome, CheckVerification, StartVerification, Verification, VerificationChannel,
};

use crate::args::DryRun;
use crate::context::Context;
use crate::dry_run::refused;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::record::record;

record!(Verification {
    "SID" = "sid", "STATUS" = "status", "TO" = "to", "CHANNEL" = "channel", "SERVICE" = "serviceSid",
});

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The services that send codes
    Service(service::Args),
    /// Send a code to somebody
    Send(SendArgs),
    /// Check the code that somebody has entered; each wrong one uses up one of five attempts
    Check(CheckArgs),
}

#[derive(Debug, clap::Args)]
struct SendArgs {
    /// Who gets it: a number as in +14155551234, or an e-mail address
    to: String,
    /// How it is sent
    #[arg(long, default_value = "sms", value_parser = ["sms", "call", "whatsapp", "email", "rcs", "sna", "auto"])]
    channel: String,
    /// The language, such as de; by default that of the number's country
    #[arg(long)]
    locale: Option<String>,
    #[command(flatten)]
    service: Service,
    #[command(flatten)]
    dry_run: DryRun,
}

#[derive(Debug, clap::Args)]
struct CheckArgs {
    /// Who got it: a number as in +14155551234, or an e-mail address
    to: String,
    /// The code
    code: String,
    #[command(flatten)]
    service: Service,
}

/// Which service sends and checks codes.
#[derive(Debug, clap::Args)]
struct Service {
    /// The service, VA…; by default that of the file of accounts, or the only one
    #[arg(long, value_name = "SID")]
    service: Option<String>,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Service(args) => service::run(context, args).await,
        Command::Send(args) => send(context, args).await,
        Command::Check(args) => check(context, args).await,
    }
}

impl Service {
    /// The account and its service: the one that is named, that of the file, or the only one.
    async fn opened(&self, context: &Context) -> Result<(TwilioAccount, String), Failure> {
        let (account, known) = self.known(context).await?;
        let sid = match known {
            Some(sid) => sid,
            None => only(&account).await?,
        };
        Ok((account, sid))
    }

    /// The same without asking Twilio.
    async fn known(&self, context: &Context) -> Result<(TwilioAccount, Option<String>), Failure> {
        let (credentials, of_file) =
            context.credentials_and(|_, entry| entry.verify_service().map(str::to_owned)).await?;
        let account = context.adapter()?.account(&credentials)?;
        Ok((account, self.service.clone().or(of_file)))
    }
}

async fn only(account: &TwilioAccount) -> Result<String, Failure> {
    let mut services = account.verify_services().list().limit(20).all().await?;
    match (services.len(), services.pop()) {
        (1, Some(only)) => Ok(only.sid),
        (0, _) | (_, None) => Err(Failure::new(Exit::Failed, "the account has no service that sends codes")
            .todo("make one: `switchboard verify service create NAME`, with the name that its texts say")),
        (_, Some(last)) => {
            services.push(last);
            let name = |name: &Option<String>| name.clone().unwrap_or_default();
            let all: Vec<String> = services
                .iter()
                .map(|service| format!("{} {}", service.sid, name(&service.friendly_name)))
                .collect();
            let what = format!("the account has several services that send codes: {}", all.join(", "));
            Err(Failure::usage(what)
                .todo("add --service VA…, or write verify_service_sid into the file of accounts"))
        }
    }
}

async fn send(context: &Context, args: SendArgs) -> Result<(), Failure> {
    context.out.check_fields::<Verification>()?;
    let mut start =
        StartVerification::new(args.to.as_str(), VerificationChannel::from(args.channel.as_str()));
    start.locale = args.locale;
    start.check().map_err(|error| refused(&error))?;
    let to = context.out.masked(&args.to);
    if args.dry_run.dry_run {
        let (_, service) = args.service.known(context).await?;
        let service = service.unwrap_or_else(|| "the only service of the account".to_owned());
        let sentence = format!("would send a code to {to} by {} from {service}, cost unknown", args.channel);
        return context.show_dry_run(&sentence, &start);
    }
    let (account, service) = args.service.opened(context).await?;
    let sent = context.hand_over(account.verify(&service).start(&start)).await;
    let sent = sent.map_err(|failure| told(failure, &args.to, &to, &service))?;
    let sentence = format!("{}  {}  to {to} by {}", sent.sid, sent.status, args.channel);
    context.out.done(&sentence, &sent)
}

async fn check(context: &Context, args: CheckArgs) -> Result<(), Failure> {
    context.out.check_fields::<Verification>()?;
    let (account, service) = args.service.opened(context).await?;
    let to = context.out.masked(&args.to);
    let asked = CheckVerification::new(args.to.as_str(), args.code.as_str());
    let checked = context.hand_over(account.verify(&service).check(&asked)).await;
    let failed = |exit, what: &str| Failure::new(exit, format!("to {to}: {what}"));
    match checked.map_err(|failure| told(failure, &args.to, &to, &service))? {
        CheckOutcome::Approved(verification) => {
            context.out.done(&format!("{to} is verified: the code is right"), &verification)
        }
        CheckOutcome::WrongCode(_) => {
            Err(failed(Exit::Failed, "the code is wrong").todo("let them try again, five times in all"))
        }
        CheckOutcome::Gone => Err(failed(
            Exit::Failed,
            "there is no code to check: it was used, is older than ten minutes, or was never sent",
        )
        .todo("send a new one: `switchboard verify send`")),
        CheckOutcome::TooManyAttempts => {
            Err(failed(Exit::Refused, "five wrong codes were entered").todo("send a new one in ten minutes"))
        }
        CheckOutcome::RateLimited(_) => {
            Err(failed(Exit::Later, "too many requests: the code was not checked")
                .todo("try it again in a moment"))
        }
    }
}

/// A pending verification is found by its recipient. One that is not found is approved, or was never sent.
fn told(failure: Failure, to: &str, shown: &str, service: &str) -> Failure {
    let failure = failure.while_doing(&format!("to {shown}"));
    failure.find_out(format!("switchboard api GET /v2/Services/{service}/Verifications/{to} --on verify"))
}
