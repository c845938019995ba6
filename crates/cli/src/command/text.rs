//! `text`: what a text will be billed as, before it is sent. No request is made.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Map, Value};
use switchboard::phone::Address;
use switchboard::sms::{BillableMessage, Encoding, Segmentation, Templates};

use crate::context::Context;
use crate::failure::Failure;
use crate::price::{self, Cost};
use crate::record::own_record;

/// The name of the only template, in its errors.
const TEMPLATE: &str = "TEXT";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The text; `-` reads it from standard input
    #[arg(allow_hyphen_values = true)]
    text: String,
    /// The text is a template: 'Hi {{name}}'
    #[arg(long)]
    template: bool,
    /// A value for the template, NAME=VALUE; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", requires = "template")]
    set: Vec<String>,
    /// Values for the template, as a JSON object
    #[arg(long, value_name = "JSON", requires = "template")]
    values: Option<String>,
    /// Also what it costs to send it to this number; may be repeated
    #[arg(long, value_name = "NUMBER")]
    to: Vec<String>,
    /// The sender, which may have a price of its own
    #[arg(long, value_name = "NUMBER", requires = "to")]
    from: Option<String>,
    /// The prices as JSON; by default those of `price refresh`
    #[arg(long, value_name = "FILE", requires = "to")]
    prices: Option<PathBuf>,
}

/// What a text will be billed as.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Measured {
    segments: usize,
    encoding: &'static str,
    /// Septets of GSM-7, or code units of UTF-16.
    units: usize,
    characters: usize,
    remaining: usize,
    culprit: Option<String>,
    culprit_code: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    instead: Option<String>,
    saves: Option<usize>,
    /// What Smart Encoding would make of it; only where it is not GSM-7 already.
    smart_encoding: Option<&'static str>,
    smart_segments: Option<usize>,
    smart_saves: Option<usize>,
    cost: Option<String>,
    currency: Option<String>,
    cost_unknown: Option<String>,
    /// The text of a template.
    text: Option<String>,
}

own_record!(Measured, open: true {
    "SEGMENTS" = "segments", "ENCODING" = "encoding", "UNITS" = "units", "CHARACTERS" = "characters",
    "REMAINING" = "remaining", "CULPRIT" = "culprit", "CODE" = "culpritCode", "LINE" = "line", "COLUMN" = "column",
    "INSTEAD" = "instead", "SAVES" = "saves", "SMART" = "smartEncoding", "SMART SEGMENTS" = "smartSegments",
    "SMART SAVES" = "smartSaves", "COST" = "cost", "CURRENCY" = "currency", "UNKNOWN" = "costUnknown", "TEXT" = "text",
});

pub(crate) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let mut text = args.text.clone();
    if text == "-" {
        text = std::io::read_to_string(std::io::stdin())?.trim_end_matches(['\r', '\n']).to_owned();
    }
    if args.template {
        text = rendered(&text, &args)?;
    }
    let cost = cost(&text, &args)?;
    let mut measured = measured(&text, cost);
    measured.text = args.template.then_some(text);
    context.out.item(&measured)
}

fn rendered(template: &str, args: &Args) -> Result<String, Failure> {
    let values = values(args)?;
    let templates = Templates::new().add(TEMPLATE, template);
    let text = templates.and_then(|templates| templates.render(TEMPLATE, &values));
    text.map(switchboard::sms::Text::into_string).map_err(|error| {
        Failure::usage(error.to_string())
            .todo("for instance `switchboard text --template 'Hi {{name}}' --set name=Ada`")
    })
}

fn values(args: &Args) -> Result<Map<String, Value>, Failure> {
    let mut values: Map<String, Value> = match &args.values {
        Some(json) => serde_json::from_str(json).map_err(|error| {
            Failure::usage(format!("--values: this is not a JSON object: {error}"))
                .todo(r#"for instance --values '{"name": "Ada", "guests": 2}'"#)
        })?,
        None => Map::new(),
    };
    for pair in &args.set {
        let (name, value) = pair.split_once('=').ok_or_else(|| {
            Failure::usage("--set: a value is written NAME=VALUE").todo("for instance --set name=Ada")
        })?;
        values.insert(name.to_owned(), value.into());
    }
    Ok(values)
}

/// `None`: nobody asked.
fn cost(text: &str, args: &Args) -> Result<Option<Cost>, Failure> {
    if args.to.is_empty() {
        return Ok(None);
    }
    let message = |to: &String| {
        let to = Address::from(to.as_str());
        to.kind().map_err(|error| Failure::usage(format!("--to: {error}")))?;
        let message = BillableMessage::new(to, text);
        Ok(match &args.from {
            Some(from) => message.sent_from(&Address::from(from.as_str())),
            None => message,
        })
    };
    let messages = args.to.iter().map(message).collect::<Result<Vec<_>, Failure>>()?;
    let prices = price::known(args.prices.as_deref())?;
    Ok(Some(Cost::of(messages, prices.as_ref())))
}

const fn name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Gsm7 => "GSM-7",
        _ => "UCS-2",
    }
}

fn measured(text: &str, cost: Option<Cost>) -> Measured {
    let (plain, smart) = (Segmentation::of(text), Segmentation::smart(text));
    let culprit = plain.first_non_gsm();
    let (cost, currency, cost_unknown) =
        cost.map_or((None, None, None), |cost| (cost.cost, cost.currency, cost.unknown));
    Measured {
        segments: plain.segments(),
        encoding: name(plain.encoding()),
        units: plain.units(),
        characters: text.chars().count(),
        remaining: plain.remaining(),
        culprit: culprit.map(|found| found.cluster().to_owned()),
        culprit_code: culprit.map(|found| format!("U+{:04X}", u32::from(found.character()))),
        line: culprit.map(|found| found.line()),
        column: culprit.map(|found| found.column()),
        instead: culprit.and_then(|found| found.suggestion()).map(str::to_owned),
        saves: culprit.map(|found| found.saves()),
        smart_encoding: culprit.map(|_| name(smart.encoding())),
        smart_segments: culprit.map(|_| smart.segments()),
        smart_saves: culprit.map(|_| plain.saved_by_smart()),
        cost,
        currency,
        cost_unknown,
        text: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_culprit_is_told_with_its_place_and_what_to_write_instead() {
        let text = format!("{}\nIt’s ready", "Your table is ready. ".repeat(4));
        let found = measured(&text, None);
        assert_eq!((found.segments, found.encoding), (2, "UCS-2"));
        assert_eq!((found.culprit.as_deref(), found.culprit_code.as_deref()), (Some("’"), Some("U+2019")));
        assert_eq!((found.line, found.column, found.instead.as_deref()), (Some(2), Some(3), Some("'")));
        assert_eq!(
            (found.smart_encoding, found.smart_segments, found.smart_saves),
            (Some("GSM-7"), Some(1), Some(1))
        );
    }
}
