//! Reads parameters into the fields of an event, in one pass. A parameter without a field is kept in `extra`.

use std::borrow::Cow;

use super::super::Params;
use crate::twilio::wire::{Field, Found};

/// An event or a part of one, which is read from parameters.
pub(crate) trait Part: Default {
    /// Fills the fields that have several parameter names; the first name of the list counts, whatever the order of the
    /// parameters.
    fn start(&mut self, _params: &Params) {}

    /// Reads a parameter into its field. Returns `false` if no field has this name, the value cannot be read, or the field
    /// already has a value.
    fn take(&mut self, key: &str, value: &str) -> bool;
}

/// Reads a value into an empty field. An empty value counts as missing.
pub(crate) fn fill<T: Field + PartialEq>(slot: &mut Option<T>, value: &str, names: usize) -> bool {
    if value.is_empty() {
        return false;
    }
    let read = T::read(Found::Text(Cow::Borrowed(value)));
    match slot {
        // The value of an older name of the same parameter is not kept in `extra` if it is equal.
        Some(_) => names > 1 && read == *slot,
        None => {
            *slot = read;
            slot.is_some()
        }
    }
}

/// Reads a field that has several names from the first of these names that is present.
pub(crate) fn prefer<T: Field>(slot: &mut Option<T>, params: &Params, names: &[&str]) {
    if names.len() > 1 {
        let value = names.iter().find_map(|name| params.get(name).filter(|value| !value.is_empty()));
        *slot = value.and_then(|value| T::read(Found::Text(Cow::Borrowed(value))));
    }
}

/// Offers a parameter to an optional part, which exists only if one of its fields has a value.
pub(crate) fn offer<P: Part>(slot: &mut Option<P>, key: &str, value: &str) -> bool {
    if let Some(part) = slot {
        return part.take(key, value);
    }
    let mut part = P::default();
    let taken = part.take(key, value);
    if taken {
        *slot = Some(part);
    }
    taken
}

/// Reads an event. Parameters without a field are passed to `keep`.
pub(crate) fn read<E: Part>(params: &Params, mut keep: impl FnMut(&mut E, &str, &str)) -> E {
    let mut event = E::default();
    event.start(params);
    for (key, value) in params.iter() {
        if !event.take(key, value) {
            keep(&mut event, key, value);
        }
    }
    event
}

/// Defines a part of an event: fields with the names of their parameters, and optional parts with the prefix of theirs.
macro_rules! part {
    (
        [$($more:tt)*]
        $(#[$meta:meta])*
        $name:ident {
            $(@within { $($(#[$within_doc:meta])* $within:ident: $within_kind:ty),+ $(,)? })?
            $($(#[$doc:meta])* $field:ident: $kind:ty = $key:literal $(| $older:literal)*,)*
            $(@parts { $($(#[$part_doc:meta])* $part:ident: $part_kind:ty = $prefix:literal),+ $(,)? })?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        #[non_exhaustive]
        pub struct $name {
            $($($(#[$within_doc])* pub $within: $within_kind,)+)?
            $(
                $(#[$doc])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<$kind>,
            )*
            $($(
                $(#[$part_doc])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $part: Option<$part_kind>,
            )+)?
            $($more)*
        }

        impl $crate::twilio::webhook::event::read::Part for $name {
            fn start(&mut self, params: &$crate::twilio::webhook::Params) {
                use $crate::twilio::webhook::event::read;
                let _ = params;
                $($(read::Part::start(&mut self.$within, params);)+)?
                $(read::prefer(&mut self.$field, params, &[$key $(, $older)*]);)*
            }

            fn take(&mut self, key: &str, value: &str) -> bool {
                use $crate::twilio::webhook::event::read;
                match key {
                    $($key $(| $older)* => read::fill(&mut self.$field, value, [$key $(, $older)*].len()),)*
                    _ => {
                        false
                        $($(|| read::Part::take(&mut self.$within, key, value))+)?
                        $($(|| key.strip_prefix($prefix)
                            .is_some_and(|rest| read::offer(&mut self.$part, rest, value)))+)?
                    }
                }
            }
        }
    };
    ($(#[$meta:meta])* $name:ident { $($body:tt)* }) => {
        $crate::twilio::webhook::event::read::part! { [] $(#[$meta])* $name { $($body)* } }
    };
}

/// Defines an event: a part that keeps the other parameters in `extra`.
macro_rules! event {
    ($(#[$meta:meta])* $name:ident { $($body:tt)* }) => {
        $crate::twilio::webhook::event::read::part! {
            [
                /// Parameters that are in no field: unknown ones, and those whose value is empty or cannot be read.
                #[serde(skip_serializing_if = "crate::twilio::webhook::Params::is_empty")]
                pub extra: $crate::twilio::webhook::Params,
            ]
            $(#[$meta])*
            $name { $($body)* }
        }

        impl $name {
            pub(crate) fn read(params: &$crate::twilio::webhook::Params) -> Self {
                $crate::twilio::webhook::event::read::read(params, |event: &mut Self, key, value| {
                    event.extra.push(key, value);
                })
            }
        }
    };
}

/// Defines the methods that all events of a call have.
macro_rules! of_a_call {
    ($($name:ident),+) => {$(
        impl $name {
            /// Returns the SID of the call, `CA…`.
            #[must_use]
            pub fn call_sid(&self) -> Option<&str> {
                self.call.sid.as_deref()
            }

            /// Returns who calls.
            #[must_use]
            pub fn from(&self) -> Option<&$crate::phone::Address> {
                self.call.from.as_ref()
            }

            /// Returns who is called.
            #[must_use]
            pub fn to(&self) -> Option<&$crate::phone::Address> {
                self.call.to.as_ref()
            }
        }
    )+};
}

pub(crate) use {event, of_a_call, part};
