//! Text from elsewhere, opened: in UTF-8, of the format that was expected, and with an end. What is
//! wrong with it is said in the same words in every format.

mod lines;
mod looks;

use std::io::{BufRead, Chain, Cursor, Read};

pub(super) use lines::{Lines, RawLines};
pub(super) use looks::Looks;

use super::ImportError;

/// Longest line, record and component, in bytes.
pub(super) const RECORD_MAX: usize = 1 << 20;
/// How much of a text is looked at to tell what it is, in bytes.
const HEAD_MAX: u64 = 1 << 12;

/// A text behind the mark that says UTF-8.
pub(super) type Opened<R> = Chain<Cursor<Vec<u8>>, R>;

/// Opens a text, and answers what it looks like by its beginning.
pub(super) fn open<R: BufRead>(mut source: R) -> Result<(Opened<R>, Looks), ImportError> {
    let mut head = Vec::new();
    source.by_ref().take(HEAD_MAX).read_to_end(&mut head)?;
    let is_wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    if is_wide || head.iter().take(2).any(|byte| *byte == 0) {
        let what = "this looks like UTF-16; save the file in UTF-8".to_owned();
        return Err(ImportError::Syntax { line: 1, column: 1, what });
    }
    if head.starts_with(b"\xef\xbb\xbf") {
        head.drain(..3);
    }
    let looks = Looks::of(&head);
    Ok((Cursor::new(head).chain(source), looks))
}

/// Bytes as the text that they must be; `place` answers line and column of one of them.
pub(super) fn text(
    bytes: &[u8],
    place: impl FnOnce(usize) -> (usize, usize),
) -> Result<&str, ImportError> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let (line, column) = place(error.valid_up_to());
            return Err(ImportError::Encoding { line, column });
        }
    };
    if let Some(at) = text.find('\0') {
        let (line, column) = place(at);
        let what = "a NUL, which no text holds; save the file in UTF-8".to_owned();
        return Err(ImportError::Syntax { line, column, what });
    }
    Ok(text)
}

/// How many characters begin among these bytes.
pub(super) fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xc0) != 0x80).count()
}

/// What is said of a part that is longer than [`RECORD_MAX`].
pub(super) fn too_long(part: &str) -> String {
    format!("this {part} is longer than 1 MiB, more than any task")
}
