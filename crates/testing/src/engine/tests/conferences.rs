//! Conferences: rooms that calls join and leave.

use super::*;
use crate::heard::WaitsFor;
use crate::placed::PickedUpBy;

/// A live call whose document joins a room with these attributes; it says something after it.
fn joined(client: &mut TestClient, room: &str, attributes: &str) -> String {
    let twiml = format!(
        "<Response><Dial><Conference {attributes}>{room}</Conference></Dial><Say>bye</Say><Gather/></Response>"
    );
    let sid = client.called(&[("Twiml", &twiml)]);
    assert!(client.phones(|phones, tenant| phones.pick_up(tenant, &sid, PickedUpBy::Person)));
    sid
}

fn waits_for(client: &mut TestClient, sid: &str) -> WaitsFor {
    client.phones(|phones, tenant| phones.waits_for(tenant, sid))
}

/// The newest conference.
fn newest(client: &mut TestClient) -> Value {
    client.get("/Conferences.json").1["conferences"][0].clone()
}

fn path(conference: &Value, rest: &str) -> String {
    format!("/Conferences/{}{rest}.json", conference["sid"].as_str().unwrap())
}

fn participants(client: &mut TestClient, conference: &Value, query: &str) -> Vec<String> {
    let (_, page) = client.get(&format!("{}{query}", path(conference, "/Participants")));
    let sid = |row: &Value| row["call_sid"].as_str().unwrap().to_owned();
    page["participants"].as_array().unwrap().iter().map(sid).collect()
}

#[test]
fn a_conference_begins_with_the_second_call_and_ends_with_the_last() {
    let mut client = TestClient::default();
    let one = joined(&mut client, "room", "");
    let room = newest(&mut client);
    assert_eq!((&room["status"], &room["friendly_name"]), (&"init".into(), &"room".into()));
    let two = joined(&mut client, "room", "");
    assert_eq!(
        (&newest(&mut client)["sid"], &newest(&mut client)["status"]),
        (&room["sid"], &"in-progress".into())
    );
    assert_eq!(participants(&mut client, &room, ""), [two.as_str(), one.as_str()]);
    client.phones(|phones, tenant| phones.hang_up(tenant, &one));
    assert_eq!(newest(&mut client)["status"], "in-progress");
    client.tenant().calling().complete(&two);
    let ended = newest(&mut client);
    assert_eq!(
        (&ended["status"], &ended["reason_conference_ended"]),
        (&"completed".into(), &"last-participant-left".into())
    );
    assert_eq!(ended["call_sid_ending_conference"], two);
    assert_eq!(participants(&mut client, &room, ""), [""; 0]);
    joined(&mut client, "room", "");
    assert_ne!(newest(&mut client)["sid"], room["sid"], "a room that ended begins anew");
}

#[test]
fn it_waits_for_who_begins_it_and_ends_with_who_ends_it() {
    let mut client = TestClient::default();
    let guests = [0, 1].map(|_| joined(&mut client, "room", "startConferenceOnEnter='false'"));
    assert_eq!(newest(&mut client)["status"], "init");
    let host = joined(&mut client, "room", "endConferenceOnExit='true'");
    assert_eq!(newest(&mut client)["status"], "in-progress");
    client.phones(|phones, tenant| phones.hang_up(tenant, &host));
    let reason = "participant-with-end-conference-on-exit-left";
    assert_eq!(newest(&mut client)["reason_conference_ended"], reason);
    for guest in guests {
        assert!(matches!(waits_for(&mut client, &guest), WaitsFor::Input { .. }), "the document goes on");
    }
}

#[test]
fn the_api_ends_it_and_every_call_goes_on_with_its_document() {
    let mut client = TestClient::default();
    let (one, two) = (joined(&mut client, "a", ""), joined(&mut client, "a", ""));
    let room = newest(&mut client);
    assert!(matches!(waits_for(&mut client, &one), WaitsFor::Conference { .. }));
    assert_refused(client.post(&path(&room, ""), &[("Status", "init")]), (400, 20001));
    for _ in 0..2 {
        let (status, ended) = client.post(&path(&room, ""), &[("Status", "completed")]);
        assert_eq!((status, &ended["status"]), (200, &"completed".into()));
        assert_eq!(ended["reason_conference_ended"], "conference-ended-via-api");
    }
    for sid in [one, two] {
        assert!(matches!(waits_for(&mut client, &sid), WaitsFor::Input { .. }));
        assert_eq!(client.tenant().calls.status(&sid), "in-progress");
    }
    assert_refused(client.get("/Conferences/CF00000000000000000000000000000000.json"), (404, 20404));
}

#[test]
fn participants_are_muted_held_removed_and_found_by_their_label() {
    let mut client = TestClient::default();
    let guest = joined(&mut client, "a", "participantLabel='guest' muted='true'");
    let host = joined(&mut client, "a", "");
    let room = newest(&mut client);
    assert_eq!(participants(&mut client, &room, "?Muted=true"), [guest.as_str()]);
    let one = path(&room, "/Participants/guest");
    assert_eq!(client.post(&one, &[("Muted", "no"), ("Hold", "true")]).1["call_sid"], guest);
    let (_, row) = client.get(&path(&room, &format!("/Participants/{guest}")));
    assert_eq!((&row["muted"], &row["hold"], &row["label"]), (&false.into(), &true.into(), &"guest".into()));
    assert_eq!(participants(&mut client, &room, "?Hold=false"), [host.as_str()]);
    for bad in [("HoldUrl", "nowhere"), ("Coaching", "true")] {
        assert_refused(client.post(&one, &[bad]), (400, 20001));
    }
    let coaching = [("Coaching", "true"), ("CallSidToCoach", host.as_str())];
    assert_eq!(client.post(&one, &coaching).1["call_sid_to_coach"], host);
    assert_eq!(client.delete(&one).0, 204);
    assert_refused(client.delete(&one), (404, 20404));
    assert!(matches!(waits_for(&mut client, &guest), WaitsFor::Input { .. }));
    client.delete(&path(&room, &format!("/Participants/{host}")));
    assert_eq!(newest(&mut client)["reason_conference_ended"], "last-participant-kicked");
}

#[test]
fn a_redirected_call_leaves_and_may_join_again() {
    let mut client = TestClient::default();
    let (one, two) = (joined(&mut client, "a", ""), joined(&mut client, "a", ""));
    let room = newest(&mut client);
    let again = [("Twiml", "<Response><Dial><Conference>a</Conference></Dial></Response>")];
    for _ in 0..2 {
        assert_eq!(client.post(&format!("/Calls/{one}.json"), &again).0, 200);
        assert_eq!(participants(&mut client, &room, ""), [two.as_str()]);
        assert!(matches!(waits_for(&mut client, &one), WaitsFor::Conference { .. }));
        assert_eq!(participants(&mut client, &room, ""), [one.as_str(), two.as_str()]);
    }
}

#[test]
fn conferences_are_listed_by_room_status_and_day() {
    let mut client = TestClient::default();
    let call = client.called(&[]);
    let old = client.tenant();
    let old = old.conferences.add(&mut old.core, "old", &[]);
    client.advance_seconds(24 * 3600);
    let tenant = client.tenant();
    tenant.conferences.add(&mut tenant.core, "new", &[&call]);
    client.post(&format!("/Conferences/{old}.json"), &[("Status", "completed")]);
    let rooms = |client: &mut TestClient, query: &str| {
        let (_, page) = client.get(&format!("/Conferences.json{query}"));
        let name = |row: &Value| row["friendly_name"].as_str().unwrap().to_owned();
        page["conferences"].as_array().unwrap().iter().map(name).collect::<Vec<_>>()
    };
    for (query, expected) in [
        ("", &["new", "old"][..]),
        ("?Status=completed", &["old"]),
        ("?Status=init&FriendlyName=new", &["new"]),
        ("?DateCreated=2026-01-05", &["old"]),
        ("?DateCreated%3E=2026-01-06", &["new"]),
        ("?DateUpdated=2026-01-06", &["new", "old"]),
        ("?FriendlyName=none", &[]),
    ] {
        assert_eq!(rooms(&mut client, query), expected, "{query}");
    }
    assert_refused(client.get("/Conferences.json?Status=over"), (400, 20001));
}
