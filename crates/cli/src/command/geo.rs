//! `geo`: the countries that texts may go to.

use clap::Subcommand;
use switchboard::twilio::geo_permissions::{GeoPermission, ListGeoPermissions, UpdateGeoPermissions};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::record::record;

record!(GeoPermission { "COUNTRY" = "countryCode", "ENABLED" = "enabled", "PREFIX" = "prefix", "NOTE" = "message" });

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the countries, and whether texts may go there
    List {
        /// Only this country, for instance DE
        country: Option<String>,
    },
    /// Let texts go to a country
    Enable {
        /// The country, for instance DE
        country: String,
    },
    /// Let no text go to a country
    Disable {
        /// The country, for instance DE
        country: String,
    },
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::List { country } => {
            let mut filter = ListGeoPermissions::new();
            filter.country_code = country;
            let rows = context.account().await?.geo_permissions().list(&filter).await?;
            let rows: Vec<_> = rows.into_iter().map(Ok::<_, Failure>).collect();
            context.out.list(futures_util::stream::iter(rows), "no such country").await
        }
        Command::Enable { country } => change(context, country, true).await,
        Command::Disable { country } => change(context, country, false).await,
    }
}

async fn change(context: &Context, country: String, enable: bool) -> Result<(), Failure> {
    let word = if enable { "enabled" } else { "disabled" };
    if enable {
        context
            .confirm(&format!("Let texts go to {country}? Fraudsters like countries that nobody needs"))?;
    }
    let update = UpdateGeoPermissions::new();
    let update = if enable { update.enable(&country) } else { update.disable(&country) };
    let changes = context.change(async |account| account.geo_permissions().update(&update).await).await?;
    match changes.iter().find(|change| !change.is_applied()) {
        None => context.out.say_or(&format!("{country} is {word}"), serde_json::json!(changes)),
        Some(refused) => {
            let why = refused.error_messages.as_ref().map(|texts| texts.join("; ")).unwrap_or_default();
            Err(Failure::new(Exit::Refused, format!("{country} was not changed: {why}"))
                .todo("countries with a high risk of fraud are changed in Twilio's Console only"))
        }
    }
}
