//! The user's folders, and files that are replaced whole.

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::exit::Exit;
use crate::failure::Failure;

/// The folder of the user's data: `$XDG_DATA_HOME/switchboard` or `~/.local/share/switchboard`, `%LOCALAPPDATA%\switchboard` on
/// Windows. It is made with access for the user only.
pub(crate) fn data() -> Result<PathBuf, Failure> {
    folder("XDG_DATA_HOME", ".local/share", "LOCALAPPDATA")
}

/// The folder of what a later start must find: `$XDG_STATE_HOME/switchboard` or `~/.local/state/switchboard`.
pub(crate) fn state() -> Result<PathBuf, Failure> {
    folder("XDG_STATE_HOME", ".local/state", "LOCALAPPDATA")
}

fn folder(variable: &str, in_home: &str, on_windows: &str) -> Result<PathBuf, Failure> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = if cfg!(windows) {
        absolute(on_windows)
    } else {
        absolute(variable).or_else(|| absolute("HOME").map(|home| home.join(in_home)))
    };
    let base = base.ok_or_else(|| {
        Failure::new(Exit::Failed, "it is not known where your files are")
            .todo(format!("set HOME or {variable}"))
    })?;
    let folder = base.join("switchboard");
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder).map_err(|error| failed(&folder, &error))?;
    Ok(folder)
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("{}: {error}", path.display()))
}

/// Replaces a file, so that nobody reads half of it, also after a power failure. Only the user may read it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let new = path.with_extension(format!("{}.new", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new).map_err(|error| failed(&new, &error))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| failed(&new, &error))?;
    fs::rename(&new, path).map_err(|error| failed(path, &error))?;
    // The new name is on the disk only when its folder is.
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        fs::File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| failed(folder, &error))?;
    }
    Ok(())
}
