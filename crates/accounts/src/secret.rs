//! Secrets, and where they are.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use switchboard::secret::Secret;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use crate::owner::others_may_read;
use crate::{Places, owner};

/// How long a command may take.
const COMMAND_WITHIN: Duration = Duration::from_secs(10);
/// No secret is longer, in bytes.
const LONGEST: u64 = 4_096;

/// A secret, or where it is. `Debug` shows no secret.
#[derive(Clone, Deserialize)]
#[serde(try_from = "Written")]
#[non_exhaustive]
pub enum SecretRef {
    /// The secret itself: a text.
    Literal(Secret),
    /// `{"env": "NAME"}`: a variable of the environment.
    Env(String),
    /// `{"file": "/run/secrets/token"}`: the content of a file, without white space around it.
    File(PathBuf),
    /// `{"command": ["pass", "show", "twilio"]}`: the first line that a program prints, within 10 seconds. It is not run by
    /// a shell, and is found in `PATH` or by its whole path.
    Command(Vec<String>),
}

/// As it is written in a file.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Reference(Reference),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    env: Option<String>,
    file: Option<PathBuf>,
    command: Option<Vec<String>>,
}

impl TryFrom<Written> for SecretRef {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match written {
            Written::Text(text) => Ok(Self::Literal(Secret::new(text))),
            Written::Reference(Reference { env: Some(env), file: None, command: None }) => Ok(Self::Env(env)),
            Written::Reference(Reference { env: None, file: Some(file), command: None }) => {
                Ok(Self::File(file))
            }
            Written::Reference(Reference { env: None, file: None, command: Some(run) }) => {
                Ok(Self::Command(run))
            }
            Written::Reference(_) => Err("a secret is a text, or has one of `env`, `file` and `command`"),
        }
    }
}

impl SecretRef {
    pub(crate) fn literal(text: &str) -> Self {
        Self::Literal(Secret::new(text))
    }

    /// The secret, if it stands here.
    pub(crate) fn here(&self) -> Option<&str> {
        match self {
            Self::Literal(secret) => Some(secret.expose()),
            _ => None,
        }
    }

    /// Reads the secret. The error says why not, and nothing of what was read.
    pub(crate) async fn read(&self, places: &Places) -> Result<Secret, String> {
        match self {
            Self::Literal(secret) => Ok(secret.clone()),
            Self::Env(env) => {
                // Any name may be used, not only those of Twilio.
                let value = places.get(env).map(str::to_owned).or_else(|| std::env::var(env).ok());
                let value = value.filter(|value| !value.is_empty());
                value.map(Secret::new).ok_or_else(|| format!("the variable `{env}` is not set"))
            }
            Self::File(file) => read_file(file),
            Self::Command(command) => run(command).await,
        }
    }

    /// Where it is, without the secret.
    pub(crate) fn described(&self) -> String {
        match self {
            Self::Literal(_) => "written in the file".to_owned(),
            Self::Env(env) => format!("the variable {env}"),
            Self::File(file) => format!("the file {}", file.display()),
            Self::Command(command) => {
                format!("the command {}", command.first().map_or("", String::as_str))
            }
        }
    }
}

fn read_file(file: &Path) -> Result<Secret, String> {
    let shown = file.display();
    if !file.is_absolute() {
        return Err(format!("write the whole path of {shown}"));
    }
    let metadata = std::fs::metadata(file).map_err(|error| format!("{shown}: {error}"))?;
    owner::check(file, &metadata).map_err(|error| error.to_string())?;
    if others_may_read(&metadata) {
        return Err(format!("others can read {shown}: run `chmod 600 {shown}`"));
    }
    if metadata.len() > LONGEST {
        return Err(format!("{shown} is larger than {LONGEST} bytes"));
    }
    let text = std::fs::read_to_string(file).map_err(|error| format!("{shown}: {error}"))?;
    checked(&text, &format!("{shown} is empty"))
}

fn checked(text: &str, empty: &str) -> Result<Secret, String> {
    let text = text.trim();
    if text.is_empty() { Err(empty.to_owned()) } else { Ok(Secret::new(text)) }
}

async fn run(command: &[String]) -> Result<Secret, String> {
    let (program, arguments) = command.split_first().ok_or("the command is empty")?;
    if program.contains(['/', '\\']) && !Path::new(program).is_absolute() {
        return Err(format!("write the whole path of `{program}`: the working folder may be anybody's"));
    }
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // It may print the secret.
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let mut child = child.map_err(|error| format!("`{program}` cannot be started: {error}"))?;
    let Some(stdout) = child.stdout.take() else { return Err(format!("`{program}` prints nothing")) };
    let run = async {
        let mut text = Vec::new();
        stdout.take(LONGEST).read_to_end(&mut text).await.map_err(|error| format!("`{program}`: {error}"))?;
        let status = child.wait().await.map_err(|error| format!("`{program}`: {error}"))?;
        Ok::<_, String>((status, text))
    };
    let late = |_| format!("`{program}` took longer than {} seconds", COMMAND_WITHIN.as_secs());
    let (status, text) = timeout(COMMAND_WITHIN, run).await.map_err(late)??;
    if !status.success() {
        return Err(format!("`{program}` failed ({status}): run it by hand to see why"));
    }
    let text = String::from_utf8(text).map_err(|_| format!("`{program}` does not print a text"))?;
    checked(text.lines().next().unwrap_or_default(), &format!("`{program}` printed nothing"))
}

impl fmt::Debug for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.described())
    }
}
