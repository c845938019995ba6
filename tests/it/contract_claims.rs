//! The contract suites for claims and token sources: ours pass; an implementation that breaks one rule fails with the
//! name of that rule.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use switchboard::http::StatusCode;
use switchboard::secret::Secret;
use switchboard::twilio::webhook::{
    Answer, Binding, Claim, ClaimError, Claims, MemoryClaims, Ticket, TokenError, TokenSource,
    WebhookDelivery,
};
use switchboard_testing::contract::{self, ClaimsUnderTest, assert_none};

/// The rule that the wrapping implementation breaks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum BrokenRule {
    None,
    GrantsTwice,
    LosesHeaders,
    ForgetsSettled,
    NeverReleases,
    NoLease,
    ShortLease,
    EndlessLeaseEnds,
    TakesOldTickets,
    ForgetsBindings,
    LetsContentChange,
    RemembersForEver,
    MixesKeysAndSignatures,
    IgnoresCase,
    ComparesContent,
    NeverRenews,
    RenewsAnything,
}

#[derive(Debug)]
struct BrokenClaims {
    inner: MemoryClaims,
    broken_rule: BrokenRule,
    last: Mutex<Option<Ticket>>,
}

#[async_trait]
impl Claims for BrokenClaims {
    async fn claim(&self, delivery: &WebhookDelivery<'_>, lease: Duration) -> Result<Claim, ClaimError> {
        let mut key = delivery.key.to_owned();
        if self.broken_rule == BrokenRule::IgnoresCase {
            key.make_ascii_lowercase();
        }
        if self.broken_rule == BrokenRule::ComparesContent {
            key.push_str(delivery.event_type);
        }
        let delivery = WebhookDelivery::new(&key, delivery.params);
        let lease = match self.broken_rule {
            BrokenRule::NoLease => Duration::MAX,
            BrokenRule::ShortLease => lease / 4,
            BrokenRule::EndlessLeaseEnds => lease.min(Duration::from_secs(3600)),
            _ => lease,
        };
        let claim = self.inner.claim(&delivery, lease).await?;
        if let Claim::Granted(ticket) = claim {
            *self.last.lock().unwrap() = Some(ticket);
        }
        if self.broken_rule == BrokenRule::MixesKeysAndSignatures {
            self.inner.bind(&key, "key").await?;
        }
        Ok(match claim {
            Claim::Running if self.broken_rule == BrokenRule::GrantsTwice => Claim::Granted(Ticket(7)),
            Claim::Settled(_) if self.broken_rule == BrokenRule::ForgetsSettled => Claim::Granted(Ticket(7)),
            claim => claim,
        })
    }

    async fn settle(&self, key: &str, ticket: Ticket, answer: &Answer) -> Result<(), ClaimError> {
        let last = self.last.lock().unwrap().filter(|_| self.broken_rule == BrokenRule::TakesOldTickets);
        let mut answer = answer.clone();
        if self.broken_rule == BrokenRule::LosesHeaders {
            answer.headers.remove("set-cookie");
        }
        self.inner.settle(key, last.unwrap_or(ticket), &answer).await
    }

    async fn renew(&self, key: &str, ticket: Ticket, lease: Duration) -> Result<bool, ClaimError> {
        if self.broken_rule == BrokenRule::NeverRenews {
            return Ok(true);
        }
        Ok(self.inner.renew(key, ticket, lease).await? || self.broken_rule == BrokenRule::RenewsAnything)
    }

    async fn release(&self, key: &str, ticket: Ticket, status: StatusCode) -> Result<(), ClaimError> {
        if self.broken_rule == BrokenRule::NeverReleases {
            Ok(())
        } else {
            self.inner.release(key, ticket, status).await
        }
    }

    async fn bind(&self, signature: &str, content: &str) -> Result<Binding, ClaimError> {
        match self.broken_rule {
            BrokenRule::ForgetsBindings => Ok(Binding::New),
            BrokenRule::LetsContentChange => self.inner.bind(signature, "any").await,
            BrokenRule::RemembersForEver if content == "later" => Ok(Binding::Different),
            _ => self.inner.bind(signature, content).await,
        }
    }
}

struct Subject(BrokenRule);

#[async_trait]
impl ClaimsUnderTest for Subject {
    async fn claims(&self) -> Arc<dyn Claims> {
        Arc::new(BrokenClaims { inner: MemoryClaims::new(), broken_rule: self.0, last: Mutex::default() })
    }

    async fn pass(&self, time: Duration) {
        tokio::time::advance(time).await;
    }
}

#[tokio::test(start_paused = true)]
async fn memory_claims_pass_the_suite() {
    assert_none(&contract::claims(&Subject(BrokenRule::None)).await);
}

#[tokio::test(start_paused = true)]
async fn claims_that_break_one_rule_fail_with_its_name() {
    for (broken_rule, rule) in [
        (BrokenRule::GrantsTwice, "of concurrent callers one is granted"),
        (BrokenRule::LosesHeaders, "a settled key returns its answer"),
        (BrokenRule::ForgetsSettled, "a settled key returns its answer"),
        (BrokenRule::NeverReleases, "a released key is granted again"),
        (BrokenRule::NoLease, "a running key is free after its lease"),
        (BrokenRule::ShortLease, "a running key is free after its lease"),
        (BrokenRule::EndlessLeaseEnds, "a lease of Duration::MAX never ends"),
        (BrokenRule::TakesOldTickets, "a ticket changes nothing after its lease"),
        (BrokenRule::ForgetsBindings, "of concurrent callers one binds"),
        (BrokenRule::LetsContentChange, "a signature is accepted with its first content only"),
        (BrokenRule::RemembersForEver, "a signature is kept for at least 24 hours"),
        (BrokenRule::MixesKeysAndSignatures, "keys are separate"),
        (BrokenRule::IgnoresCase, "keys are separate"),
        (BrokenRule::NeverRenews, "a renewed lease begins again"),
        (BrokenRule::RenewsAnything, "a ticket changes nothing after its lease"),
        (BrokenRule::ComparesContent, "what is claimed is the key"),
    ] {
        let found = contract::claims(&Subject(broken_rule)).await;
        assert!(found.iter().any(|violation| violation.rule.starts_with(rule)), "{broken_rule:?}: {found:?}");
    }
}

const A: &str = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab";
const B: &str = "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbba";

/// A token source that breaks a rule: it returns tokens that it should not.
#[derive(Debug)]
struct Careless(HashMap<String, Vec<Secret>>, fn(&str) -> String);

#[async_trait]
impl TokenSource for Careless {
    async fn tokens(&self, account_sid: Option<&str>) -> Result<Vec<Secret>, TokenError> {
        let sid = account_sid.map(self.1);
        self.0.tokens(sid.as_deref()).await
    }
}

fn known() -> HashMap<String, Vec<Secret>> {
    let tokens = |tokens: &[&str]| tokens.iter().map(|token| Secret::new(*token)).collect();
    HashMap::from([
        (A.to_owned(), tokens(&["first-of-a", "next-of-a"])),
        (B.to_owned(), tokens(&["first-of-b"])),
    ])
}

#[tokio::test]
async fn token_sources_return_only_the_tokens_of_the_account() {
    let expected = [(A, vec!["first-of-a", "next-of-a"]), (B, vec!["first-of-b"])];
    assert_none(&contract::token_source(&known(), &expected).await);
    let careless: [fn(&str) -> String; 3] =
        [|sid| sid.trim().to_owned(), |_| A.to_owned(), |sid| sid.chars().take(34).collect()];
    for find in careless {
        assert!(!contract::token_source(&Careless(known(), find), &expected).await.is_empty());
    }
    let swapped = [(A, vec!["next-of-a", "first-of-a"]), (B, vec!["first-of-b"])];
    assert_eq!(contract::token_source(&known(), &swapped).await.len(), 1);
}
