//! Telephone numbers and channel addresses.
//!
//! Read in this order:
//!
//! 1. [`E164`] is a well-formed telephone number, `+14155551234`. [`E164::parse`] takes a number that names its country
//!    itself, with or without separators, and guesses nothing.
//! 2. [`Address`] is the value of a `To` or a `From`: a number, a short code, an alphanumeric sender,
//!    `whatsapp:+14155551234`, `client:alice`. [`AddressKind`] says which.
//! 3. [`Masked`] is what both show in `Debug` and in errors: `…1234`. `Display` and `Serialize` give the whole number.
//! 4. With the feature `phone-national`, `E164::parse_in("020 7123 4567", "GB")` takes a number as people of a country write
//!    it; `is_in_plan`, `country`, `line_kind`, `national` and `international` return what its numbering plan says about it.
//! 5. [`ParsePhoneError`] says what to change in a text that is refused.
//!
//! A number that is well formed and in a plan may still belong to nobody: `+15005550006` does. The only proof is a code that
//! is sent to the number and read back (`account.verify(..)`).
//!
//! # The numbering plans
//!
//! They are those of libphonenumber, in the crate `rlibphonenumber`. Three crates were compared with the Python port
//! `phonenumbers` 9.0.43, on 68,756 texts of 245 regions: examples of every kind of line in every notation, with digits
//! removed, added and changed, wrong trunk prefixes, other scripts, and random text. Measured on two shared cores:
//!
//! | | `rlibphonenumber` 2.2.15 | `phonenumber` 0.3.10 | `phonelib` 2.1.0 |
//! |---|---|---|---|
//! | metadata of libphonenumber | 9.0.42 | 9.0.33 | its own rules |
//! | accepts and refuses as `phonenumbers` 9.0.43 | 68,750 | 64,337 | 54,348 |
//! | as `phonenumbers` of its own metadata | 68,756 | 64,376 | |
//! | same E.164, country and kind of line, where both accept | 34,732 of 34,732 | 30,218 of 30,795 | 29,909 of 32,401 |
//! | one parse, check and E.164, numbers of all regions | 10.6 µs | 253 µs | 0.6 µs |
//! | memory of the measurement, all regions | 41 MiB | 44 MiB | 20 MiB |
//! | its program, stripped | 1.0 MB | 3.8 MB | 0.6 MB |
//! | packages more than without it; with those of the build | 26; 62 | 28; 30 | 1; 1 |
//!
//! `rlibphonenumber` is built with `regex-lite`. With `regex` it answers the same in 2.5 µs, but keeps 690 MiB once it has
//! seen numbers of all regions (94 MiB after three). The tables are read at the first use (4 ms) and patterns compiled
//! when a number first needs them; both are kept for the whole process and never change. `cargo update` brings newer plans.
//!
//! `rlibphonenumber` writes whole numbers to the `log` crate, at level TRACE, with the target `rlibphonenumber`. This crate keeps
//! them out of `tracing`, even if `tracing-log` is installed. A program with another logger for `log` should turn this target
//! off, because this crate could do so only by changing a setting of the whole process.

mod address;
#[cfg(feature = "phone-national")]
mod country;
mod e164;
mod error;
#[cfg(feature = "phone-national")]
mod line_kind;
mod masked;
#[cfg(feature = "phone-national")]
mod national;

pub use address::{Address, AddressKind};
#[cfg(feature = "phone-national")]
pub use country::Country;
pub use e164::E164;
pub(crate) use e164::check_e164;
#[cfg(feature = "phone-national")]
pub use error::Misfit;
pub use error::ParsePhoneError;
#[cfg(feature = "phone-national")]
pub use line_kind::LineKind;
pub use masked::Masked;
