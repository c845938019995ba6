//! The file of rejected rows.

use std::fs;
use std::path::PathBuf;

use switchboard_outbox::campaign::{RejectReason, Rejected, Rejects, RejectsError, Rows};

use super::*;

const LIST: &str = "phone;name;age\n4,41E+11;\"=1+1; or \"\"Ada\"\"\";1\n+14155551234;Ada;1\n+1415;x\n+1415x;'+1 x;2\n\"\n\";a\nb;c;1\n";

/// The file of `LIST`. The reasons are not what this is about.
const FILE: [&str; 5] = [
    "\u{feff}line;reason;phone;name;age\r\n",
    "2;?;4,41E+11;\"'=1+1; or \"\"Ada\"\"\";1\r\n",
    "4;?;'+1415;x\r\n",
    "5;?;'+1415x;'+1 x;2\r\n",
    "6;?;\"'\n\";a\r\n",
];

fn rows(list: &str) -> Rows {
    Recipients::csv(std::io::Cursor::new(list.as_bytes().to_vec())).read().unwrap()
}

fn rejected(list: &str) -> Vec<Rejected> {
    let mut rejected: Vec<Rejected> = rows(list).filter_map(|row| row.unwrap().err()).collect();
    for row in &mut rejected {
        row.reason = RejectReason::Other("?".to_owned());
    }
    rejected
}

/// A folder that is deleted at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("switchboard-lists-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("rejects.csv")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn rejected_rows_are_written_as_they_came() {
    let folder = Folder::new("written");
    let mut rejects = Rejects::open(folder.file(), &rows(LIST)).unwrap();
    assert_eq!(rejects.last_line(), None);
    let list = rejected(LIST);
    assert_eq!(list.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4, 5, 6, 8]);
    for row in &list[..4] {
        assert!(rejects.write(row).unwrap());
        assert!(!rejects.write(row).unwrap());
    }
    rejects.sync().unwrap();
    assert_eq!(fs::read_to_string(folder.file()).unwrap(), FILE.concat());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(folder.file()).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_file_that_was_cut_anywhere_is_continued() {
    let folder = Folder::new("cut");
    let (whole, list) = (FILE.concat(), rejected(LIST));
    for cut in 0..=whole.len() {
        fs::write(folder.file(), &whole.as_bytes()[..cut]).unwrap();
        let mut rejects = Rejects::open(folder.file(), &rows(LIST)).unwrap();
        let ends = FILE.iter().scan(0, |end, row| {
            *end += row.len();
            Some(*end)
        });
        let complete = ends.filter(|&end| end <= cut).count();
        let last = [None, None, Some(2), Some(4), Some(5), Some(6)][complete];
        assert_eq!(rejects.last_line(), last, "cut after {cut} bytes");
        for row in &list[..4] {
            rejects.write(row).unwrap();
        }
        drop(rejects);
        let now = fs::read_to_string(folder.file()).unwrap();
        assert_eq!(now, whole, "cut after {cut} bytes");
    }
}

#[test]
fn zeros_that_a_power_failure_leaves_are_removed() {
    let folder = Folder::new("zeros");
    fs::write(folder.file(), [FILE.concat().as_bytes(), &[0; 5_000]].concat()).unwrap();
    assert_eq!(Rejects::open(folder.file(), &rows(LIST)).unwrap().last_line(), Some(6));
    assert_eq!(fs::read_to_string(folder.file()).unwrap(), FILE.concat());
}

#[test]
fn files_of_other_lists_are_not_touched() {
    let folder = Folder::new("other");
    for other in [
        "a;b\n",
        "\u{feff}line;reason;phone;name\r\n1;?;x;y\r\n",
        "\u{feff}line;reason;phone;name;age\r\nAda;?;x;y;z\r\n",
        "Dear Ada, this is a letter without a line end",
        "b\u{e9}",
    ] {
        fs::write(folder.file(), other).unwrap();
        let error = Rejects::open(folder.file(), &rows(LIST)).unwrap_err();
        assert!(matches!(error, RejectsError::OtherFile { .. }), "{other:?}: {error}");
        assert_eq!(fs::read_to_string(folder.file()).unwrap(), other);
    }
    let latin = [FILE[0].as_bytes(), b"2;?;Zo\xeb;x;y\r\n3;?;a;b;c\r\n"].concat();
    fs::write(folder.file(), &latin).unwrap();
    assert!(Rejects::open(folder.file(), &rows(LIST)).is_err());
    assert_eq!(fs::read(folder.file()).unwrap(), latin);
}

#[test]
fn a_file_of_rejected_rows_is_a_list_itself() {
    let folder = Folder::new("again");
    let list = "phone,line,=x\n4.41E+11,'=1,=\"007\"\n";
    let mut rejects = Rejects::open(folder.file(), &rows(list)).unwrap();
    for row in rejected(list) {
        rejects.write(&row).unwrap();
    }
    let written = fs::read_to_string(folder.file()).unwrap();
    assert_eq!(written, "\u{feff}line_2,reason,phone,line,'=x\r\n2,?,4.41E+11,'=1,007\r\n");
    assert_eq!(Rejects::open(folder.file(), &rows(list)).unwrap().last_line(), Some(2));

    let mut again = rows(&written.replace("4.41E+11", N1));
    let row = again.next().unwrap().unwrap().unwrap();
    assert_eq!((row.to.as_str(), &row.values["line"], &row.values["=x"]), (N1, &"=1".into(), &"007".into()));
}

#[test]
fn rows_that_are_refused_later_are_written_too() {
    let folder = Folder::new("later");
    let list = "name,phone,\nAda,+14155551234,\n";
    let row = rows(list).next().unwrap().unwrap().unwrap();
    let rejected = row.reject(RejectReason::Other("no: ask first".to_owned()));
    assert_eq!(rejected.to_string(), "line 2: no: ask first");
    Rejects::open(folder.file(), &rows(list)).unwrap().write(&rejected).unwrap();
    let written = fs::read_to_string(folder.file()).unwrap();
    assert_eq!(written, "\u{feff}line,reason,name,phone,\r\n2,no: ask first,Ada,+14155551234,\r\n");
}

#[test]
fn rejected_json_lines_are_one_cell() {
    let folder = Folder::new("json");
    let list = "{\"phone\":\"+1415\"}\n{\"phone\":\"+14155551234\",\"a\":1}\n";
    let read = || Recipients::json_lines(list.as_bytes()).read().unwrap();
    let mut rejects = Rejects::open(folder.file(), &read()).unwrap();
    for row in read() {
        let reason = RejectReason::Other("?".to_owned());
        let rejected = match row.unwrap() {
            Ok(row) => row.reject(reason),
            Err(rejected) => rejected,
        };
        rejects.write(&rejected).unwrap();
    }
    let written = fs::read_to_string(folder.file()).unwrap();
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines[0], "\u{feff}line,reason,record");
    assert!(lines[1].starts_with("1,"), "{}", lines[1]);
    assert!(lines[1].ends_with(",\"{\"\"phone\"\":\"\"+1415\"\"}\""), "{}", lines[1]);
    assert_eq!(lines[2], "2,?,\"{\"\"a\"\":1,\"\"phone\"\":\"\"+14155551234\"\"}\"");
}
