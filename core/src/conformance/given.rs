//! What the cases are made of.

use chrono::Weekday;
use chrono_tz::Asia::Karachi;
use uuid::Uuid;

use crate::Due;
use crate::change::FieldChange;
use crate::command::{Command, Ctx, Item, NewTask, TaskPatch, Verb};
use crate::event::{Actor, ActorKind};
use crate::facts::{Facts, Needs};
use crate::ports::AsyncTaskStore;
use crate::query::{Expression, Filter, Limit, Moment, Order, Page, TaskQuery};
use crate::reminder::Preferences;
use crate::rules::{Plan, plan};
use crate::service::{Outcome, ServiceError, execute_async};
use crate::step::{Step, StepNo};
use crate::task::{Owner, Parent, Status, Task, TaskId, TaskNo};
use crate::text::{Tags, Title};
use crate::time::{Timestamp, Zone};
use crate::words::Asking;

/// The owners that appear in the suite; the first is the only one of a store for one person.
pub const OWNERS: [Owner; 2] = [
    Owner(Uuid::from_u128(0x0198_7f00_0000_7000_8000_0000_0000_0001)),
    Owner(Uuid::from_u128(0x0198_7f00_0000_7000_8000_0000_0000_0002)),
];

/// The cases' zone.
pub const ZONE: Zone = Karachi;
/// A minute.
pub const MINUTE: i64 = 60_000;
/// A day, where no clock is changed.
pub const DAY: i64 = 86_400_000;

/// The suite's identity number `k`. Every second one begins alike, so that short prefixes fit
/// several.
pub const fn uid(k: u8) -> TaskId {
    let head: u128 = if k.is_multiple_of(2) { 0xaaaa } else { 0xbbbb };
    TaskId(Uuid::from_u128(head << 112 | (k as u128) << 104 | 0x7000_8000_0000_0000_0001))
}

/// How many random cases a law is tried on: `PROPTEST_CASES`, or what the test can afford.
pub fn cases(affordable: u32) -> proptest::test_runner::Config {
    let default = proptest::test_runner::Config::default();
    let cases = match std::env::var_os("PROPTEST_CASES") {
        Some(_) => default.cases,
        None => affordable,
    };
    proptest::test_runner::Config { cases, failure_persistence: None, ..default }
}

/// A title that is known to be good.
pub fn title(text: &str) -> Title {
    Title::new(text).expect("a title of the suite")
}

/// Tags that are known to be good.
pub fn tags(words: &[&str]) -> Tags {
    Tags::parse(words).expect("tags of the suite")
}

/// A date that is known to be good, in the suite's zone.
pub fn due(text: &str) -> Due {
    Due::parse(text, None, ZONE).expect("a date of the suite")
}

/// An instant that is known to be good.
pub fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant of the suite")
}

/// An order that is known to be good.
pub fn order(text: &str) -> Order {
    text.parse().expect("an order of the suite")
}

/// An expression (Q9) that is known to be good. What it means is worked out when it is asked.
pub fn expression(text: &str) -> Expression {
    let now = instant("2026-11-21T12:00:00Z");
    let moment = Moment { now, zone: ZONE, owner_zone: ZONE, week_start: Weekday::Mon };
    let asking = Asking { moment, date_order: None };
    Expression::parse(text, &asking, &()).expect("an expression of the suite")
}

/// The numbers of tasks.
pub fn ids(tasks: &[Task]) -> Vec<u64> {
    tasks.iter().map(|task| task.id.0).collect()
}

/// A task as it is apart from when and how often it was written: what undo brings back. A stay in
/// the trash counts as such, not its date, which undo and redo renew.
pub fn content(task: &Task) -> Vec<FieldChange> {
    let blank = Task::blank(task.uid, title("-"), Timestamp::from_millis(0));
    let mut same = task.clone();
    if let Some(trash) = &mut same.trash {
        trash.at = Timestamp::from_millis(0);
    }
    crate::change::diff(&blank, &same)
}

/// A store, somebody who uses it, and the present: noon on Saturday 2026-11-21, UTC.
#[derive(Debug)]
pub struct Stage<'s, S> {
    /// The store.
    pub store: &'s S,
    /// Who asks, and when.
    pub ctx: Ctx,
}

impl<'s, S: AsyncTaskStore> Stage<'s, S> {
    /// The first owner's stage.
    pub fn new(store: &'s S) -> Self {
        Self::of(store, OWNERS[0])
    }

    /// An owner's stage.
    pub fn of(store: &'s S, owner: Owner) -> Self {
        Self { store, ctx: ctx(owner, instant("2026-11-21T12:00:00Z")) }
    }

    /// Lets time pass.
    pub fn later(&mut self, millis: i64) {
        self.ctx.now = self.ctx.now.plus_millis(millis);
    }

    /// Carries out a command.
    pub async fn run(&self, command: &Command) -> Result<Outcome, ServiceError> {
        execute_async(self.store, command, &self.ctx).await
    }

    /// Carries out a command that must succeed.
    pub async fn done(&self, command: &Command) -> Outcome {
        self.run(command).await.unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    /// Makes a task.
    pub async fn add(&self, k: u8, text: &str) -> Task {
        self.create(NewTask::new(uid(k), title(text))).await
    }

    /// Makes a task below another.
    pub async fn add_below(&self, k: u8, parent: u8) -> Task {
        let new = NewTask::new(uid(k), title(&format!("{k} below {parent}")));
        self.create(NewTask { parent: Some(uid(parent).into()), ..new }).await
    }

    /// Makes a task as described.
    pub async fn create(&self, new: NewTask) -> Task {
        let uid = new.uid;
        let outcome = self.done(&Command::One(Item::Create(Box::new(new)))).await;
        outcome.tasks.get(&uid).cloned().expect("a created task is answered")
    }

    /// Does something to a task; `None` once it is purged.
    pub async fn act(&self, k: u8, verb: Verb) -> Option<Task> {
        let outcome = self.done(&Command::One(Item::act(uid(k), verb))).await;
        outcome.tasks.get(&uid(k)).cloned()
    }

    /// Renames a task.
    pub async fn rename(&self, k: u8, text: &str) -> Task {
        self.act(k, rename(text)).await.expect("a renamed task is answered")
    }

    /// Takes back a step, or the newest.
    pub async fn undo(&self, no: Option<StepNo>) -> Outcome {
        self.done(&Command::Undo(no)).await
    }

    /// Plans a command on what is there now, without writing.
    pub async fn plan(&self, command: &Command) -> Plan {
        let facts = self.load(&command.needs()).await;
        plan(&facts, command, &self.ctx).unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    /// Loads facts.
    pub async fn load(&self, needs: &Needs) -> Facts {
        self.store.load(self.ctx.owner, needs).await.expect("facts are loaded")
    }

    /// The kept steps.
    pub async fn steps(&self) -> Vec<Step> {
        self.load(&Needs::all_steps()).await.steps
    }

    /// This moment.
    pub fn moment(&self) -> Moment {
        let Ctx { now, zone, week_start, .. } = self.ctx;
        Moment { now, zone, owner_zone: zone, week_start }
    }

    /// Every answer to a filter, by number.
    pub async fn filtered(&self, filter: Filter) -> Vec<Task> {
        let query = TaskQuery::new(self.moment());
        self.find(&TaskQuery { filter, order: order("id"), limit: Limit::All, ..query }).await.tasks
    }

    /// The answer to a query.
    pub async fn find(&self, query: &TaskQuery) -> Page<Task> {
        self.store.find(self.ctx.owner, query).await.expect("a query is answered")
    }

    /// Every task, the trash included, by number.
    pub async fn all(&self) -> Vec<Task> {
        let living =
            Filter { status: Some(Status::ALL.to_vec()), waiting: true, ..Filter::default() };
        let mut all = self.filtered(living).await;
        all.extend(self.filtered(Filter { trash: true, ..Filter::default() }).await);
        all.sort_by_key(|task| task.id);
        all
    }

    /// Everything that can be seen of a store: to tell that nothing was written.
    pub async fn everything(&self) -> (Vec<Task>, Facts) {
        let facts = self.load(&Needs::all_steps()).await;
        // A store may know no better than that there might be something.
        (self.all().await, Facts { by_clock: false, redo: false, ..facts })
    }
}

/// Who asks, when.
pub fn ctx(owner: Owner, now: Timestamp) -> Ctx {
    Ctx {
        owner,
        actor: Actor { kind: ActorKind::User, id: owner.0 },
        now,
        zone: ZONE,
        week_start: Weekday::Mon,
        preferences: Preferences::default(),
        correlation: Uuid::from_u128(0xc0),
        causation: None,
    }
}

/// A change of title.
pub fn rename(text: &str) -> Verb {
    Verb::Change(Box::new(TaskPatch { title: Some(title(text)), ..TaskPatch::default() }))
}

/// A change of status that takes no subtask along.
pub fn go(to: Status) -> Verb {
    Verb::Move { to, cascade: false }
}

/// A task to be imported, made and changed at `at`.
pub fn record(k: u8, text: &str, at: Timestamp) -> Task {
    Task::blank(uid(k), title(text), at)
}

/// Puts an imported task below another.
pub fn below(parent: u8) -> Option<Parent> {
    Some(Parent { uid: uid(parent), id: TaskNo::UNSTAMPED })
}
