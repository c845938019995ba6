//! The sound file of a recording. It has a valid header, and the rest is generated while it is sent.

use bytes::Bytes;
use http::StatusCode;

use super::storage::refuse_credentials;
use crate::engine::error::{HandlerResult, Refusal};
use crate::engine::recording::{Recording, RecordingStatus};
use crate::engine::request::RoutedRequest;
use crate::engine::sid::mix;
use crate::engine::tenant::Tenant;
use crate::engine::wire::{FakeReply, Generated, ReplyBody};

/// Samples per second, each of two bytes.
const RATE: u64 = 8000;
/// Bytes per second of an MP3 file: 32 kbit.
const MP3_RATE: u64 = 4000;
/// An empty ID3 tag.
const ID3: &[u8] = b"ID3\x04\0\0\0\0\0\0";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Wav,
    Mp3,
}

pub(super) fn wav(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    download(tenant, request, Format::Wav)
}

pub(super) fn mp3(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    download(tenant, request, Format::Mp3)
}

pub(super) fn stored_wav(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    stored(tenant, request, Format::Wav)
}

pub(super) fn stored_mp3(tenant: &mut Tenant, request: &RoutedRequest<'_>) -> HandlerResult {
    stored(tenant, request, Format::Mp3)
}

fn download(tenant: &Tenant, request: &RoutedRequest<'_>, format: Format) -> HandlerResult {
    let reply = sound(tenant, request, format)?;
    if !tenant.recordings.redirected {
        return Ok(reply);
    }
    let (end, query) = (if format == Format::Wav { "wav" } else { "mp3" }, &request.raw.query);
    let mark = if query.is_empty() { "" } else { "?" };
    let path = format!(
        "/_storage/{}/recordings/{}.{end}{mark}{query}",
        request.param("AccountSid"),
        request.param("Sid")
    );
    Ok(FakeReply::redirect(&request.url(&path)))
}

fn stored(tenant: &Tenant, request: &RoutedRequest<'_>, format: Format) -> HandlerResult {
    match refuse_credentials(request) {
        Some(refusal) => Ok(refusal),
        None => sound(tenant, request, format),
    }
}

fn sound(tenant: &Tenant, request: &RoutedRequest<'_>, format: Format) -> HandlerResult {
    let sid = request.param("Sid");
    let ready = |recording: &&Recording| recording.status == RecordingStatus::Completed && !recording.deleted;
    let recording = tenant.recordings.rows.get(sid).filter(ready).ok_or_else(|| request.not_found())?;
    let channels = channels(recording, request)?;
    let seed = sid.bytes().fold(u64::from(channels), |seed, byte| mix(seed ^ u64::from(byte)));
    let (content_type, body) = match format {
        Format::Wav => ("audio/x-wav", wav_file(recording, channels, seed)),
        Format::Mp3 => ("audio/mpeg", mp3_file(recording, seed)),
    };
    Ok(FakeReply::empty(StatusCode::OK).with_body(content_type, ReplyBody::Generated(body)))
}

/// Returns the channels of the file: by default those of the recording. Two are refused for a recording of one.
fn channels(recording: &Recording, request: &RoutedRequest<'_>) -> Result<u8, Refusal> {
    match request.query.get("RequestedChannels") {
        None => Ok(recording.options.channels),
        Some("1") => Ok(1),
        Some("2") if recording.options.channels == 2 => Ok(2),
        Some("2") => Err(request.not_found()),
        Some(other) => {
            Err(Refusal::bad_request(20001, format!("The RequestedChannels {other} are neither 1 nor 2")))
        }
    }
}

fn wav_file(recording: &Recording, channels: u8, seed: u64) -> Generated {
    let samples = recording.duration.unwrap_or_default() * RATE * u64::from(channels) * 2;
    let samples = recording.length.map_or(samples, |length| length.saturating_sub(44));
    Generated::behind(header(channels, samples), samples, seed)
}

fn mp3_file(recording: &Recording, seed: u64) -> Generated {
    let frames = recording.duration.unwrap_or_default() * MP3_RATE;
    let frames = recording.length.map_or(frames, |length| length.saturating_sub(ID3.len() as u64));
    Generated::behind(Bytes::from_static(ID3), frames, seed)
}

/// The header of a WAV file: PCM, 16 bits.
fn header(channels: u8, samples: u64) -> Bytes {
    // The header has 32 bits for a length: a longer file states the maximum, as streams do.
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
