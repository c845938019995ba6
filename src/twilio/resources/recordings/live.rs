//! The requests that record a call in progress.

use crate::provider::ProviderError;
use crate::sms::Text;
use crate::twilio::calls::{HttpMethod, RecordingChannels, RecordingEvent, RecordingTrack, Trim};
use crate::twilio::wire::{Parameters as _, check, request, wire_enum};

wire_enum! {
    /// What a recording contains for the time of a pause.
    PauseBehavior {
        /// Nothing: the pause is skipped.
        Skip = "skip",
        /// Silence, as long as the pause.
        Silence = "silence",
    }
}

request! {
    /// The settings of a recording that is started during a call.
    ///
    /// <https://www.twilio.com/docs/voice/api/recording#create-a-recording-resource>
    StartRecording {
        /// Whether both sides are mixed or recorded on separate channels.
        channels: Option<RecordingChannels> = "RecordingChannels",
        /// Which side is recorded.
        track: Option<RecordingTrack> = "RecordingTrack",
        /// Whether silence at the beginning and the end is removed.
        trim: Option<Trim> = "Trim",
        /// The URL that Twilio reports the status of the recording to.
        status_callback as _: Option<Text> = "RecordingStatusCallback",
        /// The HTTP method of those reports.
        status_callback_method: Option<HttpMethod> = "RecordingStatusCallbackMethod",
        /// The events that Twilio reports.
        status_callback_events: Vec<RecordingEvent> = "RecordingStatusCallbackEvent",
    }
}

impl StartRecording {
    /// Records both sides into one channel.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Records each side on its own channel.
    #[must_use]
    pub fn dual(mut self) -> Self {
        self.channels = Some(RecordingChannels::Dual);
        self
    }

    /// Sets the URL that Twilio reports the status of the recording to, and the events.
    #[must_use]
    pub fn status_callback(
        mut self,
        url: impl Into<Text>,
        events: impl IntoIterator<Item = RecordingEvent>,
    ) -> Self {
        self.status_callback = Some(url.into());
        self.status_callback_events = events.into_iter().collect();
        self
    }

    pub(super) fn form(&self) -> Result<String, ProviderError> {
        check::optional_url("recording callback", self.status_callback.as_ref().map(Text::as_str))?;
        self.encoded()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_twilios_names() {
        let start = StartRecording::new()
            .dual()
            .status_callback("https://e.com/r", [RecordingEvent::Completed, RecordingEvent::Absent]);
        assert_eq!(
            start.form().unwrap(),
            "RecordingChannels=dual&RecordingStatusCallback=https%3A%2F%2Fe.com%2Fr&\
             RecordingStatusCallbackEvent=completed&RecordingStatusCallbackEvent=absent"
        );
        assert_eq!(StartRecording::new().form().unwrap(), "");
    }
}
