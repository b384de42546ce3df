//! One task a line, as todotxt.org has it:
//! `x 2026-11-22 2026-11-21 Pay the rent +home/flat @bank due:2026-12-01`.
//!
//! The first `+project` is the project, further ones become tags, `@context`s are tags; spaces in a
//! project are written `%20`. (A) is high, (C) and all after it low; (B) and no letter are the
//! middle, which is written without. Keys that are not known here stay in the title word for
//! word. A word of a title that would be taken for a mark is written with a backslash before it.
//!
//! A line without `uid:` gets an identity derived from its text without its marks, its creation
//! date and its place among equal ones, so that the same file can be read twice. The format gives
//! no time of change: the file's own stands for it. It knows neither descriptions nor the trash.

mod export;
mod head;
mod keys;
mod line;
mod reminders;
mod repeat;

use std::collections::{HashMap, HashSet};
use std::io::BufRead;

use chrono::NaiveDate;

pub use export::export;

use super::identity::{Identities, begin_series};
use super::source::Lines;
use super::{Format, ImportError, Imported, Losses, Reading, together};
use crate::change::Field;
use crate::command::Keep;
use crate::task::{Parent, Task, TaskId, TaskNo};
use crate::text::Title;
use crate::time::{LAST_DAY, Timestamp, Zone};
use keys::Key;
use line::{IN_TITLE, Line, Link};

/// The day of an instant, as near as a line can have it.
fn day(at: Timestamp, zone: Zone) -> NaiveDate {
    at.day(zone).clamp(NaiveDate::default(), LAST_DAY)
}

/// Reads lines.
pub fn import(source: impl BufRead, reading: &Reading) -> Result<Imported, ImportError> {
    let mut lines = Lines::new(source)?;
    let looks = lines.looks();
    let mut imported = Imported::default();
    let mut numbers = Vec::new();
    let mut identities = Identities::default();
    let mut names: HashMap<String, usize> = HashMap::new();
    let mut below: Vec<(usize, String)> = Vec::new();
    let mut called: Vec<(usize, Key, String)> = Vec::new();
    let mut unlettered = Vec::new();
    while let Some((number, text)) = lines.next()? {
        if text.trim().is_empty() {
            continue;
        }
        let place = imported.tasks.len();
        if place == 0 && looks.is_other_than(Format::Todotxt) {
            let what = looks.expected(Format::Todotxt, "one task a line");
            return Err(ImportError::Syntax { line: number, column: 1, what });
        }
        let line = Line::read(number, text, reading, &mut imported.losses)?;
        if let Some((uid, column)) = line.own {
            let twice = |what| ImportError::Syntax { line: number, column, what };
            identities.give(uid, number).map_err(twice)?;
        } else {
            let created = line.made.map(|day| day.to_string()).unwrap_or_default();
            identities.derive(place, Format::Todotxt, &[&line.text, &created]);
        }
        if let Some((key, name)) = line.name {
            names.entry(name.clone()).or_insert(place);
            called.push((place, key, name));
        }
        let mut task = line.task;
        match line.parent {
            Some(Link::Uid(uid)) => {
                task.parent = Some(Parent { uid: TaskId(uid), id: TaskNo::UNSTAMPED });
            }
            Some(Link::Name(name)) => below.push((place, name)),
            None => {}
        }
        if line.says_no_priority {
            // Programs that finish a task take its letter away.
            unlettered.push(place);
        }
        numbers.push(number);
        imported.tasks.push(task);
    }
    identities.settle(&mut imported.tasks);
    imported.tasks.iter_mut().for_each(begin_series);
    let linked: HashSet<usize> =
        below.iter().filter_map(|(_, name)| names.get(name)).copied().collect();
    for (place, key, name) in called {
        let task = &mut imported.tasks[place];
        if linked.contains(&place) || name.bytes().all(|byte| byte.is_ascii_digit()) {
            let fate = "a name that counts in its file only; subtasks are found by it";
            imported.losses.add(key.as_str(), fate, task.title.as_str());
        } else {
            put_back(task, key, &name, &mut imported.losses);
        }
    }
    for (place, name) in below {
        let above = names.get(&name).map(|above| imported.tasks[*above].uid);
        let task = &mut imported.tasks[place];
        task.parent = above.map(|uid| Parent { uid, id: TaskNo::UNSTAMPED });
        if above.is_none() {
            put_back(task, Key::Parent, &name, &mut imported.losses);
        }
    }
    for place in unlettered {
        const PRIORITY: &[Keep] = &[Keep::Field(Field::Priority)];
        imported.keeps.add_of(imported.tasks[place].uid, PRIORITY);
    }
    together::check(&imported.tasks, &numbers)?;
    for field in [Field::Description, Field::Trash] {
        imported.keeps.add(Keep::Field(field));
    }
    if imported.tasks.iter().all(|task| task.reminders.is_empty()) {
        imported.keeps.add(Keep::Field(Field::Reminders));
    }
    Ok(imported)
}

/// A word with a key of ours that links no tasks of the file is another program's, and part of the
/// text.
fn put_back(task: &mut Task, key: Key, value: &str, losses: &mut Losses) {
    let key = key.as_str();
    let whole = Title::new(&format!("{} {key}:{value}", task.title.as_str()));
    let fate = if whole.is_ok() { IN_TITLE } else { "no room for it in the title; left out" };
    losses.add(key, fate, task.title.as_str());
    if let Ok(title) = whole {
        task.title = title;
    }
}
