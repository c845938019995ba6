//! What is wrong with a file of accounts, and what to change.

use std::path::PathBuf;

use switchboard::ProviderError;

/// What is wrong with the accounts. No message holds a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountsError {
    /// The folder of the user's settings is not known.
    #[error("it is not known where your settings are: set HOME, or XDG_CONFIG_HOME")]
    NoFolder,
    /// A file cannot be read or written.
    #[error("{} cannot be read or written: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{}, line {line}, column {column}: {what}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A file is larger than a file of accounts can be.
    #[error("{} is larger than {max} bytes: it is no file of accounts", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit, in bytes.
        max: u64,
    },
    /// Others can read the secrets of a file.
    #[error(
        "others can read the secrets in {}: run `chmod 600 {}`, or write the secrets as references",
        path.display(), path.display()
    )]
    Readable {
        /// The file.
        path: PathBuf,
    },
    /// Others can change a file, or it belongs to somebody else.
    #[error("others can change {}: it must belong to you, and only you may write it (`chmod go-w`)", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// There is no account of this name.
    #[error("there is no account `{name}`{}", if known.is_empty() { String::from(": none is set up") } else { format!(": use one of {}", known.join(", ")) })]
    Unknown {
        /// The name.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A value is missing, or still the one of the template.
    #[error("account `{account}`: {what} ({source_name})")]
    Value {
        /// The account.
        account: String,
        /// What to change.
        what: String,
        /// Where the value is from.
        source_name: String,
    },
    /// A secret cannot be read.
    #[error("account `{account}`: the secret of `{field}` cannot be read: {what}")]
    Secret {
        /// The account.
        account: String,
        /// The field.
        field: &'static str,
        /// Why, without what was read.
        what: String,
    },
    /// The provider's adapter refuses the values.
    #[error("account `{account}`: {error}")]
    Refused {
        /// The account.
        account: String,
        /// Its reason.
        error: ProviderError,
    },
}
