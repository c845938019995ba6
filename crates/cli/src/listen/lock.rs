//! A lock that the system takes back when its process ends, however it ends.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// The lock of a file. It is held until this is dropped, or the process is gone.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl Lock {
    /// Takes the lock; `None` where another process, or another part of this one, holds it.
    ///
    /// The file stays when the lock is given back: who deletes a lock may delete that of the next one.
    pub(crate) fn take(path: &Path) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        lock(path, &mut options)
    }
}

#[cfg(unix)]
fn lock(path: &Path, options: &mut OpenOptions) -> io::Result<Option<Lock>> {
    use std::os::unix::fs::OpenOptionsExt as _;

    use rustix::fs::{FlockOperation, flock};

    let file = options.mode(0o600).open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(Lock(file))),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A file that nobody else may open, as long as it is open here.
#[cfg(windows)]
fn lock(path: &Path, options: &mut OpenOptions) -> io::Result<Option<Lock>> {
    use std::os::windows::fs::OpenOptionsExt as _;

    const SHARING_VIOLATION: i32 = 32;
    match options.share_mode(0).open(path) {
        Ok(file) => Ok(Some(Lock(file))),
        Err(error) if error.raw_os_error() == Some(SHARING_VIOLATION) => Ok(None),
        Err(error) => Err(error),
    }
}
