//! How to download a recording.

/// The default size limit of a download: over eighteen hours of mono WAV.
const DEFAULT_LIMIT: u64 = 1 << 30;

/// The file format of a downloaded recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AudioFormat {
    /// WAV, uncompressed: 16,000 bytes per second and channel.
    Wav,
    /// MP3, compressed: about 4,000 bytes per second.
    Mp3,
}

/// How to download a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DownloadRecording {
    /// The file format.
    pub format: AudioFormat,
    /// The number of channels, 1 or 2; by default as it was recorded.
    pub channels: Option<u8>,
    /// The size limit in bytes.
    pub limit: u64,
}

impl DownloadRecording {
    /// Downloads it uncompressed.
    #[must_use]
    pub const fn wav() -> Self {
        Self { format: AudioFormat::Wav, channels: None, limit: DEFAULT_LIMIT }
    }

    /// Downloads it compressed.
    #[must_use]
    pub const fn mp3() -> Self {
        Self { format: AudioFormat::Mp3, channels: None, limit: DEFAULT_LIMIT }
    }

    /// Mixes both sides of the call into one channel.
    #[must_use]
    pub const fn mono(mut self) -> Self {
        self.channels = Some(1);
        self
    }

    /// Downloads each side of the call as its own channel; `NOT_FOUND` if it was recorded in one channel.
    #[must_use]
    pub const fn dual(mut self) -> Self {
        self.channels = Some(2);
        self
    }

    /// Sets the size limit in bytes; 1 GiB by default.
    #[must_use]
    pub const fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    pub(super) const fn path(&self) -> &'static str {
        match self.format {
            AudioFormat::Wav => "/Recordings/{sid}.wav",
            AudioFormat::Mp3 => "/Recordings/{sid}.mp3",
        }
    }

    pub(super) fn query(&self) -> String {
        self.channels.map_or_else(String::new, |channels| format!("RequestedChannels={channels}"))
    }

    pub(super) const fn most(&self) -> u64 {
        self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_and_channels_are_asked_for() {
        let dual = DownloadRecording::mp3().dual();
        assert_eq!((dual.path(), dual.query().as_str()), ("/Recordings/{sid}.mp3", "RequestedChannels=2"));
        let plain = DownloadRecording::wav();
        assert_eq!((plain.path(), plain.query().as_str()), ("/Recordings/{sid}.wav", ""));
    }
}
