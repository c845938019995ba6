//! What the provider says about a message besides its status, and what is stored of it.

use rust_decimal::Decimal;
use switchboard::provider::{DeliveryStatus, PickedUpBy, Price};

use super::record::Record;
use crate::state::State;
use crate::timing::Micros;

/// What one report says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// When the status changed, by the provider's clock.
    pub(crate) at: Option<Micros>,
    pub(crate) price: Option<Price>,
    pub(crate) picked_up_by: Option<PickedUpBy>,
    /// The keys that were pressed.
    pub(crate) pressed: Option<String>,
}

/// What is stored in `outcome`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Delivered {
    /// When its last attempt was marked.
    pub(crate) marked: Option<Micros>,
    /// When the final status was reached: by the provider's clock if the report says it, else when the report arrived.
    pub(crate) done: Option<Micros>,
    pub(crate) price: Option<Price>,
    pub(crate) picked_up_by: Option<PickedUpBy>,
    /// The keys that were pressed.
    pub(crate) pressed: Option<String>,
}

impl Delivered {
    /// What is known after a report. `at` is now.
    pub(crate) fn after(before: &Record, at: Micros, state: &State, facts: &Facts) -> Self {
        let delivered = before.delivered.clone();
        let status = status(state).filter(|status| status.is_final());
        let same = |after: &DeliveryStatus| {
            delivered.done.is_some()
                && status_of(before)
                    .is_some_and(|before| before.is_final() && before.is_success() == after.is_success())
        };
        let done = match status {
            Some(status) if same(status) => delivered.done,
            Some(_) => Some(facts.at.unwrap_or(at)),
            None => None,
        };
        Self {
            marked: delivered.marked.or(before.mark.map(|_| before.at)),
            done,
            price: facts.price.clone().or(delivered.price),
            picked_up_by: facts.picked_up_by.or(delivered.picked_up_by),
            pressed: facts.pressed.clone().or(delivered.pressed),
        }
    }

    /// What a report says about who or what answered a call.
    pub(crate) fn of_call(facts: &Facts) -> Self {
        let Facts { picked_up_by, pressed, .. } = facts;
        Self { picked_up_by: *picked_up_by, pressed: pressed.clone(), ..Self::default() }
    }

    /// Is something new known about the person or the machine that answered a call?
    pub(crate) fn says_more(&self, before: &Self) -> bool {
        (self.picked_up_by, &self.pressed) != (before.picked_up_by, &before.pressed)
    }

    /// The amount and the currency, as they are stored.
    pub(crate) fn stored_price(&self) -> (Option<String>, Option<&str>) {
        let price = self.price.as_ref();
        (price.map(|price| price.amount.to_string()), price.map(|price| price.currency.as_str()))
    }
}

fn status(state: &State) -> Option<&DeliveryStatus> {
    match state {
        State::Accepted { status, .. } => Some(status),
        _ => None,
    }
}

fn status_of(record: &Record) -> Option<&DeliveryStatus> {
    status(&record.progress.state)
}

/// Reads a stored price. One that cannot be read counts as not known.
pub(crate) fn price(amount: Option<&str>, currency: Option<&str>) -> Option<Price> {
    let amount: Decimal = amount?.parse().ok()?;
    Some(Price { amount, currency: currency?.to_owned() })
}

pub(crate) fn picked_up_by(word: Option<&str>) -> Option<PickedUpBy> {
    [PickedUpBy::Person, PickedUpBy::Machine, PickedUpBy::Fax, PickedUpBy::Unknown]
        .into_iter()
        .find(|who| Some(who.as_str()) == word)
}
