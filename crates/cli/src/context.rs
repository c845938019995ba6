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
        let out = Output::new(global.json.as_deref(), global.quiet, global.show_numbers);
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
