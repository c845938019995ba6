//! The sound of a recording: a file with a true header, made while it is sent.

use bytes::Bytes;
use http::StatusCode;

use super::{Recording, Status};
use crate::engine::error::{Answer, Refusal};
use crate::engine::exchange::{FakeReply, Generated, ReplyBody};
use crate::engine::media;
use crate::engine::route::Asked;
use crate::engine::sid::mix;
use crate::engine::tenant::Tenant;

/// Samples in a second, of two bytes each.
const RATE: u64 = 8000;
/// Bytes of MP3 in a second: 32 kbit.
const MP3_RATE: u64 = 4000;
/// An empty ID3 tag.
const ID3: &[u8] = b"ID3\x04\0\0\0\0\0\0";

/// How sound is handed out.
#[derive(Debug, Default)]
pub(in crate::engine) struct Audio {
    /// From storage, behind a redirect?
    pub(in crate::engine) redirected: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Wav,
    Mp3,
}

pub(super) fn wav(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    hand_out(tenant, asked, Format::Wav)
}

pub(super) fn mp3(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    hand_out(tenant, asked, Format::Mp3)
}

pub(super) fn stored_wav(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    stored(tenant, asked, Format::Wav)
}

pub(super) fn stored_mp3(tenant: &mut Tenant, asked: &Asked<'_>) -> Answer {
    stored(tenant, asked, Format::Mp3)
}

fn hand_out(tenant: &Tenant, asked: &Asked<'_>, format: Format) -> Answer {
    let reply = sound(tenant, asked, format)?;
    if !tenant.audio.redirected {
        return Ok(reply);
    }
    let (end, query) = (if format == Format::Wav { "wav" } else { "mp3" }, &asked.request.query);
    let mark = if query.is_empty() { "" } else { "?" };
    let path =
        format!("/_storage/{}/recordings/{}.{end}{mark}{query}", asked.name("AccountSid"), asked.name("Sid"));
    Ok(FakeReply::redirect(&asked.url(&path)))
}

fn stored(tenant: &Tenant, asked: &Asked<'_>, format: Format) -> Answer {
    match media::refuse_credentials(asked) {
        Some(refusal) => Ok(refusal),
        None => sound(tenant, asked, format),
    }
}

fn sound(tenant: &Tenant, asked: &Asked<'_>, format: Format) -> Answer {
    let sid = asked.name("Sid");
    let ready = |recording: &&Recording| recording.status == Status::Completed && !recording.deleted;
    let recording = tenant.recordings.get(sid).filter(ready).ok_or_else(|| asked.not_found())?;
    let channels = channels(recording, asked)?;
    let seed = sid.bytes().fold(u64::from(channels), |seed, byte| mix(seed ^ u64::from(byte)));
    let (content_type, body) = match format {
        Format::Wav => ("audio/x-wav", recording.wav(channels, seed)),
        Format::Mp3 => ("audio/mpeg", recording.mp3(seed)),
    };
    Ok(FakeReply::empty(StatusCode::OK).with_body(content_type, ReplyBody::Generated(body)))
}

/// Without a wish the file has the channels that were recorded; two cannot be made of one.
fn channels(recording: &Recording, asked: &Asked<'_>) -> Result<u8, Refusal> {
    match asked.query.get("RequestedChannels") {
        None => Ok(recording.plan.channels),
        Some("1") => Ok(1),
        Some("2") if recording.plan.channels == 2 => Ok(2),
        Some("2") => Err(asked.not_found()),
        Some(other) => Err(Refusal::bad(20001, format!("The RequestedChannels {other} are neither 1 nor 2"))),
    }
}

impl Recording {
    fn wav(&self, channels: u8, seed: u64) -> Generated {
        let samples = self.duration.unwrap_or_default() * RATE * u64::from(channels) * 2;
        let samples = self.length.map_or(samples, |length| length.saturating_sub(44));
        Generated::behind(header(channels, samples), samples, seed)
    }

    fn mp3(&self, seed: u64) -> Generated {
        let frames = self.duration.unwrap_or_default() * MP3_RATE;
        let frames = self.length.map_or(frames, |length| length.saturating_sub(ID3.len() as u64));
        Generated::behind(Bytes::from_static(ID3), frames, seed)
    }
}

/// The header of a WAV file: PCM, 16 bits.
fn header(channels: u8, samples: u64) -> Bytes {
    // Longer files than 4 GiB say 4 GiB, as streams do.
    let four = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    let two = |number: u16| number.to_le_bytes();
    let channels = u16::from(channels);
    let frame = channels * 2;
    [
        b"RIFF".as_slice(),
        &four(samples + 36),
        b"WAVEfmt ",
        &four(16),
        &two(1),
        &two(channels),
        &four(RATE),
        &four(RATE * u64::from(frame)),
        &two(frame),
        &two(16),
        b"data",
        &four(samples),
    ]
    .concat()
    .into()
}
