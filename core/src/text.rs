//! The texts of a task. A value of one of these types has passed its rules; there is no other way
//! to make one, whether it comes from a person, a file or a peer.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{FieldError, Problem};
use crate::fold::{fold, nfc};

/// Longest title, in Unicode scalar values.
pub const TITLE_MAX: usize = 500;
/// Longest description, in Unicode scalar values.
pub const DESCRIPTION_MAX: usize = 10_000;
/// Longest project path, in Unicode scalar values.
pub const PROJECT_MAX: usize = 100;
/// Longest tag, in Unicode scalar values.
pub const TAG_MAX: usize = 50;
/// Most tags on one task.
pub const TAGS_MAX: usize = 50;

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $field:literal, $check:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Checks and normalises a text.
            pub fn new(text: &str) -> Result<Self, FieldError> {
                $check(text)
                    .map(|text| Self(text.into_boxed_str()))
                    .map_err(|problem| FieldError::new($field, problem))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = FieldError;
            fn try_from(text: String) -> Result<Self, FieldError> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_type!(
    /// What is to be done: one line of 1–500 characters, trimmed, NFC.
    Title, "title", title
);
text_type!(
    /// More about it, in Markdown: at most 10 000 characters, NFC, line ends as LF.
    Description, "description", description
);
text_type!(
    /// Where it belongs: levels separated by `/`, at most 100 characters, trimmed, NFC.
    Project, "project", project
);
text_type!(
    /// A label of 1–50 characters without spaces, commas, `#` and `@`.
    Tag, "tags", tag
);

impl Project {
    /// Whether this project is `other` or lies below it, compared folded (Q2).
    pub fn is_within(&self, other: &Self) -> bool {
        is_within(self.as_str(), &fold(other.as_str()))
    }
}

/// Whether `project` is the folded path `ancestor` or lies below it.
pub fn is_within(project: &str, ancestor: &str) -> bool {
    is_within_folded(&fold(project), ancestor)
}

/// The same for a project that is folded already.
pub fn is_within_folded(project: &str, ancestor: &str) -> bool {
    project.strip_prefix(ancestor).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// At most 50 tags, each once when compared without case, in the order they were given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<Tag>", into = "Vec<Tag>")]
pub struct Tags(Vec<Tag>);

impl Tags {
    /// Takes the first spelling of each tag.
    pub fn new(tags: impl IntoIterator<Item = Tag>) -> Result<Self, FieldError> {
        let mut unique = Self::default();
        let mut tags = tags.into_iter();
        while let Some(tag) = tags.next() {
            unique.push(tag);
            if unique.0.len() > TAGS_MAX {
                // Each is compared with all before it: a long list must not be gone through.
                let got = unique.0.len() + tags.count();
                return Err(FieldError::new("tags", Problem::TooMany { max: TAGS_MAX, got }));
            }
        }
        Ok(unique)
    }

    /// Checks each text, then the whole.
    pub fn parse<S: AsRef<str>>(texts: &[S]) -> Result<Self, FieldError> {
        let tags = texts.iter().map(|text| Tag::new(text.as_ref())).collect::<Result<Vec<_>, _>>();
        Self::new(tags?)
    }

    /// These tags without `remove` and with `add` behind them. One that is in both is written
    /// anew where it stands, so that asking twice changes nothing the second time (S2).
    pub fn edited(&self, add: &[Tag], remove: &[Tag]) -> Result<Self, FieldError> {
        let gone: Vec<_> = remove.iter().map(|tag| fold(tag.as_str())).collect();
        let kept = self.0.iter().filter_map(|tag| {
            let folded = fold(tag.as_str());
            if gone.contains(&folded) {
                add.iter().find(|added| fold(added.as_str()) == folded)
            } else {
                Some(tag)
            }
        });
        Self::new(kept.chain(add).cloned())
    }

    fn push(&mut self, tag: Tag) {
        if !self.contains(&fold(tag.as_str())) {
            self.0.push(tag);
        }
    }

    /// Whether a tag is among them, given its folded form.
    pub fn contains(&self, folded: &str) -> bool {
        self.0.iter().any(|tag| fold(tag.as_str()) == folded)
    }

    /// The tags in order.
    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.0.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<Vec<Tag>> for Tags {
    type Error = FieldError;
    fn try_from(tags: Vec<Tag>) -> Result<Self, FieldError> {
        Self::new(tags)
    }
}

impl From<Tags> for Vec<Tag> {
    fn from(tags: Tags) -> Self {
        tags.0
    }
}

/// Whether there is nothing in a text but printable ASCII, as in most texts.
pub fn is_printable_ascii(text: &str) -> bool {
    // Without a way out in the middle, so that many bytes are looked at at once.
    text.bytes().fold(true, |all, b| all & (b' '..=b'~').contains(&b))
}

/// Whether a character ends a line in some program that reads us.
fn breaks_line(c: char) -> bool {
    matches!(c, '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Refuses C0 controls other than TAB and LF, and what is too long before it is worked on.
fn plain(text: &str, max: usize) -> Result<(), Problem> {
    // A character has at most 4 bytes, and NFC at most 3 characters for one: past this bound no
    // normal form can fit, and a huge text is refused without being copied.
    if text.len() > max * 12 {
        return Err(Problem::TooLong { max, got: text.chars().count() });
    }
    no_control(text)
}

/// Refuses C0 controls other than TAB and LF: no text of a task holds one, and not every store
/// could be asked for it.
pub fn no_control(text: &str) -> Result<(), Problem> {
    match text.chars().enumerate().find(|(_, c)| *c < ' ' && !matches!(c, '\t' | '\n')) {
        Some((at, c)) => Err(Problem::Control { code: u32::from(c), position: at + 1 }),
        None => Ok(()),
    }
}

fn bounded(text: String, max: usize) -> Result<String, Problem> {
    if text.len() > max {
        let got = text.chars().count();
        if got > max {
            return Err(Problem::TooLong { max, got });
        }
    }
    Ok(text)
}

fn one_line(text: &str, max: usize) -> Result<String, Problem> {
    let text = text.trim();
    if is_printable_ascii(text) && (1..=max).contains(&text.len()) {
        // Most texts: nothing in them to refuse or to normalise.
        return Ok(text.to_owned());
    }
    plain(text, max)?;
    if text.is_empty() {
        return Err(Problem::Blank);
    }
    if text.contains(breaks_line) {
        return Err(Problem::LineBreak);
    }
    bounded(nfc(text).into_owned(), max)
}

fn title(text: &str) -> Result<String, Problem> {
    one_line(text, TITLE_MAX)
}

fn description(text: &str) -> Result<String, Problem> {
    // What is pasted from Windows is not refused for its line ends.
    let text = if text.contains("\r\n") { &text.replace("\r\n", "\n") } else { text };
    plain(text, DESCRIPTION_MAX)?;
    if text.trim().is_empty() {
        return Err(Problem::Blank);
    }
    bounded(nfc(text).into_owned(), DESCRIPTION_MAX)
}

fn project(text: &str) -> Result<String, Problem> {
    let text = one_line(text, PROJECT_MAX)?;
    if text.split('/').all(|level| !level.is_empty() && level.trim().len() == level.len()) {
        return Ok(text);
    }
    let levels: Vec<_> = text.split('/').map(str::trim).collect();
    if levels.iter().any(|level| level.is_empty()) {
        return Err(Problem::EmptyLevel);
    }
    Ok(levels.join("/"))
}

fn tag(text: &str) -> Result<String, Problem> {
    let text = one_line(text, TAG_MAX)?;
    let fits = |b: u8| b.is_ascii_graphic() && !matches!(b, b',' | b'#' | b'@');
    if text.bytes().fold(true, |all, b| all & fits(b)) {
        return Ok(text);
    }
    match text.chars().find(|c| c.is_whitespace() || matches!(c, ',' | '#' | '@')) {
        Some(c) => Err(Problem::TagCharacter(c)),
        None => Ok(text),
    }
}
