//! `number search`: numbers for sale, with what they cost each month.

use futures_util::stream;
use serde::Serialize;
use switchboard::phone::Country;
use switchboard::twilio::TwilioAccount;
use switchboard::twilio::numbers::{AvailableNumber, NumberType, SearchNumbers};
use switchboard::{ErrorCode, ProviderError};

use super::monthly;
use crate::args::Limit;
use crate::context::Context;
use crate::failure::Failure;
use crate::record::Record;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The country, two letters: US, GB
    country: String,
    /// The area code, as in 415; outside the US and Canada the numbers that begin with it are searched
    #[arg(long, value_name = "CODE")]
    area_code: Option<String>,
    /// Only numbers that can text
    #[arg(long)]
    sms: bool,
    /// Only numbers that can call
    #[arg(long)]
    voice: bool,
    /// Only numbers that can send pictures
    #[arg(long)]
    mms: bool,
    /// A pattern of 2 to 16 characters: `*` is any digit, `+` the beginning, `$` the end, letters are those of the keys
    #[arg(long, value_name = "PATTERN")]
    contains: Option<String>,
    /// The kind of number; by default local ones and, if there are none, mobile ones
    #[arg(long = "type", value_enum)]
    kind: Option<Kind>,
    #[command(flatten)]
    limit: Limit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Local,
    Mobile,
    TollFree,
    National,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Mobile => "mobile",
            Self::TollFree => "toll-free",
            Self::National => "national",
        }
    }

    const fn of_twilio(self) -> NumberType {
        match self {
            Self::Local => NumberType::Local,
            Self::Mobile => NumberType::Mobile,
            Self::TollFree => NumberType::TollFree,
            Self::National => NumberType::National,
        }
    }
}

/// A number for sale, and what it costs each month.
#[derive(Debug, Serialize)]
struct ForSale {
    #[serde(flatten)]
    number: AvailableNumber,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "monthlyPrice")]
    monthly_price: Option<String>,
    currency: Option<String>,
}

impl Record for ForSale {
    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("NUMBER", "phoneNumber"),
        ("TYPE", "type"),
        ("PLACE", "locality"),
        ("REGION", "region"),
        ("CAN", "capabilities"),
        ("ADDRESS", "addressRequirements"),
        ("MONTHLY", "monthlyPrice"),
        ("CURRENCY", "currency"),
    ];
    const OPEN_NUMBERS: bool = true;

    fn fields() -> Vec<String> {
        let own = ["type", "monthlyPrice", "currency"].map(str::to_owned);
        AvailableNumber::json_fields().into_iter().chain(own).collect()
    }
}

pub(super) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    context.out.check_fields::<ForSale>()?;
    let (country, search) = search(&args)?;
    let prefix = || search.contains.as_deref().unwrap_or_default();
    if args.area_code.is_some() && search.area_code.is_none() {
        context.out.note(&format!("in {country} the area code is searched as {}…", prefix()));
    }
    let account = context.account().await?;
    let kinds = args.kind.map_or_else(|| vec![Kind::Local, Kind::Mobile], |kind| vec![kind]);
    for kind in kinds {
        let found = found(&account, &search, kind).await?;
        if !found.is_empty() {
            let rows = priced(context, &account, found, country, kind).await;
            return context.out.list(stream::iter(rows.into_iter().map(Ok::<_, Failure>)), "").await;
        }
    }
    let kind = args.kind.unwrap_or(Kind::Local).word();
    let empty = format!(
        "No numbers available\nTwilio's support may have some: `switchboard support-request --country {country} --type {kind}` \
         writes to it what you need"
    );
    context.out.list(stream::iter(Vec::<Result<ForSale, Failure>>::new()), &empty).await
}

fn search(args: &Args) -> Result<(Country, SearchNumbers), Failure> {
    let country =
        Country::parse(&args.country).map_err(|error| Failure::usage(format!("COUNTRY: {error}")))?;
    let mut search = SearchNumbers::local(country.as_str());
    let wanted = |wanted: bool| wanted.then_some(true);
    (search.sms_enabled, search.voice_enabled, search.mms_enabled) =
        (wanted(args.sms), wanted(args.voice), wanted(args.mms));
    search.contains.clone_from(&args.contains);
    search.page_size = u32::try_from(args.limit.limit).ok().filter(|limit| *limit > 0);
    let Some(code) = &args.area_code else { return Ok((country, search)) };
    if country == "US" || country == "CA" {
        let number = code.parse().ok().filter(|_| code.len() == 3);
        let number = number.ok_or_else(|| {
            Failure::usage(format!(
                "--area-code: an area code of {country} has three digits, for instance 415"
            ))
        })?;
        search.area_code = Some(number);
        return Ok((country, search));
    }
    if args.contains.is_some() {
        let what = format!(
            "--contains: in {country} the area code is searched in the same way, so use one of the two"
        );
        return Err(Failure::usage(what).todo("for instance --contains '+4420*55'"));
    }
    let prefix = country.area_prefix(code);
    search.contains = Some(
        prefix
            .ok_or_else(|| Failure::usage("--area-code: an area code has digits only, for instance 020"))?,
    );
    Ok((country, search))
}

/// A country that has no numbers of the kind has none for sale.
async fn found(
    account: &TwilioAccount,
    search: &SearchNumbers,
    kind: Kind,
) -> Result<Vec<AvailableNumber>, ProviderError> {
    let mut search = search.clone();
    search.kind = kind.of_twilio();
    match account.available_numbers().search(&search).await {
        Err(error) if error.code() == ErrorCode::NotFound => Ok(Vec::new()),
        found => {
            let most = search.page_size.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
            found.map(|numbers| numbers.into_iter().take(most).collect())
        }
    }
}

/// The rows, with their price where Twilio tells it.
async fn priced(
    context: &Context,
    account: &TwilioAccount,
    found: Vec<AvailableNumber>,
    country: Country,
    kind: Kind,
) -> Vec<ForSale> {
    let prices = account.prices().numbers(country.as_str()).await;
    if let Err(error) = &prices {
        context.out.note(&format!("what they cost each month is unknown: {}", error.message()));
    }
    let price = prices.ok().and_then(|prices| monthly(&prices, &kind.of_twilio()));
    let (monthly_price, currency) = price.unzip();
    let row = |number| ForSale {
        number,
        kind: kind.word(),
        monthly_price: monthly_price.clone(),
        currency: currency.clone(),
    };
    found.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn asked(line: &str) -> Result<SearchNumbers, Failure> {
        let words = std::iter::once("search").chain(line.split_whitespace());
        search(&Line::try_parse_from(words).unwrap().args).map(|(_, search)| search)
    }

    #[test]
    fn an_area_code_is_a_prefix_outside_the_us_and_canada() {
        let us = asked("us --area-code 415 --sms").unwrap();
        assert_eq!((us.area_code, us.contains, us.sms_enabled), (Some(415), None, Some(true)));
        let gb = asked("GB --area-code 020").unwrap();
        assert_eq!((gb.area_code, gb.contains.as_deref()), (None, Some("+4420")));
    }

    #[test]
    fn what_cannot_be_searched_is_refused_by_name() {
        for (line, name) in [
            ("UK", "COUNTRY"),
            ("US --area-code 4155", "--area-code"),
            ("GB --area-code 02a", "--area-code"),
            ("GB --area-code 020 --contains 55", "--contains"),
        ] {
            let failure = asked(line).unwrap_err();
            assert!(failure.lines().0.starts_with(name), "{line}: {failure:?}");
        }
    }
}
