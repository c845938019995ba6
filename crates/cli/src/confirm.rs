//! Asking a person.

use std::io::IsTerminal as _;

use console::Term;

use crate::context::Context;
use crate::escape::escaped;
use crate::exit::Exit;
use crate::failure::Failure;

impl Context {
    /// Asks before something that costs money or cannot be undone. Without a terminal the answer must stand on the command
    /// line, before any request is made.
    pub(crate) fn confirm(&self, question: &str) -> Result<(), Failure> {
        if self.global.yes {
            return Ok(());
        }
        Self::needs_terminal(question)?;
        let asked = dialoguer::Confirm::new().with_prompt(escaped(question)).default(false);
        match self.at_terminal(|terminal| asked.interact_on_opt(terminal))? {
            Some(true) => Ok(()),
            _ => Err(Failure::new(Exit::Refused, "you said no: nothing was done")),
        }
    }

    /// Can this question be asked or is it answered? For a question that is put after a request, so that the command ends
    /// before that request where nobody could answer.
    pub(crate) fn can_confirm(&self, question: &str) -> Result<(), Failure> {
        if self.global.yes { Ok(()) } else { Self::needs_terminal(question) }
    }

    /// Asks for a word to be typed again.
    pub(crate) fn confirm_by_typing(&self, question: &str, word: &str) -> Result<(), Failure> {
        if self.global.yes {
            return Ok(());
        }
        Self::needs_terminal(question)?;
        let asked = dialoguer::Input::<String>::new().with_prompt(escaped(question)).allow_empty(true);
        let typed = self.at_terminal(|terminal| asked.interact_text_on(terminal))?;
        if typed.trim() == word {
            return Ok(());
        }
        Err(Failure::new(Exit::Refused, format!("that is not {word}: nothing was done")))
    }

    /// Asks at the terminal. An interrupt ends the command with its own status, and the terminal is left as it was.
    fn at_terminal<T>(&self, ask: impl FnOnce(&Term) -> dialoguer::Result<T>) -> Result<T, Failure> {
        // Only this signal: others end the process at once, also while it waits for a key.
        #[cfg(unix)]
        let _interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
        let terminal = Term::stderr();
        let asked = ask(&terminal);
        if asked.is_err() {
            // A question hides it.
            drop(terminal.show_cursor());
        }
        let answer = asked.map_err(|_| interrupted())?;
        // From here on an interrupt would be lost, unless it is counted.
        self.interrupts()?;
        Ok(answer)
    }

    /// Is somebody there to be asked?
    pub(crate) fn has_terminal() -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    fn needs_terminal(question: &str) -> Result<(), Failure> {
        if Self::has_terminal() {
            return Ok(());
        }
        let what = format!("there is no terminal to ask: {question}");
        Err(Failure::usage(what).todo("add --yes to answer yes"))
    }
}

pub(crate) fn interrupted() -> Failure {
    Failure::new(Exit::Interrupted, "interrupted: nothing was done")
}
