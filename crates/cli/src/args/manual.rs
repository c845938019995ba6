//! Is every command in the manual: its text, its JSON, its help and a mistake?

use std::collections::BTreeMap;

use clap::{Command, CommandFactory as _};

use super::Cli;

/// What has no result that could be JSON, with the reason.
const NO_JSON: &[&str] = &[
    // A page.
    "man",
    // The options are those of the new command: `helper accounts --json` is there.
    "helper",
    // A key, for a variable or a file.
    "keys new",
    // These need a database with something in it, or run until they are ended: they have tests of their own.
    "keys rotate",
    "dashboard",
    "bulk resume",
];

/// The words of every command that does something.
fn leaves(command: &Command, words: &str, found: &mut Vec<String>) {
    for sub in command.get_subcommands() {
        let words = format!("{words} {}", sub.get_name()).trim().to_owned();
        if sub.has_subcommands() { leaves(sub, &words, found) } else { found.push(words) }
    }
}

/// The lines of the manual, each with its exit status.
fn lines() -> Vec<(String, bool)> {
    let mut lines: Vec<(String, bool)> = Vec::new();
    let pages = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cmd")).unwrap();
    let pages = pages.map(|page| page.unwrap().path());
    for page in pages.filter(|page| page.extension().is_some_and(|kind| kind == "md")) {
        let page = std::fs::read_to_string(page).unwrap();
        for line in page.lines() {
            match line.split_once("switchboard ") {
                Some((before, words)) if before.starts_with("$ ") => lines.push((words.to_owned(), true)),
                _ => {
                    if let (Some(status), Some(last)) = (line.strip_prefix("? "), lines.last_mut()) {
                        last.1 = status == "success";
                    }
                }
            }
        }
    }
    lines
}

#[test]
fn every_command_is_in_the_manual() {
    let (mut commands, lines) = (Vec::new(), lines());
    leaves(&Cli::command(), "", &mut commands);
    let mut missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for command in &commands {
        let of = |line: &str| {
            // Global options may stand before the command.
            let line =
                line.strip_prefix("-a ").and_then(|rest| rest.split_once(' ')).map_or(line, |(_, rest)| rest);
            line == command || line.starts_with(&format!("{command} "))
        };
        let mine: Vec<&(String, bool)> = lines.iter().filter(|(line, _)| of(line)).collect();
        let has = |what: &dyn Fn(&str, bool) -> bool| mine.iter().any(|(line, done)| what(line, *done));
        let parts: [(&str, bool); 4] = [
            ("text", has(&|line, _| !line.contains("--json") && !line.contains("--help"))),
            ("--json", NO_JSON.contains(&command.as_str()) || has(&|line, _| line.contains("--json"))),
            ("--help", command == "helper" || has(&|line, _| line.contains("--help"))),
            ("a mistake", has(&|_, done| !done)),
        ];
        for (part, _) in parts.iter().filter(|(_, there)| !there) {
            missing.entry(command).or_default().push(part);
        }
    }
    assert!(commands.len() > 90, "{}", commands.len());
    assert!(missing.is_empty(), "not in the manual: {missing:#?}");
}
