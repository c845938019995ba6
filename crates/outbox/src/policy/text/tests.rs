//! The rules against texts that carriers pass and texts that they filter, and against texts and files made to harm.
#![allow(clippy::print_stdout, reason = "tests print their figures")]

mod corpus;
mod files;
mod robust;

use super::{Severity, TextRules, TextRulesError};
use crate::policy::Purpose;

fn rules_of(rules: &TextRules, text: &str, purpose: Purpose) -> Vec<String> {
    rules.check(text, purpose).iter().map(|finding| finding.rule.to_owned()).collect()
}

#[test]
fn the_refusal_is_the_agreed_text() {
    let rules = TextRules::standard();
    let findings = rules.check("Your invoice is ready: https://bit.ly/3xYz12A", Purpose::default());
    assert_eq!(
        findings.refusal().expect("a refusal"),
        "I cannot send this message because it may violate Twilio's Acceptable Use Policy:\n\
         - The link uses a public link shortener\n\
         \n\
         To proceed legitimately:\n\
         1. Send the full link, or a short link under a domain of your own (allow_domain)\n\
         2. US carriers forbid shared public shorteners: the domain of a link must belong to the sender\n\
         \n\
         See: https://www.twilio.com/en-us/legal/aup"
    );
    let ruling = findings.ruling().expect("a ruling");
    assert_eq!((ruling.rule.as_str(), ruling.version.as_str()), ("text/shortener", rules.version()));
    assert!(ruling.reason.contains("your own") && ruling.reason.ends_with('.'), "{ruling}");
}

#[test]
fn several_concerns_are_numbered_through() {
    let rules = TextRules::standard();
    let refusal =
        rules.check("Hi {{name}}, reply with your PIN", Purpose::default()).refusal().expect("a refusal");
    assert_eq!(refusal.lines().filter(|line| line.starts_with("- ")).count(), 2, "{refusal}");
    assert!(refusal.contains("\n4. ") && !refusal.contains("\n5. "), "{refusal}");
}

#[test]
fn a_warning_refuses_nothing() {
    let rules = TextRules::standard();
    let findings =
        rules.check("SALE SALE SALE!!!! EVERYTHING MUST GO TODAY AT NORDIC FOODS", Purpose::Marketing);
    assert!(!findings.is_empty() && !findings.blocks());
    assert_eq!((findings.refusal(), findings.ruling()), (None, None));
}

#[test]
fn rules_can_be_changed_by_name() -> Result<(), TextRulesError> {
    let text = "Happy hour: $3 beers until 7! Reply STOP to opt out";
    let alcohol = || vec!["text/alcohol".to_owned()];
    assert_eq!(rules_of(&TextRules::standard(), text, Purpose::Marketing), alcohol());
    assert_eq!(rules_of(&TextRules::standard(), text, Purpose::Transactional), Vec::<String>::new());
    assert!(rules_of(&TextRules::standard().off("text/alcohol")?, text, Purpose::Marketing).is_empty());
    assert!(TextRules::standard().block("text/alcohol")?.check(text, Purpose::Marketing).blocks());
    let warned = TextRules::standard().block("text/alcohol")?.warn("text/alcohol")?;
    assert_eq!(
        warned.check(text, Purpose::Marketing).into_iter().map(|f| f.severity).collect::<Vec<_>>(),
        [Severity::Warn]
    );
    assert_eq!(
        TextRules::standard().off("text/beer").unwrap_err(),
        TextRulesError::UnknownRule("text/beer".to_owned())
    );
    Ok(())
}

#[test]
fn own_domains_are_trusted_and_only_they() -> Result<(), TextRulesError> {
    let rules = TextRules::standard().allow_domain("Example.link")?.allow_domain("t.ly")?;
    let locked = "Your account is locked. Unlock it now: https://";
    for host in ["example.link/x", "go.example.link/x", "t.ly/x"] {
        assert_eq!(
            rules_of(&rules, &format!("{locked}{host}"), Purpose::Transactional),
            Vec::<String>::new(),
            "{host}"
        );
    }
    for host in ["badexample.link/x", "example.link.top/x", "example.link@other.example/x"] {
        assert!(!rules_of(&rules, &format!("{locked}{host}"), Purpose::Transactional).is_empty(), "{host}");
    }
    for wrong in ["", "link", "https://example.link", "a..b", "a b.c"] {
        assert_eq!(
            TextRules::standard().allow_domain(wrong).unwrap_err(),
            TextRulesError::NotADomain(wrong.to_owned())
        );
    }
    Ok(())
}

#[test]
fn only_marketing_must_say_how_to_opt_out() {
    let rules = TextRules::standard();
    let found = |text: &str, purpose: Purpose| {
        rules.check(text, purpose).iter().map(|finding| finding.severity).collect::<Vec<_>>()
    };
    assert_eq!(found("20% off boots this weekend", Purpose::Marketing), [Severity::Warn]);
    assert!(found("20% off boots this weekend. Reply STOP to opt out", Purpose::Marketing).is_empty());
    assert!(found("20% off boots this weekend", Purpose::Transactional).is_empty());
}

#[test]
fn nothing_shows_the_text() {
    let rules = TextRules::standard();
    let secret = "zanzibar";
    let findings = rules
        .check(format!("Hi {{{{{secret}}}}}, see https://{secret}.paypal-login.top"), Purpose::default());
    assert!(findings.blocks());
    let shown = format!("{rules:?} {findings:?} {:?} {:?}", findings.ruling(), findings.refusal());
    assert!(!shown.contains(secret), "{shown}");
}

#[test]
fn a_text_of_the_library_can_be_checked() {
    let text = switchboard::sms::Text::new("See bit.ly/x");
    assert!(TextRules::standard().check(&text, Purpose::default()).blocks());
}

#[test]
fn rules_that_decide_differently_have_another_identity() {
    let identity = |rules: TextRules| rules.identity();
    let standard = identity(TextRules::standard());
    assert_eq!(standard, identity(TextRules::standard()));
    assert_ne!(standard, identity(TextRules::standard().off("text/caps").unwrap()));
    assert_ne!(standard, identity(TextRules::standard().warn("text/shortener").unwrap()));
    assert_ne!(standard, identity(TextRules::standard().allow_domain("example.link").unwrap()));
    let file = include_str!("../data/text-rules.json").replacen("\"warn\"", "\"block\"", 1);
    assert_ne!(standard, identity(TextRules::from_json(&file).unwrap()));
}

/// Names and numbers that a template is filled with.
#[test]
fn what_people_are_called_is_no_concern() {
    let rules = TextRules::standard();
    let names = "Bud Mary_Jane Dick Randy Willy Candy Ginger Amber Crystal Destiny Chase Cash Rich Bill Penny Dolly Herb \
        Basil Sherry Brandy Margarita Stella Jack_Daniels Johnny_Walker Gay Fanny Rod Peter Angel Faith Grace Chastity \
        Colt Gunner Remington Winchester Hunter Trigger Cannon Molly Lucy Mary Juana Marley Kush Hash Pepper Rose Lily \
        Daisy Poppy Heather Ivy Violet Bong Dong Wang Ho Phuc Dikshit Butt \
        Cox Hooker Swallow Lovelace Casino Winner Lucky Jackpot Vegas Dallas Paris Chelsea Prince King Duke Earl Bishop \
        Pope Christian Muhammad Jesus Trump Biden Clinton Bush Kennedy Reagan Musk Bezos Gates Buffett Rothschild Penn \
        Pfizer Lilly Novo Lloyd Barclay Wells Morgan Sachs Stanley Coin Bitcoin Ether Ripple Satoshi Joy Merry Pott \
        Reefer Stoner Blunt Joint Roach Lean Perc Xanadu Addie Addison Snow Charlie Ice Tina";
    let flagged = |name: &str| {
        let texts = [
            format!("Blue Door: {name}, your table on Friday is 20 % off. Reply STOP to opt out."),
            format!(
                "Blue Door: Hi {name}, your order is available for delivery tonight. Reply STOP to opt out."
            ),
        ];
        let ruling = texts.iter().find_map(|text| rules.check(text, Purpose::Marketing).ruling());
        ruling.map(|ruling| format!("{name}: {}", ruling.rule))
    };
    let by_name = names.split_whitespace().filter_map(|name| flagged(&name.replace('_', " ")));
    let numbers = (0..10_000).filter_map(|number| flagged(&format!("Guest {number}")));
    let all: Vec<String> = by_name.chain(numbers).collect();
    assert_eq!(all, [""; 0]);
}
