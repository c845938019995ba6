use super::*;

fn all() -> Vec<DeliveryStatus> {
    let mut all: Vec<_> = DeliveryStatus::WORDS.iter().map(|(_, status)| status.clone()).collect();
    all.push(DeliveryStatus::Other("new-word".into()));
    all
}

#[test]
fn each_word_is_read_back() {
    for status in all() {
        assert_eq!(DeliveryStatus::from(status.as_str()), status);
        let json = serde_json::to_string(&status).unwrap();
        assert_eq!(serde_json::from_str::<DeliveryStatus>(&json).unwrap(), status);
    }
}

#[test]
fn every_order_of_reports_gives_the_same_status_and_final_stays_final() {
    let ranks: std::collections::BTreeSet<u8> = all().iter().map(DeliveryStatus::rank).collect();
    assert_eq!(ranks.len(), all().len());
    for a in all() {
        for b in all() {
            let folded = a.clone().fold(b.clone());
            assert_eq!(folded, b.clone().fold(a.clone()));
            assert_eq!(folded.is_final(), a.is_final() || b.is_final(), "{a} {b}");
            for c in all() {
                let left = a.clone().fold(b.clone()).fold(c.clone());
                assert_eq!(left, a.clone().fold(b.clone().fold(c.clone())));
            }
        }
    }
}

#[test]
fn a_failed_delivery_is_an_error_that_says_what_to_do() {
    let failure = DeliveryError::new(30003, Reason::Unknown)
        .with_scope(Scope::Attempt)
        .explained("the telephone is off", "Send again later.");
    let error = ProviderError::from(&failure);
    assert_eq!((error.provider_code(), error.outcome()), (Some(30003), Outcome::Applied));
    assert_eq!((error.message(), error.advice()), ("the telephone is off", Some("Send again later.")));
    assert_eq!((error.scope(), error.is_retryable()), (Scope::Attempt, false));
    let json = serde_json::to_string(&failure).unwrap();
    assert_eq!(serde_json::from_str::<DeliveryError>(&json).unwrap(), failure);
    let json = r#"{"code":1,"reason":"unknown","scope":"message"}"#;
    assert!(serde_json::from_str::<DeliveryError>(json).is_ok_and(|old| old.advice.is_none()));
    for who in [PickedUpBy::Person, PickedUpBy::Machine, PickedUpBy::Fax, PickedUpBy::Unknown] {
        assert_eq!(serde_json::to_value(who).unwrap(), who.as_str());
    }
}

#[test]
fn a_final_status_is_a_success_or_a_failure() {
    let counts = |test: fn(&DeliveryStatus) -> bool| all().iter().filter(|status| test(status)).count();
    assert_eq!(counts(DeliveryStatus::is_final), 8);
    assert_eq!(counts(DeliveryStatus::is_success), 3);
    assert_eq!(counts(DeliveryStatus::is_failure), 5);
}
