//! Conferences: list, read, end; and who takes part in them.

mod participants;

pub use participants::{ListParticipants, Participant, ParticipantStatus, Participants, UpdateParticipant};

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::provider::{ApiRequest, ProviderError, RequestClass};
use crate::sms::Text;
use crate::twilio::page::{DateOrTime, Pages};
use crate::twilio::session::Session;
use crate::twilio::sid;
use crate::twilio::wire::{Parameters as _, answer, request, wire_enum};

wire_enum! {
    /// Where a conference is.
    ConferenceStatus {
        /// Somebody waits in it: it begins with the second participant.
        Init = "init",
        /// People talk to each other.
        InProgress = "in-progress",
        /// It has ended.
        Completed = "completed",
    }
}

wire_enum! {
    /// Why a conference ended.
    ConferenceEnd {
        /// It was ended over the API.
        ByApi = "conference-ended-via-api",
        /// A participant left whose leaving ends it.
        ModeratorLeft = "participant-with-end-conference-on-exit-left",
        /// A participant was removed whose leaving ends it.
        ModeratorRemoved = "participant-with-end-conference-on-exit-kicked",
        /// The last participant was removed.
        LastRemoved = "last-participant-kicked",
        /// The last participant left.
        LastLeft = "last-participant-left",
    }
}

answer! {
    /// A conference as Twilio describes it.
    ///
    /// <https://www.twilio.com/docs/voice/api/conference-resource#conference-properties>
    Conference always {
        /// Its SID, `CF…`.
        sid: String = "sid",
        /// Where it is.
        status: ConferenceStatus = "status",
    } {
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The name of the room.
        friendly_name: Text = "friendly_name",
        /// The region in which the sound is mixed.
        region: String = "region",
        /// Why it ended.
        reason_conference_ended: ConferenceEnd = "reason_conference_ended",
        /// The call whose leaving ended it.
        call_sid_ending_conference: String = "call_sid_ending_conference",
        /// When it was made.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// The version of the API.
        api_version: String = "api_version",
        /// Its path.
        uri: String = "uri",
        /// The paths of related resources.
        subresource_uris: BTreeMap<String, String> = "subresource_uris",
    }
}

request! {
    /// The filters for a list of conferences. Without a filter, all are listed.
    ///
    /// Days and times are UTC. If a filter is a day, the whole day is included.
    ListConferences {
        /// Only conferences of this room.
        friendly_name: Option<Text> = "FriendlyName",
        /// Only conferences with this status.
        status: Option<ConferenceStatus> = "Status",
        /// Only conferences that were made on this day.
        created_on: Option<DateOrTime> = "DateCreated",
        /// Only conferences that were made at this time or earlier.
        created_on_or_before: Option<DateOrTime> = "DateCreated<",
        /// Only conferences that were made at this time or later.
        created_on_or_after: Option<DateOrTime> = "DateCreated>",
        /// Only conferences that last changed on this day.
        updated_on: Option<DateOrTime> = "DateUpdated",
        /// Only conferences that last changed at this time or earlier.
        updated_on_or_before: Option<DateOrTime> = "DateUpdated<",
        /// Only conferences that last changed at this time or later.
        updated_on_or_after: Option<DateOrTime> = "DateUpdated>",
        /// How many items a page has, 1 to 1,000; 50 by default.
        page_size: Option<u32> = "PageSize",
    }
}

impl ListConferences {
    /// Starts a list without filters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// The conferences of an account. One begins when calls join a room: see [`Conference`](crate::twilio::twiml::Conference)
/// of a `Dial`.
///
/// ```no_run
/// # async fn run(account: switchboard::twilio::TwilioAccount) -> Result<(), switchboard::ProviderError> {
/// use switchboard::twilio::conferences::{ConferenceStatus, ListConferences};
///
/// let conferences = account.conferences();
/// let live = ListConferences::new().status(ConferenceStatus::InProgress);
/// for conference in conferences.list(&live).all().await? {
///     conferences.end(&conference.sid).await?;
/// }
/// # Ok(()) }
/// ```
///
/// <https://www.twilio.com/docs/voice/api/conference-resource>
#[derive(Debug, Clone)]
pub struct Conferences {
    session: Session,
}

impl Conferences {
    pub(in crate::twilio) fn of(session: &Session) -> Self {
        Self { session: session.clone() }
    }

    /// Lists conferences, the newest first. Errors are items of the list.
    ///
    /// <https://www.twilio.com/docs/voice/api/conference-resource#read-multiple-conference-resources>
    pub fn list(&self, filter: &ListConferences) -> Pages<Conference> {
        Pages::new(&self.session, filter.in_query(ApiRequest::get("/Conferences.json")), "conferences")
    }

    /// Reads a conference.
    ///
    /// <https://www.twilio.com/docs/voice/api/conference-resource#fetch-a-conference-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, or any other [`ProviderError`].
    pub async fn fetch(&self, sid: &str) -> Result<Conference, ProviderError> {
        self.session.json(one(ApiRequest::get(ONE), sid)?).await
    }

    /// Ends a conference. Each participant's call goes on with what follows in its document, or ends.
    ///
    /// <https://www.twilio.com/docs/voice/api/conference-resource#update-a-conference-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn end(&self, sid: &str) -> Result<Conference, ProviderError> {
        let status = ConferenceStatus::Completed;
        let request = one(ApiRequest::post(ONE), sid)?.form([("Status", status.as_str())]);
        self.session.json(request.class(RequestClass::Update)).await
    }

    /// Returns who takes part in a conference, `CF…`.
    #[must_use]
    pub fn participants(&self, conference_sid: impl Into<String>) -> Participants {
        Participants::of(&self.session, conference_sid.into())
    }
}

const ONE: &str = "/Conferences/{conference}.json";

/// Fills a path with the SID of a conference, after checking its format.
fn one(request: ApiRequest, sid: &str) -> Result<ApiRequest, ProviderError> {
    sid::check(sid, "conference", &["CF"])?;
    Ok(request.segment(sid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::wire::mutation::{read_whole, survives};
    use jiff::civil::Date;
    use serde_json::json;

    #[test]
    fn filters_have_twilios_names() {
        let day: Date = "2026-01-05".parse().unwrap();
        let list = ListConferences::new().status(ConferenceStatus::InProgress).created_on_or_after(day);
        let request = list.friendly_name("room").updated_on(day).in_query(ApiRequest::get("/x"));
        assert_eq!(
            request.query_string(),
            "FriendlyName=room&Status=in-progress&DateCreated%3E=2026-01-05&DateUpdated=2026-01-05"
        );
    }

    #[test]
    fn twilios_own_example_is_read_whole_and_survives_growth() {
        let body = json!({
            "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "api_version": "2010-04-01",
            "date_created": "Mon, 22 Aug 2011 20:58:45 +0000", "date_updated": "Mon, 22 Aug 2011 20:58:46 +0000",
            "friendly_name": "MyRoom", "region": "us1", "sid": "CFaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "status": "completed", "subresource_uris": {"participants": "/2010-04-01/Accounts/x.json"},
            "uri": "/2010-04-01/Accounts/x.json", "reason_conference_ended": "conference-ended-via-api",
            "call_sid_ending_conference": "CAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        });
        let conference: Conference = read_whole(&body);
        assert_eq!(conference.status, ConferenceStatus::Completed);
        assert_eq!(conference.reason_conference_ended, Some(ConferenceEnd::ByApi));
        survives::<Conference>(&body);
    }
}
