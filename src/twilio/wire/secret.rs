//! Secrets in answers: read, and never printed or written.

/// Makes the type of a secret that Twilio returns.
macro_rules! wire_secret {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        ///
        /// `Debug` shows stars, and serialisation writes null instead of the secret.
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name($crate::secret::Secret);

        impl $name {
            /// Returns the secret itself.
            #[must_use]
            pub fn expose(&self) -> &str {
                self.0.expose()
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_none()
            }
        }

        impl $crate::twilio::wire::Field for $name {
            fn read(value: $crate::twilio::wire::Found<'_>) -> Option<Self> {
                // The value is always a secret, so a malformed one is not kept in `extra`.
                let text = <String as $crate::twilio::wire::Field>::read(value);
                Some(Self($crate::secret::Secret::new(text.unwrap_or_default())))
            }
        }
    };
}

pub(crate) use wire_secret;
