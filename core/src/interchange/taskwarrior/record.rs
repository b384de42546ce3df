//! One of Taskwarrior's records as it was read. It borrows its texts from the buffer.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use uuid::Uuid;

use crate::wire::Text;

/// What a record says.
#[derive(Default)]
pub(super) struct Record<'a> {
    pub(super) uuid: Uuid,
    pub(super) description: Cow<'a, str>,
    pub(super) status: Cow<'a, str>,
    pub(super) entry: Stamp<'a>,
    pub(super) modified: Stamp<'a>,
    pub(super) start: Stamp<'a>,
    pub(super) end: Stamp<'a>,
    pub(super) due: Stamp<'a>,
    pub(super) wait: Stamp<'a>,
    pub(super) until: Stamp<'a>,
    pub(super) project: Option<Text<'a>>,
    pub(super) priority: Option<Text<'a>>,
    pub(super) tags: Vec<Text<'a>>,
    pub(super) annotations: Vec<Annotation<'a>>,
    /// Of an occurrence, its template.
    pub(super) parent: Option<Uuid>,
    /// How it repeats.
    pub(super) recur: Option<Text<'a>>,
    /// Of a template, a sign for each occurrence that was made.
    pub(super) mask: Option<Text<'a>>,
    /// Of an occurrence, its place in the mask.
    pub(super) imask: Option<u32>,
    /// The names of all other fields that hold something.
    pub(super) others: Vec<Cow<'a, str>>,
}

/// An instant as it is written.
pub(super) type Stamp<'a> = Option<Text<'a>>;

/// A remark, with when it was made.
#[derive(Deserialize)]
pub(super) struct Annotation<'a> {
    #[serde(borrow)]
    pub(super) entry: Stamp<'a>,
    #[serde(borrow)]
    pub(super) description: Text<'a>,
}

/// What Taskwarrior derives, or keeps for itself.
const DERIVED: &[&str] = &["id", "urgency", "rtype", "last", "template"];

/// A place in the mask. Versions write it as `1`, `"1"` and `1.000000`.
fn place(value: &Value) -> Option<u32> {
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    text.split('.').next()?.parse().ok()
}

// By hand, because `#[serde(flatten)]` copies every value to find the names that are left over.
impl<'de> Deserialize<'de> for Record<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Record<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a task of Taskwarrior's")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut record = Record::default();
                let (mut uuid, mut description, mut status) = (None, None, None);
                while let Some(Text(name)) = map.next_key::<Text<'de>>()? {
                    match &*name {
                        "uuid" => uuid = Some(map.next_value()?),
                        "description" => description = Some(map.next_value::<Text<'de>>()?.0),
                        "status" => status = Some(map.next_value::<Text<'de>>()?.0),
                        "entry" => record.entry = map.next_value()?,
                        "modified" => record.modified = map.next_value()?,
                        "start" => record.start = map.next_value()?,
                        "end" => record.end = map.next_value()?,
                        "due" => record.due = map.next_value()?,
                        "wait" => record.wait = map.next_value()?,
                        "until" => record.until = map.next_value()?,
                        "project" => record.project = map.next_value()?,
                        "priority" => record.priority = map.next_value()?,
                        "tags" => record.tags = map.next_value()?,
                        "annotations" => record.annotations = map.next_value()?,
                        "parent" => record.parent = map.next_value()?,
                        "recur" => record.recur = map.next_value()?,
                        "mask" => record.mask = map.next_value()?,
                        "imask" => record.imask = place(&map.next_value()?),
                        name if DERIVED.contains(&name) => drop(map.next_value::<IgnoredAny>()?),
                        _ => {
                            if map.next_value::<Option<IgnoredAny>>()?.is_some() {
                                record.others.push(name);
                            }
                        }
                    }
                }
                let missing = de::Error::missing_field;
                record.uuid = uuid.ok_or_else(|| missing("uuid"))?;
                record.description = description.ok_or_else(|| missing("description"))?;
                record.status = status.ok_or_else(|| missing("status"))?;
                Ok(record)
            }
        }
        deserializer.deserialize_map(Object)
    }
}
