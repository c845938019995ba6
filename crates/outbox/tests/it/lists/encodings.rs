//! Encodings, byte order marks and files that are no text.

use super::*;

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

const TEXT: &str = "phone,name\r\n+14155551234,Zoë 🎉\r\n";

fn zoe() -> Vec<Outcome> {
    vec![row(2, N1, &[("name", "Zoë 🎉"), P1])]
}

#[test]
fn utf_8_and_utf_16_with_a_mark_are_read() {
    check(vec![
        Case::csv("utf-8", TEXT, zoe()),
        Case::csv("utf-8 with a mark", format!("\u{feff}{TEXT}"), zoe()),
        Case::csv("utf-8 with two marks", format!("\u{feff}\u{feff}{TEXT}"), zoe()),
        Case::csv("utf-16 le", utf16(&format!("\u{feff}{TEXT}"), u16::to_le_bytes), zoe()),
        Case::csv("utf-16 be", utf16(&format!("\u{feff}{TEXT}"), u16::to_be_bytes), zoe()),
        Case::csv(
            "utf-16 le, tabs, as Excel's \"Unicode text\"",
            utf16("\u{feff}phone\tname\r\n+14155551234\tMüller, Ö\r\n", u16::to_le_bytes),
            [row(2, N1, &[("name", "Müller, Ö"), P1])],
        ),
        Case::csv(
            "a mark before a quoted header",
            "\u{feff}\"phone\",\"name\"\n+14155551234,Ada\n",
            [row(2, N1, &[ADA, P1])],
        ),
        Case::csv(
            "a mark inside a cell is kept",
            "phone,name\n+14155551234,A\u{feff}B\n",
            [row(2, N1, &[("name", "A\u{feff}B"), P1])],
        ),
    ]);
}

#[test]
fn other_encodings_are_refused() {
    check(vec![
        Case::csv(
            "latin-1 in the third row",
            b"phone,name\n+14155551234,Ada\n+442071838750,Zo\xeb\n",
            [
                row(2, N1, &[ADA, P1]),
                // 11 + 17 bytes before the line, 16 in it.
                fatal(
                    "line 3: the byte 0xEB at position 45 of the file is not UTF-8: save the list as \"CSV UTF-8\"",
                ),
            ],
        ),
        Case::csv(
            "windows-1252 in the header",
            b"phone,pr\xe9nom\n+14155551234,Ada\n",
            [fatal("line 1: the byte 0xE9 at position 9")],
        ),
        Case::csv(
            "windows-1252 euro sign after a quoted line break",
            b"phone,name\r\n+14155551234,\"a\r\n\x80\"\r\n",
            [fatal("line 3: the byte 0x80 at position 30")],
        ),
        Case::csv(
            "utf-8 that ends in a character",
            b"phone,name\n+14155551234,Ada\n+442071838750,Zo\xc3",
            [row(2, N1, &[ADA, P1]), fatal("line 3: the byte 0xC3 at position 45")],
        ),
        Case::csv(
            "an overlong form",
            b"phone,name\n+14155551234,\xc0\xaf\n",
            [fatal("line 2: the byte 0xC0 at position 25")],
        ),
        Case::csv(
            "half a character in utf-8",
            b"phone,name\n+14155551234,\xed\xa0\x80\n",
            [fatal("line 2: the byte 0xED at position 25")],
        ),
        Case::csv(
            "utf-16 le without a mark",
            utf16("phone,name\n+14155551234,Ada\n", u16::to_le_bytes),
            [fatal("UTF-16 without a byte order mark: save it as \"CSV UTF-8\"")],
        ),
        Case::csv(
            "utf-16 be without a mark",
            utf16("phone,name\n+14155551234,Ada\n", u16::to_be_bytes),
            [fatal("UTF-16 without a byte order mark")],
        ),
        Case::csv(
            "half a character in utf-16",
            {
                let mut bytes = utf16("\u{feff}phone,name\n+14155551234,", u16::to_le_bytes);
                bytes.extend([0x3D, 0xD8, 0x41, 0x00]);
                bytes
            },
            // 2 bytes of the mark, 24 characters.
            [fatal("line 2: the byte 0x3D at position 51 of the file is not UTF-16")],
        ),
        Case::csv(
            "utf-16 of an odd length",
            {
                let mut bytes = utf16("\u{feff}phone\n+14155551234\n", u16::to_le_bytes);
                bytes.push(b'+');
                bytes
            },
            [row(2, N1, &[P1]), fatal("line 3: the byte 0x2B at position 41")],
        ),
        Case::csv("utf-32 le", b"\xff\xfe\0\0p\0\0\0h\0\0\0", [fatal("the list is UTF-32")]),
        Case::csv("utf-32 be", b"\0\0\xfe\xff\0\0\0p\0\0\0h", [fatal("the list is UTF-32")]),
    ]);
}

#[test]
fn files_that_are_no_text_are_refused() {
    check(vec![
        Case::csv("nothing", b"", [fatal("the list is empty")]),
        Case::csv("only a mark", "\u{feff}", [fatal("the list is empty")]),
        Case::csv("only blank lines", "\n\r\n\n", [fatal("the list is empty")]),
        Case::csv("a workbook", b"PK\x03\x04\x14\0\x06\0\x08\0", [fatal("a workbook (.xlsx, .ods)")]),
        Case::csv("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", [fatal("an old Excel workbook")]),
        Case::csv("gzip", b"\x1f\x8b\x08\0\0\0\0\0", [fatal("a gzip archive")]),
        Case::csv("only NUL", [0; 4096], [fatal("not text but binary data")]),
        Case::csv(
            "NUL in the header",
            b"phone,long\0name\n+14155551234,Ada\n",
            [fatal("line 1: there is a NUL")],
        ),
        Case::csv(
            "NUL in a cell",
            b"phone,name\n+14155551234,A\0B\n+442071838750,Ada\n",
            [rejected(2, "\"name\" contains the control character U+0000"), row(3, N2, &[ADA, P2])],
        ),
        Case::csv(
            "NUL after the last row, as a power failure leaves",
            [b"phone\n+14155551234\n".to_vec(), vec![0; 5000]].concat(),
            [row(2, N1, &[P1]), rejected(3, "U+0000")],
        ),
        Case::csv(
            "control characters",
            "phone,name\n+14155551234,A\u{1b}[31mB\n+14155551234,A\u{7f}\n+14155551234,A\u{85}B\n+14155551234,A\u{b}B\n",
            [rejected(2, "U+001B"), rejected(3, "U+007F"), rejected(4, "U+0085"), rejected(5, "U+000B")],
        ),
    ]);
}
