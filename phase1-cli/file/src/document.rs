//! The file's text, and where in it everything stands.
//!
//! ```json
//! {"format": 2, "next_id": 3, "next_seq": 5, "settings": {}, "filters": {}, "tasks": [..],
//!  "firings": [..], "steps": [..]}
//! ```
//!
//! One task a line when this program wrote it; any JSON layout when somebody else did. A document
//! holds the text once and ranges into it, so reading a hundred thousand tasks costs one buffer.

use std::fmt;
use std::fs;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde::de::{self, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use todo_core::batch::NUMBER_MAX;
use todo_core::event::Seq;
use todo_core::reminder::Firing;
use todo_core::{Counters, Step, TaskNo, Zone};

use crate::atomic::backup_path;
use crate::error::FileError;
use crate::legacy;

/// The format that is written. Format 1 is this one without recurrence and reminders, and is read
/// as such.
pub(crate) const FORMAT: u64 = 2;
/// The oldest format that is read as it stands.
const OLDEST: u64 = 1;
/// Largest file that is read, in bytes.
const SIZE_MAX: u64 = 1 << 30;

/// A part of the text.
pub(crate) type Span = Range<usize>;

/// The file's text, in the present format.
#[derive(Debug, Default, Clone)]
pub(crate) struct Source {
    pub(crate) text: Arc<String>,
    /// Whether the file has the first format, which the next write replaces.
    pub(crate) legacy: bool,
}

impl Source {
    /// Reads the file; empty if there is none yet. `zone` is where the first format's local times
    /// are understood.
    pub(crate) fn read(path: &Path, zone: Zone) -> Result<Option<Self>, FileError> {
        // Made by `touch` or `mktemp`, or not there at all, it is a new one. With a backup beside
        // it, it is what a crash or a slip left, and the next two writes would cost the backup.
        let text = read_text(path)?.unwrap_or_default();
        if text.is_empty() {
            let lost = backup_path(path).exists();
            return if lost { Err(FileError::Lost(path.to_owned())) } else { Ok(None) };
        }
        let first = text.trim_start_matches('\u{feff}').trim_start().bytes().next();
        let legacy = first == Some(b'[');
        let text = if legacy {
            legacy::migrate(text.trim_start_matches('\u{feff}'), zone)
                .map_err(|error| FileError::damaged(path, &error))?
        } else {
            text
        };
        Ok(Some(Self { text: Arc::new(text), legacy }))
    }

    /// What a JSON parser is given.
    pub(crate) fn json(&self) -> &str {
        self.text.trim_start_matches('\u{feff}')
    }
}

/// The file as it was read.
#[derive(Debug, Default)]
pub(crate) struct Document {
    text: Arc<String>,
    pub(crate) counters: Counters,
    pub(crate) settings: Option<Span>,
    pub(crate) filters: Option<Span>,
    pub(crate) tasks: Vec<Span>,
    pub(crate) firings: Vec<Span>,
    pub(crate) steps: Vec<Span>,
    /// Names this program does not know, with their values.
    pub(crate) others: Vec<(String, Span)>,
    pub(crate) legacy: bool,
}

/// Where a part of the text stands. Both must be of the same buffer.
fn span(text: &str, part: &str) -> Span {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}

impl Document {
    /// Reads the file; `None` if there is none yet.
    pub(crate) fn read(path: &Path, zone: Zone) -> Result<Option<Self>, FileError> {
        Source::read(path, zone)?.map(|source| Self::parse(&source, path)).transpose()
    }

    /// Finds the parts of a text.
    pub(crate) fn parse(source: &Source, path: &Path) -> Result<Self, FileError> {
        let text = &source.text;
        let parts: Parts<'_> = match serde_json::from_str(source.json()) {
            Ok(parts) => parts,
            Err(error) => return Err(refuse(source, path, &error)),
        };
        check_format(parts.format, path)?;
        let at = |raw: &RawValue| span(text, raw.get());
        let counters = Counters {
            next_id: parts.next_id.unwrap_or_default(),
            next_seq: parts.next_seq.unwrap_or_default(),
        };
        if counters.next_id.0 == 0 || counters.next_seq.0 == 0 {
            return Err(FileError::damaged(path, &"\"next_id\" or \"next_seq\" is missing"));
        }
        if counters.next_id.0.max(counters.next_seq.0) > NUMBER_MAX {
            return Err(FileError::damaged(path, &"\"next_id\" or \"next_seq\" is too large"));
        }
        Ok(Self {
            text: Arc::clone(text),
            counters,
            settings: parts.settings.map(at),
            filters: parts.filters.map(at),
            tasks: parts.tasks.iter().map(|raw| at(raw)).collect(),
            firings: parts.firings.iter().map(|raw| at(raw)).collect(),
            steps: parts.steps.iter().map(|raw| at(raw)).collect(),
            others: parts.others.into_iter().map(|(name, raw)| (name, at(raw))).collect(),
            legacy: source.legacy,
        })
    }

    /// A part's text.
    pub(crate) fn part(&self, span: &Span) -> &str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// The line on which a part begins, from 1.
    pub(crate) fn line(&self, span: &Span) -> usize {
        let before = self.text.get(..span.start).unwrap_or_default();
        before.bytes().filter(|b| *b == b'\n').count() + 1
    }

    /// The line of each task, counted once through the text: asking [`Self::line`] for every one
    /// of a hundred thousand tasks would read the text a hundred thousand times.
    pub(crate) fn task_lines(&self) -> impl Iterator<Item = usize> {
        let mut line = 1;
        let mut counted = 0;
        self.tasks.iter().map(move |span| {
            let between = self.text.get(counted..span.start).unwrap_or_default();
            line += between.bytes().filter(|b| *b == b'\n').count();
            counted = span.start;
            line
        })
    }

    /// What became of reminders.
    pub(crate) fn read_firings(&self, path: &Path) -> Result<Vec<Firing>, FileError> {
        let read = |span: &Span| {
            serde_json::from_str(self.part(span)).map_err(|error| {
                FileError::damaged(path, &format!("firing at line {}: {error}", self.line(span)))
            })
        };
        self.firings.iter().map(read).collect()
    }

    /// The kept steps, the oldest first.
    pub(crate) fn read_steps(&self, path: &Path) -> Result<Vec<Step>, FileError> {
        let read = |span: &Span| {
            serde_json::from_str(self.part(span)).map_err(|error| {
                FileError::damaged(path, &format!("step at line {}: {error}", self.line(span)))
            })
        };
        self.steps.iter().map(read).collect()
    }
}

fn read_text(path: &Path) -> Result<Option<String>, FileError> {
    let meta = match fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(FileError::io("read", path)(error)),
    };
    if !meta.is_file() {
        return Err(FileError::NotAFile(path.to_owned()));
    }
    if meta.len() > SIZE_MAX {
        return Err(FileError::TooLarge { path: path.to_owned(), max: SIZE_MAX });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or_default() + 1);
    let file = fs::File::open(path).map_err(FileError::io("read", path))?;
    file.take(SIZE_MAX).read_to_end(&mut bytes).map_err(FileError::io("read", path))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        FileError::damaged(path, &format!("it is not UTF-8 from byte {at} on"))
    })?;
    Ok(Some(text))
}

/// Format 1 is read like the present one, which has more names; the first has been brought up to
/// it. A newer one is left to a newer program.
pub(crate) fn check_format(format: Option<u64>, path: &Path) -> Result<(), FileError> {
    match format {
        Some(OLDEST..=FORMAT) => Ok(()),
        Some(format) if format > FORMAT => Err(newer(path, format)),
        _ => Err(FileError::damaged(path, &"it has no \"format\": 2")),
    }
}

fn newer(path: &Path, format: u64) -> FileError {
    FileError::Newer { path: path.to_owned(), format, known: FORMAT }
}

/// A text that does not fit: a newer format, whose parts may well look otherwise, or damage.
pub(crate) fn refuse(source: &Source, path: &Path, error: &serde_json::Error) -> FileError {
    match serde_json::from_str::<Probe>(source.json()) {
        Ok(Probe { format: Some(format) }) if format > FORMAT => newer(path, format),
        _ => FileError::damaged(path, &error),
    }
}

#[derive(Deserialize)]
struct Probe {
    format: Option<u64>,
}

#[derive(Default)]
struct Parts<'a> {
    format: Option<u64>,
    next_id: Option<TaskNo>,
    next_seq: Option<Seq>,
    settings: Option<&'a RawValue>,
    filters: Option<&'a RawValue>,
    tasks: Vec<&'a RawValue>,
    firings: Vec<&'a RawValue>,
    steps: Vec<&'a RawValue>,
    others: Vec<(String, &'a RawValue)>,
}

// By hand, because `#[serde(flatten)]` cannot keep what is unknown as it stands.
impl<'de> Deserialize<'de> for Parts<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Parts<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with \"format\" and \"tasks\"")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts<'de>, A::Error> {
                let mut parts = Parts::default();
                let mut seen = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if seen.contains(&name) {
                        let _: IgnoredAny = map.next_value()?;
                        return Err(de::Error::custom(format_args!("{name:?} occurs twice")));
                    }
                    match name.as_str() {
                        "format" => parts.format = Some(map.next_value()?),
                        "next_id" => parts.next_id = Some(map.next_value()?),
                        "next_seq" => parts.next_seq = Some(map.next_value()?),
                        "settings" => parts.settings = Some(map.next_value()?),
                        "filters" => parts.filters = Some(map.next_value()?),
                        "tasks" => parts.tasks = map.next_value()?,
                        "firings" => parts.firings = map.next_value()?,
                        "steps" => parts.steps = map.next_value()?,
                        _ => parts.others.push((name.clone(), map.next_value()?)),
                    }
                    seen.push(name);
                }
                Ok(parts)
            }
        }
        deserializer.deserialize_map(Object)
    }
}
