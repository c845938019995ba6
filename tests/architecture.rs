//! Imports go down only: reads the `use crate::` lines of every room, and the manifest of every package, and fails on an
//! arrow that leads upward.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails where it cannot read the sources"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room with its floor, and what it may use of its own floor.
const ROOMS: &[(&str, u8, &[&str])] = &[
    ("secret", 0, &[]),
    ("phone", 0, &[]),
    ("sms", 0, &["phone"]),
    ("provider", 1, &[]),
    ("transport", 2, &[]),
    ("twilio", 3, &[]),
];

/// The packages under `crates/` with what each may depend on, of this workspace. Tests may use more: `[dev-dependencies]`
/// are not looked at.
const PACKAGES: &[(&str, &[&str])] = &[("switchboard-testing", &["switchboard-rs"])];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The room a file belongs to: the first part of its path below `src`.
fn room_of(file: &Path, src: &Path) -> String {
    let inside = file.strip_prefix(src).unwrap();
    inside.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The rooms that a file names after `crate::`, wherever it does so; links of doc comments do not count.
fn named(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut rooms = BTreeSet::new();
    for line in code {
        for rest in line.split("crate::").skip(1) {
            rooms.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
        if let Some(list) = line.split("crate::{").nth(1) {
            rooms.extend(list.split(',').map(|item| {
                item.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>()
            }));
        }
    }
    rooms.remove("");
    rooms
}

fn floor(room: &str) -> Option<(u8, &'static [&'static str])> {
    ROOMS.iter().find(|(name, ..)| *name == room).map(|(_, floor, neighbours)| (*floor, *neighbours))
}

fn upward(text: &str, room: &str) -> Vec<String> {
    let Some((own, neighbours)) = floor(room) else { return Vec::new() };
    let bad = |other: &String| {
        if other == room || !is_room(other) {
            return false;
        }
        match floor(other) {
            Some((theirs, _)) => theirs > own || (theirs == own && !neighbours.contains(&other.as_str())),
            None => true,
        }
    };
    named(text).into_iter().filter(bad).collect()
}

/// A name after `crate::` that is no room is a type at the root, and that is a way up, too.
fn is_room(name: &str) -> bool {
    floor(name).is_some() || name.starts_with(char::is_uppercase)
}

#[test]
fn imports_go_down_only() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    assert!(files.len() > 40, "only {} files found", files.len());
    let mut wrong = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        // Unit tests may look anywhere.
        let code = text.split("#[cfg(test)]").next().unwrap();
        let room = room_of(file, &src);
        assert!(room == "lib" || floor(&room).is_some(), "{room} is no room of the house: {file:?}");
        wrong.extend(upward(code, &room).into_iter().map(|other| format!("{}: {other}", file.display())));
    }
    assert!(wrong.is_empty(), "upward imports:\n{}", wrong.join("\n"));
}

/// The packages of this workspace that a manifest names under `[dependencies]`.
fn dependencies(manifest: &str) -> Vec<&str> {
    let sections = manifest.split("\n[").filter(|section| section.starts_with("dependencies]"));
    let names = sections.flat_map(str::lines).filter_map(|line| line.split([' ', '.', '=']).next());
    names.filter(|name| name.starts_with("switchboard")).collect()
}

/// What a package depends on and should not.
fn not_allowed<'a>(package: &str, manifest: &'a str) -> Vec<&'a str> {
    let allowed = PACKAGES.iter().find(|(name, _)| *name == package).map_or(&[][..], |(_, allowed)| allowed);
    dependencies(manifest).into_iter().filter(|name| !allowed.contains(name)).collect()
}

#[test]
fn packages_depend_on_lower_floors_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    assert!(not_allowed("switchboard-rs", &manifest).is_empty(), "the adapter depends on a package above it");
    for folder in fs::read_dir(root.join("crates")).unwrap() {
        let manifest = fs::read_to_string(folder.unwrap().path().join("Cargo.toml")).unwrap();
        let package = manifest.split('"').nth(1).unwrap();
        assert!(PACKAGES.iter().any(|(name, _)| *name == package), "{package} is no package of the house");
        assert_eq!(
            not_allowed(package, &manifest),
            [""; 0],
            "{package} depends on a package that it may not"
        );
    }
}

/// The lines of code on the crate's first page that its column on docs.rs would cut.
fn too_wide(manual: &str) -> Vec<&str> {
    let lines = manual.lines().filter_map(|line| line.strip_prefix("//! "));
    let mut in_code = false;
    let code = lines.filter(|line| {
        in_code ^= line.starts_with("```");
        in_code
    });
    code.filter(|line| line.chars().count() > 80).collect()
}

#[test]
fn code_on_the_first_page_fits_its_width() {
    let manual = include_str!("../src/lib.rs");
    assert_eq!(too_wide(manual), [""; 0]);
    let wide = format!("//! ```\n//! {0}\n//! ```\n//! {0}", "x".repeat(81));
    assert_eq!(too_wide(&wide).len(), 1);
}

/// The rooms that must work for any provider.
const NEUTRAL: &[&str] = &["provider", "transport"];

/// The lines that name our provider, outside the addresses of links.
fn naming_twilio(text: &str) -> Vec<(usize, &str)> {
    let names = |line: &str| {
        let mut parts = line.split("](");
        let first = parts.next().unwrap_or_default().to_owned();
        let shown =
            parts.fold(first, |shown, part| shown + part.split_once(')').map_or(part, |(_, rest)| rest));
        let shown = shown.to_ascii_lowercase();
        shown.contains("twilio") || shown.contains("2010-04-01")
    };
    (1..).zip(text.lines()).filter(|(_, line)| names(line)).collect()
}

#[test]
fn neutral_rooms_name_no_provider() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    files.retain(|file| NEUTRAL.contains(&room_of(file, &src).as_str()));
    assert!(files.len() > 15, "only {} files found", files.len());
    let mut wrong = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        wrong.extend(
            naming_twilio(&text).into_iter().map(|(at, line)| format!("{}:{at}: {line}", file.display())),
        );
    }
    assert!(wrong.is_empty(), "neutral rooms that name Twilio:\n{}", wrong.join("\n"));
}

#[test]
fn the_checks_can_fail() {
    let found =
        naming_twilio("// Twilio\nlet twilio_code = 1;\n\"/2010-04-01\"\n/// [x](crate::twilio::X)\n");
    assert_eq!(found.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1, 2, 3]);

    assert_eq!(upward("use crate::twilio::Message;", "transport"), ["twilio"]);
    assert_eq!(upward("use crate::{phone::E164, twilio::X};", "provider"), ["twilio"]);
    assert_eq!(upward("let x = crate::ErrorCode::Blocked;", "provider"), ["ErrorCode"]);
    assert!(upward("use crate::provider::ApiRequest;\n// use crate::twilio;", "transport").is_empty());
    let manifest = "\n[dependencies]\nswitchboard-outbox.workspace = true\nurl = \"2\"\n[dev-dependencies]\nswitchboard-rs = 1";
    assert_eq!(not_allowed("switchboard-testing", manifest), ["switchboard-outbox"]);
}
