//! `support-request`: the draft of a request for numbers that a search does not find. It is printed and not sent.

use serde::Serialize;
use switchboard::phone::Country;
use switchboard_accounts::Entry;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::Output;
use crate::record::own_record;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The country, two letters: US, GB
    #[arg(long, value_name = "COUNTRY")]
    country: String,
    /// The kind of number: local, mobile, toll-free, national
    #[arg(long = "type", value_name = "TYPE", default_value = "local")]
    kind: String,
    /// The area code
    #[arg(long, value_name = "CODE")]
    area_code: Option<String>,
    /// How many numbers
    #[arg(long, default_value_t = 1, value_name = "COUNT")]
    quantity: u32,
    /// What they are for
    #[arg(long, value_name = "TEXT")]
    use_case: Option<String>,
    /// The documents that you have, for countries that want some
    #[arg(long, value_name = "TEXT")]
    documents: Option<String>,
}

#[derive(Debug, Serialize)]
struct Draft {
    subject: String,
    body: String,
}

own_record!(Draft { "SUBJECT" = "subject", "BODY" = "body" });

pub(crate) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let country =
        Country::parse(&args.country).map_err(|error| Failure::usage(format!("--country: {error}")))?;
    let draft = draft(&args, country, account_sid(context)?.as_deref());
    if context.out.is_json() {
        return context.out.item(&draft);
    }
    Output::raw(&format!("Subject: {}\n\n{}", draft.subject, draft.body))
}

/// The account that is meant, if there is one: the draft can be written without.
fn account_sid(context: &Context) -> Result<Option<String>, Failure> {
    let accounts = context.accounts()?;
    match context.chosen(&accounts) {
        Ok(entry) => Ok(Entry::account_sid(entry).map(str::to_owned)),
        Err(failure) if context.global.account.is_some() => Err(failure),
        Err(_) => Ok(None),
    }
}

fn draft(args: &Args, country: Country, account_sid: Option<&str>) -> Draft {
    let one_line = |text: &str| crate::escape::escaped(text).into_owned();
    let kind = one_line(&args.kind);
    let or = |value: &Option<String>, missing: &str| value.as_deref().map_or(missing.to_owned(), one_line);
    let body = [
        format!(
            "Account SID: {}",
            account_sid.map_or_else(|| "[your account SID, AC…]".to_owned(), one_line)
        ),
        "Request Type: Phone Number Acquisition".to_owned(),
        String::new(),
        "Details:".to_owned(),
        format!("- Country: {country}"),
        format!("- Number Type: {kind}"),
        format!("- Desired Area Code: {}", or(&args.area_code, "any")),
        format!("- Quantity: {}", args.quantity),
        format!("- Use Case: {}", or(&args.use_case, "[what the numbers are for]")),
        format!("- Regulatory Documents: {}", or(&args.documents, "none yet")),
        String::new(),
        "Please advise on availability and any requirements.".to_owned(),
    ];
    Draft { subject: format!("Phone Number Request - {country} {kind}"), body: body.join("\n") }
}
