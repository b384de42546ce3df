//! iCalendar (RFC 5545, with 6868, 7986 and 9253 as far as tasks need them): one `VTODO` a task.
//!
//! Read record by record, written task by task. Content lines are read here and not by a library:
//! of those there are, one looks at the whole text at once and leaves out what it does not
//! understand, another loses the line numbers when it unfolds, a third takes a text that is not
//! UTF-8 for the end of the file. A fault here has its line and column, and every property that
//! has no home is named.
//!
//! | file | holds |
//! |---|---|
//! | `lines`, `property` | content lines: unfolding, parameters, escapes, where each stands |
//! | `import`, `todo`, `series`, `alarm`, `notes` | from components to tasks |
//! | `when`, `zones`, `observed`, `windows` | dates, and what a `TZID` means |
//! | `export`, `timezone`, `fold` | from tasks to components |
//! | `agenda` | from due dates to events, for calendars that only show |
//!
//! What iCalendar has no word for goes with `X-TODO-…`: as a property where it stays true whatever
//! another program changes, as a parameter where it belongs to one value and must go with it. So
//! `RRULE;X-TODO-N=3` loses its parameter when another program writes a new rule, and
//! `X-TODO-PROJECT` stays.
//!
//! A `UID` that is a UUID is the task's; any other, and one that is missing, gives a UUID v5
//! (`task_id`), so that the same file again is the same tasks.

mod agenda;
mod alarm;
mod export;
mod fold;
mod import;
mod lines;
mod notes;
mod observed;
mod property;
mod series;
mod timezone;
mod todo;
mod when;
mod windows;
mod zones;

use uuid::Uuid;

use super::Format;
use super::identity::derived;
use crate::task::TaskId;

pub use agenda::agenda;
pub use export::export;
pub use import::import;

/// An instant in UTC.
const STAMP: &str = "%Y%m%dT%H%M%SZ";
/// A wall time.
const WALL: &str = "%Y%m%dT%H%M%S";
/// A day.
const DAY: &str = "%Y%m%d";

/// The task that a `UID` or a `RELATED-TO` names.
fn task_id(uid: &str) -> TaskId {
    // Other forms of a UUID are texts that somebody else has chosen.
    let own = (uid.len() == 36).then(|| Uuid::try_parse(uid).ok()).flatten();
    TaskId(own.unwrap_or_else(|| derived(Format::Icalendar, &[uid])))
}
