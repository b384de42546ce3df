//! Random histories: what people and programs could do to a handful of tasks.
//!
//! Eight identities are all there are, so commands meet the same tasks again and again; stale
//! versions, unknown references and impossible wishes are among them, for a refusal is an answer
//! that stores must agree on too.

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::{select, subsequence};

use super::given::{DAY, due, instant, tags, title, uid};
use crate::command::{
    Action, Bulk, Command, Item, NewTask, Patch, RemindersPatch, Scope, TagsPatch, TaskPatch, Verb,
};
use crate::due::Due;
use crate::recurrence::{Basis, NewRecurrence, Recurrence, Slot, Spawn, series_of};
use crate::reference::TaskRef;
use crate::reminder::{NewReminder, ReminderId, Reminders, Trigger};
use crate::step::StepNo;
use crate::task::{Parent, Priority, Revision, Status, Task, TaskId, TaskNo, Trash};
use crate::text::{Description, Project, Tag, Tags, Title};
use crate::time::Timestamp;

/// A command, and how long after the one before it comes.
#[derive(Debug, Clone)]
pub struct Move {
    /// In milliseconds.
    pub wait: i64,
    /// What is asked.
    pub command: Command,
}

/// What somebody did, in order.
pub type History = Vec<Move>;

/// Histories of up to 30 commands.
pub fn history() -> impl Strategy<Value = History> {
    let wait = prop_oneof![
        6 => 0..10_000_i64,
        2 => Just(DAY),
        // Across the bound of the trash (S4).
        1 => Just(30 * DAY),
        1 => Just(31 * DAY),
    ];
    vec((wait, command()).prop_map(|(wait, command)| Move { wait, command }), 1..30)
}

/// One of the commands.
pub fn command() -> impl Strategy<Value = Command> {
    let bulk = (vec(item(), 1..6), any::<bool>())
        .prop_map(|(items, atomic)| Command::Bulk(Bulk { items, atomic }));
    prop_oneof![
        12 => item().prop_map(Command::One),
        3 => bulk,
        3 => Just(Command::Undo(None)),
        1 => (0..40_u64).prop_map(|no| Command::Undo(Some(StepNo(no)))),
        3 => Just(Command::Redo),
        1 => vec(record(), 1..4).prop_map(|tasks| Command::Import(tasks.into())),
        1 => btree_set(known(), 0..8).prop_map(Command::PurgeExpired),
        1 => btree_set(known(), 0..8).prop_map(Command::SpawnDue),
        1 => btree_set(known(), 0..8).prop_map(Command::Remind),
    ]
}

fn item() -> impl Strategy<Value = Item> {
    let create = new_task().prop_map(|new| Item::Create(Box::new(new)));
    let expect = prop_oneof![4 => Just(None), 1 => (1..5_u64).prop_map(|v| Some(Revision(v)))];
    let act = (reference(), verb(), expect)
        .prop_map(|(task, verb, expect)| Item::Act(Action { task, verb, expect }));
    prop_oneof![1 => create, 2 => act]
}

fn known() -> impl Strategy<Value = TaskId> + Clone {
    (0..8_u8).prop_map(uid)
}

fn reference() -> impl Strategy<Value = TaskRef> {
    prop_oneof![
        8 => known().prop_map(TaskRef::Uid),
        4 => (1..9_u64).prop_map(|no| TaskRef::No(TaskNo(no))),
        1 => select(vec!["aaaa", "bbbb01", "aaaa0", "bbbb0300", "cccc"])
            .prop_map(|prefix| TaskRef::Prefix(prefix.into())),
        1 => Just(TaskRef::Uid(uid(99))),
    ]
}

fn verb() -> BoxedStrategy<Verb> {
    let statuses = select(Status::ALL);
    prop_oneof![
        5 => patch().prop_map(|patch| Verb::Change(Box::new(patch))),
        4 => (statuses, any::<bool>()).prop_map(|(to, cascade)| Verb::Move { to, cascade }),
        1 => any::<bool>().prop_map(|cascade| Verb::Skip { cascade }),
        1 => (-1..50_i64).prop_map(|hours| Verb::Snooze { until: hours_on(hours) }),
        2 => Just(Verb::Delete),
        2 => Just(Verb::Restore),
        1 => Just(Verb::Purge),
    ]
    .boxed()
}

/// Some changes to a task.
pub fn patch() -> impl Strategy<Value = TaskPatch> {
    let texts = (option::of(a_title()), patch_of(description()), patch_of(project()));
    let words = (option::weighted(0.1, select(Status::ALL)), option::of(select(Priority::ALL)));
    let dates = (patch_of(date()), patch_of(date()), patch_of(reference()));
    let times = (patch_of(recurrence()), reminders_patch(), option::weighted(0.2, scope()));
    (texts, words, tags_patch(), dates, times).prop_map(|(texts, words, tags, dates, times)| {
        let ((title, description, project), (status, priority)) = (texts, words);
        let (start_date, due_date, parent) = dates;
        let (recurrence, reminders, scope) = times;
        TaskPatch {
            title,
            description,
            status,
            priority,
            project,
            tags,
            parent,
            start_date,
            due_date,
            recurrence,
            reminders,
            scope,
        }
    })
}

fn scope() -> impl Strategy<Value = Scope> {
    select(Scope::ALL)
}

/// Rules of every kind, some of which do not fit every task.
pub fn recurrence() -> impl Strategy<Value = NewRecurrence> {
    let rules = [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=2;COUNT=3",
        "FREQ=WEEKLY;BYDAY=MO,FR",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;BYMONTHDAY=31;UNTIL=20270401",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;COUNT=1",
    ];
    let parts = (select(rules.to_vec()), select(Basis::ALL), select(Spawn::ALL));
    parts.prop_map(|(rule, from, spawn)| {
        let rule = rule.parse().expect("a rule of the suite");
        NewRecurrence { rule, from, spawn }
    })
}

fn hours_on(hours: i64) -> Timestamp {
    instant("2026-11-21T12:00:00Z").plus_millis(hours * 3_600_000)
}

/// Reminders of either kind.
pub fn reminder() -> impl Strategy<Value = NewReminder> {
    let offsets = select(vec!["PT0S", "-PT1H", "-P1D", "-P1W"])
        .prop_map(|text| Trigger::Offset(text.parse().expect("an offset of the suite")));
    let instants = (-50..50_i64).prop_map(|hours| Trigger::At(hours_on(hours)));
    prop_oneof![2 => offsets, 1 => instants].prop_map(NewReminder::new)
}

fn reminders_patch() -> impl Strategy<Value = RemindersPatch> {
    let ids = || vec((1..4_u32).prop_map(ReminderId), 0..2);
    prop_oneof![
        6 => Just(RemindersPatch::Keep),
        1 => vec(reminder(), 0..4).prop_map(RemindersPatch::Set),
        1 => (vec(reminder(), 0..3), ids())
            .prop_map(|(add, remove)| RemindersPatch::Edit { add, remove }),
    ]
}

fn patch_of<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Patch<T>> {
    prop_oneof![3 => Just(Patch::Keep), 1 => Just(Patch::Clear), 1 => value.prop_map(Patch::Set)]
}

fn tags_patch() -> impl Strategy<Value = TagsPatch> {
    let some = || {
        subsequence(WORDS.to_vec(), 0..3).prop_map(|words| {
            words.iter().map(|word| Tag::new(word).expect("a tag of the suite")).collect::<Vec<_>>()
        })
    };
    prop_oneof![
        3 => Just(TagsPatch::Keep),
        1 => tag_set().prop_map(TagsPatch::Set),
        1 => (some(), some()).prop_map(|(add, remove)| TagsPatch::Edit { add, remove }),
    ]
}

const WORDS: [&str; 4] = ["work", "WORK", "straße", "👩‍👩‍👧"];

fn tag_set() -> impl Strategy<Value = Tags> {
    subsequence(WORDS.to_vec(), 0..3).prop_map(|words| tags(&words))
}

fn a_title() -> impl Strategy<Value = Title> {
    let titles = ["a", "Buy milk", "BUY MILK", "Straße \"quoted\" \\ back", "مهمة", "👩‍👩‍👧 day"];
    select(titles.to_vec()).prop_map(title)
}

fn description() -> impl Strategy<Value = Description> {
    let texts = ["a milk\nfor the strasse", "\ttab", "{\"uid\": 1}"];
    select(texts.to_vec()).prop_map(|text| Description::new(text).expect("a text of the suite"))
}

fn project() -> impl Strategy<Value = Project> {
    select(vec!["home", "Home/Garden", "work"])
        .prop_map(|path| Project::new(path).expect("a project of the suite"))
}

/// Days and times around the histories' beginning, on clocks that jump.
pub fn date() -> impl Strategy<Value = Due> {
    let dates = [
        "2026-11-20",
        "2026-11-21",
        "2026-11-22",
        "2026-12-25",
        "2026-11-21T17:00",
        "2026-11-01T01:30-04:00[America/New_York]",
        "2026-11-01T01:30-05:00[America/New_York]",
        "2026-04-24T00:30[Africa/Cairo]",
        "2026-11-22T09:00[Europe/Berlin]",
    ];
    select(dates.to_vec()).prop_map(due)
}

fn new_task() -> impl Strategy<Value = NewTask> {
    let texts = (a_title(), option::of(description()), option::of(project()), tag_set());
    let places = (select(Priority::ALL), option::weighted(0.6, reference()));
    let dates = (option::weighted(0.2, date()), option::of(date()));
    let times = (option::weighted(0.4, recurrence()), option::weighted(0.3, vec(reminder(), 0..3)));
    (known(), texts, places, dates, times).prop_map(|(uid, texts, places, dates, times)| {
        let (title, description, project, tags) = texts;
        let ((priority, parent), (start_date, due_date)) = (places, dates);
        let (recurrence, reminders) = times;
        NewTask {
            uid,
            title,
            description,
            priority,
            project,
            tags,
            parent,
            start_date,
            due_date,
            // One that needs a due date is refused without it; most should be made.
            recurrence: recurrence.filter(|_| due_date.is_some()),
            reminders: reminders.filter(|_| due_date.is_some()),
        }
    })
}

/// A task from elsewhere, as it may come: older or newer, closed, trashed, with a wish for a
/// number, below something that may not be there.
pub fn record() -> impl Strategy<Value = Task> {
    let places = (option::of(known()), 0..12_u64, option::weighted(0.2, 0..40_i64));
    let times = (-3..60_i64, select(Status::ALL), option::of(date()));
    let series = (option::weighted(0.2, date()), 1..4_u32);
    (new_task(), places, times, series).prop_map(|(new, places, times, series)| {
        let ((parent, id, trashed), (age, status, start)) = (places, times);
        let ((slot, n), due) = (series, new.due_date);
        let reminders = Reminders::default().replaced(&new.reminders.unwrap_or_default());
        // One that is no recurrence would refuse all that comes with it.
        let recurrence = new.recurrence.filter(|recurrence| recurrence.check().is_ok());
        let baton = |new: NewRecurrence, anchor| {
            let NewRecurrence { rule, from, spawn } = new;
            Box::new(Recurrence { rule, from, spawn, anchor, n })
        };
        let made = instant("2026-11-21T12:00:00Z");
        let at = made.plus_millis(age * DAY);
        let mut task = Task {
            id: TaskNo(id),
            description: new.description,
            priority: new.priority,
            project: new.project,
            tags: new.tags,
            parent: parent.map(|uid| Parent { uid, id: TaskNo::UNSTAMPED }),
            start_date: start,
            due_date: due,
            recurrence: recurrence.zip(due).map(|(new, due)| baton(new, due)),
            // As it was here, or would be, in a series of its own.
            series: slot.map(|_| series_of(new.uid, Revision::FIRST)),
            slot: slot.map(Slot::of),
            reminders: reminders.expect("reminders of the suite"),
            updated_at: at,
            trash: trashed.map(|days| Trash { at: made.plus_millis(days * DAY), group: new.uid.0 }),
            ..Task::blank(new.uid, new.title, made)
        };
        task.set_status(status, at);
        task
    })
}
