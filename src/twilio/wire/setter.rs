//! The setters of a request: one for each row of its table, by the type of its field.

/// Makes the setter of one row of a request.
macro_rules! setter {
    ([$($doc:tt)*] $field:ident [] $($rest:tt)*) => {
        $crate::twilio::wire::setter! { @ [$($doc)*] $field $field $($rest)* }
    };
    ([$($doc:tt)*] $field:ident [_] $($rest:tt)*) => {};
    ([$($doc:tt)*] $field:ident [$setter:ident] $($rest:tt)*) => {
        $crate::twilio::wire::setter! { @ [$($doc)*] $field $setter $($rest)* }
    };
    (@ $doc:tt $field:ident $setter:ident $wire:literal, Option bool) => {
        $crate::twilio::wire::setter! { @value $doc $field $setter $wire bool }
    };
    (@ $doc:tt $field:ident $setter:ident $wire:literal, Option u32) => {
        $crate::twilio::wire::setter! { @value $doc $field $setter $wire u32 }
    };
    (@ $doc:tt $field:ident $setter:ident $wire:literal, Option Timestamp) => {
        $crate::twilio::wire::setter! { @value $doc $field $setter $wire Timestamp }
    };
    (@ $doc:tt $field:ident $setter:ident $wire:literal, Option Date) => {
        $crate::twilio::wire::setter! { @value $doc $field $setter $wire Date }
    };
    (@value [$($doc:tt)*] $field:ident $setter:ident $wire:literal $kind:ident) => {
        $($doc)*
        #[doc = concat!("\n\nTwilio's `", $wire, "`.")]
        #[must_use]
        pub fn $setter(mut self, value: $kind) -> Self {
            self.$field = Some(value);
            self
        }
    };
    (@ [$($doc:tt)*] $field:ident $setter:ident $wire:literal, Option $kind:ident) => {
        $($doc)*
        #[doc = concat!("\n\nTwilio's `", $wire, "`.")]
        #[must_use]
        pub fn $setter(mut self, value: impl Into<$kind>) -> Self {
            self.$field = Some(value.into());
            self
        }
    };
    (@ [$($doc:tt)*] $field:ident $setter:ident $wire:literal, Vec Text) => {
        $($doc)*
        #[doc = concat!("\n\nAdds one; call it again for more. Twilio's `", $wire, "`.")]
        #[must_use]
        pub fn $setter(mut self, value: impl Into<Text>) -> Self {
            self.$field.push(value.into());
            self
        }
    };
    (@ [$($doc:tt)*] $field:ident $setter:ident $wire:literal, Vec $kind:ident) => {
        $($doc)*
        #[doc = concat!("\n\nSets all of them. Twilio's `", $wire, "`.")]
        #[must_use]
        pub fn $setter(mut self, values: impl IntoIterator<Item = $kind>) -> Self {
            self.$field = values.into_iter().collect();
            self
        }
    };
    (@ [$($doc:tt)*] $field:ident $setter:ident $wire:literal, Pairs) => {
        $($doc)*
        #[doc = concat!("\n\nAdds one; call it again for more. Twilio's `", $wire, "`.")]
        #[must_use]
        pub fn $setter(mut self, name: impl Into<String>, value: impl Into<$crate::sms::Text>) -> Self {
            self.$field.insert(name.into(), value.into());
            self
        }
    };
    // A plain type is set by the constructor and has no setter.
    (@ $doc:tt $field:ident $setter:ident $wire:literal, $plain:ident) => {};
}

pub(crate) use setter;
