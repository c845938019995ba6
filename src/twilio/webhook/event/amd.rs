//! Who, or what, picked up.

use std::time::Duration;

use super::call::CallContext;
use super::read::{event, of_a_call};
use crate::twilio::AnsweredBy;

event! {
    /// Who, or what, picked up, where machine detection ran beside the call.
    ///
    /// It is a guess. Answer with 200 or 204 and nothing.
    ///
    /// <https://www.twilio.com/docs/voice/answering-machine-detection>
    AnsweringMachineResult {
        @within {
            /// The call, with `answered_by`.
            call: CallContext,
        }
        /// How long it took to tell, in milliseconds.
        machine_detection_duration: u32 = "MachineDetectionDuration",
    }
}

of_a_call!(AnsweringMachineResult);

impl AnsweringMachineResult {
    /// Returns who, or what, picked up.
    #[must_use]
    pub fn answered_by(&self) -> Option<&AnsweredBy> {
        self.call.answered_by.as_ref()
    }

    /// Is it a person, as far as Twilio can tell?
    #[must_use]
    pub fn is_human(&self) -> bool {
        self.answered_by() == Some(&AnsweredBy::Human)
    }

    /// Returns how long it took to tell.
    #[must_use]
    pub fn took(&self) -> Option<Duration> {
        self.machine_detection_duration.map(|millis| Duration::from_millis(millis.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::super::mutation::{read_whole, survives};
    use super::*;

    #[test]
    fn a_machine_is_no_person() {
        let result: AnsweringMachineResult = read_whole(fixtures::AMD);
        assert_eq!(result.answered_by(), Some(&AnsweredBy::MachineEndBeep));
        assert_eq!((result.is_human(), result.took()), (false, Some(Duration::from_millis(3200))));
        survives::<AnsweringMachineResult>(fixtures::AMD);
    }
}
