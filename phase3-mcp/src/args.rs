//! What arguments are made of. Schemas say the one way to write a thing; what models write besides,
//! and cannot be misread, is taken too.

use std::fmt;

use rmcp::model::JsonObject;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, de};
use todo_core::{Patch, Problem, TaskRef};

use crate::fault::Fault;
use crate::schema::NULLABLE;

/// Longest arguments, in bytes of JSON: a description of the full length, escaped, fits twice.
const ARGUMENTS_MAX: usize = 128 * 1024;

/// Reads the arguments of a tool.
pub(crate) fn read<T: DeserializeOwned>(arguments: JsonObject) -> Result<T, Fault> {
    let value = serde_json::Value::Object(arguments);
    serde_path_to_error::deserialize(value).map_err(|error| {
        let place = error.path().to_string();
        let place = if place == "." { String::new() } else { place };
        Fault::arguments(place, error.into_inner().to_string())
    })
}

/// Refuses what is longer than anybody has to say.
pub(crate) fn measured(arguments: &JsonObject) -> Result<(), Fault> {
    let got = serde_json::to_vec(arguments).map_or(0, |bytes| bytes.len());
    let max = ARGUMENTS_MAX;
    if got > max { Err(Fault::TooLong { got, max }) } else { Ok(()) }
}

/// A task as it is named: its number, its uid, or the start of that. Anything else names none, and is
/// looked for among the titles to say what may have been meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TaskArg(pub(crate) String);

impl TaskArg {
    pub(crate) fn reference(&self) -> Result<TaskRef, Problem> {
        let text = self.0.trim();
        text.strip_prefix('#').unwrap_or(text).parse()
    }
}

impl<'de> Deserialize<'de> for TaskArg {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Named;
        impl Visitor<'_> for Named {
            type Value = TaskArg;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the id or the uid of a task")
            }
            fn visit_u64<E: de::Error>(self, id: u64) -> Result<TaskArg, E> {
                Ok(TaskArg(id.to_string()))
            }
            fn visit_i64<E: de::Error>(self, id: i64) -> Result<TaskArg, E> {
                Ok(TaskArg(id.to_string()))
            }
            // Some clients know no other numbers.
            fn visit_f64<E: de::Error>(self, id: f64) -> Result<TaskArg, E> {
                Ok(TaskArg(id.to_string()))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<TaskArg, E> {
                Ok(TaskArg(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Named)
    }
}

impl JsonSchema for TaskArg {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TaskId".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["integer", "string"] })
    }
}

/// A change to a value that may be absent: no name, `null`, or a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Change<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A name that is not there never comes here: the default has kept it.
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

impl<T: JsonSchema> JsonSchema for Change<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        <Option<T>>::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = <Option<T>>::json_schema(generator);
        schema.insert(NULLABLE.to_owned(), true.into());
        schema
    }
    fn inline_schema() -> bool {
        true
    }
}

impl<T> Change<T> {
    /// The change that the core knows.
    pub(crate) fn read<U>(
        self,
        read: impl FnOnce(T) -> Result<U, Fault>,
    ) -> Result<Patch<U>, Fault> {
        Ok(match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(read(value)?),
        })
    }
}

impl Change<String> {
    /// What people write for nothing is nothing.
    pub(crate) fn or_none(self) -> Self {
        match self {
            Self::Set(text) if is_none(&text) => Self::Clear,
            other => other,
        }
    }
}

/// Whether a text stands for no value.
pub(crate) fn is_none(text: &str) -> bool {
    text.trim().is_empty() || text.trim().eq_ignore_ascii_case("none")
}

/// How a task repeats: words or a rule, and how the series goes on where that is not the usual.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Repeats {
    pub(crate) rule: String,
    pub(crate) from: Option<String>,
    pub(crate) spawn: Option<String>,
}

impl<'de> Deserialize<'de> for Repeats {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Parts {
            rule: String,
            from: Option<String>,
            spawn: Option<String>,
        }
        struct Said;
        impl<'de> Visitor<'de> for Said {
            type Value = Repeats;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("words, an RRULE, or an object with `rule`")
            }
            fn visit_str<E: de::Error>(self, rule: &str) -> Result<Repeats, E> {
                Ok(Repeats { rule: rule.to_owned(), ..Repeats::default() })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Repeats, A::Error> {
                let parts = Parts::deserialize(MapAccessDeserializer::new(map))?;
                let Parts { rule, from, spawn } = parts;
                Ok(Repeats { rule, from, spawn })
            }
        }
        deserializer.deserialize_any(Said)
    }
}

impl JsonSchema for Repeats {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Repeats".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [
            { "type": "string" },
            {
                "type": "object",
                "properties": {
                    "rule": { "type": "string" },
                    "from": { "enum": ["schedule", "completion"] },
                    "spawn": { "enum": ["on_completion", "on_schedule"] },
                },
                "required": ["rule"],
            },
        ] })
    }
}

/// Several texts. One alone may stand without a list; commas part it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Texts(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Several;
        impl<'de> Visitor<'de> for Several {
            type Value = Texts;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of texts")
            }
            fn visit_unit<E: de::Error>(self) -> Result<Texts, E> {
                Ok(Texts::default())
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Texts, E> {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Ok(Texts(parts.map(str::to_owned).collect()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = items.next_element()? {
                    texts.push(text);
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_any(Several)
    }
}

impl Texts {
    /// Each of the values, of which none has a comma in it (Q2).
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .flat_map(|text| text.split(','))
            .map(str::trim)
            .filter(|part| !part.is_empty())
    }
}

impl JsonSchema for Texts {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Texts".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": { "type": "string" } })
    }
}
