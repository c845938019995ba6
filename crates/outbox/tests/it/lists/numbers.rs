//! Telephone numbers as spreadsheets and people write them.

use super::*;

/// A list with one number on each line, from line 2 on, and what becomes of each.
fn numbers(name: &'static str, cells: &[(&str, Result<&str, &str>)]) -> Case {
    let mut file = "phone\tname\n".to_owned();
    let mut outcomes = Vec::new();
    let mut line = 2;
    for (cell, outcome) in cells {
        file += &format!("\"{cell}\"\tAda\n");
        outcomes.push(match outcome {
            Ok(to) => row(line, to, &[ADA, ("phone", cell)]),
            Err(reason) => rejected(line, reason),
        });
        line += 1 + cell.matches('\n').count() as u64;
    }
    Case::csv(name, file, outcomes)
}

const POWER: &str = "the number in \"phone\" cannot be used: a spreadsheet has shortened it to a power of ten, and the digits \
                     are lost: format the column as text";
const NO_COUNTRY: &str = "it does not begin with + and the country code, and is never completed";
const LOST: &str = "it begins neither with + nor with 0, so one of them is lost";

#[test]
fn what_a_spreadsheet_has_changed_is_rejected() {
    check(vec![
        numbers(
            "powers of ten",
            &[
                ("4.41E+11", Err(POWER)),
                ("4,41E+11", Err(POWER)),
                ("4.41457e+11", Err(POWER)),
                ("4,41457E11", Err(POWER)),
                ("4E+11", Err(POWER)),
                ("+4.41E+11", Err(POWER)),
                (" 4.41E+11 ", Err(POWER)),
                ("1.4155551234E+10", Err(POWER)),
            ],
        ),
        Case::csv(
            "powers of ten in a file with semicolons, in German notation",
            "Telefon;Name\n4,41521E+11;Ada\n+442071838750;Ada\n",
            [
                rejected(2, "the number in \"Telefon\" cannot be used: a spreadsheet"),
                row(3, N2, &[("Name", "Ada"), ("Telefon", N2)]),
            ],
        ),
        numbers("powers of ten with a country", &[("4.41E+11", Err(POWER)), ("1,71E+09", Err(POWER))])
            .with(|list| list.country("DE")),
        numbers(
            "decimal places",
            &[
                ("14155551234.0", Err("it has decimal places")),
                ("14155551234.00", Err("it has decimal places")),
                ("1711234567,0", Err("it has decimal places")),
                ("+14155551234.0", Err("it has decimal places")),
            ],
        )
        .with(|list| list.country("DE")),
        numbers(
            "nothing to complete a number with",
            &[
                ("14155551234", Err(NO_COUNTRY)),
                ("4155551234", Err(NO_COUNTRY)),
                ("(415) 555-1234", Err(NO_COUNTRY)),
                ("01711234567", Err(NO_COUNTRY)),
                ("00491711234567", Err(NO_COUNTRY)),
                ("1711234567", Err(NO_COUNTRY)),
                ("12345", Err(NO_COUNTRY)),
                ("0", Err(NO_COUNTRY)),
            ],
        ),
        numbers(
            "a zero or a plus lost, in Germany",
            &[
                // 0171 1234567, or 00171 …
                ("1711234567", Err(LOST)),
                ("491711234567", Err(LOST)),
                // 04931 123456 in Norden, or +49 31 123456.
                ("4931123456", Err(LOST)),
                ("14155551234", Err("is not in the numbering plan")),
                ("01711234567", Ok("+491711234567")),
                ("00491711234567", Ok("+491711234567")),
                ("+491711234567", Ok("+491711234567")),
            ],
        )
        .with(|list| list.country("DE")),
        numbers(
            "a zero lost, in Britain",
            &[("7911123456", Err(LOST)), ("07911123456", Ok("+447911123456")), ("2071838750", Err(LOST))],
        )
        .with(|list| list.country("GB")),
        numbers(
            "countries whose numbers begin with no zero",
            &[
                ("4155552671", Ok("+14155552671")),
                ("14155552671", Ok("+14155552671")),
                ("(415) 555-2671", Ok("+14155552671")),
                ("1-415-555-2671", Ok("+14155552671")),
                ("5552671", Err("is not in the numbering plan of US")),
                ("+49 171 1234567", Ok("+491711234567")),
                ("011 49 171 1234567", Ok("+491711234567")),
            ],
        )
        .with(|list| list.country("us")),
    ]);
}

#[test]
fn numbers_are_read_as_people_write_them() {
    check(vec![
        numbers(
            "separators and invisible characters",
            &[
                ("+1 415-555-1234", Ok(N1)),
                ("+1 (415) 555.1234", Ok(N1)),
                ("(+1) 415 555 1234", Ok(N1)),
                (" +14155551234 ", Ok(N1)),
                ("+1\u{a0}415\u{202f}555\u{2009}1234", Ok(N1)),
                ("+1\u{2007}415\u{3000}5551234", Ok(N1)),
                ("\u{200b}+1415\u{200b}5551234\u{feff}", Ok(N1)),
                ("\u{202a}+14155551234\u{202c}", Ok(N1)),
                ("\u{200f}+14155551234", Ok(N1)),
                ("+1–415—555−1234", Ok(N1)),
                ("＋１４１５５５５１２３４", Ok(N1)),
                ("+1（415）555－1234", Ok(N1)),
                ("tel:+1-415-555-1234", Ok(N1)),
                ("+1\u{ad}4155551234", Ok(N1)),
            ],
        ),
        numbers(
            "no number",
            &[
                ("", Err("it is empty")),
                ("  ", Err("it is empty")),
                ("\u{200b}", Err("it is empty")),
                ("n/a", Err("it contains 'n'")),
                ("unknown", Err("it contains 'u'")),
                ("#REF!", Err("it contains '#'")),
                ("-", Err("it contains '-'")),
                ("-4155551234", Err("it contains '-'")),
                ("+1 800 FLOWERS", Err("it contains 'F'")),
                ("ada@example.com", Err("it contains 'a'")),
                ("whatsapp:+14155551234", Err("it contains 'w'")),
                ("+٤٩١٧١١٢٣٤٥٦٧", Err("it contains '٤'")),
                ("+1 415 555\n1234", Err("it contains '\\n'")),
                ("2026-11-22", Err(NO_COUNTRY)),
                ("+0415 5551234", Err("starts with +0")),
                ("+1", Err("has 1 digits")),
                ("+1234567890123456", Err("has 16 digits")),
                ("+44 (0)20 7183 8750", Err("\"(0)\" in it")),
                ("++14155551234", Err("it contains '+'")),
                ("030 +49171", Err("it contains '+'")),
            ],
        ),
        numbers(
            "extensions",
            &[
                ("+1 415 555 1234 ext. 5", Err("it has an extension")),
                ("+14155551234x123", Err("it has an extension")),
                ("+14155551234#5", Err("it has an extension")),
                ("tel:+1-415-555-1234;ext=7", Err("it has an extension")),
                ("+49 30 1234567 Durchwahl 12", Err("it has an extension")),
            ],
        ),
        numbers(
            "two numbers",
            &[
                ("+14155551234 / +442071838750", Err("there is more than one number")),
                ("+14155551234, +442071838750", Err("there is more than one number")),
                ("+14155551234;+442071838750", Err("there is more than one number")),
                ("+14155551234 or +442071838750", Err("there is more than one number")),
                ("+14155551234 +442071838750", Err("there is more than one number")),
                ("+14155551234\n+442071838750", Err("there is more than one number")),
                ("+1 415 555 1234/1235", Err("there is more than one number")),
                ("4155551234/4155551235", Err("there is more than one number")),
            ],
        ),
    ]);
}

#[test]
fn numbers_of_a_country_are_read_without_guesses() {
    check(vec![
        numbers(
            "Germany",
            &[
                ("0171 1234567", Ok("+491711234567")),
                ("(0171) 1234567", Ok("+491711234567")),
                ("0171-123 45 67", Ok("+491711234567")),
                ("0171/1234567", Ok("+491711234567")),
                ("0171 / 123 4567", Ok("+491711234567")),
                ("(030)/12345678", Ok("+493012345678")),
                ("+49 171/1234567", Ok("+491711234567")),
                ("+49 (0)171 1234567", Ok("+491711234567")),
                ("０１７１ １２３４５６７", Ok("+491711234567")),
                ("0171/1234567/8", Err("there is more than one number")),
                ("030 1234/5678", Err("there is more than one number")),
                ("0171/0172", Err("there is more than one number")),
                ("030/123", Err("there is more than one number")),
                ("0171 1234567 / 0172 1234567", Err("there is more than one number")),
                ("0171 1234567 x5", Err("it has an extension")),
                ("0800 FLOWERS", Err("it contains 'F'")),
                ("mobil 0171 1234567", Err("it contains 'm'")),
                ("112", Err("is not in the numbering plan")),
                ("0171", Err("is not in the numbering plan")),
                ("+1 415 555 2671", Ok("+14155552671")),
                ("+49 99999", Err("is not in the numbering plan")),
            ],
        )
        .with(|list| list.country("DE")),
        numbers("Italy", &[("06 698 12345", Ok("+390669812345")), ("333 1234567", Ok("+393331234567"))])
            .with(|list| list.country("IT")),
        numbers("Japan", &[("０９０－１２３４－５６７８", Ok("+819012345678")), ("9012345678", Err(LOST))])
            .with(|list| list.country("JP")),
        Case::csv(
            "no such country",
            "phone\n",
            [fatal("the country of the list is unknown: \"XX\" is not a country")],
        )
        .with(|list| list.country("XX")),
    ]);
}

#[test]
fn keys_and_zones_are_checked() {
    let keyed: fn(Recipients) -> Recipients = |list| list.key_column("ID").zone_column("zone");
    check(vec![
        Case::csv(
            "keys",
            format!(
                "id,phone,zone\n 007 ,{N1},Europe/Berlin\n,{N1},\n  ,{N1},\n1.2E+15,{N1},\n{},{N1},\n{},{N1},\nb,{N1},\n",
                "k".repeat(255),
                "k".repeat(256)
            ),
            [
                row(2, N1, &[("id", " 007 "), P1, ("zone", "Europe/Berlin")]),
                rejected(3, "\"id\" is empty, but contains the key"),
                rejected(4, "\"id\" is empty, but contains the key"),
                rejected(5, "a spreadsheet has shortened the key in \"id\""),
                row(6, N1, &[("id", &"k".repeat(255)), P1, ("zone", "")]),
                rejected(7, "the key in \"id\" has more than 255 bytes"),
                row(8, N1, &[("id", "b"), P1, ("zone", "")]),
            ],
        )
        .with(keyed),
        Case::csv(
            "zones",
            format!("id,phone,zone\na,{N1},Europe/Berln\nb,{N1},CET+1\nc,{N1}, America/New_York \nd,{N1},../../etc/passwd\ne,{N1},Etc/Unknown\n"),
            [
                rejected(2, "\"zone\" is not a time zone: write its name, such as Europe/Berlin"),
                rejected(3, "\"zone\" is not a time zone"),
                row(4, N1, &[("id", "c"), P1, ("zone", " America/New_York ")]),
                rejected(5, "\"zone\" is not a time zone"),
                rejected(6, "\"zone\" is not a time zone"),
            ],
        )
        .with(keyed),
    ]);
}

#[test]
fn a_row_has_a_key_of_its_own_or_its_number() {
    let list = || Recipients::csv("id,phone,tz\n4711, +1 415-555-1234 ,Europe/Berlin\n".as_bytes());
    let first = |list: Recipients| list.read().unwrap().next().unwrap().unwrap().unwrap();
    assert_eq!((first(list()).key.as_str(), first(list()).zone), (N1, None));
    assert_eq!(first(list().key_column("phone")).key, N1);
    let row = first(list().key_column("id").zone_column("TZ"));
    assert_eq!((row.key.as_str(), row.zone.as_deref()), ("4711", Some("Europe/Berlin")));
}
