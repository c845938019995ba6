use super::*;

const SECOND: Micros = 1_000_000;

fn sending(to: &str) -> Sending<'_> {
    Sending { kind: SendKind::Text, to, tenant: "t", purpose: Purpose::Marketing }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn counter(velocity: &Velocity, sending: &Sending<'_>) -> Option<[String; 3]> {
    let Counter { who, rule, scope } = velocity.limit(sending, 0)?.counter;
    Some([who, rule, scope])
}

/// Sends one message a second, where it is allowed, and returns when.
fn sent(velocity: &Velocity, from: i64, seconds: i64) -> Vec<i64> {
    let mut counting = Counting::default();
    let mut sent = Vec::new();
    for second in from..from + seconds {
        let at = second * SECOND;
        let limits: Vec<Limit<'_>> = velocity.limit(&sending("+14155551234"), at).into_iter().collect();
        if counting.exceeds(&limits, &Recent::default(), at).is_none() {
            counting.count(limits);
            sent.push(second);
        }
    }
    sent
}

#[test]
fn a_number_is_one_recipient_on_every_channel() {
    let velocity = Velocity::per_recipient(3, seconds(86_400)).unwrap();
    let who = |to: &'static str| counter(&velocity, &sending(to)).unwrap()[0].clone();
    for to in ["+14155551234", "whatsapp:+14155551234", "rcs:+14155551234", "+1 (415) 555-1234"] {
        assert_eq!(who(to), "+14155551234", "{to}");
    }
    assert_eq!(who("messenger:1234"), "messenger:1234");
}

#[test]
fn the_prefix_is_all_but_the_last_four_digits_or_the_first_ones() {
    let velocity = Velocity::per_prefix(3, seconds(3_600)).unwrap();
    let who = |velocity: &Velocity, to| counter(velocity, &sending(to)).map(|[who, ..]| who);
    assert_eq!(who(&velocity, "whatsapp:+14155551234").as_deref(), Some("+1415555"));
    assert_eq!(who(&velocity, "+442071234567").as_deref(), Some("+44207123"));
    assert_eq!(who(&velocity, "messenger:1234"), None);
    assert_eq!(who(&velocity, "12345"), None, "a short code names no country");
    let four = velocity.clone().first_digits(4).unwrap();
    assert_eq!(who(&four, "+14155551234").as_deref(), Some("+1415"));
    let all = velocity.first_digits(15).unwrap();
    assert_eq!(who(&all, "+14155551234").as_deref(), Some("+14155551234"));
}

#[test]
fn a_rule_counts_what_it_names() {
    let velocity = Velocity::per_recipient(3, seconds(86_400)).unwrap();
    let text = sending("+14155551234");
    let [_, rule, scope] = counter(&velocity, &text).unwrap();
    assert_eq!((rule.as_str(), scope.as_str()), ("recipient 86400s marketing", "all"));
    let code = Sending { purpose: Purpose::Transactional, ..text };
    assert_eq!(counter(&velocity, &code), None);
    assert!(counter(&velocity.clone().every_purpose(), &code).is_some());
    let call = Sending { kind: SendKind::Call, ..text };
    assert_eq!(counter(&velocity.clone().kind(SendKind::Text), &call), None);
    let [_, rule, scope] = counter(&velocity.kind(SendKind::Call).each_tenant(), &call).unwrap();
    assert_eq!((rule.as_str(), scope.as_str()), ("recipient 86400s marketing call", "tenant t"));
}

#[test]
fn rules_that_count_the_same_are_one() {
    let velocity = Velocity::per_prefix(3, seconds(60)).unwrap();
    let other = Velocity::per_prefix(9, seconds(60)).unwrap().block();
    assert!(velocity.counts_as(&other));
    assert!(!velocity.counts_as(&other.clone().each_tenant()));
    assert!(!velocity.counts_as(&other.clone().first_digits(4).unwrap()));
    assert!(!velocity.counts_as(&Velocity::per_prefix(3, seconds(61)).unwrap()));
    assert!(!velocity.counts_as(&other.purpose(Purpose::Marketing)));
}

#[test]
fn small_limits_are_exact_and_the_window_slides() {
    let velocity = Velocity::per_recipient(2, seconds(10)).unwrap();
    assert_eq!(sent(&velocity, 7, 25), [7, 8, 17, 18, 27, 28]);
}

#[test]
fn large_limits_are_never_passed_and_wait_for_a_part_of_the_window_at_most() {
    let velocity = Velocity::per_recipient(30, seconds(240)).unwrap();
    let sent = sent(&velocity, 1_000, 2_000);
    assert!(sent.windows(31).all(|window| window[30] - window[0] >= 240), "{sent:?}");
    // A part of the window has 10 seconds: 30 messages in 250 seconds at least.
    assert!(sent.len() >= 2_000 / 250 * 30, "{}", sent.len());
}

#[test]
fn what_is_given_back_does_not_count() {
    let velocity = Velocity::per_recipient(1, seconds(10)).unwrap();
    let limits = || -> Vec<Limit<'_>> { velocity.limit(&sending("+14155551234"), 0).into_iter().collect() };
    let mut counting = Counting::default();
    let counts = counting.count(limits());
    let stored = counting.clone().changes().map(|(count, by)| (count.counter, count.until, by));
    let stored: Recent = stored.collect();
    let until = 10 * SECOND;
    let exceeded = Some(limits()[0].exceeded(until));
    assert_eq!(Counting::default().exceeds(&limits(), &stored, 0), exceeded);
    assert_eq!(Counting::default().exceeds(&limits(), &stored, until - 1), exceeded);
    assert_eq!(Counting::default().exceeds(&limits(), &stored, until), None);
    let mut later = Counting::default();
    later.give_back(&counts);
    assert_eq!(later.exceeds(&limits(), &stored, 0), None);
    // More is given back than counts: somebody deleted the rows.
    assert_eq!(later.exceeds(&limits(), &Recent::default(), 0), None);
    later.count(limits());
    assert_eq!(later.exceeds(&limits(), &stored, 0), exceeded);
    assert_eq!(later.changes().count(), 0);
}

#[test]
fn a_refusal_counts_more_than_a_wait_and_the_longest_wait_most() {
    let day = Velocity::per_recipient(1, seconds(86_400)).unwrap();
    let hour = Velocity::per_recipient(1, seconds(3_600)).unwrap();
    let range = Velocity::per_prefix(1, seconds(60)).unwrap().block();
    let exceeds = |rules: &[&Velocity]| {
        let limits =
            || rules.iter().filter_map(|rule| rule.limit(&sending("+14155551234"), 0)).collect::<Vec<_>>();
        let mut counting = Counting::default();
        counting.count(limits());
        counting.exceeds(&limits(), &Recent::default(), 1).unwrap()
    };
    let Exceeded::Later { until, because, .. } = exceeds(&[&hour, &day]) else { panic!("it waits") };
    assert_eq!((until, because.rule.as_str()), (86_400 * SECOND, "velocity/recipient"));
    assert!(because.reason.contains("at most 1 marketing messages in 24 hours"), "{because}");
    let Exceeded::Never(because) = exceeds(&[&hour, &range, &day]) else { panic!("it is refused") };
    assert_eq!(because.rule, "velocity/prefix");
    assert!(because.reason.contains("in 1 minute") && !because.reason.contains("415"), "{because}");
}

#[test]
fn a_rule_is_checked() {
    assert!(Velocity::per_recipient(0, seconds(60)).is_err());
    assert!(Velocity::per_prefix(1, Duration::from_millis(999)).is_err());
    assert!(Velocity::per_prefix(1, seconds(401 * 86_400)).is_err());
    assert!(Velocity::per_recipient(1, seconds(60)).unwrap().first_digits(4).is_err());
    assert!(Velocity::per_prefix(1, seconds(60)).unwrap().first_digits(0).is_err());
    assert!(Velocity::per_prefix(1, seconds(60)).unwrap().first_digits(16).is_err());
}
