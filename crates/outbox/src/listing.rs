//! Lists of messages for a person, page by page, and the texts of messages.

use switchboard::phone::Address;

use crate::enqueue::{Payload, with_lower_case_channel};
use crate::error::OutboxError;
use crate::message::{Message, MessageId};
use crate::outbox::Outbox;
use crate::rows::list::List;
use crate::state::State;

/// How many messages a page has, if nothing else is said.
const LIMIT: u32 = 50;

/// Which messages to list, see [`Outbox::messages`].
///
/// ```
/// use switchboard_outbox::{Listing, Outbox, OutboxError};
///
/// async fn refused(outbox: &Outbox) -> Result<(), OutboxError> {
///     let mut listing = Listing::of("blue-door").state("rejected").state("blocked");
///     loop {
///         let page = outbox.messages(&listing).await?;
///         page.messages.iter().for_each(|message| println!("{}: {}", message.key, message.state));
///         let Some(next) = page.next else { return Ok(()) };
///         listing = listing.before(next);
///     }
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Listing {
    tenant: String,
    campaign: Option<i64>,
    unsettled: bool,
    states: Vec<String>,
    to: Option<Address>,
    key_prefix: Option<String>,
    before: Option<MessageId>,
    limit: u32,
}

/// A page of messages, the newest first.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MessagePage {
    /// The messages.
    pub messages: Vec<Message>,
    /// Where the next page begins: give it to [`Listing::before`]. `None` after the oldest message.
    pub next: Option<MessageId>,
}

impl Listing {
    /// The highest number of messages of a page, and of ids that one call reads.
    pub const MAX: u32 = 1_000;
    /// How many messages a page reads at most, if not all of them are shown.
    pub const MAX_READ: u32 = 10_000;

    /// Lists the messages of a tenant, except those of campaigns; 50 on a page.
    pub fn of(tenant: impl Into<String>) -> Self {
        Self {
            tenant: tenant.into(),
            campaign: None,
            unsettled: false,
            states: Vec::new(),
            to: None,
            key_prefix: None,
            before: None,
            limit: LIMIT,
        }
    }

    /// Lists the messages of the campaign with this [number](Message::campaign) instead. There are none if it belongs to
    /// another tenant.
    #[must_use]
    pub const fn campaign(mut self, id: i64) -> Self {
        self.campaign = Some(id);
        self
    }

    /// Lists only what waits for a person or for evidence: messages that are unknown or parked, also those of
    /// campaigns. There are few of them, so this is fast for any number of other messages.
    #[must_use]
    pub const fn unsettled(mut self) -> Self {
        self.unsettled = true;
        self
    }

    /// Lists only messages in this state, by its [name](State::as_str). Given several times: in one of them.
    #[must_use]
    pub fn state(mut self, word: impl Into<String>) -> Self {
        self.states.push(word.into());
        self
    }

    /// Lists only messages to this recipient.
    #[must_use]
    pub fn to(mut self, to: impl Into<Address>) -> Self {
        self.to = Some(to.into());
        self
    }

    /// Lists only messages whose key begins with this: for example those of one person, if their name is in the keys.
    #[must_use]
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.key_prefix = Some(prefix.into());
        self
    }

    /// Lists only messages that are older than this one: the [`next`](MessagePage::next) of the page before.
    #[must_use]
    pub const fn before(mut self, id: MessageId) -> Self {
        self.before = Some(id);
        self
    }

    /// Sets how many messages a page has at most, from 1 to [`MAX`](Self::MAX).
    #[must_use]
    pub const fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    fn list(&self) -> Result<List, OutboxError> {
        let Self { tenant, campaign, unsettled, states, to, key_prefix, before, limit } = self.clone();
        if !(1..=Self::MAX).contains(&limit) {
            return Err(OutboxError::invalid(format!("a page has 1 to {} messages", Self::MAX)));
        }
        if let Some(other) = states.iter().find(|word| !State::WORDS.contains(&word.as_str())) {
            let known = State::WORDS.join(", ");
            return Err(OutboxError::invalid(format!("there is no state {other:?}: choose one of {known}")));
        }
        Ok(List {
            tenant,
            campaign,
            unsettled,
            states,
            recipient: to.map(|to| with_lower_case_channel(to.as_str())),
            key_prefix: key_prefix.filter(|prefix| !prefix.is_empty()),
            before: before.map_or(i64::MAX, MessageId::get),
            limit,
            reach: Self::MAX_READ,
        })
    }
}

impl Outbox {
    /// Lists messages, the newest first.
    ///
    /// A page of all messages has as many as its [limit](Listing::limit) says, if there are so many. If only some
    /// are wanted, by their state, recipient or key, it reads [`Listing::MAX_READ`] messages at most, and ends
    /// there: such a page may be short or empty and still have a [`next`](MessagePage::next) one.
    ///
    /// Messages that are enqueued meanwhile are newer than all pages that follow. On PostgreSQL, a message whose transaction
    /// commits late may be missing on a page that was read before.
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] if the limit is not from 1 to 1,000, or there is no state of a name; [`OutboxError::Store`].
    pub async fn messages(&self, listing: &Listing) -> Result<MessagePage, OutboxError> {
        let listed = self.rows().list(listing.list()?).await?;
        let messages = listed.rows.into_iter().map(Message::of).collect();
        Ok(MessagePage { messages, next: listed.next.map(MessageId) })
    }

    /// Reads the messages with these ids, at most 1,000, of any tenant. Those that do not exist are left out, and
    /// the others are in the order of their ids. On PostgreSQL this is one round trip.
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] if there are more ids, [`OutboxError::Store`].
    pub async fn messages_by_id(&self, ids: &[MessageId]) -> Result<Vec<Message>, OutboxError> {
        let rows = self.rows().messages(numbers(ids)?).await?;
        Ok(rows.into_iter().map(Message::of).collect())
    }

    /// Reads the texts and calls of the messages with these ids, at most 1,000, of any tenant: what a [`Message`] leaves out. In
    /// the order of the ids. Messages that do not exist, whose person was [forgotten](Self::forget), or that cannot be read are
    /// left out.
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] if there are more ids, [`OutboxError::Store`].
    pub async fn payloads(&self, ids: &[MessageId]) -> Result<Vec<(MessageId, Payload)>, OutboxError> {
        let requests = self.rows().requests(numbers(ids)?).await?;
        let read = |(id, request): (i64, String)| Some((MessageId(id), serde_json::from_str(&request).ok()?));
        Ok(requests.into_iter().filter_map(read).collect())
    }
}

fn numbers(ids: &[MessageId]) -> Result<Vec<i64>, OutboxError> {
    if ids.len() > usize::try_from(Listing::MAX).unwrap_or(usize::MAX) {
        return Err(OutboxError::invalid(format!("one call reads {} messages at most", Listing::MAX)));
    }
    Ok(ids.iter().map(|id| id.get()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_refuses_a_wrong_limit_and_an_unknown_state() {
        for limit in [0, 1_001, u32::MAX] {
            assert!(matches!(Listing::of("").limit(limit).list(), Err(OutboxError::Invalid(_))), "{limit}");
        }
        for word in ["", "Ready", "delivered"] {
            assert!(matches!(Listing::of("").state(word).list(), Err(OutboxError::Invalid(_))), "{word}");
        }
        let all =
            State::WORDS.iter().fold(Listing::of("").limit(1_000), |listing, word| listing.state(*word));
        assert_eq!(all.list().unwrap().states, State::WORDS);
    }

    #[test]
    fn the_text_of_a_listing_shows_no_number() {
        let shown = format!("{:?}", Listing::of("t").to("+14155551234"));
        assert!(!shown.contains("415555"), "{shown}");
    }
}
