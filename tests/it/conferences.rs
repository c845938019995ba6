//! Conferences, through the adapter against the fake: calls join by their documents.

use switchboard::ErrorCode;
use switchboard::twilio::conferences::{
    ConferenceEnd, ConferenceStatus, ListConferences, ListParticipants, UpdateParticipant,
};

use crate::phone::setup;
use crate::support::TO;

#[tokio::test]
async fn a_conference_is_listed_its_participants_managed_and_ended() {
    let (fake, app) = setup().await;
    app.says(
        "/voice",
        "<Dial action='/after'><Conference endConferenceOnExit='true'>room</Conference></Dial>",
    )
    .says("/after", "<Say>It is over</Say><Gather/>");
    let (one, two) = (fake.call_in(TO).await, fake.call_in("+14155557777").await);
    let conferences = fake.account().conferences();
    let live = ListConferences::new().status(ConferenceStatus::InProgress).friendly_name("room");
    let rooms = conferences.list(&live).all().await.unwrap();
    let room = &rooms[0];
    assert!(rooms.len() == 1 && room.extra.is_empty(), "{rooms:?}");

    let participants = conferences.participants(&room.sid);
    let muted = participants.mute(one.call_sid(), true).await.unwrap();
    assert!(muted.muted == Some(true) && muted.extra.is_empty(), "{muted:?}");
    participants.hold(one.call_sid(), true).await.unwrap();
    let on_hold = participants.list(&ListParticipants::new().hold(true)).unwrap().all().await.unwrap();
    assert_eq!(on_hold[0].call_sid.as_deref(), Some(one.call_sid()));
    assert_eq!(participants.fetch(two.call_sid()).await.unwrap().hold, Some(false));
    let stays = UpdateParticipant::new().end_conference_on_exit(false);
    participants.update(one.call_sid(), &stays).await.unwrap();
    participants.remove(one.call_sid()).await.unwrap();
    one.catch_up().await;
    assert_eq!(one.said(), ["It is over"]);
    assert_eq!(app.last("/after").get("DialCallStatus"), Some("completed"));
    assert_eq!(conferences.fetch(&room.sid).await.unwrap().status, ConferenceStatus::InProgress);

    let ended = conferences.end(&room.sid).await.unwrap();
    assert_eq!(ended.reason_conference_ended, Some(ConferenceEnd::ByApi));
    two.catch_up().await;
    assert_eq!(two.said(), ["It is over"]);
    let gone = participants.fetch(two.call_sid()).await.unwrap_err();
    assert_eq!(gone.code(), ErrorCode::NotFound);
    let added = fake.add_conference("other", &[one.call_sid(), two.call_sid()]);
    assert_eq!(conferences.fetch(&added).await.unwrap().status, ConferenceStatus::InProgress);
    let before = fake.requests();
    assert!(conferences.end("CA0123456789abcdef0123456789abcdef").await.is_err());
    assert!(conferences.participants("room").list(&ListParticipants::new()).is_err());
    assert!(participants.remove("guest/../x").await.is_err());
    assert_eq!(fake.requests(), before);
}
