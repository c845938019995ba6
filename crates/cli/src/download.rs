//! Saving a file: nothing is replaced unasked, and half a file has another name.

use std::path::{Path, PathBuf};

use switchboard::twilio::download::Download;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// Where a file is saved, checked before it is requested.
#[derive(Debug)]
pub(crate) struct Target {
    /// In a folder, the name is made from this and from the type of the file.
    folder: Option<String>,
    path: PathBuf,
    force: bool,
}

impl Target {
    /// A path that ends with a separator is a folder, and is made if it does not exist.
    pub(crate) fn new(path: &Path, name: &str, force: bool) -> Result<Self, Failure> {
        let as_folder = path.as_os_str().to_string_lossy().ends_with(std::path::MAIN_SEPARATOR);
        if as_folder && !path.exists() {
            std::fs::create_dir_all(path).map_err(|error| failed(path, &error))?;
        }
        let folder = path.is_dir().then(|| name.to_owned());
        let target = Self { folder, path: path.to_owned(), force };
        if target.folder.is_none() {
            target.check(path)?;
        }
        Ok(target)
    }

    fn check(&self, path: &Path) -> Result<(), Failure> {
        if path.exists() && !self.force {
            let what = format!("{} exists", path.display());
            return Err(Failure::usage(what).todo("name another file, or add --force to replace it"));
        }
        Ok(())
    }

    fn path(&self, content_type: Option<&str>) -> Result<PathBuf, Failure> {
        let Some(name) = &self.folder else { return Ok(self.path.clone()) };
        // The name is a SID that was checked, so it stays in its folder.
        let path = self.path.join(format!("{name}.{}", extension(content_type)));
        self.check(&path)?;
        Ok(path)
    }
}

fn extension(content_type: Option<&str>) -> &'static str {
    match content_type.map(|kind| kind.split(';').next().unwrap_or_default().trim()) {
        Some("audio/x-wav" | "audio/wav" | "audio/wave") => "wav",
        Some("audio/mpeg" | "audio/mp3") => "mp3",
        Some("image/jpeg") => "jpg",
        Some("image/png") => "png",
        Some("image/gif") => "gif",
        Some("video/mp4") => "mp4",
        Some("application/pdf") => "pdf",
        Some("text/vcard") => "vcf",
        Some("text/plain") => "txt",
        _ => "bin",
    }
}

/// Saves what is downloaded.
pub(crate) async fn save(context: &Context, mut download: Download, target: Target) -> Result<(), Failure> {
    let path = target.path(download.content_type())?;
    let mut part = path.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut file = tokio::fs::File::create(&part).await.map_err(|error| failed(&part, &error))?;
    let copied = download.copy_to(&mut file, |_| ()).await;
    let synced = file.sync_all().await;
    let bytes = match (copied, synced) {
        (Ok(_), Ok(())) => download.progress().arrived,
        (copied, synced) => {
            drop(tokio::fs::remove_file(&part).await);
            copied?;
            return Err(synced.map_or_else(|error| failed(&part, &error), |()| failed_unknown(&part)));
        }
    };
    tokio::fs::rename(&part, &path).await.map_err(|error| failed(&path, &error))?;
    let shown = path.display().to_string();
    let json = serde_json::json!({ "path": shown, "bytes": bytes, "contentType": download.content_type() });
    context.out.say_or(&format!("{shown}, {bytes} bytes"), json)
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("{}: {error}", path.display())).todo("name another file or folder")
}

fn failed_unknown(path: &Path) -> Failure {
    Failure::new(Exit::Failed, format!("{} was not written", path.display()))
}
