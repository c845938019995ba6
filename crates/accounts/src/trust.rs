//! The files of working folders that the user trusts: a folder that somebody else has made must not choose an account, nor run
//! a command.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::change::replace;
use crate::file::{self, Opened};
use crate::{AccountsError, Places};

/// A file with the content that was trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Trusted {
    path: PathBuf,
    sha256: String,
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The path without links, so that one file has one name.
fn real(path: &Path) -> Result<PathBuf, AccountsError> {
    path.canonicalize().map_err(|error| AccountsError::File { path: path.to_owned(), error })
}

fn all(places: &Places) -> Result<Vec<Trusted>, AccountsError> {
    let path = places.trusted_file();
    let Some(opened) = file::open(&path)? else { return Ok(Vec::new()) };
    crate::owner::check(&path, &opened.metadata)?;
    serde_json::from_slice(&opened.bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        AccountsError::Format { path, line, column, what: "this is not the list of trusted files: delete it" }
    })
}

/// Does the user trust this content of this file?
pub(crate) fn is_trusted(places: &Places, path: &Path, opened: &Opened) -> Result<bool, AccountsError> {
    let known = Trusted { path: real(path)?, sha256: hash(&opened.bytes) };
    Ok(all(places)?.contains(&known))
}

impl Places {
    /// Trusts the file of the working folder as it is now, and returns its path. A change of the file asks again. `None` if
    /// there is no such file.
    ///
    /// # Errors
    /// [`AccountsError`], also if the file cannot be used.
    pub fn trust(&self) -> Result<Option<PathBuf>, AccountsError> {
        let Some(path) = self.project_file() else { return Ok(None) };
        let Some(opened) = file::open(&path)? else { return Ok(None) };
        opened.content(&path)?;
        let path = real(&path)?;
        let mut trusted = all(self)?;
        trusted.retain(|known| known.path != path);
        trusted.push(Trusted { path: path.clone(), sha256: hash(&opened.bytes) });
        replace(&self.trusted_file(), &serde_json::to_vec_pretty(&trusted).unwrap_or_default())?;
        Ok(Some(path))
    }
}
