//! `completions`: what a shell needs to complete commands and options.

use std::path::PathBuf;

use clap::CommandFactory as _;
use clap_complete::Shell;
use serde_json::json;

use crate::args::Cli;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::place;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
    /// Put it where the shell looks for it, instead of printing it
    #[arg(long)]
    install: bool,
}

pub(crate) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let mut script = Vec::new();
    // Into memory first: a closed pipe is no reason to panic.
    clap_complete::generate(args.shell, &mut Cli::command(), "switchboard", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    if !args.install {
        return Output::raw(&script);
    }
    let (path, hint) = target(args.shell)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    place::replace(&path, script.as_bytes())?;
    let shown = path.display().to_string();
    context.out.say_or(&format!("{shown}\n{hint}"), json!({ "path": shown }))
}

/// Where a shell looks for it, and what else the user has to do.
fn target(shell: Shell) -> Result<(PathBuf, &'static str), Failure> {
    let home = || {
        let home = std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        home.ok_or_else(|| {
            Failure::new(Exit::Failed, "it is not known where your files are").todo("set HOME")
        })
    };
    let folder = |variable: &str, in_home: &str| {
        let set = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        set.map_or_else(|| Ok(home()?.join(in_home)), Ok::<_, Failure>)
    };
    match shell {
        Shell::Bash => Ok((
            folder("XDG_DATA_HOME", ".local/share")?.join("bash-completion/completions/switchboard"),
            "open a new shell; the package bash-completion must be installed",
        )),
        Shell::Zsh => Ok((
            home()?.join(".zfunc/_switchboard"),
            "if it is not there yet, put `fpath+=~/.zfunc; autoload -Uz compinit && compinit` into ~/.zshrc, and open a new shell",
        )),
        Shell::Fish => Ok((
            folder("XDG_CONFIG_HOME", ".config")?.join("fish/completions/switchboard.fish"),
            "open a new shell",
        )),
        other => Err(Failure::usage(format!("--install: it is not known where {other} looks for it")).todo(
            format!("run `switchboard completions {other}`, and put the result where your shell wants it"),
        )),
    }
}
