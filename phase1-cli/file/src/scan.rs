//! Reading a file's text once, from front to back, for those who only look.
//!
//! A list needs every task but not where it stands, and a change of settings the other way round.
//! Making a [`Document`](crate::document::Document) first would read everything twice.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use todo_core::wire::TaskRecord;

/// Shows each task to `see`; answers the document's format. The text is read to its end, so a
/// fault anywhere in it is an error here.
pub(crate) fn tasks<'t>(
    text: &'t str,
    see: &mut dyn FnMut(TaskRecord<'t>) -> Result<(), String>,
) -> Result<Option<u64>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let format = deserializer.deserialize_map(Tasks(see))?;
    deserializer.end()?;
    Ok(format)
}

struct Tasks<'s, 't>(&'s mut dyn FnMut(TaskRecord<'t>) -> Result<(), String>);

impl<'t> Visitor<'t> for Tasks<'_, 't> {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with \"format\" and \"tasks\"")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Option<u64>, A::Error> {
        let (mut format, mut seen) = (None, false);
        let Self(see) = self;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "format" => format = Some(map.next_value()?),
                "tasks" if seen => return Err(A::Error::custom("\"tasks\" occurs twice")),
                "tasks" => {
                    map.next_value_seed(Rows(&mut *see))?;
                    seen = true;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(format)
    }
}

struct Rows<'s, 't>(&'s mut dyn FnMut(TaskRecord<'t>) -> Result<(), String>);

impl<'t> DeserializeSeed<'t> for Rows<'_, 't> {
    type Value = ();
    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'t> Visitor<'t> for Rows<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of tasks")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut rows: A) -> Result<(), A::Error> {
        while let Some(row) = rows.next_element::<TaskRecord<'t>>()? {
            (self.0)(row).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

/// A part of the document that is the user's own, if it stands before the tasks, as it does in
/// every file written here. What comes behind is not looked at.
pub(crate) fn part(text: &str, name: &str) -> Option<Map<String, Value>> {
    let mut found = None;
    // It ends in an error where the tasks begin: there is no other way to stop reading.
    let head = Head { name, found: &mut found };
    let stopped = serde_json::Deserializer::from_str(text).deserialize_map(head);
    stopped.err().and(found)
}

struct Head<'f> {
    name: &'f str,
    found: &'f mut Option<Map<String, Value>>,
}

impl<'de> Visitor<'de> for Head<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "tasks" => return Err(A::Error::custom("the tasks begin here")),
                name if name == self.name => *self.found = Some(map.next_value()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}
