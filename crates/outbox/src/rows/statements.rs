//! The statements of a database, each built once with the names of its tables.

/// Declares the statements. `expand` replaces what stands for the prefix or the schema of the tables.
macro_rules! statements {
    ($expand:path; $($name:ident: $($text:literal)+;)+) => {
        /// Every statement, built once.
        pub(super) struct Sql {
            $(pub(super) $name: String,)+
        }

        /// `Debug` does not show the statements, because they would fill pages of the `{:?}` output of an outbox.
        impl std::fmt::Debug for Sql {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct("Sql").finish_non_exhaustive()
            }
        }

        impl Sql {
            pub(super) fn new(tables: &str) -> Self {
                Self { $($name: $expand(concat!($($text, " "),+), tables),)+ }
            }

            #[cfg(test)]
            pub(super) fn all(&self) -> Vec<(&'static str, &str)> {
                vec![$((stringify!($name), self.$name.as_str()),)+]
            }
        }
    };
}
