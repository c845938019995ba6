//! Which of the rules apply to one place and one kind of message.

use jiff::civil::Date;
use switchboard::provider::SendKind;

use super::place::Place;
use super::rules::{OTHERS, Rule};
use super::week::Window;

/// The rules of a country, of the state, and for countries without a rule.
pub(super) struct Law<'a> {
    country: Vec<&'a Rule>,
    state: Vec<&'a Rule>,
    others: Vec<&'a Rule>,
}

impl<'a> Law<'a> {
    /// Without a place, the rules for countries without an entry apply.
    pub(super) fn of(rules: &'a [Rule], place: Option<&Place>, kind: SendKind) -> Self {
        let at = |code: &str| -> Vec<&'a Rule> {
            rules.iter().filter(|rule| rule.place == code && rule.applies_to(kind)).collect()
        };
        let Some(place) = place else {
            return Self { country: Vec::new(), state: Vec::new(), others: at(OTHERS) };
        };
        let country = place.country();
        let state = if place.code == country { Vec::new() } else { at(place.code) };
        Self { country: at(country), state, others: at(OTHERS) }
    }

    /// Is nothing restricted?
    pub(super) fn is_empty(&self) -> bool {
        self.country.is_empty() && self.state.is_empty() && self.others.is_empty()
    }

    /// Returns the rules in force on a date, by the calendar of the place.
    pub(super) fn in_force(&self, date: Date) -> impl Iterator<Item = &'a Rule> {
        let in_force = move |rule: &&'a Rule| rule.is_in_force(date);
        let of_country = self.country.iter().copied().any(|rule| rule.is_in_force(date));
        let country = if of_country { &self.country } else { &self.others };
        country.iter().chain(&self.state).copied().filter(in_force)
    }

    /// Returns the windows of a date in which all rules in force allow messages.
    pub(super) fn windows(&self, date: Date) -> Vec<Window> {
        self.in_force(date).fold(vec![Window::WHOLE_DAY], |open, rule| {
            let allowed = rule.week.on(date.weekday());
            open.iter().flat_map(|a| allowed.iter().filter_map(|b| a.intersect(b))).collect()
        })
    }
}
