//! Checks the layers: a module imports only from lower layers, and a package depends only on lower packages. Reads the
//! paths in every module and the manifest of every package.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails where it cannot read the sources"
)]

#[path = "architecture/source.rs"]
mod source;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use source::{paths, production, reexports};

/// Each top-level module with its layer, and the modules of the same layer that it may use.
const LAYERS: &[(&str, u8, &[&str])] = &[
    ("secret", 0, &[]),
    ("phone", 0, &[]),
    ("sms", 0, &["phone"]),
    ("provider", 1, &[]),
    ("transport", 2, &[]),
    ("twilio", 3, &[]),
];

/// A group of modules inside `twilio/`.
struct TwilioGroup {
    name: &'static str,
    /// Its files and folders below `src/twilio`.
    modules: &'static [&'static str],
    /// The other groups of `twilio/` that it may use.
    may_use: &'static [&'static str],
    /// The top-level modules in lower layers that it may use; `None` means all of them.
    below: Option<&'static [&'static str]>,
}

/// The groups of modules inside `twilio/`. A module that no group lists belongs to the last one.
const TWILIO: &[TwilioGroup] = &[
    TwilioGroup { name: "wire", modules: &["wire", "sid"], may_use: &[], below: None },
    TwilioGroup { name: "error", modules: &["error"], may_use: &["wire"], below: None },
    TwilioGroup {
        name: "twiml",
        modules: &["twiml"],
        may_use: &["wire", WORDS],
        below: Some(&["phone", "sms"]),
    },
    TwilioGroup {
        name: "webhook",
        modules: &["webhook"],
        may_use: &["wire", WORDS, "error", "resources", "twiml"],
        below: Some(&["secret", "phone", "sms", "provider"]),
    },
    TwilioGroup {
        name: "resources",
        modules: &[
            "resources",
            "accounts",
            "alerts",
            "brands",
            "calls",
            "content",
            "lookup",
            "messages",
            "messaging_services",
            "numbers",
            "prices",
            "recordings",
            "tollfree_verifications",
            "transcriptions",
            "usage",
            "verify",
            "whatsapp",
        ],
        may_use: &["wire", WORDS, "error", "twiml", "session"],
        below: None,
    },
    TwilioGroup {
        name: "messenger",
        modules: &["messenger"],
        may_use: &["wire", WORDS, "error", "resources", "session", "webhook"],
        below: None,
    },
    TwilioGroup {
        name: "audit",
        modules: &["audit"],
        may_use: &["wire", WORDS, "error", "resources", "session"],
        below: None,
    },
    TwilioGroup {
        name: "session",
        modules: &[],
        may_use: &["wire", WORDS, "error", "resources"],
        below: None,
    },
];

/// Values of Twilio's parameters that requests and TwiML share. They are defined in `resources/calls/words.rs`.
const WORDS: &str = "words";
const SHARED_WORDS: &[&str] =
    &["AmdMode", "CallEvent", "HttpMethod", "RecordingChannels", "RecordingEvent", "RecordingTrack", "Trim"];

/// Single items that a group may use although it may not use their group.
const EXCEPTIONS: &[(&str, &str)] = &[
    // The check of an auth token's format, which the verifier shares with authentication.
    ("webhook", "credentials::auth_token"),
];

/// The packages under `crates/` with the packages of this workspace that each may depend on. `[dev-dependencies]` are not
/// checked, because tests may use more.
const PACKAGES: &[(&str, &[&str])] = &[
    ("switchboard-testing", &["switchboard-rs"]),
    ("switchboard-store", &["switchboard-rs"]),
    ("switchboard-outbox", &["switchboard-rs", "switchboard-store"]),
    ("switchboard-accounts", &["switchboard-rs"]),
    (
        "switchboard-cli",
        &[
            "switchboard-rs",
            "switchboard-accounts",
            "switchboard-automation",
            "switchboard-dashboard",
            "switchboard-outbox",
            "switchboard-store",
            "switchboard-testing",
        ],
    ),
    // The mesh needs the store only.
    ("switchboard-automation", &["switchboard-rs", "switchboard-store"]),
    (
        "switchboard-dashboard",
        &["switchboard-rs", "switchboard-store", "switchboard-outbox", "switchboard-automation"],
    ),
];

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

/// The path of the module that a file is: `src/sms/text.rs` is `sms::text`.
fn module_of(file: &Path, src: &Path) -> Vec<String> {
    let inside = file.strip_prefix(src).unwrap().with_extension("");
    let names = inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    names.filter(|name| name != "lib").collect()
}

fn layer(module: &str) -> Option<(u8, &'static [&'static str])> {
    LAYERS.iter().find(|(name, ..)| *name == module).map(|(_, layer, neighbours)| (*layer, *neighbours))
}

/// Returns the modules that this code uses from a higher layer, or from its own layer without permission.
fn upward(code: &str, module: &[String]) -> Vec<String> {
    let Some((own, neighbours)) = module.first().and_then(|name| layer(name)) else { return Vec::new() };
    let bad = |path: &Vec<String>| {
        let other = path.first().filter(|other| **other != module[0])?;
        match layer(other) {
            Some((theirs, _)) if theirs < own || (theirs == own && neighbours.contains(&other.as_str())) => {
                None
            }
            // A type that the crate's root re-exports is in a higher layer, too.
            None if !other.starts_with(char::is_uppercase) => None,
            _ => Some(other.clone()),
        }
    };
    paths(code, module).iter().filter_map(bad).collect::<BTreeSet<_>>().into_iter().collect()
}

fn twilio_group(module: &str) -> &'static TwilioGroup {
    let last = &TWILIO[TWILIO.len() - 1];
    TWILIO.iter().find(|group| group.modules.contains(&module)).unwrap_or(last)
}

/// Returns the group of `twilio/` that a path leads to, by the re-exports of `twilio.rs`; `None` if it leads to no group.
fn twilio_target(path: &[String], exported: &BTreeSet<Vec<String>>) -> Option<&'static str> {
    let name = path.get(1)?.as_str();
    if name == "calls" && path.get(2).is_some_and(|word| SHARED_WORDS.contains(&word.as_str())) {
        return Some(WORDS);
    }
    if name.starts_with(char::is_uppercase) {
        let from = exported.iter().find(|path| path.last().is_some_and(|last| last == name));
        return Some(from.map_or("resources", |path| twilio_group(&path[0]).name));
    }
    Some(twilio_group(name).name)
}

/// Returns the paths in the code of a module of `twilio/` that lead to groups or modules which it may not use.
fn sideways(code: &str, module: &[String], exported: &BTreeSet<Vec<String>>) -> Vec<String> {
    let Some(own) = module.get(1).filter(|_| module[0] == "twilio").map(|name| twilio_group(name)) else {
        return Vec::new();
    };
    let excepted = |path: &[String]| EXCEPTIONS.contains(&(own.name, path[1..].join("::").as_str()));
    let bad = |path: &&Vec<String>| match path.first().map(String::as_str) {
        Some("twilio") => twilio_target(path, exported)
            .is_some_and(|group| group != own.name && !own.may_use.contains(&group) && !excepted(path)),
        Some(below) => layer(below).is_some() && own.below.is_some_and(|open| !open.contains(&below)),
        None => false,
    };
    paths(code, module).iter().filter(bad).map(|path| path.join("::")).collect()
}

#[test]
fn modules_import_only_from_lower_layers() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    assert!(files.len() > 40, "only {} files found", files.len());
    let exported = reexports(&production(&fs::read_to_string(src.join("twilio.rs")).unwrap()));
    let mut wrong = Vec::new();
    for file in &files {
        let code = production(&fs::read_to_string(file).unwrap());
        let module = module_of(file, &src);
        let module_name = module.first().map_or("lib", String::as_str);
        assert!(
            module_name == "lib" || layer(module_name).is_some(),
            "{module_name} has no layer in this test: {file:?}"
        );
        let found = upward(&code, &module).into_iter().chain(sideways(&code, &module, &exported));
        wrong.extend(found.map(|other| format!("{}: {other}", module.join("::"))));
    }
    assert!(wrong.is_empty(), "imports that are not allowed:\n{}", wrong.join("\n"));
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
fn packages_depend_only_on_lower_packages() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    assert!(not_allowed("switchboard-rs", &manifest).is_empty(), "the adapter depends on a package above it");
    for folder in fs::read_dir(root.join("crates")).unwrap() {
        let manifest = fs::read_to_string(folder.unwrap().path().join("Cargo.toml")).unwrap();
        let package = manifest.split('"').nth(1).unwrap();
        assert!(PACKAGES.iter().any(|(name, _)| *name == package), "{package} is not listed in this test");
        assert_eq!(
            not_allowed(package, &manifest),
            [""; 0],
            "{package} depends on a package that it may not"
        );
    }
}

/// Returns the lines of code on the crate's first page that are too wide for the page on docs.rs.
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

/// The modules that must work for any provider.
const NEUTRAL: &[&str] = &["provider", "transport"];

/// Returns the lines that name Twilio, except in the targets of links.
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
fn neutral_modules_name_no_provider() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    files.retain(|file| module_of(file, &src).first().is_some_and(|name| NEUTRAL.contains(&name.as_str())));
    assert!(files.len() > 15, "only {} files found", files.len());
    // The floors above that send by the neutral port. Their tests need a provider. So do the rooms of the store that keep
    // Twilio's webhooks and verify them with the tokens of users, and the list of providers that a host's table allows; and
    // the room of text rules, whose refusals name the policy of the provider that they come from.
    for package in ["store", "outbox"] {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates").join(package).join("src");
        let mut above = Vec::new();
        sources(&src, &mut above);
        let exempt = ["tests", "contract", "claim", "credential", "table", "text"];
        above.retain(|file| !module_of(file, &src).iter().any(|room| exempt.contains(&room.as_str())));
        assert!(above.len() > 5, "only {} files found in {package}", above.len());
        files.extend(above);
    }
    let mut wrong = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        wrong.extend(
            naming_twilio(&text).into_iter().map(|(at, line)| format!("{}:{at}: {line}", file.display())),
        );
    }
    assert!(wrong.is_empty(), "neutral modules that name Twilio:\n{}", wrong.join("\n"));
}

/// The types at `switchboard::twilio` itself; all others are in its modules, as `twilio::verify::StartVerification`.
const AT_TWILIO: &[&str] = &[
    "Call",
    "CallStatus",
    "CreateCall",
    "CreateMessage",
    "MakeCall",
    "Message",
    "MessageStatus",
    "RetryEvent",
    "RetryPolicy",
    "SendSms",
    "TwilioAccount",
    "TwilioAdapter",
    "TwilioBuilder",
];

#[test]
fn twilio_itself_exports_only_what_most_programs_use() {
    let code = production(include_str!("../src/twilio.rs"));
    assert!(
        !code.contains("::*") && !code.contains("doc(hidden)"),
        "every public name must have exactly one path"
    );
    let shown = reexports(&code).into_iter().filter_map(|path| path.last().cloned());
    let types: BTreeSet<String> = shown.filter(|name| name.starts_with(char::is_uppercase)).collect();
    assert_eq!(types.iter().map(String::as_str).collect::<Vec<_>>(), AT_TWILIO);
}

/// The files that may set an outcome other than `NotApplied` without calling `verdict`, each with its reason.
const OWN_OUTCOME: &[&str] = &[
    // The outcome of an error until `verdict` sets it.
    "transport/attempt.rs",
    // An error of our own endpoint, not of the provider.
    "provider/axum.rs",
];

/// Does this code create an error with the outcome `Applied` or `Unknown`?
fn assigns_an_outcome(code: &str) -> bool {
    let calls = code.split("ProviderError::new(").skip(1);
    let arguments = calls.filter_map(|call| call.split(')').next());
    arguments
        .flat_map(|arguments| arguments.split([',', ':']))
        .any(|word| matches!(word.trim(), "Applied" | "Unknown"))
}

#[test]
fn only_the_verdict_sets_the_outcome_of_an_answer() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let assigning =
        files.iter().filter(|file| assigns_an_outcome(&production(&fs::read_to_string(file).unwrap())));
    let assigning: BTreeSet<&str> =
        assigning.map(|file| file.strip_prefix(&src).unwrap().to_str().unwrap()).collect();
    assert_eq!(assigning, OWN_OUTCOME.iter().copied().collect());
    assert!(assigns_an_outcome("ProviderError::new(ErrorCode::ProviderError, Outcome::Applied)"));
    assert!(!assigns_an_outcome("ProviderError::new(code, Outcome::NotApplied) Outcome::Applied"));
}

fn module(path: &str) -> Vec<String> {
    path.split("::").map(str::to_owned).collect()
}

#[test]
fn the_check_for_twilios_name_can_fail() {
    let found =
        naming_twilio("// Twilio\nlet twilio_code = 1;\n\"/2010-04-01\"\n/// [x](crate::twilio::X)\n");
    assert_eq!(found.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn the_check_of_layers_can_fail() {
    assert_eq!(upward("use crate::twilio::Message;", &module("transport::exchange")), ["twilio"]);
    assert_eq!(upward("use crate::{phone::E164, twilio::X};", &module("provider")), ["twilio"]);
    assert_eq!(upward("let x = crate::ErrorCode::Blocked;", &module("provider")), ["ErrorCode"]);
    assert_eq!(upward("use super::super::twilio::X;", &module("transport::exchange")), ["twilio"]);
    assert!(upward("use super::{path, exchange::X};", &module("transport::retry")).is_empty());
    let allowed =
        production("use crate::provider::ApiRequest;\n// use crate::twilio;\nlet x = \"crate::twilio\";");
    assert!(upward(&allowed, &module("transport")).is_empty());
    let manifest = "\n[dependencies]\nswitchboard-outbox.workspace = true\nurl = \"2\"\n[dev-dependencies]\nswitchboard-rs = 1";
    assert_eq!(not_allowed("switchboard-testing", manifest), ["switchboard-outbox"]);
}

#[test]
fn the_check_of_twilios_groups_can_fail() {
    let exported =
        reexports("pub use account::TwilioAccount;\npub use resources::calls::{CreateCall, MakeCall};");
    let found = |code: &str, path: &str| sideways(code, &module(path), &exported);
    assert!(
        found("use crate::twilio::{calls::HttpMethod, wire::wire_enum};", "twilio::twiml::say").is_empty()
    );
    assert_eq!(found("use crate::twilio::calls::Calls;", "twilio::twiml::say"), ["twilio::calls::Calls"]);
    assert_eq!(found("use crate::twilio::CreateCall;", "twilio::twiml::say"), ["twilio::CreateCall"]);
    assert_eq!(found("use super::super::webhook::Event;", "twilio::twiml::say"), ["twilio::webhook::Event"]);
    assert_eq!(found("use crate::transport::Form;", "twilio::webhook::claim"), ["transport::Form"]);
    assert_eq!(
        found("use crate::twilio::{page::Pages, Message};", "twilio::webhook::event"),
        ["twilio::page::Pages"]
    );
    assert!(found("use crate::twilio::{page::Pages, TwilioAccount};", "twilio::resources::calls").is_empty());
    assert_eq!(
        found("fn f() -> crate::twilio::webhook::Event {}", "twilio::resources::calls"),
        ["twilio::webhook::Event"]
    );
    assert_eq!(
        found("use crate::twilio::credentials::Login;", "twilio::webhook"),
        ["twilio::credentials::Login"]
    );
    assert!(found("use crate::twilio::credentials::auth_token;", "twilio::webhook::token").is_empty());
}

/// Items under `#[cfg(test)]` are left out, and the code after them is not.
#[test]
fn files_are_read_to_their_end() {
    let file = r##"
        #[cfg(test)] pub(super) use crate::tested::{a, b};
        use crate::kept::One; // use crate::comment;
        #[cfg(test)]
        #[allow(dead_code, reason = "}")]
        mod tests { fn f() { let x = ['{', '\'', '"']; crate::tested::f::<'_'>("}"); } }
        fn two<'a>(x: &'a str) -> crate::kept::Two { r#"crate::quoted"#; "\"crate::quoted" }
        #[cfg(test)] fn g<A, B>() -> [u8; 2] { crate::tested::g() }
        /* crate::comment */ use crate::{kept::{Three, Four as Five}, kept::six::*};
    "##;
    let found: Vec<String> = paths(&production(file), &[]).iter().map(|path| path.join("::")).collect();
    assert_eq!(found, ["kept::Four", "kept::One", "kept::Three", "kept::Two", "kept::six"]);
}
