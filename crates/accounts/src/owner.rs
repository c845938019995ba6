//! Who can read and change a file.

use std::fs::Metadata;
use std::path::Path;

use crate::AccountsError;

/// Nobody but the user, or root, may be able to change the file, nor the link that leads to it.
pub(crate) fn check(path: &Path, metadata: &Metadata) -> Result<(), AccountsError> {
    let foreign = || AccountsError::Foreign { path: path.to_owned() };
    let link = std::fs::symlink_metadata(path)
        .map_err(|error| AccountsError::File { path: path.to_owned(), error })?;
    if !metadata.is_file() || !is_ours(&link) || !is_ours(metadata) || others_may_write(metadata) {
        return Err(foreign());
    }
    Ok(())
}

#[cfg(unix)]
fn is_ours(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let owner = metadata.uid();
    owner == rustix::process::geteuid().as_raw() || owner == 0
}

#[cfg(unix)]
fn others_may_write(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.mode() & 0o022 != 0
}

/// May anybody but the owner read it?
#[cfg(unix)]
pub(crate) fn others_may_read(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    metadata.mode() & 0o044 != 0
}

// Elsewhere the folder of the user's settings is the user's by default.
#[cfg(not(unix))]
const fn is_ours(_: &Metadata) -> bool {
    true
}

#[cfg(not(unix))]
const fn others_may_write(_: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
pub(crate) const fn others_may_read(_: &Metadata) -> bool {
    false
}
