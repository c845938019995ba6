//! Rules files of a user: what is wrong with them is said, and what would cost too much is refused.

use crate::policy::{Purpose, TextRules, TextRulesError};

fn rule(looks_for: &str) -> String {
    format!(
        r#"{{"name": "text/own", "severity": "block", "purposes": ["transactional"], "concern": "c", "instead": "i",
            "require": "r", "source": "s", "looks_for": [{looks_for}]}}"#
    )
}

fn file(rules: &str) -> String {
    format!(r#"{{"version": "1", "rules": [{rules}]}}"#)
}

fn error(json: &str) -> String {
    TextRules::from_json(json).expect_err("it is wrong").to_string()
}

#[test]
fn the_standard_rules_are_complete() {
    let json: serde_json::Value =
        serde_json::from_str(include_str!("../../data/text-rules.json")).expect("JSON");
    for rule in json["rules"].as_array().expect("rules") {
        for field in ["concern", "instead", "require", "source"] {
            assert!(rule[field].as_str().is_some_and(|line| line.len() > 2), "{field} of {}", rule["name"]);
        }
    }
    assert_eq!(TextRules::standard().version(), "2026-11-22");
}

#[test]
fn a_user_may_write_his_own() {
    let rules = TextRules::from_json(&file(&rule(r#"{"phrases": {"any": ["purple .. cow"]}}"#)))
        .expect("a rules file");
    assert!(rules.check("A purple and green cow", Purpose::default()).blocks());
    assert!(rules.check("A green cow", Purpose::default()).is_empty());
}

#[test]
fn errors_say_what_is_wrong_and_where() {
    let phrases = |phrase: &str| file(&rule(&format!(r#"{{"phrases": {{"any": ["{phrase}"]}}}}"#)));
    let good = rule(r#"{"disguised-link": {}}"#);
    for (json, said) in [
        ("{", "line 1 column 1"),
        (r#"{"version": "1", "rulez": []}"#, "unknown field `rulez`"),
        (r#"{"version": "", "rules": []}"#, "`version`"),
        (&file(&good.replace("block", "deny")), "unknown variant `deny`"),
        (&file(&good.replace("disguised-link", "regex")), "unknown variant `regex`"),
        (&file(&good.replace("text/own", "own")), "rule `own`: its name must be like"),
        (&file(&good.replace("\"transactional\"", "")), "`purposes` is empty"),
        (&file(&good.replace("\"i\"", "\"\"")), "`instead` must be one line"),
        (&file(&good.replace(r#"{"disguised-link": {}}"#, "")), "`looks_for` is empty"),
        (&file(&format!("{good}, {good}")), "two rules of this name"),
        (
            &file(&rule(r#"{"missing-phrases": {"any": ["a"]}}, {"disguised-link": {}}"#)),
            "must be the only thing",
        ),
        (&phrases("a ..."), "rule `text/own`: phrase `a ...`: a part must begin and end with a word"),
        (&phrases("@list"), "there is no list of words `list`"),
    ] {
        let shown = error(json);
        assert!(shown.contains(said), "{json}\nsaid: {shown}");
    }
}

#[test]
fn what_would_cost_too_much_is_refused() {
    let big = format!("{}{}", file(&rule(r#"{"disguised-link": {}}"#)), " ".repeat(1 << 20));
    assert!(error(&big).contains("more than 1048576 bytes"));
    let domains = vec![r#""a.b""#; 20_001].join(",");
    assert!(
        error(&file(&rule(&format!(r#"{{"domains": [{domains}]}}"#)))).contains("more than 20000 phrases")
    );
    let many: Vec<String> =
        (0..201).map(|i| rule(r#"{"disguised-link": {}}"#).replace("own", &format!("r{i}"))).collect();
    assert!(error(&file(&many.join(","))).contains("more than 200 rules"));
    // Many phrases that begin alike would all be compared at each place.
    let alike: Vec<String> = (0..6_000).map(|i| format!(r#""a b{i} c""#)).collect();
    let said = error(&file(&rule(&format!(r#"{{"phrases": {{"any": [{}]}}}}"#, alike.join(",")))));
    assert!(said.contains("too many phrases begin with the same word"), "{said}");
    assert!(
        matches!(TextRules::from_json(&"[".repeat(100_000)), Err(TextRulesError::Form(_))),
        "no deep recursion"
    );
}
