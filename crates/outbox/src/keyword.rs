//! STOP, START and the like: words that a person texted to one of our numbers.

use std::collections::BTreeSet;

use switchboard::phone::Address;
use switchboard::sms::Consent;

use crate::enqueue::with_lower_case_channel;
use crate::error::OutboxError;
use crate::evidence::Evidenced;
use crate::message::timestamp;
use crate::outbox::Outbox;
use crate::policy::{ConsentRecord, ConsentScope, ConsentSource, OptOutReach};
use crate::rows::consent::KnownSender;

/// A word that a person texted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keyword<'e> {
    pub(crate) from: &'e Address,
    /// The number that they wrote to.
    pub(crate) to: &'e Address,
    /// The pool that this number belongs to.
    pub(crate) pool: Option<&'e str>,
    pub(crate) consent: Consent,
}

impl Outbox {
    /// Records a word. With a tenant, whose webhook it came to, only as far as the number may be theirs.
    pub(crate) async fn keyword(
        &self,
        tenant: Option<&str>,
        keyword: Keyword<'_>,
    ) -> Result<Evidenced, OutboxError> {
        let Keyword { from, to, pool, consent } = keyword;
        let at = timestamp(self.clock().now());
        // The provider may keep one opt-out for a number, whether it was sent over SMS or RCS.
        let number = from.as_str().strip_prefix("rcs:").map(Address::from);
        let mut records = Vec::new();
        for scope in self.reached(tenant, to, pool).await? {
            for person in [Some(from.clone()), number.clone()].into_iter().flatten() {
                let record = match consent {
                    Consent::OptedOut => ConsentRecord::opted_out(person, scope.clone(), at),
                    Consent::OptedIn => ConsentRecord::opted_in(person, scope.clone(), at),
                };
                records.push(record.source(ConsentSource::Keyword));
            }
        }
        if records.is_empty() {
            tracing::warn!(
                "a STOP or START was ignored: its number belongs to another tenant than the webhook"
            );
            return Ok(Evidenced::NotOurs);
        }
        let recorded = self.record(records, None).await?;
        Ok(if recorded.changed { Evidenced::Changed } else { Evidenced::Known })
    }

    /// The scopes that a word reaches which was sent to a number: the number and its pool, and what the policy adds. None if
    /// the number and its pool are those of other tenants.
    async fn reached(
        &self,
        tenant: Option<&str>,
        to: &Address,
        pool: Option<&str>,
    ) -> Result<BTreeSet<ConsentScope>, OutboxError> {
        let senders = [Some(to.as_str()), pool].into_iter().flatten();
        // As it will be stored: another way to write a number must not be another number here.
        let senders: Vec<String> = senders.map(with_lower_case_channel).collect();
        let reach = self.rules().reach();
        let known = if tenant.is_some() || reach == OptOutReach::Tenant {
            self.rows().senders_of(senders.clone()).await?
        } else {
            Vec::new()
        };
        let of = |sender: &String| scope_of(tenant, sender, &known);
        let mut scopes: BTreeSet<ConsentScope> = senders.iter().filter_map(of).collect();
        let tenants: Vec<String> = match tenant {
            Some(tenant) => vec![tenant.to_owned()],
            None => known.into_iter().map(|one| one.tenant).collect(),
        };
        match reach {
            _ if scopes.is_empty() => {}
            OptOutReach::Sender => {}
            OptOutReach::Everything => drop(scopes.insert(ConsentScope::Everything)),
            OptOutReach::Tenant => scopes.extend(tenants.into_iter().map(ConsentScope::Tenant)),
        }
        Ok(scopes)
    }
}

/// The scope in which a word to this sender counts, by the senders that are known.
fn scope_of(tenant: Option<&str>, sender: &str, known: &[KnownSender]) -> Option<ConsentScope> {
    let whole = Some(ConsentScope::Sender(Address::from(sender)));
    let Some(tenant) = tenant else { return whole };
    let (ours, others): (Vec<_>, Vec<_>) =
        known.iter().filter(|one| one.address == sender).partition(|one| one.tenant == tenant);
    if ours.is_empty() {
        return whole.filter(|_| others.is_empty());
    }
    // A number belongs to one account. Anybody can name it as the sender of a message that the provider then refuses, so a word
    // to a number that two accounts name counts for the messages of this tenant only.
    let same_account = |other: &&KnownSender| ours.iter().any(|one| one.account == other.account);
    if others.iter().all(same_account) { whole } else { Some(ConsentScope::Tenant(tenant.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(all: &[(&str, &str, &str)]) -> Vec<KnownSender> {
        let one = |(address, account, tenant): &(&str, &str, &str)| KnownSender {
            address: (*address).to_owned(),
            account: (*account).to_owned(),
            tenant: (*tenant).to_owned(),
        };
        all.iter().map(one).collect()
    }

    #[test]
    fn a_word_counts_as_far_as_the_number_is_the_tenants() {
        let number = Some(ConsentScope::Sender("+1".into()));
        let own = Some(ConsentScope::Tenant("blue".into()));
        for (senders, expected) in [
            (known(&[]), &number),
            (known(&[("+1", "AC1", "blue")]), &number),
            (known(&[("+1", "AC1", "blue"), ("+1", "AC1", "green"), ("+2", "AC2", "red")]), &number),
            (known(&[("+1", "AC1", "green")]), &None),
            (known(&[("+1", "AC1", "blue"), ("+1", "AC2", "green")]), &own),
            (known(&[("+1", "AC1", "blue"), ("+1", "AC2", "blue"), ("+1", "AC2", "green")]), &number),
        ] {
            assert_eq!(&scope_of(Some("blue"), "+1", &senders), expected, "{senders:?}");
            assert_eq!(scope_of(None, "+1", &senders), number);
        }
    }
}
