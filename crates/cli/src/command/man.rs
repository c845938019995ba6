//! `man`: the manual pages.

use std::path::PathBuf;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use serde_json::json;

use crate::args::Cli;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// When the commands changed last.
const DATE: &str = "2026-11-22";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write a page for each command into this folder, instead of printing the first page
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

pub(crate) fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let mut command = Cli::command();
    command.build();
    let Some(folder) = args.dir else { return Output::raw(&page(command, "switchboard")?) };
    std::fs::create_dir_all(&folder)?;
    let mut count = 0;
    write(&folder, command, "switchboard", &mut count)?;
    let shown = folder.display().to_string();
    context.out.say_or(&format!("{count} pages in {shown}"), json!({ "folder": shown, "pages": count }))
}

fn write(folder: &std::path::Path, command: Command, name: &str, count: &mut usize) -> Result<(), Failure> {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        write(folder, sub.clone(), &format!("{name}-{}", sub.get_name()), count)?;
    }
    std::fs::write(folder.join(format!("{name}.1")), page(command, name)?)?;
    *count += 1;
    Ok(())
}

fn page(command: Command, name: &str) -> Result<String, Failure> {
    // The first line of a page names it: `switchboard-message-send`.
    let command = command.name(name.to_owned()).bin_name(name.replace('-', " "));
    let mut page = Vec::new();
    let man = Man::new(command).title(name.to_uppercase()).section("1").date(DATE).manual("switchboard");
    man.render(&mut page)
        .map_err(|error| Failure::new(Exit::Failed, format!("the page cannot be written: {error}")))?;
    Ok(without_double_breaks(&String::from_utf8_lossy(&page)))
}

/// A line break beside an empty line has no effect, and `mandoc -Tlint` warns of it.
fn without_double_breaks(page: &str) -> String {
    let lines: Vec<&str> = page.lines().collect();
    let is_space = |place: Option<usize>| {
        place.and_then(|place| lines.get(place)).is_some_and(|line| [".sp", ""].contains(line))
    };
    let kept = lines.iter().enumerate().filter(|(place, line)| {
        **line != ".br" || !(is_space(place.checked_sub(1)) || is_space(place.checked_add(1)))
    });
    kept.map(|(_, line)| format!("{line}\n")).collect()
}
