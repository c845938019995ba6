//! What the policy says about a message before it is enqueued.

use jiff::Timestamp;
use serde::Serialize;
use switchboard::sms::{Encoding, Estimate, PriceList, Segmentation, estimate};

use crate::enqueue::{Enqueue, Payload};
use crate::error::OutboxError;
use crate::message::timestamp;
use crate::outbox::Outbox;
use crate::policy::{
    About, Asked, Bucket, Charge, Counter, Counting, Decision, Exceeded, Findings, Limit, Policy, Ruling,
    Spend, billable,
};
use crate::rows::NewMessage;
use crate::rows::standing::{Question, Standing};
use crate::timing::Micros;

/// The version of the rule about people who wanted to be forgotten.
const FORGOTTEN: &str = "2026-11-22";

/// What would become of a message, and what it is made of.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Preview<'o> {
    /// What the policy says. After the time of a [`Defer`](Decision::Defer) it is asked again.
    #[serde(flatten)]
    pub decision: Decision,
    /// What the text rules find, warnings too; `None` without text rules, or if the message has no text of its own.
    pub findings: Option<Findings<'o>>,
    /// How the text is sent; `None` for calls, and for texts that only the provider knows.
    pub text: Option<TextPreview>,
    /// What it would cost; `None` for calls, and without prices. What has no price is listed in it, with the reason.
    pub cost: Option<Estimate>,
}

/// How a text is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TextPreview {
    /// The number of segments.
    pub segments: u32,
    /// The encoding, `gsm7` or `ucs2`.
    #[serde(serialize_with = "encoding")]
    pub encoding: Encoding,
    /// The first character that makes it UCS-2.
    pub non_gsm: Option<NonGsmPreview>,
}

/// A character that makes a text UCS-2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NonGsmPreview {
    /// The character, with its accents.
    pub character: String,
    /// Where it stands, in characters, from 0.
    pub index: usize,
    /// What to write instead; `None` if nothing has the same meaning.
    pub instead: Option<String>,
    /// How many segments that saves.
    pub saves: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn encoding<S: serde::Serializer>(encoding: &Encoding, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match encoding {
        Encoding::Gsm7 => "gsm7",
        Encoding::Ucs2 => "ucs2",
    })
}

impl Outbox {
    /// Returns what the policy says about a message, without enqueuing it, as far as it is known now: the recipient's
    /// consent, countries, quiet hours, text rules, limits and budgets, at the time at which the message is due. It writes
    /// nothing. Whether the key is taken, and pauses of the sender, are not looked at.
    ///
    /// The parts of a budget that workers have reserved count as used. Without `prices`, those of the policy's first budget
    /// of cost are taken.
    ///
    /// ```
    /// # async fn run(outbox: switchboard_outbox::Outbox) -> Result<(), switchboard_outbox::OutboxError> {
    /// use switchboard::provider::Outgoing;
    /// use switchboard_outbox::Enqueue;
    /// use switchboard_outbox::policy::Decision;
    ///
    /// let message = Enqueue::new("sale", Outgoing::text("+14155551234", "Everything must go – today"));
    /// let preview = outbox.preview(&message, None).await?;
    /// match &preview.decision {
    ///     Decision::Defer { until, because } => println!("not before {until}: {because}"),
    ///     Decision::Block { because } => println!("not at all: {because}"),
    ///     _ => println!("{:?}", preview.text),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] if the message could never be sent.
    pub async fn preview(
        &self,
        message: &Enqueue,
        prices: Option<&PriceList>,
    ) -> Result<Preview<'_>, OutboxError> {
        let (policy, now) = (&**self.rules(), self.clock().now());
        let at = message.due.map_or(now, Timestamp::as_microsecond).max(now);
        let new = self.new_message(at, message.clone())?;
        let asked = Asking::new(policy, &new, at);
        let question = asked.question(new.clone());
        let standing = self.rows().standing(question).await?;
        Ok(Preview {
            decision: asked.decide(&standing),
            findings: policy.findings(message),
            text: text(&message.payload),
            cost: cost(&new, prices.or_else(|| policy.prices())),
        })
    }
}

/// Why a message would be refused when it is enqueued, for what its recipient said.
pub(crate) enum Unwanted {
    Forgotten,
    OptedOut(Ruling),
}

impl Outbox {
    /// Looks up what the recipient said. The rules that need no look were asked before.
    pub(crate) async fn unwanted(
        &self,
        message: NewMessage,
        at: Micros,
    ) -> Result<Option<Unwanted>, OutboxError> {
        let asked = Asking::new(self.rules(), &message, at);
        let standing = self.rows().standing(asked.question(message.clone())).await?;
        Ok(match asked.ask(&standing) {
            _ if standing.is_forgotten => Some(Unwanted::Forgotten),
            Asked::Block(because) => Some(Unwanted::OptedOut(because)),
            _ => None,
        })
    }
}

/// A message, and what the rules of a policy ask about it.
struct Asking<'p> {
    policy: &'p Policy,
    message: &'p NewMessage,
    at: Micros,
    /// Empty if the message is refused before.
    charges: Vec<Charge>,
    limits: Vec<Limit<'p>>,
}

impl<'p> Asking<'p> {
    fn new(policy: &'p Policy, message: &'p NewMessage, at: Micros) -> Self {
        let spend = Spend {
            to: &message.prepared.recipient,
            tenant: &message.tenant,
            campaign: message.campaign,
            request: &message.prepared.request,
            is_emergency: message.emergency.is_some(),
        };
        let charges = policy.charges(&spend, at).unwrap_or_default();
        let is_limited = message.emergency.is_none();
        let limits = if is_limited { policy.limits(&message.sending(), at) } else { Vec::new() };
        Self { policy, message, at, charges, limits }
    }

    fn question(&self, message: NewMessage) -> Question {
        let buckets: Vec<Bucket> = self.charges.iter().map(|charge| charge.bucket.clone()).collect();
        let counters: Vec<Counter> = self.limits.iter().map(|limit| limit.counter.clone()).collect();
        Question { at: self.at, message, buckets, counters }
    }

    /// A rule that refuses counts before all that delay, and of these the longest delay.
    fn decide(&self, standing: &Standing) -> Decision {
        let asked = self.ask(standing);
        let exceeded = Counting::default().exceeds(&self.limits, &standing.recent, self.at);
        let refused = standing.is_forgotten.then(forgotten).or_else(|| self.message.refused.clone());
        let refused = refused.or(match (&asked, &exceeded) {
            (Asked::Block(because), _) | (_, Some(Exceeded::Never(because))) => Some(because.clone()),
            _ => None,
        });
        if let Some(because) = refused {
            return Decision::Block { because };
        }
        let mut waits: Vec<(Micros, Ruling)> = self.spent(standing);
        if let Some(Exceeded::Later { until, because, .. }) = exceeded {
            waits.push((until, because));
        }
        if let Asked::Defer { until, because } = asked {
            waits.push((until, because));
        }
        let longest = waits.into_iter().max_by_key(|(until, _)| *until);
        longest
            .map_or(Decision::Allow, |(until, because)| Decision::Defer { until: timestamp(until), because })
    }

    fn ask(&self, standing: &Standing) -> Asked {
        let about = About {
            kind: self.message.prepared.kind,
            to: &self.message.prepared.recipient,
            purpose: self.message.purpose,
            zone: self.message.zone.as_deref(),
            known: standing.known.as_ref(),
            passes: self.message.passes(),
        };
        self.policy.ask(&about, self.at)
    }

    /// The budgets that are spent.
    fn spent(&self, standing: &Standing) -> Vec<(Micros, Ruling)> {
        let is_spent = |charge: &&Charge| {
            let used = standing.used.get(&charge.bucket).copied().unwrap_or_default();
            used.saturating_add(charge.amount) > charge.most
        };
        self.charges.iter().filter(is_spent).map(|charge| (charge.again, charge.spent())).collect()
    }
}

fn forgotten() -> Ruling {
    let reason =
        "the recipient wanted to be forgotten: do not send; `Outbox::remember` allows messages again";
    Ruling::new("forgotten", FORGOTTEN, reason)
}

fn text(payload: &Payload) -> Option<TextPreview> {
    let Payload::Text(message) = payload else { return None };
    let body = message.text.as_ref().filter(|text| message.template.is_none() && !text.is_empty())?;
    let segmentation = Segmentation::of(body.as_str());
    let non_gsm = segmentation.first_non_gsm().map(|found| NonGsmPreview {
        character: found.cluster().to_owned(),
        index: found.index(),
        instead: found.suggestion().map(ToOwned::to_owned),
        saves: found.saves(),
    });
    let segments = u32::try_from(segmentation.segments()).unwrap_or(u32::MAX);
    Some(TextPreview { segments, encoding: segmentation.encoding(), non_gsm })
}

fn cost(message: &NewMessage, prices: Option<&PriceList>) -> Option<Estimate> {
    Some(estimate([billable(&message.prepared.request)?], prices?))
}
