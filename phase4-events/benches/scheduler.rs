//! How fast the scheduler is (SPEC 11), by hand: `cargo bench -p todo-events --bench scheduler`.
//!
//! On a file in the folder for temporary files, or on the empty database that `TODO_BENCH_DATABASE`
//! names. First 10 000 reminders that are overdue, of 1 000 owners and then each of another owner, which
//! is the dearest case; then 1 000 a second for ten seconds, each of another owner and moment. Late is
//! when the round that settled it was over.

use std::io::{self, Write};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};

use todo_core::due::Due;
use todo_core::event::{Actor, EventData, Seq};
use todo_core::reminder::{Firing, Preferences, Trigger};
use todo_core::service::Server;
use todo_core::task::TaskId;
use todo_core::{
    ActorKind, Bulk, Command, Ctx, Item, NewReminder, NewTask, Owner, Timestamp, Title, Zone,
};
use todo_events::metrics::Measures;
use todo_events::scheduler::Scheduler;
use todo_store::{DatabaseUrl, Options, Store};
use todo_web::{
    App, Clock, Keys, Parts, PasswordCost, Passwords, Registration, Secret, SessionCache, fresh_id,
};
use tokio::time::{Instant, sleep};

const ALL: i64 = 10_000;
/// Of so many owners.
const FEW: i64 = 1_000;
/// Owners who plan at a time.
const AT_ONCE: usize = 32;

type Done<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Done<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure())
}

async fn measure() -> Done<()> {
    let folder = tempfile::tempdir()?;
    let url = match std::env::var("TODO_BENCH_DATABASE") {
        Ok(url) => url.parse()?,
        Err(_) => DatabaseUrl::Sqlite(folder.path().join("todo.db")),
    };
    let app = app(Store::open(&url, &Options::default()).await?)?;
    app.store.migrate().await?;
    stream::iter(0..ALL)
        .map(|n| app.store.add_owner(owner(n), Zone::UTC))
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    let mut scheduler = Scheduler::new(app.clone(), Measures::of(&app));

    for owners in [FEW, ALL] {
        let overdue = app.clock.now().plus_millis(-60_000);
        plan(&app, owners, |_| overdue).await?;
        let began = Instant::now();
        while scheduler.round().await?.looked + scheduler.finish().await? > 0 {}
        let took = began.elapsed();
        let rate = f64::from(u32::try_from(ALL)?) / took.as_secs_f64();
        writeln!(
            io::stdout(),
            "{ALL} overdue of {owners} owners: {took:.1?}, {rate:.0}/s (goal: 15 s)"
        )?;
    }

    let first = app.clock.now().plus_millis(90_000);
    plan(&app, ALL, |n| first.plus_millis(n)).await?;
    let mut late = steady(&app, &mut scheduler, first).await?;
    late.sort_unstable();
    let at = |share: usize| late.get(late.len() * share / 100).copied();
    writeln!(
        io::stdout(),
        "1 000/s, {} sent: p50 {:?} ms, p99 {:?} ms, longest {:?} ms late (goal: p99 250)",
        late.len(),
        at(50).unwrap_or_default(),
        at(99).unwrap_or_default(),
        late.last().unwrap_or(&0)
    )?;
    Ok(())
}

/// Waits for what is planned, and answers how late each was: from its instant until the round was over
/// that settled it.
async fn steady(app: &App, scheduler: &mut Scheduler, first: Timestamp) -> Done<Vec<i64>> {
    let begin = app.clock.now();
    if begin > first {
        return Err("it took too long to plan".into());
    }
    sleep(Duration::from_millis(u64::try_from(first.millis() - begin.millis())?)).await;
    let (mut rounds, mut sent) = (Vec::new(), 0);
    while sent < ALL {
        let began = app.clock.now();
        let round = scheduler.round().await?;
        rounds.push((began, app.clock.now()));
        sent += i64::try_from(round.looked)?;
        sleep(round.rest.min(Duration::from_millis(20))).await;
    }
    let mut late = Vec::new();
    for firing in settled(app, first).await? {
        let at = rounds.partition_point(|(began, _)| *began <= firing.settled_at);
        let (_, over) = at.checked_sub(1).and_then(|at| rounds.get(at)).ok_or("settled early")?;
        if firing.settled_at < firing.at {
            return Err("a reminder was early".into());
        }
        late.push(over.millis() - firing.at.millis());
    }
    Ok(late)
}

/// What became of the reminders for this moment and later.
async fn settled(app: &App, first: Timestamp) -> Done<Vec<Firing>> {
    let mut settled = Vec::new();
    for n in 0..ALL {
        for entry in app.store.read_history(owner(n), Seq(0), 100).await? {
            if let EventData::Reminded { firing, .. } = entry.envelope()?.data {
                settled.push(firing);
            }
        }
    }
    settled.retain(|firing| firing.at >= first);
    Ok(settled)
}

/// A reminder for each number, at its instant; so many owners take turns.
async fn plan(app: &App, owners: i64, at: impl Fn(i64) -> Timestamp) -> Done<()> {
    let at = &at;
    let plans = stream::iter(0..owners).map(|first| async move {
        let now = app.clock.now();
        let items = (first..ALL).step_by(usize::try_from(owners)?).map(|n| {
            let instant = at(n);
            let reminders = Some(vec![NewReminder::new(Trigger::At(instant))]);
            let due_date = Some(Due::at(instant.wall(Zone::UTC), Zone::UTC, None));
            let new = NewTask::new(
                TaskId(fresh_id(now)),
                Title::new("Dentist").map_err(|error| error.problem.to_string())?,
            );
            Ok(Item::Create(Box::new(NewTask { due_date, reminders, ..new })))
        });
        let items = items.collect::<Done<Vec<_>>>()?;
        let owner = owner(first);
        let ctx = Ctx {
            owner,
            actor: Actor { kind: ActorKind::User, id: owner.0 },
            now,
            zone: Zone::UTC,
            week_start: chrono::Weekday::Mon,
            preferences: Preferences::default(),
            correlation: fresh_id(now),
            causation: None,
        };
        let command = Command::Bulk(Bulk { items, atomic: true });
        Server::scheduled(&app.store).execute(&command, &ctx).await?;
        Done::Ok(())
    });
    plans.buffer_unordered(AT_ONCE).try_collect().await
}

/// As random at its end as the ids of accounts are.
fn owner(n: i64) -> Owner {
    Owner(uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, &n.to_be_bytes()))
}

fn app(store: Store) -> Done<App> {
    let keys = Keys::new(&Secret::new(&[7; 32])?, None);
    Ok(App::new(Parts {
        store,
        clock: Clock::of_the_machine(),
        cursors: keys.cursors(),
        keys,
        passwords: Passwords::new(PasswordCost { memory: 8, passes: 1, lanes: 1 })?,
        registration: Registration::Open,
        sessions: SessionCache::default(),
        scheduled: true,
    }))
}
