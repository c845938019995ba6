//! Who takes part in a conference: each is a call.

use jiff::Timestamp;

use crate::provider::{ApiRequest, ProviderError, RequestBody, RequestClass};
use crate::sms::Text;
use crate::twilio::calls::HttpMethod;
use crate::twilio::page::Pages;
use crate::twilio::session::Session;
use crate::twilio::sid;
use crate::twilio::wire::{Parameters as _, answer, check, request, wire_enum};

wire_enum! {
    /// The state of a participant's call.
    ParticipantStatus {
        /// The call waits to be made.
        Queued = "queued",
        /// The call is being made.
        Connecting = "connecting",
        /// The call is ringing.
        Ringing = "ringing",
        /// The participant is in the conference.
        Connected = "connected",
        /// The participant has left.
        Complete = "complete",
        /// The call was not answered, or could not be made.
        Failed = "failed",
    }
}

answer! {
    /// A participant as Twilio describes it.
    ///
    /// <https://www.twilio.com/docs/voice/api/conference-participant-resource#participant-properties>
    Participant always {
        /// The state of its call.
        status: ParticipantStatus = "status",
    } {
        /// Its call, `CA…`, which is also its name in the conference.
        call_sid: String = "call_sid",
        /// The conference, `CF…`.
        conference_sid: String = "conference_sid",
        /// The account it belongs to.
        account_sid: String = "account_sid",
        /// The label that it was given.
        label: Text = "label",
        /// Is it muted?
        muted: bool = "muted",
        /// Is it on hold?
        hold: bool = "hold",
        /// Does it coach another participant?
        coaching: bool = "coaching",
        /// The call that it coaches.
        call_sid_to_coach: String = "call_sid_to_coach",
        /// Does the conference begin when it joins?
        start_conference_on_enter: bool = "start_conference_on_enter",
        /// Does the conference end when it leaves?
        end_conference_on_exit: bool = "end_conference_on_exit",
        /// How long its call waited to be made, in milliseconds.
        queue_time: u64 = "queue_time",
        /// When it joined.
        date_created: Timestamp = "date_created",
        /// When it last changed.
        date_updated: Timestamp = "date_updated",
        /// Its path.
        uri: String = "uri",
    }
}

request! {
    /// The filters for a list of participants. Without a filter, all are listed.
    ListParticipants {
        /// Only participants that are muted, or are not.
        muted: Option<bool> = "Muted",
        /// Only participants that are on hold, or are not.
        hold: Option<bool> = "Hold",
        /// Only participants that coach another, or do not.
        coaching: Option<bool> = "Coaching",
        /// How many items a page has, 1 to 1,000; 50 by default.
        page_size: Option<u32> = "PageSize",
    }
}

impl ListParticipants {
    /// Starts a list without filters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

request! {
    /// The changes of a participant. Fields that are not set stay unchanged.
    ///
    /// <https://www.twilio.com/docs/voice/api/conference-participant-resource#update-a-participant-resource>
    UpdateParticipant {
        /// Whether the others hear it.
        muted: Option<bool> = "Muted",
        /// Whether it is on hold: it hears music, and the others do not hear it.
        hold: Option<bool> = "Hold",
        /// The URL of the music, a sound file or a document.
        hold_url: Option<Text> = "HoldUrl",
        /// The HTTP method of that request; `GET` by default.
        hold_method: Option<HttpMethod> = "HoldMethod",
        /// The URL of an announcement that only this participant hears.
        announce_url: Option<Text> = "AnnounceUrl",
        /// The HTTP method of that request; `POST` by default.
        announce_method: Option<HttpMethod> = "AnnounceMethod",
        /// The URL of what it hears until the conference begins.
        wait_url: Option<Text> = "WaitUrl",
        /// The HTTP method of that request; `POST` by default.
        wait_method: Option<HttpMethod> = "WaitMethod",
        /// Whether the others hear a beep when it leaves.
        beep_on_exit: Option<bool> = "BeepOnExit",
        /// Whether the conference ends when it leaves.
        end_conference_on_exit: Option<bool> = "EndConferenceOnExit",
        /// Whether it coaches another participant, the only one who hears it.
        coaching: Option<bool> = "Coaching",
        /// The call that it coaches, `CA…`.
        call_sid_to_coach as coaches: Option<String> = "CallSidToCoach",
    }
}

impl UpdateParticipant {
    /// Starts without changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn form(&self) -> Result<String, ProviderError> {
        for (what, url) in [
            ("hold URL", &self.hold_url),
            ("announcement URL", &self.announce_url),
            ("wait URL", &self.wait_url),
        ] {
            check::optional_url(what, url.as_ref().map(Text::as_str).filter(|url| !url.is_empty()))?;
        }
        check::optional_sid("call", self.call_sid_to_coach.as_deref(), "CA")?;
        if self.coaching == Some(true) && self.call_sid_to_coach.is_none() {
            return Err(check::missing(
                "coaching needs the call that is coached: set call_sid_to_coach, as in CA…",
            ));
        }
        self.encoded_update()
    }

    /// An announcement would be heard again, all else can be set twice.
    const fn class(&self) -> RequestClass {
        if self.announce_url.is_some() { RequestClass::Create } else { RequestClass::Update }
    }
}

/// Who takes part in one conference.
///
/// <https://www.twilio.com/docs/voice/api/conference-participant-resource>
#[derive(Debug, Clone)]
pub struct Participants {
    session: Session,
    conference_sid: String,
}

impl Participants {
    pub(super) fn of(session: &Session, conference_sid: String) -> Self {
        Self { session: session.clone(), conference_sid }
    }

    /// Lists who is in the conference now. Errors are items of the list.
    ///
    /// <https://www.twilio.com/docs/voice/api/conference-participant-resource#read-multiple-participant-resources>
    ///
    /// # Errors
    /// `INVALID_REQUEST` where the conference's SID is malformed.
    pub fn list(&self, filter: &ListParticipants) -> Result<Pages<Participant>, ProviderError> {
        let request = super::one(ApiRequest::get(ALL), &self.conference_sid)?;
        Ok(Pages::new(&self.session, filter.in_query(request), "participants"))
    }

    /// Reads a participant.
    ///
    /// <https://www.twilio.com/docs/voice/api/conference-participant-resource#fetch-a-participant-resource>
    ///
    /// # Errors
    /// `NOT_FOUND`, also after it left; or any other [`ProviderError`].
    pub async fn fetch(&self, call_sid: &str) -> Result<Participant, ProviderError> {
        self.session.json(self.one(ApiRequest::get(ONE), call_sid)?).await
    }

    /// Changes a participant.
    ///
    /// If the response is lost, the request is repeated, unless it makes an announcement, which would be heard twice.
    ///
    /// <https://www.twilio.com/docs/voice/api/conference-participant-resource#update-a-participant-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn update(
        &self,
        call_sid: &str,
        changes: &UpdateParticipant,
    ) -> Result<Participant, ProviderError> {
        let post = self.one(ApiRequest::post(ONE), call_sid)?.body(RequestBody::Form(changes.form()?));
        self.session.json(post.class(changes.class())).await
    }

    /// Mutes a participant, or lets the others hear it again.
    ///
    /// <https://www.twilio.com/docs/voice/api/conference-participant-resource#update-a-participant-resource>
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub async fn mute(&self, call_sid: &str, muted: bool) -> Result<Participant, ProviderError> {
        self.update(call_sid, &UpdateParticipant::new().muted(muted)).await
    }

    /// Puts a participant on hold, or lets it back in.
    ///
    /// <https://www.twilio.com/docs/voice/api/conference-participant-resource#update-a-participant-resource>
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub async fn hold(&self, call_sid: &str, hold: bool) -> Result<Participant, ProviderError> {
        self.update(call_sid, &UpdateParticipant::new().hold(hold)).await
    }

    /// Removes a participant. Its call goes on with what follows in its document, or ends.
    ///
    /// <https://www.twilio.com/docs/voice/api/conference-participant-resource#delete-a-participant-resource>
    ///
    /// # Errors
    /// Any [`ProviderError`].
    pub async fn remove(&self, call_sid: &str) -> Result<(), ProviderError> {
        self.session.no_content(self.one(ApiRequest::delete(ONE), call_sid)?).await
    }

    fn one(&self, request: ApiRequest, call_sid: &str) -> Result<ApiRequest, ProviderError> {
        sid::check(call_sid, "call", &["CA"])?;
        Ok(super::one(request, &self.conference_sid)?.segment(call_sid))
    }
}

const ALL: &str = "/Conferences/{conference}/Participants.json";
const ONE: &str = "/Conferences/{conference}/Participants/{call}.json";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::wire::mutation::{read_whole, survives};
    use serde_json::json;

    #[test]
    fn changes_have_twilios_names_and_an_announcement_is_made_once() {
        let update = UpdateParticipant::new().muted(true).hold(false).hold_url("https://e.com/m.mp3");
        assert_eq!(update.form().unwrap(), "Muted=true&Hold=false&HoldUrl=https%3A%2F%2Fe.com%2Fm.mp3");
        assert_eq!(update.class(), RequestClass::Update);
        assert_eq!(update.announce_url("https://e.com/a").class(), RequestClass::Create);
        assert!(UpdateParticipant::new().form().is_err());
        assert!(UpdateParticipant::new().coaching(true).form().is_err());
        assert!(UpdateParticipant::new().wait_url("e.com").form().is_err());
    }

    #[test]
    fn twilios_own_example_is_read_whole_and_survives_growth() {
        let body = json!({
            "account_sid": "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "call_sid": "CAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "label": "customer", "conference_sid": "CFaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "date_created": "Fri, 18 Feb 2011 21:07:19 +0000", "date_updated": "Fri, 18 Feb 2011 21:07:19 +0000",
            "end_conference_on_exit": false, "muted": true, "hold": false, "status": "connected",
            "start_conference_on_enter": true, "coaching": true,
            "call_sid_to_coach": "CAbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "queue_time": "1000",
            "uri": "/2010-04-01/Accounts/x.json"
        });
        let participant: Participant = read_whole(&body);
        assert_eq!((participant.muted, participant.queue_time), (Some(true), Some(1000)));
        survives::<Participant>(&body);
    }
}
