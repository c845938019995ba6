//! Large cells, rows and headers.

use super::*;

const MIB: usize = 1024 * 1024;

#[test]
fn large_cells_are_read_up_to_a_limit() {
    let largest = "ä".repeat(MIB / 2);
    check(vec![
        Case::csv(
            "a cell of 1 MiB",
            format!("phone,name\n+14155551234,{largest}\n+442071838750,Ada\n"),
            [row(2, N1, &[("name", &largest), P1]), row(3, N2, &[ADA, P2])],
        ),
        Case::csv(
            "a quoted cell of 1 MiB with line breaks and quotes",
            format!("phone,name\n+14155551234,\"{}\"\n+442071838750,Ada\n", "\"\"\r\nx".repeat(MIB / 4)),
            [row(2, N1, &[("name", &"\"\r\nx".repeat(MIB / 4)), P1]), row(262_147, N2, &[ADA, P2])],
        ),
        Case::csv(
            "a cell of a byte more",
            format!("phone,name\n+14155551234,{largest}a\n+442071838750,Ada\n"),
            [rejected(2, "\"name\" has more than 1048576 bytes: shorten it"), row(3, N2, &[ADA, P2])],
        ),
        Case::csv(
            "a quoted cell of 9 MB",
            format!("phone,name\n+14155551234,\"{}\"\n+442071838750,Ada\n", "Ada\n".repeat(9 * MIB / 4)),
            [rejected(2, "\"name\" has more than 1048576 bytes"), row(2_359_299, N2, &[ADA, P2])],
        ),
        Case::csv(
            "a large number",
            format!("phone,name\n+1{},Ada\n+442071838750,Ada\n", "4".repeat(MIB - 2)),
            [rejected(2, "the text has more than 250 characters"), row(3, N2, &[ADA, P2])],
        ),
        Case::csv(
            "a quote without an end, before 5 MB",
            format!("phone,name\n+14155551234,\"{}", "+442071838750,Ada\n".repeat(5 * MIB / 18)),
            [fatal("line 2: a quote is opened")],
        ),
        Case::csv(
            "a header without an end",
            "phone,name ".repeat(MIB),
            [fatal("line 1: the header has more than 4194304 bytes")],
        ),
    ]);
}

#[test]
fn rows_and_columns_have_limits() {
    let part = "x".repeat(MIB);
    let header = "phone,a,b,c,d\n";
    let columns = |count: usize| (1..count).map(|n| format!(",c{n}")).collect::<String>();
    let mut cells: Vec<(String, String)> = (1..2_000).map(|n| (format!("c{n}"), "x".to_owned())).collect();
    cells.push(("phone".to_owned(), N1.to_owned()));
    cells.sort();
    check(vec![
        Case::csv(
            "a row of 4 MiB and more",
            format!("{header}+14155551234,{part},{part},{part},{part}\n+14155551234,,,,\n"),
            [
                rejected(2, "the row has more than 4194304 bytes"),
                row(3, N1, &[("a", ""), ("b", ""), ("c", ""), ("d", ""), P1]),
            ],
        ),
        Case::csv(
            "2,000 columns",
            format!("phone{}\n+14155551234{}\n", columns(2_000), ",x".repeat(1_999)),
            [Outcome::Row(2, N1.to_owned(), cells)],
        ),
        Case::csv(
            "2,001 columns",
            format!("phone{}\n", columns(2_001)),
            [fatal("the header has 2001 columns, but at most 2000")],
        ),
        Case::csv(
            "a row of three million cells",
            format!("phone,name\n+14155551234{}\n+442071838750,Ada\n", ",".repeat(3_000_000)),
            [rejected(2, "the row has 3000001 cells, but the header has 2"), row(3, N2, &[ADA, P2])],
        ),
    ]);
}

#[test]
fn a_rejected_large_cell_keeps_only_its_beginning() {
    let file = format!("phone,name\n+14155551234,{}\n", "ä".repeat(MIB));
    let mut rows = Recipients::csv(std::io::Cursor::new(file)).read().unwrap();
    let rejected = rows.next().unwrap().unwrap().unwrap_err();
    assert_eq!(rejected.cells, [N1.to_owned(), "ä".repeat(500)]);
}
