//! Recording what people said about the messages that they want.

use switchboard::phone::Address;
use switchboard::sms::Consent;

use crate::enqueue::with_lower_case_channel;
use crate::error::OutboxError;
use crate::message::timestamp;
use crate::outbox::Outbox;
use crate::policy::{ConsentRecord, ConsentScope, ConsentSource, Purpose};
use crate::rows::consent::{ConsentPlace, ConsentRow, Consents, ListConsents};

/// The maximum number of consents that one transaction imports.
const CHUNK: usize = 1_000;
/// The maximum number of consents of a page.
const MAX_LISTED: u32 = 1_000;

/// The effect of a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// Is it new? `false` if a later one was recorded before.
    pub changed: bool,
    /// The number of messages to this person that were marked before, and whose result is not known. They may arrive.
    pub too_late: u64,
}

/// The effect of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// The number of consents that were new.
    pub changed: u64,
    /// The number of consents that are older than what was known, or equal to it.
    pub unchanged: u64,
}

impl Outbox {
    /// Records what a person said, and who entered it. When this returns, an opt-out is on disk, and no message that it
    /// refuses is marked any more, by any worker.
    ///
    /// STOP, START and the provider's refusals need no call: see [`evidence`](Self::evidence).
    ///
    /// ```
    /// # async fn run(outbox: switchboard_outbox::Outbox) -> Result<(), switchboard_outbox::OutboxError> {
    /// use jiff::Timestamp;
    /// use switchboard_outbox::policy::{ConsentRecord, ConsentScope};
    ///
    /// // Somebody called, and wants no messages at all.
    /// let record = ConsentRecord::opted_out("+14155551234", ConsentScope::Everything, Timestamp::now());
    /// let recorded = outbox.record_consent(record, "ada").await?;
    /// if recorded.too_late > 0 {
    ///     println!("{} message(s) were already on their way", recorded.too_late);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] if the recipient or `by` is empty, the proof is too long, or the time lies in the future.
    pub async fn record_consent(&self, record: ConsentRecord, by: &str) -> Result<Recorded, OutboxError> {
        if by.trim().is_empty() {
            return Err(OutboxError::invalid("say who records the consent: the log keeps the name"));
        }
        self.record(vec![record], Some(by)).await
    }

    /// Records many consents, such as those of a former provider, in short transactions. Each counts if it is later than
    /// what is known. The log gets one entry for each thousand, and each consent keeps its source, time and proof.
    ///
    /// # Errors
    /// As [`record_consent`](Self::record_consent). Those before the wrong one may have been recorded.
    pub async fn import_consents(
        &self,
        records: impl IntoIterator<Item = ConsentRecord>,
        by: &str,
    ) -> Result<Imported, OutboxError> {
        if by.trim().is_empty() {
            return Err(OutboxError::invalid("say who imports the consents: the log keeps the name"));
        }
        let mut imported = Imported::default();
        let mut records = records.into_iter();
        loop {
            let rows = records.by_ref().take(CHUNK).map(|record| self.row_of(record));
            let rows = rows.collect::<Result<Vec<ConsentRow>, _>>()?;
            if rows.is_empty() {
                return Ok(imported);
            }
            let all = rows.len() as u64;
            let recorded = self.clock().now();
            let consents = Consents { recorded, rows, actor: Some(by.to_owned()), many: true };
            let changed = self.rows().consent(consents).await?.changed;
            imported.changed += changed;
            imported.unchanged += all.saturating_sub(changed);
        }
    }

    /// Returns what is known about a person, by scope and purpose.
    ///
    /// # Errors
    /// [`OutboxError::Store`].
    pub async fn consents(&self, recipient: impl Into<Address>) -> Result<Vec<ConsentRecord>, OutboxError> {
        let rows = self.rows().consents(recipient.into().as_str().to_owned()).await?;
        rows.into_iter().map(record_of).collect()
    }

    /// Lists what people said about the messages of these scopes, the newest first, those of one time in a fixed order. The next
    /// page begins `after` the last record of this one, of which the time, recipient, scope and purpose count.
    ///
    /// What somebody says meanwhile comes before all further pages. People who were [forgotten](Self::forget) are left out.
    ///
    /// ```
    /// # async fn run(outbox: switchboard_outbox::Outbox) -> Result<(), switchboard_outbox::OutboxError> {
    /// use switchboard_outbox::policy::ConsentScope;
    ///
    /// let scopes = [ConsentScope::Tenant("blue-door".into()), ConsentScope::Sender("+14155550100".into())];
    /// let first = outbox.consents_of(&scopes, None, 50).await?;
    /// let second = outbox.consents_of(&scopes, first.last(), 50).await?;
    /// # let _ = second;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`OutboxError::Invalid`] if the limit is not from 1 to 1,000, [`OutboxError::Store`].
    pub async fn consents_of(
        &self,
        scopes: &[ConsentScope],
        after: Option<&ConsentRecord>,
        limit: u32,
    ) -> Result<Vec<ConsentRecord>, OutboxError> {
        if !(1..=MAX_LISTED).contains(&limit) {
            return Err(OutboxError::invalid(format!("a page has 1 to {MAX_LISTED} consents")));
        }
        let list = ListConsents {
            scopes: scopes.iter().map(|scope| in_lower_case(scope.clone()).stored()).collect(),
            after: after.map_or(ConsentPlace::FIRST, place),
            limit,
        };
        let rows = self.rows().consents_of(list).await?;
        rows.into_iter().map(record_of).collect()
    }

    pub(crate) async fn record(
        &self,
        records: Vec<ConsentRecord>,
        by: Option<&str>,
    ) -> Result<Recorded, OutboxError> {
        let rows = records.into_iter().map(|record| self.row_of(record)).collect::<Result<_, _>>()?;
        let consents =
            Consents { recorded: self.clock().now(), rows, actor: by.map(ToOwned::to_owned), many: false };
        let consented = self.rows().consent(consents).await?;
        Ok(Recorded { changed: consented.changed > 0, too_late: consented.open })
    }

    fn row_of(&self, record: ConsentRecord) -> Result<ConsentRow, OutboxError> {
        let ConsentRecord { recipient, scope, purpose, consent, source, at, proof } = record;
        let recipient = checked(&recipient, "the person")?;
        let scope = match scope {
            ConsentScope::Sender(sender) if is_written_as_number(&sender) => {
                ConsentScope::Sender(checked(&sender, "the sender")?)
            }
            other => other,
        };
        if proof.as_ref().is_some_and(|proof| proof.len() > ConsentRecord::MAX_PROOF) {
            return Err(OutboxError::invalid(format!(
                "a proof has at most {} bytes: store it elsewhere, and record its URL",
                ConsentRecord::MAX_PROOF
            )));
        }
        // A consent of the future would count more than any STOP until then.
        let now = self.clock().now();
        if at.as_microsecond() > now.saturating_add(TOLERANCE) {
            return Err(OutboxError::invalid("a consent cannot have been given in the future"));
        }
        let at = at.as_microsecond().min(now);
        Ok(ConsentRow {
            recipient: recipient.as_str().to_owned(),
            scope: scope.stored(),
            purpose: purpose.map_or("", Purpose::as_str).to_owned(),
            opted_out: consent == Consent::OptedOut,
            source: source.stored(),
            at,
            proof,
        })
    }
}

/// Returns an address as messages have it. One that is written in another way would protect nobody.
fn checked(address: &Address, whose: &str) -> Result<Address, OutboxError> {
    if let Err(error) = address.kind() {
        return Err(OutboxError::invalid(format!("the address of {whose}: {error}")));
    }
    Ok(Address::from(with_lower_case_channel(address.as_str())))
}

/// Returns a scope as it is stored, if its sender is valid.
fn in_lower_case(scope: ConsentScope) -> ConsentScope {
    match scope {
        ConsentScope::Sender(sender) => {
            ConsentScope::Sender(Address::from(with_lower_case_channel(sender.as_str())))
        }
        other => other,
    }
}

fn place(record: &ConsentRecord) -> ConsentPlace {
    ConsentPlace {
        at: record.at.as_microsecond(),
        recipient: with_lower_case_channel(record.recipient.as_str()),
        purpose: record.purpose.map_or("", Purpose::as_str).to_owned(),
        scope: in_lower_case(record.scope.clone()).stored(),
    }
}

/// Anything else is the id of a pool, or the name of a sender.
fn is_written_as_number(sender: &Address) -> bool {
    let text = sender.as_str();
    text.contains(':') || text.starts_with(|first: char| !first.is_ascii_alphabetic())
}

/// By how much a caller's clock may be ahead of ours, in microseconds.
const TOLERANCE: i64 = 60_000_000;

fn record_of(row: ConsentRow) -> Result<ConsentRecord, OutboxError> {
    let ConsentRow { recipient, scope, purpose, opted_out, source, at, proof } = row;
    let scope = ConsentScope::of_stored(&scope).ok_or(OutboxError::BadRow("the scope of a consent"))?;
    let (recipient, at) = (Address::from(recipient.as_str()), timestamp(at));
    let record = if opted_out {
        ConsentRecord::opted_out(recipient, scope, at)
    } else {
        ConsentRecord::opted_in(recipient, scope, at)
    };
    let source = ConsentSource::of_stored(&source).ok_or(OutboxError::BadRow("the source of a consent"))?;
    let record = record.source(source);
    Ok(ConsentRecord { purpose: Purpose::named(&purpose), proof, ..record })
}
