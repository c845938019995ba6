//! How to record a call that is under way.

use serde::{Deserialize, Serialize};

use super::super::check;
use crate::provider::ProviderError;
use crate::sms::Text;
use crate::transport::Form;
use crate::twilio::wire::wire_enum;
use crate::twilio::{HttpMethod, RecordingChannels, RecordingEvent, RecordingTrack, Trim};

wire_enum! {
    /// What stands in a recording where it was paused.
    PauseBehavior {
        /// Nothing: the pause is left out.
        Skip = "skip",
        /// Silence, as long as the pause.
        Silence = "silence",
    }
}

/// How to record a call that is under way.
///
/// <https://www.twilio.com/docs/voice/api/recording#create-a-recording-resource>
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct StartRecording {
    /// How it keeps the two sides.
    pub channels: Option<RecordingChannels>,
    /// Which side is recorded.
    pub track: Option<RecordingTrack>,
    /// Whether silence at both ends is cut off.
    pub trim: Option<Trim>,
    /// Where Twilio reports what becomes of it.
    pub status_callback: Option<Text>,
    /// How Twilio reports it.
    pub status_callback_method: Option<HttpMethod>,
    /// When Twilio reports it.
    pub status_callback_events: Vec<RecordingEvent>,
}

impl StartRecording {
    /// Records both sides into one channel.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the two sides apart.
    #[must_use]
    pub fn dual(mut self) -> Self {
        self.channels = Some(RecordingChannels::Dual);
        self
    }

    /// Records one side only.
    #[must_use]
    pub fn track(mut self, track: RecordingTrack) -> Self {
        self.track = Some(track);
        self
    }

    /// Sets whether silence at both ends is cut off.
    #[must_use]
    pub fn trim(mut self, trim: Trim) -> Self {
        self.trim = Some(trim);
        self
    }

    /// Sets where Twilio reports what becomes of it, and when.
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
        let mut form = Form::new();
        form.maybe("RecordingChannels", self.channels.as_ref())
            .maybe("RecordingTrack", self.track.as_ref())
            .maybe("Trim", self.trim.as_ref())
            .maybe("RecordingStatusCallback", self.status_callback.as_ref())
            .maybe("RecordingStatusCallbackMethod", self.status_callback_method.as_ref())
            .each("RecordingStatusCallbackEvent", &self.status_callback_events);
        Ok(form.finish())
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
