//! Separators, line ends, blank lines and rows of other lengths.

use super::*;

fn ada_and_grace() -> Vec<Outcome> {
    vec![row(2, N1, &[ADA, P1]), row(3, N2, &[("name", "Grace"), P2])]
}

#[test]
fn separators_are_found_in_the_header() {
    check(vec![
        Case::csv("commas", "phone,name\n+14155551234,Ada\n+442071838750,Grace\n", ada_and_grace()),
        Case::csv("semicolons", "phone;name\n+14155551234;Ada\n+442071838750;Grace\n", ada_and_grace()),
        Case::csv("tabs", "phone\tname\n+14155551234\tAda\n+442071838750\tGrace\n", ada_and_grace()),
        Case::csv(
            "semicolons, with commas in cells and in a quoted name",
            "phone;\"name, first\"\n+14155551234;Lovelace, Ada\n",
            [row(2, N1, &[("name, first", "Lovelace, Ada"), P1])],
        ),
        Case::csv("one column", "phone\n+14155551234\n", [row(2, N1, &[P1])]),
        Case::csv(
            "one column, with something after a semicolon",
            "phone\n+14155551234;Ada\n",
            [rejected(2, "the number in \"phone\" cannot be used: it contains ';'")],
        ),
        Case::csv(
            "mixed",
            "phone;name,city\n+14155551234;Ada,London\n",
            [fatal(
                "line 1: the separator is not clear, because the header contains `,` and `;`: set it with `separator`",
            )],
        ),
        Case::csv("mixed with tabs", "phone;name\tcity\n", [fatal("`;` and tabs")]),
        Case::csv(
            "mixed, but set",
            "phone;name,city\n+14155551234;Ada\n",
            [row(2, N1, &[("name,city", "Ada"), P1])],
        )
        .with(|list| list.separator(';')),
        Case::csv("bars", "phone|name\n+14155551234|Ada\n", [row(2, N1, &[ADA, P1])])
            .with(|list| list.separator('|')),
        Case::csv(
            "bars that are not set",
            "phone|name\n+14155551234|Ada\n",
            [fatal("the columns are: \"phone|name\"")],
        ),
        Case::csv("a quote as separator", "phone\n", [fatal("the separator must be")])
            .with(|list| list.separator('"')),
        Case::csv("a wide separator", "phone\n", [fatal("the separator must be")])
            .with(|list| list.separator('；')),
        Case::csv(
            "rows with another separator than the header",
            "phone,name\n+14155551234;Ada\n",
            [rejected(2, "the row has 1 cells, but the header has 2")],
        ),
    ]);
}

#[test]
fn the_first_line_of_excel_sets_the_separator() {
    check(vec![
        Case::csv("sep=;", "sep=;\r\nphone;name\r\n+14155551234;Ada\r\n", [row(3, N1, &[ADA, P1])]),
        Case::csv("SEP=,", "SEP=,\nphone,name\n+14155551234,Ada\n", [row(3, N1, &[ADA, P1])]),
        Case::csv("sep= and a tab", "sep=\t\nphone\tname\n+14155551234\tAda\n", [row(3, N1, &[ADA, P1])]),
        Case::csv("sep=|", "sep=|\nphone|name\n+14155551234|Ada\n", [row(3, N1, &[ADA, P1])]),
        Case::csv(
            "sep=; with a mark and names with commas",
            "\u{feff}sep=;\nphone;a,b\n+14155551234;Ada\n",
            [row(3, N1, &[("a,b", "Ada"), P1])],
        ),
        Case::csv("sep= alone", "sep=\nphone;name\n", [fatal("the separator must be")]),
        Case::csv("sep= and a word", "sep=ab\nphone;name\n", [fatal("the separator must be")]),
        Case::csv("sep= and nothing else", "sep=;\n", [fatal("the list is empty")]),
    ]);
}

#[test]
fn every_line_end_is_read_and_counted() {
    check(vec![
        Case::csv("LF", "phone,name\n+14155551234,Ada\n+442071838750,Grace\n", ada_and_grace()),
        Case::csv("CRLF", "phone,name\r\n+14155551234,Ada\r\n+442071838750,Grace\r\n", ada_and_grace()),
        Case::csv("CR", "phone,name\r+14155551234,Ada\r+442071838750,Grace\r", ada_and_grace()),
        Case::csv("mixed", "phone,name\r\n+14155551234,Ada\r+442071838750,Grace\n", ada_and_grace()),
        Case::csv(
            "LF, none at the end",
            "phone,name\n+14155551234,Ada\n+442071838750,Grace",
            ada_and_grace(),
        ),
        Case::csv(
            "CR, none at the end",
            "phone,name\r+14155551234,Ada\r+442071838750,Grace",
            ada_and_grace(),
        ),
        Case::csv("only a header", "phone,name", []),
        Case::csv(
            "blank lines",
            "\n\r\nphone,name\n\n+14155551234,Ada\r\n\r\n\n   \n+442071838750,Grace\n\n",
            [row(5, N1, &[ADA, P1]), row(9, N2, &[("name", "Grace"), P2])],
        )
        .blank(7),
        Case::csv("blank lines with CR", "phone,name\r\r+14155551234,Ada\r\r\r", [row(3, N1, &[ADA, P1])])
            .blank(3),
        Case::csv("CR CR LF", "phone,name\r\r\n+14155551234,Ada\r\r\n", [row(3, N1, &[ADA, P1])]).blank(2),
        Case::csv(
            "rows of separators, as spreadsheets append",
            ",,\nphone,name,city\n,,\n+14155551234,Ada,\n\"\",\" \",\n",
            [row(4, N1, &[("city", ""), ADA, P1])],
        )
        .blank(3),
        Case::csv(
            "line breaks in cells",
            "phone,name\r\n+14155551234,\"A\r\nB\rC\nD\"\r\n+442071838750,Ada\r\n",
            [row(2, N1, &[("name", "A\r\nB\rC\nD"), P1]), row(6, N2, &[ADA, P2])],
        ),
        Case::csv(
            "a line break in the header",
            "phone,\"first\nname\"\n+14155551234,Ada\n",
            [row(3, N1, &[("first\nname", "Ada"), P1])],
        ),
        Case::csv(
            "other breaks do not end a line",
            "phone,name\n+14155551234,A\u{2028}B\n+442071838750,Ada\n",
            [row(2, N1, &[("name", "A\u{2028}B"), P1]), row(3, N2, &[ADA, P2])],
        ),
    ]);
}

#[test]
fn rows_of_another_length_are_rejected() {
    check(vec![
        Case::csv(
            "too few and too many",
            "phone,name\n+14155551234\n+14155551234,Ada,London\n+14155551234,Ada,\n+442071838750,Ada\n",
            [
                rejected(
                    2,
                    "the row has 1 cells, but the header has 2: quote cells that contain the separator",
                ),
                rejected(3, "the row has 3 cells, but the header has 2"),
                rejected(4, "the row has 3 cells, but the header has 2"),
                row(5, N2, &[ADA, P2]),
            ],
        ),
        Case::csv(
            "separators at the end of the header",
            "phone,name,,\n+14155551234,Ada,,\n+14155551234,Ada\n+14155551234,Ada,,x\n+14155551234\n+14155551234,Ada,,,\n",
            [
                row(2, N1, &[ADA, P1]),
                row(3, N1, &[ADA, P1]),
                rejected(4, "there is something in column 4, which has no name"),
                rejected(5, "the row has 1 cells, but the header has 4"),
                rejected(6, "the row has 5 cells, but the header has 4"),
            ],
        ),
        Case::csv(
            "a decimal comma splits a number in two",
            "phone,name\n4,41E+11,Ada\n",
            [rejected(2, "the row has 3 cells")],
        ),
    ]);
}
