//! The shape of a row. What is not described here is refused, so that a slip of the pen is not
//! taken for a test.

use chrono::Weekday;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use todo_core::query::Moment;
use todo_core::stats::{Stats, Tally};
use todo_core::{Timestamp, Zone, time};
use uuid::Uuid;

use super::call::Call;
use super::signs::{self, Named};
use crate::surfaces::Ability;
use crate::surfaces::asked::{Draft, How};
use crate::surfaces::told::{Filters, Fired, Note, Seen, Taken, Urgency};

/// When a row begins unless it says otherwise: noon on a Saturday.
const NOW: &str = "2026-11-21T12:00:00Z";

/// One scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What it shows, in a few words; unique in its file.
    pub name: String,
    /// The rules of the specification that it follows from; `§1` is a section.
    pub rules: Vec<String>,
    /// What a surface must have to play it.
    #[serde(default)]
    pub needs: Vec<Ability>,
    /// When it begins.
    #[serde(default = "noon")]
    pub now: Timestamp,
    /// Where the asker is.
    #[serde(default = "utc", deserialize_with = "zone")]
    pub zone: Zone,
    /// The tasks that are there, numbered from 1.
    #[serde(default)]
    pub given: Vec<Given>,
    /// What is done, in order.
    pub steps: Vec<Step>,
}

/// A task that is there.
#[derive(Debug, Clone)]
pub struct Given {
    /// As it was added.
    pub draft: Draft,
    /// The status it was then brought to.
    pub status: Option<String>,
    /// Whether it was then deleted.
    pub deleted: bool,
    /// When all of that was, if not when the row begins.
    pub at: Option<Timestamp>,
}

/// One call, and what it must come to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// How much later than the step before, such as `90s` or `31d`.
    pub after: Option<String>,
    /// Or the moment itself.
    pub now: Option<Timestamp>,
    /// From here on the asker is elsewhere.
    #[serde(default, deserialize_with = "maybe_zone")]
    pub zone: Option<Zone>,
    /// A [`Call`], with signs such as `$uid 1` that stand for what is only known then.
    #[serde(rename = "do")]
    pub call: Value,
    /// How it is asked.
    #[serde(default)]
    pub with: How,
    /// A name for the step it leaves, for a later undo; or for where the next page begins.
    pub save: Option<String>,
    /// What it must come to.
    pub then: Then,
}

/// What is expected. What is not named is not looked at, but for refusals: one that is not
/// expected is always a fault.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Then {
    /// It is refused.
    pub refused: Option<Refused>,
    /// Exactly these changed; in any order.
    pub changed: Option<Vec<Sight>>,
    /// Exactly these were as wished already.
    pub unchanged: Option<Vec<Sight>>,
    /// Exactly these are no more.
    pub purged: Option<Vec<Sight>>,
    /// Exactly these of several were refused.
    pub items: Vec<Item>,
    /// Whether there is a step; or which one, by its saved name.
    pub step: Option<StepThen>,
    /// The one task that is answered.
    pub task: Option<Map<String, Value>>,
    /// The tasks of a list or an export, by number, in order.
    pub ids: Option<Vec<u64>>,
    /// The same, with more of each than the number.
    pub tasks: Option<Vec<Map<String, Value>>>,
    /// Of a page: whether there is `more`, and the `total` if that was asked.
    pub page: Option<Map<String, Value>>,
    /// Exactly so urgent, for exactly these reasons.
    pub urgency: Option<Urgency>,
    /// Statistics, by name; what they say of a day under its date.
    pub stats: Option<Map<String, Value>>,
    /// Exactly these saved filters: the one saved, none that is removed, or all.
    pub filters: Option<Filters>,
    /// Exactly these notes came of it, in order.
    pub notes: Option<Vec<Map<String, Value>>>,
    /// Exactly these reminders, in the order of their time.
    pub reminders: Option<Vec<Map<String, Value>>>,
    /// Exactly these due dates follow.
    pub coming: Option<Vec<String>>,
    /// Counts of an import.
    pub taken: Option<Map<String, Value>>,
    /// Every task, the trash included, is as it was before.
    pub unaltered: bool,
}

/// What is expected of a page beside its tasks.
#[derive(Debug, Default, Serialize)]
pub(super) struct Around {
    /// Whether another one follows.
    pub(super) more: bool,
    /// How many tasks there are on all.
    pub(super) total: Option<u64>,
}

/// A task by its number, or by some of its fields.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Sight {
    /// Its number.
    Id(u64),
    /// Fields; `id` must be among them.
    Fields(Map<String, Value>),
}

/// A refusal by its code, or by more.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Refused {
    /// Its code.
    Code(String),
    /// Its code and details.
    Details(Details),
}

/// What is looked at in a refusal.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Details {
    /// The stable code.
    pub code: String,
    /// The faulty fields, in any order.
    pub fields: Option<Vec<String>>,
    /// The candidates, in any order.
    pub candidates: Option<Vec<u64>>,
    /// Fields of the task as it stands.
    pub current: Option<Map<String, Value>>,
    /// Of words, where the trouble begins and ends, in characters.
    pub place: Option<(u64, u64)>,
}

/// One refused item of several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The task.
    pub task: u64,
    /// The stable code.
    pub code: String,
}

/// What is expected of a step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum StepThen {
    /// Whether there is one.
    Is(bool),
    /// The one saved under this name.
    Named(String),
}

fn noon() -> Timestamp {
    NOW.parse().expect("an instant")
}

fn utc() -> Zone {
    Zone::UTC
}

fn zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zone, D::Error> {
    let name = String::deserialize(deserializer)?;
    time::zone(&name).map_err(serde::de::Error::custom)
}

fn maybe_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Zone>, D::Error> {
    zone(deserializer).map(Some)
}

/// A draft with three names more. Serde's own `flatten` would let any name pass.
impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let mut map = Map::deserialize(deserializer)?;
        let mut take = |name: &str| map.remove(name).unwrap_or_default();
        let (status, deleted, at) = (take("status"), take("deleted"), take("at"));
        let deleted = if deleted.is_null() { Value::Bool(false) } else { deleted };
        let draft = signs::replace(Value::Object(map), &|_| None).map_err(Error::custom)?;
        Ok(Self {
            draft: serde_json::from_value(draft).map_err(Error::custom)?,
            status: serde_json::from_value(status).map_err(Error::custom)?,
            deleted: serde_json::from_value(deleted).map_err(Error::custom)?,
            at: serde_json::from_value(at).map_err(Error::custom)?,
        })
    }
}

impl Row {
    /// What a surface must have to play it: what it says, and what its steps ask for.
    pub fn needs(&self) -> impl Iterator<Item = Ability> {
        let asked = |step: &Step| {
            let call = serde_json::from_value::<Call>(Self::replaced(step).ok()?).ok();
            call.map(|call| call.needs(&step.with))
        };
        self.needs.iter().copied().chain(self.steps.iter().filter_map(asked).flatten())
    }

    /// A call in which something stands for every sign.
    fn replaced(step: &Step) -> Result<Value, String> {
        signs::replace(step.call.clone(), &|_: Named<'_>| Some(Uuid::max().to_string()))
    }

    /// Looks at what the types alone do not say.
    pub fn check(&self) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("{:?}: {what}", self.name));
        if self.rules.is_empty() || self.steps.is_empty() {
            return wrong("a row follows from a rule and has steps");
        }
        for step in &self.steps {
            let call = Self::replaced(step)?;
            if let Err(error) = serde_json::from_value::<Call>(call) {
                return wrong(&format!("{}: {error}", step.call));
            }
            if step.then == Then::default() {
                return wrong(&format!("{} expects nothing", step.call));
            }
            let then = &step.then;
            unknown(then.names(), &Seen::default(), "a task")
                .or_else(|| unknown(keys(then.taken.as_ref()), &Taken::default(), "an import"))
                .or_else(|| unknown(keys_of(then.notes.as_ref()), &Note::default(), "a note"))
                .or_else(|| {
                    unknown(keys_of(then.reminders.as_ref()), &Fired::default(), "a reminder")
                })
                .or_else(|| unknown(keys(then.page.as_ref()), &Around::default(), "a page"))
                .or_else(|| unknown(keys(then.stats.as_ref()), &no_stats(), "statistics"))
                .map_or(Ok(()), |problem| wrong(&problem))?;
        }
        Ok(())
    }
}

impl Then {
    /// Every name by which a field of a task is expected.
    fn names(&self) -> impl Iterator<Item = &str> {
        let sights = [&self.changed, &self.unchanged, &self.purged].into_iter().flatten().flatten();
        let maps = sights.filter_map(|sight| match sight {
            Sight::Id(_) => None,
            Sight::Fields(map) => Some(map),
        });
        let current = match &self.refused {
            Some(Refused::Details(details)) => details.current.as_ref(),
            _ => None,
        };
        maps.chain(&self.task)
            .chain(self.tasks.iter().flatten())
            .chain(current)
            .flat_map(Map::keys)
            .map(String::as_str)
    }
}

/// Statistics of no tasks, for their names.
fn no_stats() -> Stats {
    let (now, zone) = (noon(), Zone::UTC);
    let moment = Moment { now, zone, owner_zone: zone, week_start: Weekday::Mon };
    Tally::new(moment).finish()
}

fn keys(map: Option<&Map<String, Value>>) -> impl Iterator<Item = &str> {
    map.into_iter().flat_map(Map::keys).map(String::as_str)
}

fn keys_of(maps: Option<&Vec<Map<String, Value>>>) -> impl Iterator<Item = &str> {
    maps.into_iter().flatten().flat_map(Map::keys).map(String::as_str)
}

/// The first name that a shape does not have.
fn unknown<'n>(
    names: impl Iterator<Item = &'n str>,
    shape: &impl Serialize,
    what: &str,
) -> Option<String> {
    let shape = serde_json::to_value(shape).unwrap_or_default();
    let mut names = names.filter(|name| shape.get(name).is_none());
    names.next().map(|name| format!("{what} has no {name:?}"))
}
