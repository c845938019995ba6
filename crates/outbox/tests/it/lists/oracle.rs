//! The reader against other readers, and against its own writer.

use proptest::prelude::*;
use switchboard_outbox::campaign::{Row, Table};

use super::*;

/// A well-formed file: every kind of line end, quotes, line breaks and empty cells.
const WELL_FORMED: &str = concat!(
    "phone,name,\"no\"\"te\"\r\n",
    "+14155551234,\"Love\"\"lace, Ada\",\n",
    "+14155550001,Zoë,\" x \"\r",
    "+14155550002,\"a\r\nb\rc\",\"'\"\"'\"\n",
    "+14155550003,,\"\"\r\n",
    "+14155550004,\";\t\",\"=\"\"x\"\r\n",
    "\"+14155550005\",\"\"\"\"\"\",a'b\n",
    "+14155550006,\"\n\n\",end",
);

/// What Python 3.11.7 prints for this text: `csv.reader(io.StringIO(text, newline=""), strict=True)`, with the line on which
/// each row begins, from `line_num`.
const PYTHON: [(u64, &str, &str, &str); 7] = [
    (2, "+14155551234", "Love\"lace, Ada", ""),
    (3, "+14155550001", "Zoë", " x "),
    (4, "+14155550002", "a\r\nb\rc", "'\"'"),
    (7, "+14155550003", "", ""),
    (8, "+14155550004", ";\t", "=\"x"),
    (9, "+14155550005", "\"\"", "a'b"),
    (10, "+14155550006", "\n\n", "end"),
];

#[test]
fn well_formed_files_are_read_as_python_reads_them() {
    let rows = PYTHON.map(|(line, phone, name, note)| {
        row(line, phone, &[("name", name), ("no\"te", note), ("phone", phone)])
    });
    check(vec![Case::csv("well-formed", WELL_FORMED, rows)]);
}

fn accepted(file: String, separator: char) -> Vec<Row> {
    let list = Recipients::csv(std::io::Cursor::new(file.into_bytes()));
    let rows = list.separator(separator).read().unwrap();
    rows.map(|row| row.unwrap().unwrap()).collect()
}

/// Cells of characters that have a meaning somewhere, and of any others.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::collection::vec(
            prop_oneof![
                Just('\''),
                Just('='),
                Just('+'),
                Just('-'),
                Just('@'),
                Just('\t'),
                Just('\r'),
                Just('\n'),
                Just('"'),
                Just(','),
                Just(';'),
                Just(' '),
                Just('1'),
                Just('\u{feff}'),
                Just('＝'),
                Just('a'),
            ],
            0..8
        )
        .prop_map(|chars| chars.into_iter().collect()),
        "\\PC{0,12}",
        "'{0,3}\\+[1-9][0-9]{4,15}",
        "=\"[a0\"]{0,3}\"?",
    ]
}

/// One record, and whether it is accepted; nothing for a blank one.
fn record() -> impl Strategy<Value = (&'static str, Option<bool>)> {
    prop_oneof![
        Just(("+14155551234,x", Some(true))),
        Just(("+14155551234,", Some(true))),
        Just(("\"+14155551234\",\"x\n\ny\"", Some(true))),
        Just(("+14155551234,\"\"\"\"", Some(true))),
        Just(("", None)),
        Just((" ", None)),
        Just((",", None)),
        Just(("\"\",\" \"", None)),
        Just(("4.41E+11,x", Some(false))),
        Just((",x", Some(false))),
        Just(("+14155551234", Some(false))),
        Just(("+14155551234,x,y", Some(false))),
        Just(("+14155551234,x\"y", Some(false))),
        Just(("+14155551234,\"x\ny\"z", Some(false))),
        Just(("+14155551234,\u{1}", Some(false))),
    ]
}

/// Files that are nearly CSV or JSON Lines.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => Just(b"+14155551234".to_vec()),
        4 => Just(b"phone,name\n".to_vec()),
        4 => Just(b"{\"phone\":\"+14155551234\"}\n".to_vec()),
        1 => Just(b"sep=;\n".to_vec()),
        1 => Just(b"\xef\xbb\xbf".to_vec()),
        1 => Just(b"\xff\xfe".to_vec()),
        16 => "[,;\t\r\n\"'=a]{1,3}".prop_map(String::into_bytes),
        4 => "\\PC{0,5}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_an_end(bytes in file(), json in any::<bool>()) {
        let case = Case { json, ..Case::csv("any", &bytes, []) };
        let whole = outcomes(&case, usize::MAX);
        let in_pieces = outcomes(&case, 1);
        prop_assert_eq!(&whole, &in_pieces);
        prop_assert!(whole.0.len() <= bytes.len() + 1);
    }

    /// Each record is in exactly one of the three groups, on its own line.
    #[test]
    fn no_record_is_lost(records in proptest::collection::vec(record(), 0..40), end in "\r|\n|\r\n") {
        let (mut file, mut line, mut blank) = (format!("phone,name{end}"), 2, 0);
        let mut expected = Vec::new();
        for (text, accepted) in &records {
            match accepted {
                None => blank += 1,
                Some(accepted) => expected.push((line, *accepted)),
            }
            line += 1 + text.matches('\n').count() as u64;
            file += &format!("{text}{end}");
        }
        let (found, skipped) = outcomes(&Case::csv("records", &file, []), 7);
        let found: Vec<(u64, bool)> = found.iter().map(|outcome| match outcome {
            Outcome::Row(line, ..) => (*line, true),
            Outcome::Rejected(line, _) => (*line, false),
            Outcome::Fatal(error) => panic!("{error}"),
        }).collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(skipped, blank);
    }

    #[test]
    fn every_cell_of_a_table_comes_back(cells in proptest::collection::vec((cell(), cell()), 1..5), separator in "[,;\t|]") {
        let mut table = Table::with_separator(Vec::new(), separator.as_bytes()[0]);
        table.row(["phone", "a", "b"]).unwrap();
        for (a, b) in &cells {
            table.row([N1, a, b]).unwrap();
        }
        let file = String::from_utf8(table.finish().unwrap()).unwrap();
        let back: Vec<(String, String)> = accepted(file, separator.chars().next().unwrap())
            .into_iter()
            .map(|row| (row.values["a"].as_str().unwrap().to_owned(), row.values["b"].as_str().unwrap().to_owned()))
            .collect();
        prop_assert_eq!(back, cells);
    }

    /// What no reader may run: the crate `csv` reads the cells as a spreadsheet does.
    #[test]
    fn no_cell_of_a_table_is_a_formula(cell in cell()) {
        let mut table = Table::new(Vec::new());
        table.row([&cell, ""]).unwrap();
        let written = table.finish().unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(written.as_slice());
        let read = reader.records().next().unwrap().unwrap();
        let is_number = read[0].len() > 6 && read[0].bytes().skip(1).all(|b| b.is_ascii_digit());
        prop_assert!(is_number || !read[0].starts_with(['=', '+', '-', '@', '\t', '\r']), "{:?}", &read[0]);
        let protected = format!("'{cell}");
        prop_assert!(read[0] == *cell || read[0] == protected);
    }

    /// Where this reader accepts every row, the crate `csv`, which repairs, reads the same.
    #[test]
    fn accepted_rows_are_what_the_csv_crate_reads(rows in proptest::collection::vec("[,\"\r\na]{0,8}", 0..6)) {
        let file = format!("phone,name\n{}", rows.iter().map(|row| format!("{N1},{row}\n")).collect::<String>());
        let mine = outcomes(&Case::csv("any", &file, []), usize::MAX).0;
        prop_assume!(mine.iter().all(|outcome| matches!(outcome, Outcome::Row(..))));
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file.as_bytes());
        let theirs = reader.records().map(Result::unwrap).filter(|row| row.iter().any(|cell| !cell.trim().is_empty()));
        let theirs: Vec<String> = theirs.map(|row| row[1].to_owned()).collect();
        let mine: Vec<String> = mine.into_iter().filter_map(|outcome| match outcome {
            Outcome::Row(_, _, values) => values.into_iter().find(|(name, _)| name == "name").map(|(_, value)| value),
            _ => None,
        }).collect();
        prop_assert_eq!(mine, theirs);
    }
}
