use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::sms::Encoding;

fn one(text: &str) -> Templates {
    Templates::new().add("t", text).unwrap()
}

fn render(text: &str, values: &Json) -> String {
    match one(text).render("t", values) {
        Ok(text) => text.into_string(),
        Err(error) => panic!("{text}: {error}"),
    }
}

fn refused(text: &str, values: &Json) -> String {
    match Templates::new().add("t", text) {
        Ok(templates) => templates.render("t", values).unwrap_err().to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn placeholders_are_replaced_by_values() {
    let cases = [
        ("plain", json!({}), "plain"),
        ("{{a}}{{ a }}{{\n a\n}}", json!({"a": "x"}), "xxx"),
        ("Hi {{ user.name }}!\n", json!({"user": {"name": "Ada", "age": 36}}), "Hi Ada!\n"),
        (
            "{{n}} {{f}} {{b}} {{big}}",
            json!({"n": -3, "f": 1.5, "b": true, "big": u64::MAX}),
            "-3 1.5 true 18446744073709551615",
        ),
        ("{{ a | upper }} {{ a | lower }}", json!({"a": "Äb"}), "ÄB äb"),
        ("{{ 'Sir' if vip else 'you' }}", json!({"vip": false}), "you"),
        ("{{ 'a }} b' }}", json!({}), "a }} b"),
        ("{{ a | default('friend') }}", json!({}), "friend"),
        ("{{ a | default('friend') }}", json!({"a": null}), "friend"),
        ("{{ a | default('friend') }}", json!({"a": " "}), "friend"),
        ("{{ a.b | default('friend') }}", json!({"a": {}}), "friend"),
        ("{{ a | default(b) }}", json!({"a": "x", "b": "y"}), "x"),
        ("{{n}} {{ n | plural('guest', 'guests') }}", json!({"n": 1}), "1 guest"),
        ("{{n}} {{ n | plural('guest', 'guests') }}", json!({"n": "2"}), "2 guests"),
        ("{{ a | truncate(10) }}", json!({"a": "one two three"}), "one two..."),
        ("{{ a | truncate(7, end='') }}", json!({"a": "one two three"}), "one two"),
        ("{{ a | truncate(20) }}", json!({"a": "one two three"}), "one two three"),
        ("{a} $ { } %", json!({}), "{a} $ { } %"),
    ];
    for (text, values, expected) in cases {
        assert_eq!(render(text, &values), expected, "{text}");
    }
}

#[test]
fn money_is_formatted_without_rounding_errors() {
    let cases = [
        ("{{ a | money }}", json!("12.5"), "12.50"),
        ("{{ a | money('EUR') }}", json!(12.1), "12.10 EUR"),
        ("{{ a | money('EUR') }}", json!("0.005"), "0.01 EUR"),
        ("{{ a | money('EUR') }}", json!(-3), "-3.00 EUR"),
        ("{{ a | money('EUR') }}", json!("-0.001"), "0.00 EUR"),
        ("{{ a | money('JPY') }}", json!("1999.5"), "2000 JPY"),
        ("{{ a | money('KWD') }}", json!("1.5"), "1.500 KWD"),
        ("{{ a | money('USD', sign=true) }}", json!("-1234.5"), "-$1234.50"),
        (
            "{{ a | money('EUR', point=',') }}",
            json!("79228162514264337593543950335"),
            "79228162514264337593543950335 EUR",
        ),
    ];
    for (text, amount, expected) in cases {
        assert_eq!(render(text, &json!({ "a": amount })), expected, "{text} {amount}");
    }
}

#[test]
fn times_are_shown_in_the_time_zone() {
    let berlin = "{{ a | date('%d.%m. %H:%M', 'Europe/Berlin') }}";
    let cases = [
        (berlin, json!("2026-05-01T17:30:00Z"), "01.05. 19:30"),
        (berlin, json!("2026-01-01T23:30:00-01:00"), "02.01. 01:30"),
        (berlin, json!("Fri, 01 May 2026 17:30:00 +0000"), "01.05. 19:30"),
        (berlin, json!(1_777_656_600), "01.05. 19:30"),
        (berlin, json!("1777656600"), "01.05. 19:30"),
        (berlin, json!("2026-05-01T19:30"), "01.05. 19:30"),
        ("{{ a | date('%A %-d %B') }}", json!("2026-05-01"), "Friday 1 May"),
        ("{{ a | date('%H:%M') }}", json!("2026-05-01 19:30:00"), "19:30"),
        ("{{ a | date('%H:%M %Z', 'America/New_York') }}", json!("2026-07-01T00:00:00Z"), "20:00 EDT"),
    ];
    for (text, at, expected) in cases {
        assert_eq!(render(text, &json!({ "a": at })), expected, "{text} {at}");
    }
}

#[test]
fn errors_of_rendering_name_the_variable_and_quote_no_value() {
    let planted = "planted";
    let cases = [
        ("{{ name }}", json!({}), "needs a value for \"name\""),
        ("{{ name | upper }}", json!({"name": null}), "needs a value for \"name\""),
        ("{{ user.name }}", json!({"user": {}}), "\"user.name\""),
        ("{{ user.name }}", json!({}), "\"user\""),
        ("{{ user.name }}", json!({"user": planted}), "\"user.name\""),
        ("{{ a | date('%H') }}", json!({"a": "2026-05-01T17:30:00Z"}), "needs a time zone"),
        ("{{ user }}", json!({"user": {"name": planted}}), "\"user\" is a map"),
        ("{{ 'x' if vip else 'y' }}", json!({}), "\"vip\""),
        ("{{ 'x' if vip }}", json!({"vip": false}), "add an else branch"),
        ("{{ a | default(b) }}", json!({}), "\"b\""),
        (
            "{{ a }}",
            json!({"a": planted, "b": planted}),
            "no placeholder for the value \"b\" (it has a): remove",
        ),
        ("{{ a }}", json!({"a": planted, "+14155551234": planted}), "no placeholder for the value \"…\""),
        ("{{ a }}", json!({"a": [planted]}), "\"a\" is a list"),
        ("{{ a }}", json!({"a": "planted\u{7}"}), "\"a\" contains a control character"),
        ("{{ a }}", json!({"a": "planted\t"}), "control character"),
        ("{{ a }}", json!({"a": planted.repeat(3000)}), "longer than 20,000"),
        (
            "{{ a }}",
            json!({"a": planted.repeat(300)}),
            "renders to 2100 characters, but a message has at most 1600",
        ),
        ("{{ a }}", json!([planted]), "a list was given"),
        ("{{ a }}", json!(planted), "single value"),
        ("a\n\n{{ a | money }}", json!({"a": planted}), "line 3: the value of \"a\" is not an amount"),
        ("{{ a | money }}", json!({"a": "1,234.50"}), "without currency signs and thousands separators"),
        ("{{ a | money }}", json!({"a": "0.1234567890123456789012345678901"}), "not an amount"),
        ("{{ a | date('%H', 'UTC') }}", json!({"a": planted}), "is not a date"),
        ("{{ a | date('%H', 'UTC') }}", json!({"a": i64::MAX}), "out of range"),
        ("{{ a | date('%H') }}", json!({"a": "2026-05-01"}), "a part that the value does not have"),
        ("{{ a | date('%H', 'Europe/Berlin') }}", json!({"a": "2026-10-25T02:30"}), "skips or repeats"),
        ("{{ a | plural('x', 'y') }}", json!({"a": planted}), "\"a\" is not a number"),
        ("{{ a + 1 }}", json!({"a": planted}), "types of values"),
        ("{{ a | date('%H', b) }}", json!({"a": 1, "b": planted}), "no such time zone"),
    ];
    for (text, values, expected) in cases {
        let error = refused(text, &values);
        assert!(error.contains(expected), "{text}: {error}");
        assert!(!error.contains(planted) && !error.contains("1234\""), "{error}");
        assert!(!error.contains('\n') && error.contains("\"t\""), "{error}");
    }
}

#[test]
fn syntax_errors_are_found_when_the_template_is_added() {
    let cases = [
        ("{{ name", "line 1: a {{ is not closed"),
        ("a\n{{ '}} }}", "line 2: a {{ is not closed"),
        ("{{}}", "nothing between"),
        ("a\nb }} c", "line 2: a }} has no {{"),
        ("{name}}", "a }} has no {{"),
        ("{% for x in y %}", "{% … %} is not supported"),
        ("{# note #}", "{# … #} is not supported"),
        ("bell \u{7}", "control character"),
        ("{{ a b }}", "has a syntax error"),
        ("{{ a | }}", "has a syntax error"),
        ("{{ a | shout }}", "there is no filter \"shout\": use one of date, default"),
        ("{{ range(3) }}", "functions are not supported"),
        ("{{ a.strip() }}", "functions are not supported"),
        ("{{ 'x' if a is defined else 'y' }}", "\"is\" is not supported"),
        ("{{ a | date }}", "needs more arguments"),
        ("{{ a | date('%H:%M', 'Europe/Berlln') }}", "no such time zone"),
        ("{{ a | date('%H%!', 'UTC') }}", "not a strftime format"),
        ("{{ a | money('€') }}", "three-letter code"),
        ("{{ a | money('CHF', sign=true) }}", "remove sign=true"),
        ("{{ a | truncate }}", "as in truncate(40)"),
        ("{{ a | truncate(segments=0) }}", "as in truncate(40)"),
        ("{{ a | truncate(segments=1) | upper }}", "must be the last filter"),
    ];
    for (text, expected) in cases {
        let error = Templates::new().add("t", text).map(|_| ()).expect_err(text).to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
    assert!(Templates::new().add("t", "x".repeat(10_001)).is_err());
    assert!(one("a").add("t", "b").unwrap_err().to_string().contains("already"));
    assert_eq!(one("a").render("u", &()).unwrap_err().to_string(), "there is no template \"u\"");
}

#[test]
fn a_truncated_value_is_shortened_until_the_whole_message_fits() {
    let templates = one("{{ name }}: {{ note | truncate(segments=1) }} Bye");
    let note = "word ".repeat(60);
    let text = templates.render("t", &json!({"name": "Ada", "note": note})).unwrap().into_string();
    assert!(text.starts_with("Ada: word") && text.ends_with("word... Bye"), "{text}");
    let size = Segmentation::of(&text);
    assert!(size.segments() == 1 && size.units() > 150, "{} units", size.units());
    let wide = templates.render("t", &json!({"name": "Łu", "note": note})).unwrap().into_string();
    assert!(Segmentation::of(&wide).segments() == 1 && wide.chars().count() > 60);
    let whole = templates.render("t", &json!({"name": "Ada", "note": "short"})).unwrap();
    assert_eq!(whole, "Ada: short Bye");
    let error = templates.render("t", &json!({"name": "x".repeat(200), "note": note})).unwrap_err();
    assert!(error.to_string().contains("renders to 2 segments, but at most 1"), "{error}");
}

#[test]
fn of_two_truncated_values_the_last_is_shortened_first() {
    let templates = one("{{ a | truncate(segments=1) }} / {{ b | truncate(segments=1) }}");
    let text = templates.render("t", &json!({"a": "a ".repeat(200), "b": "b ".repeat(200)})).unwrap();
    assert!(text.as_str().ends_with("a... / ...") && Segmentation::of(text.as_str()).segments() == 1);
    let text = templates.render("t", &json!({"a": "a ".repeat(20), "b": "b ".repeat(200)})).unwrap();
    assert!(text.as_str().starts_with("a a") && text.as_str().ends_with("b..."), "{}", text.as_str());
}

#[test]
fn extra_values_and_many_segments_are_refused_or_allowed_by_option() {
    let row = json!({"name": "Ada", "phone": "+14155551234", "city": "Turin"});
    assert!(one("Hi {{name}}").render("t", &row).is_err());
    assert_eq!(one("Hi {{name}}").allow_extra().render("t", &row).unwrap(), "Hi Ada");
    let templates = one("{{a}}").max_segments(1);
    assert!(templates.render("t", &json!({"a": "x".repeat(160)})).is_ok());
    let error = templates.render("t", &json!({"a": "x".repeat(161)})).unwrap_err();
    assert!(matches!(error, TemplateError::TooManySegments { segments: 2, max: 1, .. }));
}

#[test]
fn values_may_come_from_a_struct() {
    #[derive(Serialize)]
    struct Guest<'a> {
        name: &'a str,
        bill: rust_decimal::Decimal,
    }
    let guest = Guest { name: "Ada", bill: "12.5".parse().unwrap() };
    let text = one("{{name}} owes {{ bill | money('EUR') }}").render("t", &guest).unwrap();
    assert_eq!(text, "Ada owes 12.50 EUR");
}

#[test]
fn templates_are_serialised_by_name_and_debug_shows_no_text() {
    let templates = Templates::new().add("a", "planted {{x}}").unwrap().add("b", "planted").unwrap();
    let json = serde_json::to_string(&templates).unwrap();
    assert_eq!(json, r#"{"a":"planted {{x}}","b":"planted"}"#);
    assert_eq!(serde_json::from_str::<Templates>(&json).unwrap(), templates);
    assert_eq!(format!("{templates:?}"), r#"Templates {"a": {"x"}, "b": {}}"#);
    let error = serde_json::from_str::<Templates>(r#"{"a": "{{x"}"#).unwrap_err();
    assert!(error.to_string().contains("\"a\", line 1"));
    assert_eq!(templates.names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(templates.variables("a").unwrap().collect::<Vec<_>>(), ["x"]);
    assert_eq!(templates.source("b"), Some("planted"));
    let mut templates = templates;
    assert!(templates.remove("a") && !templates.remove("a"));
}

#[test]
fn templates_are_shared_between_threads() {
    fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    shared(&one("x"));
}

#[test]
fn a_plan_lists_every_error_and_continues() {
    let templates = one("Hi {{name}}, bring {{ items | default('nothing') }}");
    let recipients = [
        json!({"name": "Ada"}),
        json!({"name": "Łukasz"}),
        json!({}),
        json!({"name": "Bob", "items": "x".repeat(200)}),
        json!({"name": "Eve", "itmes": "x"}),
        json!({"name": "Ann", "items": "“quotes”"}),
    ];
    let plan = templates.plan("t", &recipients).unwrap();
    assert_eq!((plan.recipients, plan.segments, plan.ucs2, plan.failed), (6, 5, 2, 2));
    assert_eq!(plan.by_segments, BTreeMap::from([(1, 3), (2, 1)]));
    let (position, longest) = plan.longest.clone().unwrap();
    assert_eq!(
        (position, longest.segments, longest.characters, longest.encoding),
        (3, 2, 214, Encoding::Gsm7)
    );
    let causes: Vec<_> =
        plan.first_ucs2.iter().map(|(at, f)| (*at, f.character, f.variable.clone())).collect();
    assert_eq!(causes, [(1, 'Ł', Some("name".into())), (5, '“', Some("items".into()))]);
    let errors: Vec<_> = plan.errors.iter().map(|(at, error)| (*at, error.to_string())).collect();
    assert!(errors[0].0 == 2 && errors[0].1.contains("\"name\""));
    assert!(errors[1].0 == 4 && errors[1].1.contains("\"itmes\" (it has items, name)"));
    assert_eq!(
        plan.to_string(),
        "6 recipients, 5 segments; the longest has 2 (214 characters, recipient 3); 2 in UCS-2, 2 failed"
    );
    assert!(!plan.is_complete() && templates.plan("u", &recipients).is_err());
    let own = one("naïve’{{name}}").plan("t", [json!({"name": "x"})]).unwrap();
    assert_eq!(own.first_ucs2[0].1, Ucs2Cause { character: 'ï', variable: None });
}

#[test]
fn a_plan_of_many_recipients_lists_at_most_100_of_each_kind() {
    let templates = one("Hi {{name}}");
    let row = |at: u32| if at.is_multiple_of(2) { json!({"name": "Łu"}) } else { json!({}) };
    let plan = templates.plan("t", (0..10_000).map(row)).unwrap();
    assert_eq!((plan.recipients, plan.ucs2, plan.failed), (10_000, 5_000, 5_000));
    assert_eq!((plan.first_ucs2.len(), plan.errors.len()), (100, 100));
    // The list is read lazily, one recipient at a time.
    let read = std::cell::Cell::new(0);
    let rows = (0..10_000).map(|at| {
        read.set(read.get() + 1);
        row(at)
    });
    let mut measured = templates.measure("t", rows).unwrap();
    assert!(measured.next().unwrap().is_ok() && measured.next().unwrap().is_err());
    assert_eq!(read.get(), 2);
}

proptest! {
    #[test]
    fn any_value_is_inserted_literally(value in "\\PC{0,200}", other in "[{}%#a-z|' ]{0,40}") {
        let value = format!("{value}{other}");
        let templates = one("<{{a}}|{{ b.c | default('x') }}>");
        let text = templates.render("t", &json!({"a": value, "b": {"c": "{{a}}"}})).unwrap();
        prop_assert_eq!(text.as_str(), format!("<{value}|{{{{a}}}}>"));
    }

    #[test]
    fn any_template_and_any_value_end_without_a_panic(
        text in "[a-z{}%# '\"|().,=0-9*~+-]{0,60}",
        expression in "(a|b|'x'|12)( ?(\\||\\+|~|\\*|if|else|and|\\.|==) ?(a|b|upper|money|truncate\\([0-9]\\)|date\\('%H','UTC'\\)|9)){0,4}",
        value in any::<String>(),
    ) {
        for text in [text, format!("{{{{{expression}}}}}")] {
            if let Ok(templates) = Templates::new().add("t", text) {
                let _ = templates.allow_extra().render("t", &json!({"a": value, "b": 3}));
            }
        }
    }
}

#[test]
fn numbered_placeholders_and_control_characters_are_refused() {
    let error = Templates::new().add("t", "Hi {{1}}").unwrap_err();
    assert!(error.to_string().contains("variables have names, not numbers"), "{error}");
    let bell = one(r"{{ 'a\u0007' }}").render("t", &json!({})).unwrap_err();
    assert!(bell.to_string().contains("control character"), "{bell}");
}

#[test]
fn the_work_of_rendering_is_bounded() {
    let values = json!({"a": "x".repeat(20_000)});
    let too_much = |text: &str| one(text).render("t", &values).unwrap_err();
    let all_joined = format!("{{{{ {} }}}}", vec!["a"; 100].join(" ~ "));
    let all_truncated = "{{ a | truncate(segments=9) }}".repeat(330);
    for text in [&all_joined, &all_truncated, &"{{ a | upper }}".repeat(600)] {
        assert!(matches!(too_much(text), TemplateError::TooMuchWork { .. }), "{}", too_much(text));
    }
    let more = format!("{{{{ {} }}}}", vec!["a"; 1_001].join(" ~ "));
    assert!(refused(&more, &values).contains("more than 200 tokens"));
    // The longest values are accepted if each is used once.
    let text = render(&"{{ a | truncate(20) }}".repeat(50), &values);
    assert_eq!(text.len(), 50 * 20);
}

#[test]
fn expressions_that_multiply_their_input_are_refused() {
    let cases = [
        ("{{ 'x' * 100000000 }}", "multiplication is not supported"),
        ("{{ a ** 2 }}", "multiplication is not supported"),
        ("{{ [[[a] ~ ''] ~ ''] ~ '' }}", "lists and maps are not supported"),
        ("{{ 'x' if a in [a] else 'y' }}", "lists and maps are not supported"),
        ("{{ {'k': a} ~ '' }}", "lists and maps are not supported"),
        ("{{ (a, a) ~ '' }}", "lists and maps are not supported"),
        ("{{ () ~ '' }}", "lists and maps are not supported"),
        ("{{ a | default((a, a)) }}", "lists and maps are not supported"),
        ("{{ a['b', 'c'] }}", "lists and maps are not supported"),
        ("{{ a, a }}", "lists and maps are not supported"),
        ("{{ a | truncate(segments=1) ~ '!' }}", "nothing joined to it"),
        ("{{ ('!' ~ a | truncate(segments=1)) | truncate(9) }}", "nothing joined to it"),
        ("{{ user ~ '!' }}", "\"user\" is a map"),
        ("{{ a | date('%20Y%20Y%20Y%20Y%20Y%20Y%20Y%20Y%20Y%20Y%20Y', 'UTC') }}", "more than 200 bytes"),
    ];
    for (text, expected) in cases {
        let values = json!({"a": "0", "user": {"name": "planted"}});
        let templates = Templates::new().allow_extra().add("t", text);
        let error =
            templates.and_then(|templates| templates.render("t", &values)).expect_err(text).to_string();
        assert!(error.contains(expected) && !error.contains("planted"), "{text}: {error}");
    }
    let accepted = [
        ("{{ user['first name'] }}", "Ada Mae"),
        ("{{ user['first name'][0:3] }}", "Ada"),
        ("{{ (a ~ ', ' ~ user.age) | truncate(9, end=(a ~ '')) }}", "x, 36"),
        ("{{ a if (user.age - 6) / 3 == 10 and not (a in 'abc') else 'y' }}", "x"),
    ];
    for (text, expected) in accepted {
        let values = json!({"a": "x", "user": {"first name": "Ada Mae", "age": 36}});
        assert_eq!(one(text).allow_extra().render("t", &values).unwrap(), expected, "{text}");
    }
}
