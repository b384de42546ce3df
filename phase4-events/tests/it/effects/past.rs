//! What was past when it was set is told to nobody, whoever or whatever set it; what could only not be told in
//! time is told late (R10).

use serde_json::Value;
use todo_core::command::{Import, Keeps, RemindersPatch};
use todo_core::conformance::given::{DAY, MINUTE, due, go, rename, title};
use todo_core::conformance::{Stage, uid};
use todo_core::event::EventType;
use todo_core::recurrence::Spawn;
use todo_core::reminder::{Reminder, ReminderId, Reminders, Trigger};
use todo_core::task::Trash;
use todo_core::{
    Command, NewRecurrence, NewReminder, NewTask, Owner, Patch, Status, Task, TaskPatch, Timestamp,
    Verb,
};
use todo_events::roles::Background;
use todo_store::Store;
use uuid::Uuid;

use super::notifications::{remind, reminding, until_told};
use super::{on_both, start};
use crate::http::Client;
use crate::support::{START, TestApp, until};

const HOUR: i64 = 60 * MINUTE;
/// An hour after the start, where the suite's owners are.
const SOON: &str = "2026-11-21T18:00+05:00[Asia/Karachi]";
const TOMORROW: &str = "2026-11-22T18:00+05:00[Asia/Karachi]";
/// What says that all before it was told.
const MARK: &str = "mark";

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(START + millis)
}

struct Scene<'t> {
    test: &'t TestApp,
    ann: Client,
    stage: Stage<'t, Store>,
    parts: Background,
    marks: usize,
}

impl<'t> Scene<'t> {
    async fn begin(test: &'t TestApp) -> Self {
        let ann = Client::register(&test.app, "ann").await;
        let owner = Owner(ann.get("/api/auth/me").await.text("/id").parse().expect("an id"));
        let parts = start(&test.app);
        until_told(test).await;
        Self { test, ann, stage: Stage::of(&test.app.store, owner), parts, marks: 0 }
    }

    fn passes(&mut self, millis: i64) {
        self.stage.ctx.now = at(millis);
    }

    /// What the scheduler does at a moment.
    async fn looks(&mut self, millis: i64) {
        self.passes(millis);
        for look in [Command::SpawnDue, Command::Remind] {
            let tasks = self.stage.all().await.iter().map(|task| task.uid).collect();
            self.stage.done(&look(tasks)).await;
        }
    }

    async fn changes(&self, k: u8, patch: TaskPatch) {
        self.stage.act(k, Verb::Change(Box::new(patch))).await;
    }

    async fn task(&self, k: u8) -> Task {
        let tasks = self.stage.all().await;
        tasks.into_iter().find(|task| task.uid == uid(k)).expect("it is there")
    }

    /// Of which tasks what was told until now, the oldest first.
    async fn told(&mut self) -> Vec<String> {
        let mark = reminding(&self.ann, MARK, 1).await;
        remind(self.test, self.stage.ctx.owner, &[mark], at(1_000)).await;
        self.marks += 1;
        let mut all = Vec::new();
        until("the mark", async || {
            let page = self.ann.get("/api/notifications?limit=100").await;
            let items = page.at("/items").as_array().cloned().unwrap_or_default();
            let title = |item: &Value| item["task"]["title"].as_str().map(str::to_owned);
            let kind = |item: &Value| item["kind"].as_str().map(str::to_owned);
            let both = items.iter().rev().filter_map(|item| kind(item).zip(title(item)));
            all = both.collect();
            all.iter().filter(|(_, title)| title == MARK).count() == self.marks
        })
        .await;
        all.retain(|(_, title)| title != MARK);
        all.into_iter().map(|(kind, title)| format!("{kind} {title}")).collect()
    }

    /// How many tasks were counted as made on the first day.
    async fn made(&self, at_least: u64) -> u64 {
        let mut made = 0;
        until("the count", async || {
            let told = self.ann.get("/api/stats/activity").await;
            made = told.at("/days/0/created").as_u64().unwrap_or_default();
            made >= at_least
        })
        .await;
        made
    }
}

/// A task that reminds when it is due.
fn timed(k: u8, name: &str, text: &str) -> NewTask {
    NewTask { due_date: Some(due(text)), ..NewTask::new(uid(k), title(name)) }
}

fn repeating(new: NewTask, spawn: Spawn) -> NewTask {
    let rule = "FREQ=DAILY".parse().expect("a rule");
    NewTask { recurrence: Some(NewRecurrence { spawn, ..NewRecurrence::new(rule) }), ..new }
}

fn at_instant(millis: i64) -> NewReminder {
    NewReminder::new(Trigger::At(at(millis)))
}

fn put_off(text: &str) -> TaskPatch {
    TaskPatch { due_date: Patch::Set(due(text)), ..TaskPatch::default() }
}

fn more(reminder: NewReminder) -> TaskPatch {
    let reminders = RemindersPatch::Edit { add: vec![reminder], remove: Vec::new() };
    TaskPatch { reminders, ..TaskPatch::default() }
}

fn imported(tasks: Vec<Task>) -> Command {
    Command::Import(Import { tasks, keeps: Keeps::default() })
}

/// R5, S8: the clock makes a task a moment after it should have reminded, or long after; what lies below it
/// as well.
async fn a_series_reminds_of_its_subtasks(test: &TestApp) {
    let mut scene = Scene::begin(test).await;
    let garden = NewTask { reminders: Some(Vec::new()), ..timed(1, "garden", SOON) };
    scene.stage.create(repeating(garden, Spawn::OnSchedule)).await;
    let water = NewTask { parent: Some(uid(1).into()), ..timed(2, "water", SOON) };
    scene.stage.create(water).await;
    scene.looks(HOUR).await;
    scene.looks(DAY + HOUR + 3).await;
    assert_eq!(scene.told().await, ["reminder water"; 2]);
    scene.looks(4 * DAY + 3 * HOUR).await;
    assert_eq!(
        scene.told().await[2..],
        ["late_reminder water"],
        "after a time in which nothing ran"
    );
    scene.parts.end().await;
}

/// R5: one that comes late itself has begun when there was somebody to tell of it, though its times were before.
async fn a_series_that_comes_late_goes_on_late(test: &TestApp) {
    const YESTERDAY: &str = "2026-11-20T16:30+05:00[Asia/Karachi]";
    let mut scene = Scene::begin(test).await;
    scene.stage.create(repeating(timed(1, "water", YESTERDAY), Spawn::OnSchedule)).await;
    scene.looks(0).await;
    assert_eq!(scene.told().await, ["late_reminder water"], "today's, and not yesterday's");
    scene.parts.end().await;
}

/// R5: as one that is done makes the next with its subtasks.
async fn what_is_made_of_one_that_is_done_reminds_in_time(test: &TestApp) {
    let mut scene = Scene::begin(test).await;
    scene.stage.create(repeating(timed(1, "garden", SOON), Spawn::OnCompletion)).await;
    let water = NewTask { parent: Some(uid(1).into()), ..timed(2, "water", SOON) };
    scene.stage.create(water).await;
    scene.passes(HOUR / 2);
    scene.stage.act(1, Verb::Move { to: Status::Completed, cascade: true }).await;
    scene.looks(DAY + HOUR).await;
    let mut told = scene.told().await;
    told.sort();
    assert_eq!(told, ["reminder garden", "reminder water"]);
    scene.parts.end().await;
}

/// SPEC 9: an import makes no notifications, whatever it does to series that are here.
async fn a_series_that_an_import_ends_is_told_to_nobody(test: &TestApp) {
    let mut scene = Scene::begin(test).await;
    for (k, name) in [(1, "ruled"), (2, "done"), (4, "deleted")] {
        scene.stage.create(repeating(timed(k, name, TOMORROW), Spawn::OnCompletion)).await;
    }
    scene.stage.add(5, "above").await;
    let below = NewTask { parent: Some(uid(5).into()), ..timed(6, "below", TOMORROW) };
    scene.stage.create(repeating(below, Spawn::OnCompletion)).await;
    let last = "FREQ=DAILY;COUNT=1".parse().expect("a rule");
    let last =
        TaskPatch { recurrence: Patch::Set(NewRecurrence::new(last)), ..TaskPatch::default() };
    scene.changes(2, last).await;
    scene.passes(HOUR);
    let now = scene.stage.ctx.now;
    let trash = Some(Trash { at: now, group: Uuid::from_u128(7) });
    let come = vec![
        Task { recurrence: None, updated_at: now, ..scene.task(1).await },
        Task { status: Status::Completed, updated_at: now, ..scene.task(2).await },
        Task { trash, updated_at: now, ..scene.task(5).await },
    ];
    let outcome = scene.stage.done(&imported(come)).await;
    let ended = outcome.events.iter().filter(|event| event.event_type == EventType::SeriesEnded);
    assert_eq!(ended.count(), 3, "{outcome:?}");
    scene.stage.act(4, Verb::Delete).await;
    assert_eq!(scene.told().await, ["series_ended deleted"]);
    scene.parts.end().await;
}

/// Whoever makes a task or changes it knows what is past by then.
async fn what_is_set_for_the_past_reminds_nobody(test: &TestApp) {
    let mut scene = Scene::begin(test).await;
    for k in [1, 2, 3, 4, 5, 6] {
        scene.stage.create(timed(k, "task", TOMORROW)).await;
    }
    scene.stage.add(7, "plain").await;
    scene.stage.create(timed(8, "soon", SOON)).await;
    scene.passes(HOUR / 2);
    scene.changes(8, put_off(TOMORROW)).await;
    scene.passes(2 * HOUR);
    scene.stage.undo(None).await;
    scene.changes(1, more(at_instant(HOUR))).await;
    scene.changes(2, put_off(SOON)).await;
    scene.changes(3, put_off("2026-11-21")).await;
    let other = RemindersPatch::Set(vec![at_instant(-3 * DAY)]);
    scene.changes(4, TaskPatch { reminders: other, ..TaskPatch::default() }).await;
    scene.changes(7, put_off(SOON)).await;
    for n in 0..20 {
        scene.stage.act(1, rename(&format!("task {n}"))).await;
    }
    // By an import, of what was here already: another reminder, the same at another time, another date.
    let now = scene.stage.ctx.now;
    let five = scene.task(5).await;
    let mut moved: Vec<Reminder> = five.reminders.clone().into();
    moved[0].trigger = Trigger::At(at(HOUR));
    let moved = Reminders::try_from(moved).expect("reminders");
    let six = scene.task(6).await;
    let come = vec![
        Task { reminders: moved, updated_at: now, ..five },
        Task { due_date: Some(due(SOON)), updated_at: now, ..six },
    ];
    scene.stage.done(&imported(come)).await;
    // What was typed now, the first of a series as well: it was made by somebody, and no series.
    scene.stage.create(timed(9, "typed", SOON)).await;
    for (k, spawn) in [(10, Spawn::OnCompletion), (11, Spawn::OnSchedule)] {
        scene.stage.create(repeating(timed(k, "typed", SOON), spawn)).await;
    }
    scene.looks(3 * HOUR).await;
    let fired = scene.stage.load(&Command::Remind((1..=11).map(uid).collect()).needs()).await;
    assert_eq!(fired.firings.len(), 11, "all of it is settled");
    assert_eq!(scene.told().await, [""; 0]);
    scene.parts.end().await;
}

/// R10: what nobody could send is sent late, whatever else became of its task meanwhile.
async fn what_was_delayed_is_told_whatever_else_changed(test: &TestApp) {
    let mut scene = Scene::begin(test).await;
    for k in 1..=8 {
        scene.stage.create(timed(k, &format!("task {k}"), SOON)).await;
    }
    let absolute = NewTask { reminders: Some(vec![at_instant(HOUR)]), ..timed(9, "task 9", SOON) };
    scene.stage.create(absolute).await;
    scene.passes(2 * HOUR);
    for n in 0..120 {
        scene.stage.act(1, rename(&format!("task {n}"))).await;
    }
    scene.stage.act(1, rename("renamed")).await;
    scene.stage.act(2, go(Status::Completed)).await;
    scene.stage.act(2, go(Status::Pending)).await;
    scene.changes(3, more(at_instant(5 * HOUR))).await;
    scene.stage.act(4, go(Status::InProgress)).await;
    // The same instant, elsewhere.
    scene.changes(5, put_off("2026-11-21T14:00+01:00[Europe/Berlin]")).await;
    scene.stage.act(6, Verb::Delete).await;
    scene.stage.act(6, Verb::Restore).await;
    scene.changes(7, more(at_instant(6 * HOUR))).await;
    let remove = vec![ReminderId(2)];
    let fewer = RemindersPatch::Edit { add: Vec::new(), remove };
    scene.changes(7, TaskPatch { reminders: fewer, ..TaskPatch::default() }).await;
    // As it came, but for its title.
    let eight = Task { title: title("came"), ..scene.task(8).await };
    let come = vec![Task { updated_at: scene.stage.ctx.now, ..eight }];
    scene.stage.done(&imported(come)).await;
    // It does not move with the date, nor with what it says.
    scene.changes(9, put_off(TOMORROW)).await;
    let says = Some(title("go"));
    let other = RemindersPatch::Set(vec![NewReminder { message: says, ..at_instant(HOUR) }]);
    scene.changes(9, TaskPatch { reminders: other, ..TaskPatch::default() }).await;
    scene.looks(3 * HOUR).await;
    let mut told = scene.told().await;
    told.sort();
    let names =
        ["came", "renamed", "task 2", "task 3", "task 4", "task 5", "task 6", "task 7", "task 9"];
    assert_eq!(told, names.map(|name| format!("late_reminder {name}")));
    scene.parts.end().await;
}

/// SPEC 9: a file of which nobody knows when its tasks were made brings a series that was not made here, and
/// tasks that nobody made today.
async fn what_comes_without_a_date_was_not_made_here(test: &TestApp) {
    let mut scene = Scene::begin(test).await;
    let files = [
        ("todotxt", "water due:2026-11-21 rec:1d remind:-PT1H"),
        (
            "csv",
            "title,due_date,recurrence,recurrence_from,recurrence_spawn,reminders\n\
             water,2026-11-21,FREQ=DAILY,schedule,on_schedule,\
             \"[{\"\"id\"\":1,\"\"offset\"\":\"\"-PT1H\"\",\"\"channel\"\":\"\"in_app\"\"}]\"\n",
        ),
        (
            "icalendar",
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VTODO\r\nUID:a\r\n\
             SUMMARY:water\r\nDUE:20261121T090000Z\r\nRRULE:FREQ=DAILY\r\nBEGIN:VALARM\r\n\
             ACTION:DISPLAY\r\nDESCRIPTION:water\r\nTRIGGER;RELATED=END:-PT1H\r\nEND:VALARM\r\n\
             END:VTODO\r\nEND:VCALENDAR\r\n",
        ),
        (
            "todoist",
            "TYPE,CONTENT,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG\n\
             task,water,4,1,,,every day at 09:00,en\n",
        ),
    ];
    for (format, file) in files {
        let taken = scene.ann.import(format, file).await;
        assert_eq!(taken.at("/added"), 1, "{format}: {taken:?}");
    }
    let come = scene.stage.all().await;
    assert!(come.iter().all(|task| task.created_at == at(0) && task.series.is_some()), "{come:?}");
    scene.looks(2 * MINUTE).await;
    assert_eq!(scene.told().await, [""; 0]);
    assert_eq!(scene.made(1).await, 1, "the mark");
    scene.parts.end().await;
}

on_both! {
    a_series_reminds_of_its_subtasks
    a_series_that_comes_late_goes_on_late
    what_is_made_of_one_that_is_done_reminds_in_time
    a_series_that_an_import_ends_is_told_to_nobody
    what_is_set_for_the_past_reminds_nobody
    what_was_delayed_is_told_whatever_else_changed
    what_comes_without_a_date_was_not_made_here
}
