//! JSON Lines, and recipients of an iterator.

use serde_json::json;
use switchboard_outbox::campaign::Recipient;

use super::*;

#[test]
fn objects_are_read() {
    check(vec![
        Case::json(
            "plain",
            "{\"phone\":\"+14155551234\",\"name\":\"Ada\"}\n{\"name\":\"Grace\",\"phone\":\"+442071838750\"}\n",
            [row(1, N1, &[ADA, P1]), row(2, N2, &[("name", "Grace"), P2])],
        ),
        Case::json(
            "a mark, CRLF, blank lines, and no line end",
            "\u{feff}\r\n{\"phone\":\"+14155551234\"}\r\n\r\n  \n{\"phone\":\"+442071838750\"}",
            [row(2, N1, &[P1]), row(5, N2, &[P2])],
        )
        .blank(3),
        Case::json(
            "CR",
            "{\"phone\":\"+14155551234\"}\r{\"phone\":\"+442071838750\"}\r",
            [row(1, N1, &[P1]), row(2, N2, &[P2])],
        ),
        Case::json(
            "utf-16",
            "\u{feff}{\"phone\":\"+14155551234\"}\n"
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<_>>(),
            [row(1, N1, &[P1])],
        ),
        Case::json(
            "values of every simple type",
            "{\"phone\":\"+14155551234\",\"a\":12.5,\"b\":-3,\"c\":true,\"d\":null,\"e\":\"x\\ty\\u00e9\\n\",\"f\":18446744073709551615,\"g\":0.0}\n",
            [row(
                1,
                N1,
                &[
                    ("a", "12.5"),
                    ("b", "-3"),
                    ("c", "true"),
                    ("d", "null"),
                    ("e", "x\tyé\n"),
                    ("f", "18446744073709551615"),
                    ("g", "0.0"),
                    P1,
                ],
            )],
        ),
        Case::json(
            "an apostrophe is text here",
            "{\"phone\":\"+14155551234\",\"name\":\"'=A1\"}\n{\"phone\":\"'+14155551234\"}\n",
            [row(1, N1, &[("name", "'=A1"), P1]), rejected(2, "it contains '\\''")],
        ),
        Case::json("nothing", "", []),
        Case::json(
            "Latin-1",
            b"{\"phone\":\"+14155551234\"}\n{\"phone\":\"+14155551234\",\"name\":\"Zo\xeb\"}\n",
            // 24 + 1 bytes before the line, 34 before it in the line.
            [row(1, N1, &[P1]), fatal("line 2: the byte 0xEB at position 60")],
        ),
    ]);
}

#[test]
fn objects_that_are_not_clear_are_rejected() {
    let phone = "\"phone\":\"+14155551234\"";
    check(vec![
        Case::json("an array", "[{\"phone\":\"+14155551234\"}]", [fatal("the list is a JSON array: write one object a line")]),
        Case::json("an array after spaces", " \n\n [\n", [fatal("the list is a JSON array")]),
        Case::json(
            "broken lines",
            format!("{{{phone}}}\n{{{phone}\n{{{phone}}} x\n+14155551234,Ada\n\"x\"\n{{{phone},}}\n[1]\n{{{phone}}}\n"),
            [
                row(1, N1, &[P1]),
                rejected(2, "the line is not valid JSON from its byte"),
                rejected(3, "the line is not valid JSON from its byte 26 on"),
                rejected(4, "the line is not a JSON object"),
                rejected(5, "the line is not a JSON object"),
                rejected(6, "the line is not valid JSON"),
                rejected(7, "the line is not a JSON object"),
                row(8, N1, &[P1]),
            ],
        ),
        Case::json(
            "values that are refused",
            format!(
                "{{{phone},\"a\":[1]}}\n{{{phone},\"a\":{{}}}}\n{{{phone},\"a\":1,\"a\":1}}\n{{{phone},\"\":1}}\n\
                 {{{phone},\"a\\u0000\":1}}\n{{{phone},\"a\":\"\\u0000\"}}\n{{{phone},\"a\":0.12345678901234567890}}\n\
                 {{{phone},\"a\":123456789012345678901}}\n{{{phone},\"a\":1e999}}\n{{{phone},\"a\":1e-999}}\n\
                 {{{phone},\"a\":\"\\ud800\"}}\n{{{phone},\"a\":NaN}}\n"
            ),
            [
                rejected(1, "the value of \"a\" is a list or an object"),
                rejected(2, "the value of \"a\" is a list or an object"),
                rejected(3, "the name \"a\" is in the object twice"),
                rejected(4, "a name in the object is empty"),
                rejected(5, "a name in the object is empty, or contains a control character"),
                rejected(6, "\"a\" contains the control character U+0000"),
                rejected(7, "the number in \"a\" has too many digits to be kept exactly: write it in quotes"),
                rejected(8, "the number in \"a\" has too many digits"),
                rejected(9, "the number in \"a\" has too many digits"),
                rejected(10, "the number in \"a\" has too many digits"),
                rejected(11, "the line is not valid JSON"),
                rejected(12, "the line is not valid JSON"),
            ],
        ),
        Case::json(
            "the number",
            "{\"phone\":\"+14155551234\"}\n{\"phone\":14155551234}\n{\"phone\":null}\n{\"name\":\"Ada\"}\n{\"Phone\":\"+14155551234\"}\n{\"phone\":\"4.41E+11\"}\n{\"phone\":\"4155551234\"}\n",
            [
                row(1, N1, &[P1]),
                rejected(2, "\"phone\" is not a text: write the number in quotes"),
                rejected(3, "the object has no \"phone\""),
                rejected(4, "the object has no \"phone\""),
                rejected(5, "the object has no \"phone\""),
                rejected(6, "a power of ten"),
                rejected(7, "it does not begin with +"),
            ],
        ),
        Case::json("no name for the number", "{\"a\":\"+14155551234\"}\n", [fatal("the columns are: \"a\"")]),
        Case::json("two names for the number", "{\"phone\":\"\",\"to\":\"\"}\n", [fatal("2 columns (\"phone\", \"to\") could contain")]),
        Case::json("a name that is set", "{\"a\":\"+14155551234\",\"to\":\"x\"}\n{\"to\":\"x\"}\n", [row(1, N1, &[("a", N1), ("to", "x")]), rejected(2, "the object has no \"a\"")])
            .with(|list| list.number_column("a")),
        Case::json(
            "keys and zones",
            format!("{{{phone},\"id\":42,\"tz\":\"Asia/Tokyo\"}}\n{{{phone},\"id\":1.5}}\n{{{phone},\"id\":true}}\n{{{phone}}}\n{{{phone},\"id\":\"x\",\"tz\":5}}\n"),
            [
                row(1, N1, &[("id", "42"), P1, ("tz", "Asia/Tokyo")]),
                rejected(2, "the key in \"id\" is neither a text nor a whole number"),
                rejected(3, "the key in \"id\" is neither"),
                rejected(4, "\"id\" is empty"),
                rejected(5, "\"tz\" is not a time zone"),
            ],
        )
        .with(|list| list.key_column("id").zone_column("tz")),
        Case::json(
            "a line that is too large",
            format!("{{{phone},\"a\":\"{}\"}}\n{{{phone},\"a\":\"{}\"}}\n{{{phone}}}\n", "x".repeat(4_200_000), "x".repeat(1_048_577)),
            [rejected(1, "the row has more than 4194304 bytes"), rejected(2, "\"a\" has more than 1048576 bytes"), row(3, N1, &[P1])],
        ),
        Case::json(
            "depth",
            format!("{}\n{{{phone}}}\n", "{\"a\":".repeat(10_000)),
            [rejected(1, "the line is not valid JSON"), row(2, N1, &[P1])],
        ),
    ]);
}

#[test]
fn recipients_of_an_iterator_are_read_as_those_of_a_file() {
    let recipients = [
        Recipient::new("0171 1234567").key("a").zone("Europe/Berlin").value("name", "Ada").value("guests", 2),
        Recipient::new("4.41E+11").value("name", "Ada"),
        Recipient::new("+14155552671").value("name", "A\0"),
        Recipient::new("+14155552671").value("names", json!(["Ada"])),
        Recipient::new("+14155552671").zone("Mars/Olympus"),
        Recipient::new("+14155552671").key(""),
        Recipient::new("+14155552671"),
    ];
    assert!(!format!("{recipients:?}").contains("Ada"));
    let mut rows = Recipients::rows(recipients).country("DE").read().unwrap().map(Result::unwrap);
    let first = rows.next().unwrap().unwrap();
    assert_eq!((first.line, first.key.as_str(), first.to.as_str()), (1, "a", "+491711234567"));
    assert_eq!(first.zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(serde_json::Value::Object(first.values), json!({"name": "Ada", "guests": 2}));
    for (line, reason) in
        [(2, "power of ten"), (3, "U+0000"), (4, "a list"), (5, "time zone"), (6, "`key` is empty")]
    {
        let rejected = rows.next().unwrap().unwrap_err();
        assert_eq!(rejected.line, line);
        assert!(rejected.to_string().contains(reason), "{rejected}");
    }
    assert_eq!(rows.next().unwrap().unwrap().key, "+14155552671");
    assert!(rows.next().is_none());
}
