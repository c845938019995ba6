//! Recordings: on a live call, in lists, as files, and after deletion; and their transcriptions.

use super::*;

/// Places a call, and has it answered.
fn talking(client: &mut TestClient, more: &[(&str, &str)]) -> String {
    let sid = client.called(more);
    assert!(client.tenant().calling().answer(&sid));
    sid
}

fn sids(page: &Value) -> Vec<&str> {
    page["recordings"].as_array().unwrap().iter().map(|row| row["sid"].as_str().unwrap()).collect()
}

#[test]
fn a_call_that_asks_for_it_is_recorded_from_its_answer_to_its_end() {
    let mut client = TestClient::default();
    let call = talking(&mut client, &[("Record", "true"), ("RecordingChannels", "dual")]);
    let list = format!("/Calls/{call}/Recordings.json");
    let (_, page) = client.get(&list);
    let live = &page["recordings"][0];
    assert_eq!((&live["status"], &live["duration"]), (&"in-progress".into(), &Value::Null));
    let path = format!("/Recordings/{}", live["sid"].as_str().unwrap());
    assert_refused(client.get(&path), (404, 20404));
    client.advance_seconds(10);
    let (_, over) = client.get(&format!("{path}.json"));
    let expected = ["completed", "10", "OutboundAPI", "-0.00250", "USD"];
    assert_eq!(["status", "duration", "source", "price", "price_unit"].map(|key| &over[key]), expected);
    assert_eq!((&over["channels"], &over["call_sid"]), (&2.into(), &call.as_str().into()));
    assert!(over["media_url"].as_str().unwrap().ends_with(&path));
    assert_eq!(client.request(Method::GET, &path, &[]).body.into_bytes().len(), 44 + 10 * 8000 * 4);
}

#[test]
fn a_live_recording_is_started_paused_resumed_and_stopped() {
    let mut client = TestClient::default();
    let call = client.called(&[]);
    let start = format!("/Calls/{call}/Recordings.json");
    assert_refused(client.post(&start, &[]), (400, 21220));
    assert!(client.tenant().calling().answer(&call));
    assert_refused(client.post(&start, &[("RecordingChannels", "three")]), (400, 20001));
    let endpoint = ("RecordingStatusCallback", "http://example.com/r");
    let (status, recording) = client.post(&start, &[endpoint, ("RecordingTrack", "inbound")]);
    assert_eq!(
        (status, &recording["status"], &recording["track"]),
        (201, &"in-progress".into(), &"inbound".into())
    );
    assert_eq!(recording["source"], "StartCallRecordingAPI");
    let sid = recording["sid"].as_str().unwrap();
    let current = format!("/Calls/{call}/Recordings/Twilio.CURRENT.json");
    client.advance_seconds(2);
    let pause = [("Status", "paused"), ("PauseBehavior", "skip")];
    assert_eq!(client.post(&current, &pause).1["status"], "paused");
    client.advance_seconds(3);
    let by_sid = format!("/Calls/{call}/Recordings/{sid}.json");
    assert_eq!(client.post(&by_sid, &[("Status", "in-progress")]).1["status"], "in-progress");
    assert_refused(client.post(&by_sid, &[("Status", "resumed")]), (400, 20001));
    assert_refused(client.delete(&by_sid), (409, 20009));
    client.advance_seconds(2);
    let (_, stopped) = client.post(&current, &[("Status", "stopped")]);
    assert_eq!((&stopped["status"], &stopped["duration"]), (&"stopped".into(), &"4".into()));
    assert_refused(client.post(&current, &[("Status", "paused")]), (404, 20404));
    assert_refused(client.post(&by_sid, &[("Status", "paused")]), (400, 21220));
    client.advance_seconds(1);
    assert_eq!(client.get(&by_sid).1["status"], "completed");
    let callbacks = client.engine.take_callbacks();
    let told = form(callbacks[0].form.as_deref().unwrap());
    assert_eq!(
        ["RecordingSid", "RecordingStatus", "RecordingDuration"].map(|key| value(&told, key).unwrap()),
        [sid, "completed", "4"]
    );
}

#[test]
fn recordings_are_listed_by_call_conference_and_day() {
    let mut client = TestClient::default();
    let (one, two) = (client.called(&[]), client.called(&[]));
    let first = client.tenant().add_recording(&one).unwrap();
    client.advance_seconds(24 * 3600);
    let second = client.tenant().add_conference_recording("CF1", &two).unwrap();
    assert_eq!(client.tenant().add_recording("CA1"), None);
    let cases: [(&str, &[&str]); 8] = [
        ("/Recordings.json", &[&second, &first]),
        ("/Recordings.json?DateCreated=2026-01-05", &[&first]),
        ("/Recordings.json?DateCreated%3E=2026-01-06", &[&second]),
        ("/Recordings.json?ConferenceSid=CF1", &[&second]),
        ("/Conferences/CF1/Recordings.json", &[&second]),
        (&format!("/Recordings.json?CallSid={one}"), &[&first]),
        (&format!("/Calls/{two}/Recordings.json"), &[&second]),
        ("/Recordings.json?DateCreated%3C=2026-01-04", &[]),
    ];
    for (path, expected) in cases {
        assert_eq!(sids(&client.get(path).1), expected, "{path}");
    }
    assert_refused(client.get(&format!("/Calls/{one}/Recordings/{second}.json")), (404, 20404));
}

#[test]
fn a_deleted_recording_is_found_only_with_include_soft_deleted() {
    let mut client = TestClient::default();
    let call = client.called(&[]);
    let sid = client.tenant().add_recording(&call).unwrap();
    let path = format!("/Recordings/{sid}.json");
    client.tenant().add_transcription(&sid, "hello").unwrap();
    assert_eq!(client.delete(&path).0, 204);
    for path in [path.clone(), format!("/Recordings/{sid}"), format!("/Recordings/{sid}.mp3")] {
        assert_refused(client.get(&path), (404, 20404));
    }
    assert_refused(client.delete(&path), (404, 20404));
    assert!(sids(&client.get("/Recordings.json").1).is_empty());
    assert_eq!(sids(&client.get("/Recordings.json?IncludeSoftDeleted=true").1), [&sid]);
    assert_eq!(client.get(&format!("{path}?IncludeSoftDeleted=true")).1["status"], "deleted");
    assert_eq!(client.get("/Transcriptions.json").1["transcriptions"], serde_json::json!([]));
}

#[test]
fn files_are_wav_or_mp3_with_the_recorded_channels() {
    let mut client = TestClient::default();
    let call = client.called(&[]);
    let sid = client.tenant().add_recording(&call).unwrap();
    let path = format!("/Recordings/{sid}");
    let wav = client.request(Method::GET, &path, &[]);
    assert_eq!(
        (wav.status, &wav.headers[header::CONTENT_TYPE]),
        (OK, &HeaderValue::from_static("audio/x-wav"))
    );
    let wav = wav.body.into_bytes();
    assert_eq!((&wav[..4], &wav[8..12], &wav[36..40]), (&b"RIFF"[..], &b"WAVE"[..], &b"data"[..]));
    assert_eq!(u32::from_le_bytes(wav[40..44].try_into().unwrap()) as usize, wav.len() - 44);
    assert_eq!(
        client.request(Method::GET, &format!("{path}.wav?RequestedChannels=1"), &[]).body.into_bytes(),
        wav
    );
    let mp3 = client.request(Method::GET, &format!("{path}.mp3"), &[]);
    assert_eq!(mp3.headers[header::CONTENT_TYPE], "audio/mpeg");
    assert!(mp3.body.into_bytes().starts_with(b"ID3"));
    assert_refused(client.get(&format!("{path}?RequestedChannels=2")), (404, 20404));
    assert_refused(client.get(&format!("{path}?RequestedChannels=3")), (400, 20001));
    assert!(client.tenant().recordings.set_channels(&sid, 2));
    let dual = client.request(Method::GET, &format!("{path}?RequestedChannels=2"), &[]).body.into_bytes();
    assert_eq!((dual.len(), dual[22]), (44 + 2 * (wav.len() - 44), 2));
    assert!(client.tenant().recordings.set_length(&sid, 200 << 20));
    let long = client.request(Method::GET, &path, &[]);
    assert!(matches!(long.body, super::super::ReplyBody::Generated(bytes) if bytes.left() == 200 << 20));
}

#[test]
fn storage_behind_a_redirect_refuses_credentials() {
    let mut client = TestClient::default();
    let call = client.called(&[]);
    let sid = client.tenant().add_recording(&call).unwrap();
    let direct = client.request(Method::GET, &format!("/Recordings/{sid}.mp3"), &[]).body.into_bytes();
    client.tenant().recordings.redirected = true;
    let reply = client.request(Method::GET, &format!("/Recordings/{sid}.mp3?RequestedChannels=1"), &[]);
    assert_eq!(reply.status, StatusCode::TEMPORARY_REDIRECT);
    let place = format!("/_storage/{}/recordings/{sid}.mp3", client.account);
    assert_eq!(reply.headers[header::LOCATION], format!("http://api.example.com{place}?RequestedChannels=1"));
    let mut ask = |headers| client.handle(&FakeRequest::new(Method::GET, &place, "", headers, Bytes::new()));
    assert_eq!(ask(HeaderMap::new()).body.into_bytes(), direct);
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic eA=="));
    assert_eq!(ask(headers).status, StatusCode::BAD_REQUEST);
}

#[test]
fn transcriptions_are_listed_fetched_and_deleted() {
    let mut client = TestClient::default();
    let call = client.called(&[]);
    let (one, two) =
        (client.tenant().add_recording(&call).unwrap(), client.tenant().add_recording(&call).unwrap());
    let sid = client.tenant().add_transcription(&one, "see you at noon").unwrap();
    client.tenant().add_transcription(&two, "no").unwrap();
    assert_eq!(client.tenant().add_transcription("RE1", "x"), None);
    let count = |page: (u16, Value)| page.1["transcriptions"].as_array().unwrap().len();
    assert_eq!(count(client.get("/Transcriptions.json")), 2);
    assert_eq!(count(client.get(&format!("/Recordings/{one}/Transcriptions.json"))), 1);
    let (_, found) = client.get(&format!("/Transcriptions/{sid}.json"));
    assert_eq!(
        (&found["transcription_text"], &found["price"]),
        (&"see you at noon".into(), &"-0.05000".into())
    );
    assert_refused(client.get(&format!("/Recordings/{two}/Transcriptions/{sid}.json")), (404, 20404));
    assert_refused(client.get("/Recordings/RE1/Transcriptions.json"), (404, 20404));
    assert_eq!(client.delete(&format!("/Recordings/{one}/Transcriptions/{sid}.json")).0, 204);
    assert_eq!(count(client.get("/Transcriptions.json")), 1);
}
