//! Headers, and how the columns of the number, the key and the zone are found.

use super::*;

/// A file of one header, and a row for it.
fn header(header: &'static str, outcomes: impl Into<Vec<Outcome>>) -> Case {
    Case::csv(header, format!("{header}\n+14155551234,Ada\n"), outcomes)
}

#[test]
fn the_column_of_the_number_is_found_by_its_name() {
    let names = [
        "phone",
        "PHONE",
        " Phone ",
        "number",
        "to",
        "Mobile",
        "phone_number",
        "Phone Number",
        "phone-number",
        "telephone",
        "Telefon",
        "tel",
        "Tel.",
        "cell",
        "MSISDN",
        "mobil",
        "Handy",
        "\u{200b}phone\u{feff}",
        "\u{a0}phone",
    ];
    for name in names {
        let trimmed = name.trim_matches(|c: char| c.is_whitespace() || c == '\u{200b}' || c == '\u{feff}');
        let file = format!("{name},name\n+14155551234,Ada\n");
        let mut values = [ADA, (trimmed, N1)];
        values.sort_unstable();
        check(vec![Case::csv("a name", file, [super::row(2, N1, &values)])]);
    }
    check(vec![
        header(
            "a,b",
            [fatal(
                "no column is called `phone` or `number`, so it is not clear which one could contain the numbers: name it with \
                 `number_column`; the columns are: \"a\", \"b\"",
            )],
        ),
        header(
            "Phone,Mobile",
            [fatal(
                "2 columns (\"Phone\", \"Mobile\") could contain the numbers: name it with `number_column`; the columns are",
            )],
        ),
        header("Phone,Mobile", [row(2, N1, &[("Mobile", "Ada"), ("Phone", N1)])])
            .with(|list| list.number_column("phone")),
        header("a,name", [row(2, N1, &[("a", N1), ADA])]).with(|list| list.number_column("A")),
        header("phone,name", [fatal("there is no column \"fax\"; the columns are: \"phone\", \"name\"")])
            .with(|list| list.number_column("fax")),
        header("phone,name", [fatal("there is no column \"id\"")]).with(|list| list.key_column("id")),
        header("phone,name", [fatal("there is no column \"tz\"")]).with(|list| list.zone_column("tz")),
    ]);
}

#[test]
fn unclear_headers_are_refused() {
    check(vec![
        header(
            "phone,phone",
            [fatal("line 1: columns 1 and 2 have the same name, \"phone\": rename one of them")],
        ),
        header("phone, Phone ", [fatal("line 1: columns 1 and 2 have the same name")]),
        header("phone,Größe,GRÖSSE,größe", [fatal("line 1: columns 2 and 4 have the same name")]),
        header("phone,,name", [fatal("line 1: column 2 has no name: name it or delete it")]),
        header(",phone", [fatal("line 1: column 1 has no name")]),
        header(
            "phone,a\u{7}b",
            [fatal("line 1: the name of column 2 contains the control character U+0007")],
        ),
        Case::csv(
            "no header",
            "+14155551234,Ada\n+442071838750,Ada\n",
            [fatal("line 1: there is a number where the names of the columns should be")],
        ),
        Case::csv("no header, national", "Ada,(0171) 1234567\n", [fatal("line 1: there is a number")]),
        Case::csv("no header, after blank lines", "\n\nAda,4.41E+11\n", [fatal("line 3: there is a number")]),
        Case::csv(
            "no header, as a text of Excel",
            "=\"+14155551234\",Ada\n",
            [fatal("line 1: there is a number")],
        ),
        Case::csv(
            "a title above the header",
            "Customers 2026\nphone,name\n+14155551234,Ada\n",
            [fatal("no column is called `phone` or `number`")],
        ),
        Case::csv(
            "numbers in names are not shown",
            "call 4155551234,b\n",
            [fatal("the columns are: \"…1234\", \"b\"")],
        ),
        Case::csv(
            "a page for logging in",
            "<!DOCTYPE html>\n<html><body>Please log in</body></html>\n",
            [fatal("the columns are: \"<!DOCTYPE html>\"")],
        ),
        Case::csv(
            "JSON Lines",
            "{\"phone\":\"+14155551234\"}\n",
            [fatal("line 1: there is a quote in the wrong place in the header")],
        ),
        Case::csv(
            "a long name is shortened",
            format!("{},b\n", "n".repeat(5_000)),
            [fatal(&format!("\"{}…\", \"b\"", "n".repeat(40)))],
        ),
    ]);
}

#[test]
fn names_are_those_of_the_header() {
    check(vec![Case::csv(
        "names keep their case, spaces and signs",
        " Phone ,First Name,e-mail,Straße 7\n+14155551234,Ada,a@example.com,Hof\n",
        [row(
            2,
            N1,
            &[("First Name", "Ada"), ("Phone", N1), ("Straße 7", "Hof"), ("e-mail", "a@example.com")],
        )],
    )]);
    let rows = Recipients::csv("phone,First Name,\n".as_bytes()).read().unwrap();
    assert_eq!(rows.columns().collect::<Vec<_>>(), ["phone", "First Name"]);
}

/// A list is read on a thread for work that blocks.
#[test]
fn a_list_can_be_read_on_another_thread() {
    let list = Recipients::csv("phone\n+14155551234\n".as_bytes());
    let rows = std::thread::spawn(move || list.read().unwrap()).join().unwrap();
    assert_eq!(std::thread::spawn(move || rows.count()).join().unwrap(), 1);
}
