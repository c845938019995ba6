//! Macros that make a typed verb from the table of its attributes.

/// Makes a typed verb. The kind of an attribute is `text`, `u32`, `bool`, a word (`HttpMethod`) or a list of words
/// (`[CallEvent]`).
macro_rules! verb {
    ($(#[$meta:meta])* $name:ident = $tag:literal {
        $($(#[$doc:meta])* $setter:ident: $kind:tt = $attribute:literal,)*
    }) => {
        $crate::twilio::twiml::macros::any_element! { $(#[$meta])* $name }

        impl $name {
            pub(in crate::twilio::twiml) fn open() -> Self {
                Self($crate::twilio::twiml::buffer::Buffer::new($tag))
            }

            $($crate::twilio::twiml::macros::setter! { $(#[$doc])* $setter: $kind = $attribute })*
        }

        impl From<$name> for $crate::twilio::twiml::Element {
            fn from(verb: $name) -> Self {
                Self(verb.0)
            }
        }

        #[cfg(test)]
        impl $name {
            /// Each setter, with the attribute that it sets.
            pub(in crate::twilio::twiml) const SETTERS: &'static [(&'static str, &'static str)] =
                &[$((stringify!($setter), $attribute)),*];

            /// Calls every setter.
            pub(in crate::twilio::twiml) fn all_set(self) -> Self {
                self$(.$setter($crate::twilio::twiml::macros::sample!($kind)))*
            }
        }
    };
}

/// Makes the type of an element, with the methods that all elements have.
macro_rules! any_element {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq)]
        #[must_use = "an element does nothing until it is added to a document"]
        pub struct $name(pub(in crate::twilio::twiml) $crate::twilio::twiml::buffer::Buffer);

        impl $name {
            /// Sets an attribute that has no method of its own. A second value replaces the first.
            pub fn attr(mut self, name: impl AsRef<str>, value: impl std::fmt::Display) -> Self {
                self.0.set_checked(name.as_ref(), value);
                self
            }

            /// Adds any element, after those that are already there.
            pub fn element(mut self, element: impl Into<$crate::twilio::twiml::Element>) -> Self {
                self.0.child(element.into().0);
                self
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

/// Makes the method that sets an attribute.
macro_rules! setter {
    ($(#[$doc:meta])* $setter:ident: text = $attribute:literal) => {
        $(#[$doc])*
        pub fn $setter(mut self, value: impl AsRef<str>) -> Self {
            self.0.set($attribute, value.as_ref());
            self
        }
    };
    ($(#[$doc:meta])* $setter:ident: u32 = $attribute:literal) => {
        $(#[$doc])*
        pub fn $setter(mut self, value: u32) -> Self {
            self.0.set_display($attribute, value);
            self
        }
    };
    ($(#[$doc:meta])* $setter:ident: bool = $attribute:literal) => {
        $(#[$doc])*
        pub fn $setter(mut self, value: bool) -> Self {
            self.0.set($attribute, if value { "true" } else { "false" });
            self
        }
    };
    ($(#[$doc:meta])* $setter:ident: [$word:ident] = $attribute:literal) => {
        $(#[$doc])*
        pub fn $setter(mut self, words: impl IntoIterator<Item = $word>) -> Self {
            self.0.set_list($attribute, words);
            self
        }
    };
    ($(#[$doc:meta])* $setter:ident: $word:ident = $attribute:literal) => {
        $(#[$doc])*
        pub fn $setter(mut self, word: $word) -> Self {
            self.0.set($attribute, word.as_str());
            self
        }
    };
}

/// A value of each kind of attribute, for tests.
#[cfg(test)]
macro_rules! sample {
    (text) => {
        "x"
    };
    (u32) => {
        7
    };
    (bool) => {
        true
    };
    ([$word:ident]) => {
        [$word::from("x"), $word::from("y")]
    };
    ($word:ident) => {
        $word::from("x")
    };
}

/// Makes the constructor of a verb whose content is a text.
macro_rules! made_of_text {
    ($name:ident, $doc:literal) => {
        impl $name {
            #[doc = $doc]
            pub fn new(text: impl AsRef<str>) -> Self {
                let mut verb = Self::open();
                verb.0.text(text.as_ref());
                verb
            }
        }

        $crate::twilio::twiml::macros::from_text! { $name }
    };
}

/// Lets a plain text be used where the verb is expected.
macro_rules! from_text {
    ($name:ident) => {
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl From<&String> for $name {
            fn from(text: &String) -> Self {
                Self::new(text)
            }
        }
    };
}

/// Makes the constructor of a verb that starts empty.
macro_rules! made_empty {
    ($name:ident, $doc:literal) => {
        impl $name {
            #[doc = $doc]
            pub fn new() -> Self {
                Self::open()
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::open()
            }
        }
    };
}

/// Makes the methods that add children, one for each type of child.
macro_rules! children {
    ($parent:ident { $($(#[$doc:meta])* $method:ident: $child:ty,)+ }) => {
        impl $parent {
            $($(#[$doc])*
            pub fn $method(mut self, child: impl Into<$child>) -> Self {
                self.0.child(child.into().0);
                self
            })+
        }
    };
}

/// Makes the method that adds a parameter.
macro_rules! parameters {
    ($($parent:ident)+) => {
        $(impl $parent {
            /// Adds a parameter of your own: a name and a value that the receiver gets.
            pub fn parameter(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
                let mut parameter = $crate::twilio::twiml::buffer::Buffer::new("Parameter");
                parameter.set("name", name.as_ref());
                parameter.set("value", value.as_ref());
                self.0.child(parameter);
                self
            }
        })+
    };
}

#[cfg(test)]
pub(super) use sample;
pub(super) use {any_element, children, from_text, made_empty, made_of_text, parameters, setter, verb};
