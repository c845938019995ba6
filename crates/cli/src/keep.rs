//! Secrets that Twilio gives once: they go into a file of the user, and are never printed.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use switchboard_accounts::NewAccount;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Where a new secret goes.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Keep {
    /// Write the secret into this new file, which only you may read
    #[arg(long, value_name = "FILE")]
    secret_to: Option<PathBuf>,
    /// Keep it as an account of this name in your file
    #[arg(long, value_name = "NAME")]
    save_as: Option<String>,
}

/// A place for a secret, made before the secret is, so that it cannot be lost.
#[derive(Debug)]
pub(crate) enum Kept {
    File(std::fs::File, PathBuf),
    Account(String),
}

impl Keep {
    /// Prepares the place. Nothing that exists is replaced.
    pub(crate) fn prepare(self, context: &Context) -> Result<Kept, Failure> {
        match (self.secret_to, self.save_as) {
            (Some(path), _) => Ok(Kept::File(new_file(&path)?, path)),
            (None, Some(name)) => {
                if context.accounts()?.get(&name).is_ok() {
                    let what = format!("--save-as: there is an account {name} already");
                    return Err(Failure::usage(what).todo("take another name, or remove that account first"));
                }
                // What cannot be written is found out before there is a secret to lose.
                context.places()?.prepare()?;
                Ok(Kept::Account(name))
            }
            (None, None) => {
                Err(Failure::usage("where does the secret go?")
                    .todo("give --secret-to FILE or --save-as NAME"))
            }
        }
    }
}

impl Kept {
    /// Keeps the secret, and says where.
    pub(crate) fn keep(
        self,
        context: &Context,
        secret: &str,
        account: NewAccount,
    ) -> Result<String, Failure> {
        match self {
            Self::File(mut file, path) => {
                let written = file.write_all(secret.as_bytes()).and_then(|()| file.sync_all());
                written
                    .map_err(|error| Failure::new(Exit::Failed, format!("{}: {error}", path.display())))?;
                Ok(path.display().to_string())
            }
            Self::Account(name) => {
                let places = context.places()?;
                places.add(&name, &account).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
                Ok(format!("account {name} in {}", places.user_file().display()))
            }
        }
    }

    /// Removes the place, as there is no secret.
    pub(crate) fn give_up(self) {
        if let Self::File(_, path) = self {
            drop(std::fs::remove_file(path));
        }
    }
}

fn new_file(path: &Path) -> Result<std::fs::File, Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| {
        Failure::usage(format!("--secret-to: {}: {error}", path.display()))
            .todo("name a file that does not exist yet")
    })
}
