//! The text of a file, in pieces. It recognises UTF-8 and UTF-16 by their byte order marks, and never guesses.

use std::io::{self, Read};

use super::ListError;

/// How much is read at once.
const PIECE: usize = 64 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// A file as text. What was read and not consumed yet is kept.
pub(super) struct Source {
    read: Box<dyn Read + Send>,
    /// What one read fills.
    piece: Vec<u8>,
    encoding: Encoding,
    /// Bytes that are not decoded yet.
    raw: Vec<u8>,
    /// The position of the first of them in the file.
    position: u64,
    /// The text of the bytes before them, of which `consumed` bytes are consumed.
    text: String,
    consumed: usize,
    /// A byte that is not text. Everything before it is in `text`.
    bad: Option<(u64, u8)>,
    at_end: bool,
}

impl Source {
    /// Reads the beginning of a file, which names the encoding.
    pub(super) fn open(read: Box<dyn Read + Send>) -> Result<Self, ListError> {
        let mut source = Self {
            read,
            piece: vec![0; PIECE],
            encoding: Encoding::Utf8,
            raw: Vec::new(),
            position: 0,
            text: String::new(),
            consumed: 0,
            bad: None,
            at_end: false,
        };
        while source.raw.len() < 8 && !source.at_end {
            source.fill()?;
        }
        let (encoding, mark) = encoding_of(&source.raw)?;
        source.encoding = encoding;
        source.raw.drain(..mark);
        source.position = mark as u64;
        Ok(source)
    }

    /// Returns the text that is not consumed.
    pub(super) fn text(&self) -> &str {
        self.text.get(self.consumed..).unwrap_or_default()
    }

    /// Consumes some bytes of [`text`](Self::text).
    pub(super) const fn consume(&mut self, bytes: usize) {
        self.consumed += bytes;
    }

    /// Reads more text, and returns whether there is any. `line` is the line that the text continues.
    pub(super) fn more(&mut self, line: impl FnOnce(&str) -> u64) -> Result<bool, ListError> {
        self.text.drain(..self.consumed);
        self.consumed = 0;
        let before = self.text.len();
        while self.text.len() == before {
            if let Some((position, byte)) = self.bad {
                let (line, utf16) = (line(&self.text), self.encoding != Encoding::Utf8);
                return Err(ListError::Encoding { line, position, byte, utf16 });
            }
            if self.at_end && self.raw.is_empty() {
                return Ok(false);
            }
            if !self.at_end {
                self.fill()?;
            }
            self.decode();
        }
        Ok(true)
    }

    fn fill(&mut self) -> Result<(), ListError> {
        let read = loop {
            match self.read.read(&mut self.piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ListError::Read(error)),
                Ok(read) => break read,
            }
        };
        self.raw.extend_from_slice(self.piece.get(..read).unwrap_or_default());
        self.at_end = read == 0;
        Ok(())
    }

    /// Decodes what can be decoded. The beginning of a character stays, except at the end of the file.
    fn decode(&mut self) {
        let (decoded, bad) = match self.encoding {
            Encoding::Utf8 => utf8(&self.raw, &mut self.text),
            Encoding::Utf16Le => utf16(&self.raw, u16::from_le_bytes, &mut self.text),
            Encoding::Utf16Be => utf16(&self.raw, u16::from_be_bytes, &mut self.text),
        };
        self.raw.drain(..decoded);
        self.position += decoded as u64;
        if let Some(&byte) = self.raw.first()
            && (bad || self.at_end)
        {
            self.bad = Some((self.position + 1, byte));
        }
    }
}

/// Returns the encoding, and the length of its byte order mark.
fn encoding_of(raw: &[u8]) -> Result<(Encoding, usize), ListError> {
    let wrong = |what| Err(ListError::NotText { what });
    match raw {
        [0xEF, 0xBB, 0xBF, ..] => Ok((Encoding::Utf8, 3)),
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => wrong("UTF-32"),
        [0xFF, 0xFE, ..] => Ok((Encoding::Utf16Le, 2)),
        [0xFE, 0xFF, ..] => Ok((Encoding::Utf16Be, 2)),
        [b'P', b'K', 3, 4, ..] => wrong("a workbook (.xlsx, .ods) or another zip archive"),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => wrong("an old Excel workbook (.xls)"),
        [0x1F, 0x8B, ..] => wrong("a gzip archive"),
        [0, 1..=0x7F, 0, 1..=0x7F, ..] | [1..=0x7F, 0, 1..=0x7F, 0, ..] => {
            wrong("UTF-16 without a byte order mark")
        }
        _ if raw.iter().take(8).any(|&byte| byte == 0) => wrong("not text but binary data"),
        _ => Ok((Encoding::Utf8, 0)),
    }
}

/// Appends the text of some bytes. Returns how many bytes it took, and whether the next one cannot be text.
fn utf8(raw: &[u8], text: &mut String) -> (usize, bool) {
    match std::str::from_utf8(raw) {
        Ok(all) => {
            text.push_str(all);
            (raw.len(), false)
        }
        Err(error) => {
            let valid = raw.get(..error.valid_up_to()).unwrap_or_default();
            text.push_str(std::str::from_utf8(valid).unwrap_or_default());
            (valid.len(), error.error_len().is_some())
        }
    }
}

/// As [`utf8`].
fn utf16(raw: &[u8], unit: fn([u8; 2]) -> u16, text: &mut String) -> (usize, bool) {
    let units = raw.as_chunks::<2>().0;
    let mut decoded = 0;
    for character in char::decode_utf16(units.iter().map(|&bytes| unit(bytes))) {
        match character {
            Ok(character) => {
                text.push(character);
                decoded += character.len_utf16() * 2;
            }
            Err(error) => {
                // The first half of a character at the end of this piece may still get its second half.
                let cut =
                    decoded + 2 == units.len() * 2 && (0xD800..0xDC00).contains(&error.unpaired_surrogate());
                return (decoded, !cut);
            }
        }
    }
    (decoded, false)
}
