//! What somebody hears who waits.

use super::document::document;
use super::macros::children;
use super::{Pause, Play, Redirect, Say};

document! {
    /// What somebody hears who waits in a queue or for a conference: the answer at a `waitUrl`. Nothing but speech, sound,
    /// silence and a redirect may stand in it (13238); what else there is does not compile:
    ///
    /// ```compile_fail,E0599
    /// use switchboard::twilio::twiml::{Gather, WaitResponse};
    ///
    /// let music = WaitResponse::new().gather(Gather::new());
    /// ```
    ///
    /// In a queue a `Leave` may stand in it, too: [`element`](Self::element) takes it.
    WaitResponse
}

children! { WaitResponse {
    /// Says a text.
    say: Say,
    /// Plays the sound at a URL.
    play: Play,
    /// Goes on with the document at a URL.
    redirect: Redirect,
} }

impl WaitResponse {
    /// Is silent for so many seconds.
    pub fn pause(self, seconds: u32) -> Self {
        self.element(Pause::new(seconds))
    }
}
