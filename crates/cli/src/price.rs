//! The price list that dry runs use: kept in the user's folder of data, and never fetched by them.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use switchboard::sms::{BillableMessage, Estimate, PriceList, estimate};
use switchboard::twilio::value::Amount;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::place;

/// The file in the user's folder of data.
const FILE: &str = "prices.json";

/// The prices of a file, or those that `price refresh` has kept. `None`: there are none yet.
pub(crate) fn known(file: Option<&Path>) -> Result<Option<PriceList>, Failure> {
    match file {
        Some(file) => read(file)?.map(Some).ok_or_else(|| {
            Failure::usage(format!("--prices: there is no file {}", file.display()))
                .todo(r#"write one, for instance {"currency": "USD", "prices": {"US": {"local": "0.0083"}}}"#)
        }),
        None => read(&kept()?),
    }
}

fn kept() -> Result<PathBuf, Failure> {
    Ok(place::data()?.join(FILE))
}

fn read(path: &Path) -> Result<Option<PriceList>, Failure> {
    let wrong = |what: String| Failure::usage(format!("{}: {what}", path.display()));
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            wrong(format!("this is no price list: {error}"))
                .todo("delete it, or write it again with `switchboard price refresh`")
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(error.to_string())),
    }
}

/// Keeps a price list for dry runs.
pub(crate) fn keep(list: &PriceList) -> Result<PathBuf, Failure> {
    let path = kept()?;
    let json = serde_json::to_vec_pretty(list).unwrap_or_default();
    place::replace(&path, &json)?;
    Ok(path)
}

/// An amount without the zeros at its end, and with cents: `1.15`, `2.00`, `0.0079`.
pub(crate) fn written(amount: &Amount) -> String {
    let exact = amount.decimal().map(|amount| amount.normalize());
    exact.map_or_else(
        || amount.as_str().to_owned(),
        |exact| match exact.scale() {
            0 | 1 => format!("{exact:.2}"),
            _ => exact.to_string(),
        },
    )
}

/// What a dry run says about the cost: the amount, or that it is not known and how to find it out.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cost {
    /// The number of billed units; of a template of Twilio's it is not known.
    pub(crate) segments: Option<u64>,
    /// The amount and its currency: `0.0166`, `USD`.
    pub(crate) cost: Option<String>,
    pub(crate) currency: Option<String>,
    /// Why it is not known.
    pub(crate) unknown: Option<String>,
}

impl Cost {
    pub(crate) fn of(messages: Vec<BillableMessage>, prices: Option<&PriceList>) -> Self {
        let texts_known = messages.iter().all(|message| message.body.is_some());
        let nothing = PriceList::new("USD");
        let Estimate { currency, segments, total, unpriced, .. } =
            estimate(messages, prices.unwrap_or(&nothing));
        let segments = texts_known.then_some(segments);
        match (prices, unpriced.first()) {
            (Some(_), None) => Self {
                segments,
                cost: Some(total.normalize().to_string()),
                currency: Some(currency),
                unknown: None,
            },
            (None, _) => {
                let why = "there is no price list: run `switchboard price refresh COUNTRY`, or give --prices";
                Self { segments, cost: None, currency: None, unknown: Some(why.to_owned()) }
            }
            (_, Some(row)) => {
                Self { segments, cost: None, currency: None, unknown: Some(row.reason.clone()) }
            }
        }
    }

    /// In words: `2 segments, 0.0166 USD`, `1 segment, cost unknown (…)`.
    pub(crate) fn words(&self) -> String {
        let segments = match self.segments {
            Some(1) => "1 segment".to_owned(),
            Some(count) => format!("{count} segments"),
            None => "segments unknown".to_owned(),
        };
        match (&self.cost, &self.currency, &self.unknown) {
            (Some(cost), Some(currency), _) => format!("{segments}, {cost} {currency}"),
            (.., Some(why)) => format!("{segments}, cost unknown ({why})"),
            _ => format!("{segments}, cost unknown"),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(Exit::Failed, error.to_string())
    }
}
