//! The contract of `TokenSource`: it returns the tokens of the given account, and of no other.

use switchboard::twilio::webhook::TokenSource;

use super::violation::{Findings, Violation};

/// Two accounts that a source knows, each with its tokens, the primary one first.
pub type KnownTokens<'a> = [(&'a str, Vec<&'a str>); 2];

/// Tests a source against the contract of [`TokenSource`].
pub async fn token_source(source: &dyn TokenSource, known: &KnownTokens<'_>) -> Vec<Violation> {
    let mut findings = Findings::default();
    for (account, tokens) in known {
        findings.rule("an account has its own tokens, the primary one first");
        let found = source.tokens(Some(account)).await;
        let right = found
            .as_ref()
            .is_ok_and(|found| found.iter().map(|token| token.expose()).eq(tokens.iter().copied()));
        findings.expect(right, || format!("{} tokens", found.map_or(0, |found| found.len())));

        for unknown in unknown_accounts(account) {
            findings.rule("an unknown account, even with a similar SID, has no tokens and is not an error");
            let found = source.tokens(Some(&unknown)).await;
            let none = found.as_ref().is_ok_and(Vec::is_empty);
            findings.expect(none, || {
                format!("{} characters: {:?}", unknown.len(), found.map(|found| found.len()))
            });
        }
    }
    findings.rule("Debug shows no token");
    let printed = format!("{source:?} {source:#?}");
    let leaks = known.iter().flat_map(|(_, tokens)| tokens).any(|token| printed.contains(token));
    findings.expect(!leaks, || "it does".to_owned());
    findings.finish()
}

/// Returns account SIDs that a forged request may contain.
fn unknown_accounts(account: &str) -> Vec<String> {
    vec![
        String::new(),
        account.to_ascii_lowercase(),
        format!("{account} "),
        format!("{account}0"),
        format!("{account}' OR '1'='1"),
        format!("{account}\0"),
        account.chars().rev().collect(),
        "%".to_owned(),
        "AC________________________________".to_owned(),
        "x".repeat(100_000),
    ]
}
