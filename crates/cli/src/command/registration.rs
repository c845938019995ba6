//! `registration`: what carriers in the United States and Canada want to know about senders: brands and campaigns (A2P 10DLC),
//! and toll-free verifications.

use std::path::PathBuf;

use clap::Subcommand;
use serde::de::DeserializeOwned;
use serde_json::json;
use switchboard::twilio::brands::{Brand, CreateBrand};
use switchboard::twilio::messaging_services::{Campaign, CreateCampaign};
use switchboard::twilio::tollfree_verifications::{
    CreateTollfreeVerification, ListTollfreeVerifications, TollfreeVerification,
};

use crate::args::{DryRun, Limit};
use crate::context::Context;
use crate::failure::Failure;
use crate::record::record;

record!(Brand { "SID" = "sid", "STATUS" = "status", "KIND" = "brandType", "SCORE" = "brandScore", "WHY" = "failureReason" });
record!(Campaign {
    "SID" = "sid", "STATUS" = "campaignStatus", "USE" = "usAppToPersonUsecase", "BRAND" = "brandRegistrationSid",
});
record!(TollfreeVerification, open: true {
    "SID" = "sid", "STATUS" = "status", "NUMBER" = "tollfreePhoneNumber", "WHY" = "rejectionReason",
});

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the brands
    Brands(Limit),
    /// Show one brand, BN…
    Brand {
        /// The SID, BN…
        sid: String,
    },
    /// Register a brand: this costs money
    CreateBrand(Create),
    /// List the campaigns of a messaging service
    Campaigns {
        /// The SID of the messaging service, MG…
        service: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// Register a campaign of a messaging service: this costs money every month
    CreateCampaign {
        /// The SID of the messaging service, MG…
        service: String,
        #[command(flatten)]
        create: Create,
    },
    /// List the toll-free verifications
    Tollfree(Limit),
    /// Submit a toll-free number for verification
    CreateTollfree(Create),
}

/// A registration has many fields, so it is a file.
#[derive(Debug, clap::Args)]
struct Create {
    /// The registration as JSON, with the names of Twilio's documentation in camelCase
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    dry_run: DryRun,
}

impl Create {
    fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let shown = self.file.display();
        let text = std::fs::read_to_string(&self.file)
            .map_err(|error| Failure::usage(format!("FILE: {shown}: {error}")))?;
        serde_json::from_str(&text).map_err(|error| Failure::usage(format!("FILE: {shown}: {error}")))
    }
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::Brands(limit) => {
            let account = context.account().await?;
            context.out.list(limit.of(account.brands().list()), "no brands").await
        }
        Command::Brand { sid } => context.out.item(&context.account().await?.brands().fetch(&sid).await?),
        Command::Campaigns { service, limit } => {
            let account = context.account().await?;
            let campaigns = account.messaging_services().campaigns(service).list()?;
            context.out.list(limit.of(campaigns), "no campaigns").await
        }
        Command::Tollfree(limit) => {
            let account = context.account().await?;
            let list = account.tollfree_verifications().list(&ListTollfreeVerifications::new());
            context.out.list(limit.of(list), "no toll-free verifications").await
        }
        Command::CreateBrand(create) => create_brand(context, create).await,
        Command::CreateCampaign { service, create } => create_campaign(context, service, create).await,
        Command::CreateTollfree(create) => create_tollfree(context, create).await,
    }
}

fn dry(context: &Context, what: &str, request: impl serde::Serialize) -> Result<(), Failure> {
    context.out.say_or(&format!("would register {what}"), json!({ "dryRun": true, "request": request }))
}

async fn create_brand(context: &Context, create: Create) -> Result<(), Failure> {
    let brand: CreateBrand = create.read()?;
    if create.dry_run.dry_run {
        return dry(context, "a brand", brand);
    }
    context.confirm("Register this brand? Twilio and the carriers charge for it")?;
    let account = context.account().await?;
    let made = context.hand_over(account.brands().create(&brand)).await;
    let made = made.map_err(|failure| failure.find_out("switchboard registration brands"))?;
    context.out.done(&format!("{}  {}", made.sid, made.status), &made)
}

async fn create_campaign(context: &Context, service: String, create: Create) -> Result<(), Failure> {
    let campaign: CreateCampaign = create.read()?;
    if create.dry_run.dry_run {
        return dry(context, "a campaign", campaign);
    }
    context.confirm("Register this campaign? Twilio and the carriers charge for it every month")?;
    let account = context.account().await?;
    let made =
        context.hand_over(account.messaging_services().campaigns(service.as_str()).create(&campaign)).await;
    let made =
        made.map_err(|failure| failure.find_out(format!("switchboard registration campaigns {service}")))?;
    context.out.done(&format!("{}  {}", made.sid, made.status), &made)
}

async fn create_tollfree(context: &Context, create: Create) -> Result<(), Failure> {
    let verification: CreateTollfreeVerification = create.read()?;
    if create.dry_run.dry_run {
        return dry(context, "a toll-free number", verification);
    }
    let account = context.account().await?;
    let made = context.hand_over(account.tollfree_verifications().create(&verification)).await;
    let made = made.map_err(|failure| failure.find_out("switchboard registration tollfree"))?;
    context.out.done(&format!("{}  {}", made.sid, made.status), &made)
}
