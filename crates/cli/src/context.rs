//! What every command has: the options, the output and the account.

use std::sync::OnceLock;

use switchboard::provider::StopSignal;

use crate::args::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::output::Output;

#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) out: Output,
    /// Given at the first interrupt of a send.
    pub(crate) stop: StopSignal,
    interrupts: OnceLock<Interrupts>,
}

impl Context {
    pub(crate) fn new(global: Global) -> Self {
        let options = options(&global);
        let out = Output::new(global.json.as_deref(), global.quiet, global.show_numbers, options);
        Self { global, out, stop: StopSignal::new(), interrupts: OnceLock::new() }
    }

    /// Who does it, for the log: the user's name on this machine.
    pub(crate) fn who() -> String {
        let names = ["USER", "LOGNAME", "USERNAME"].into_iter();
        let known = names.filter_map(|name| std::env::var(name).ok()).find(|name| !name.trim().is_empty());
        known.unwrap_or_else(|| "the command line".to_owned())
    }

    /// The interrupts, counted from the first call on.
    pub(crate) fn interrupts(&self) -> Result<Interrupts, Failure> {
        if let Some(interrupts) = self.interrupts.get() {
            return Ok(interrupts.clone());
        }
        let begun = Interrupts::begin(self.stop.clone());
        let begun = begun
            .map_err(|error| Failure::new(Exit::Failed, format!("signals cannot be handled: {error}")))?;
        Ok(self.interrupts.get_or_init(|| begun).clone())
    }
}

/// The options that choose the account and its file, as a shell reads them.
fn options(global: &Global) -> String {
    let named = global.account.clone().or_else(|| std::env::var("SWITCHBOARD_ACCOUNT").ok());
    let account = named.filter(|name| !name.is_empty()).map(|name| format!(" -a {}", quoted(&name)));
    let config =
        global.config.as_ref().map(|file| format!(" --config {}", quoted(&file.display().to_string())));
    account.into_iter().chain(config).collect()
}

/// A word as a shell reads it.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@%+=,".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
