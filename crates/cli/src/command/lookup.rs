//! `lookup`: what is known about a number.

use switchboard::jiff::civil::Date;
use switchboard::twilio::lookup::{LookedUpNumber, LookupPackage, LookupRequest};

use crate::context::Context;
use crate::failure::Failure;
use crate::record::record;

record!(LookedUpNumber {
    "NUMBER" = "phoneNumber", "VALID" = "valid", "COUNTRY" = "countryCode", "PROBLEMS" = "validationErrors",
});

/// What can be asked for: the word, the older word for it, and the package.
const TYPES: &[(&str, &str, LookupPackage)] = &[
    ("validation", "", LookupPackage::Validation),
    ("line-type", "carrier", LookupPackage::LineTypeIntelligence),
    ("caller-name", "", LookupPackage::CallerName),
    ("line-status", "", LookupPackage::LineStatus),
    ("sim-swap", "", LookupPackage::SimSwap),
    ("call-forwarding", "", LookupPackage::CallForwarding),
    ("sms-pumping-risk", "", LookupPackage::SmsPumpingRisk),
    ("quality-score", "", LookupPackage::PhoneNumberQualityScore),
    ("reassigned-number", "", LookupPackage::ReassignedNumber),
];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The number, as in +14155551234; with --country also as people of that country write it
    number: String,
    /// What to ask for, each of which costs money: carrier (or line-type), caller-name, line-status, sim-swap, call-forwarding,
    /// sms-pumping-risk, quality-score, reassigned-number; may be repeated. By default only whether it is valid, which is free
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    types: Vec<String>,
    /// The country of a number that does not name it, two letters: GB
    #[arg(long, value_name = "COUNTRY")]
    country: Option<String>,
    /// For reassigned-number: a day on which the person certainly had the number
    #[arg(long, value_name = "DAY")]
    last_verified: Option<Date>,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let request = request(&args)?;
    let number = context.account().await?.lookup().fetch(&request).await?;
    context.out.item(&number)
}

fn request(args: &Args) -> Result<LookupRequest, Failure> {
    let mut request = LookupRequest::new(args.number.as_str());
    request.country.clone_from(&args.country);
    for word in &args.types {
        request = request.package(package(word)?);
    }
    let reassigned = request.packages.contains(&LookupPackage::ReassignedNumber);
    match args.last_verified {
        Some(day) if reassigned => Ok(request.reassigned_number(day)),
        None if reassigned => {
            Err(Failure::usage("--last-verified: reassigned-number needs the day that it compares with")
                .todo("for instance --last-verified 2026-01-31"))
        }
        Some(_) => Err(Failure::usage("--last-verified: only --type reassigned-number has it")),
        None => Ok(request),
    }
}

/// A word of ours, an older one, or Twilio's own.
fn package(word: &str) -> Result<LookupPackage, Failure> {
    let wanted = word.to_ascii_lowercase().replace('_', "-");
    let named = |(name, older, package): &&(&str, &str, LookupPackage)| {
        wanted == *name || wanted == *older || wanted == package.as_str().replace('_', "-")
    };
    let found = TYPES.iter().filter(|_| !wanted.is_empty()).find(named);
    found.map(|(.., package)| package.clone()).ok_or_else(|| {
        let known: Vec<&str> = TYPES.iter().map(|(name, ..)| *name).collect();
        Failure::usage(format!("--type: there is no `{word}`"))
            .todo(format!("use some of carrier, {}", known.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_words_and_twilios_own_mean_the_same() {
        for word in ["carrier", "line-type", "line_type_intelligence", "Line-Type-Intelligence"] {
            assert_eq!(package(word).unwrap(), LookupPackage::LineTypeIntelligence, "{word}");
        }
        assert_eq!(package("caller-name").unwrap(), LookupPackage::CallerName);
        for word in ["", "owner"] {
            assert!(package(word).unwrap_err().lines().1.contains("caller-name"), "{word:?}");
        }
    }
}
