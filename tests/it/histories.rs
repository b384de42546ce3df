//! The law above the rows: whatever is done, every surface answers as the core does.
//!
//! Random sequences of calls are played on the core in memory and on another surface, call by
//! call, and then both are asked what they hold. A call costs a process where the surface is one,
//! so the histories are few and short; the stores have laws of their own, with many more.

mod calls;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};
use todo_core::Timestamp;
use todo_core::conformance::cases;
use todo_tests::each_surface;
use todo_tests::scenarios::call::{Answer, Call};
use todo_tests::scenarios::play::everything;
use todo_tests::surfaces::asked::{Change, Draft, How, Question, Ref, Refs, Which};
use todo_tests::surfaces::memory::Memory;
use todo_tests::surfaces::told::{Refusal, Seen};
use todo_tests::surfaces::{Ability, Surface};

use calls::{History, MONTH, Move, history, of_something};

/// Histories tried on each surface; `PROPTEST_CASES` asks for more.
const HISTORIES: u32 = 24;
macro_rules! law {
    // The core agrees with itself.
    ([], memory, $surface:ty,) => {};
    ([$($needs:meta)?], $name:ident, $surface:ty,) => {
        #[test]
        $(#[$needs])?
        fn $name() {
            let mut config = cases(HISTORIES);
            config.max_shrink_iters = 256;
            // What surfaces share goes with the last of them.
            let _shared = <$surface>::fresh();
            let outcome = runner(config)
                .run(&history(), |history| {
                    play(&mut <$surface>::fresh(), &history, <$surface>::can)
                });
            outcome.unwrap_or_else(|error| panic!("{error}"));
        }
    };
}

each_surface!(law!());

/// The same histories each time, so that a failure is of what was changed; other ones each time where
/// `PROPTEST_CASES` says how many.
fn runner(config: Config) -> TestRunner {
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return TestRunner::new(config);
    }
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// A surface, and the steps it has answered, in order: their numbers are its own affair.
struct Side<'s> {
    surface: &'s mut dyn Surface,
    steps: Vec<u64>,
}

/// What the surface cannot be asked is not asked of either.
fn play(surface: &mut dyn Surface, history: &History, can: fn(Ability) -> bool) -> TestCaseResult {
    let mut reference = Memory::fresh();
    let mut ours = Side { surface, steps: Vec::new() };
    let mut theirs = Side { surface: &mut reference, steps: Vec::new() };
    let mut now: Timestamp = "2026-11-21T12:00:00Z".parse().expect("an instant");
    for Move { wait, call, how } in &history.moves {
        now = now.plus_millis(*wait);
        ours.surface.travel(now, history.zone);
        theirs.surface.travel(now, history.zone);
        if *wait > MONTH {
            // What the trash has kept too long is gone at once, but steps tell of it until it is
            // cleared away. When that happens is each surface's own; after a write it has.
            write(&mut ours, &mut theirs)?;
        }
        let call = theirs.sensible(call);
        if !call.needs(how).all(can) {
            continue;
        }
        let (answer, expected) = (ours.ask(&call, how), theirs.ask(&call, how));
        let refused = matches!(expected, Answer::Refused(_));
        proptest::prop_assert_eq!(answer, expected, "{:?} {:?}", call, how);
        if matches!(call, Call::RemindNow) || (refused && theirs.goes_by_the_clock()) {
            // So it is with what the clock has brought, where no reminder was to be settled, or the call
            // was refused: before or after that was made.
            write(&mut ours, &mut theirs)?;
        }
    }
    let lists = questions().into_iter().map(|question| Call::List(Box::new(question)));
    let how = How::default();
    let last = lists.chain([Call::Today, Call::RemindNow]);
    for call in last.filter(|call| call.needs(&How::default()).all(can)) {
        let (answer, expected) = (ours.ask(&call, &how), theirs.ask(&call, &how));
        proptest::prop_assert_eq!(answer, expected, "at the end: {:?}", call);
    }
    Ok(())
}

/// A write on both. What the clock has brought is told of by whichever write made it: this one, or one
/// that was refused.
fn write(ours: &mut Side<'_>, theirs: &mut Side<'_>) -> TestCaseResult {
    let call = Call::Add(Draft { title: "later".to_owned(), ..Draft::default() });
    let how = How::default();
    let [answer, expected] = [ours.ask(&call, &how), theirs.ask(&call, &how)].map(without_notes);
    proptest::prop_assert_eq!(answer, expected);
    Ok(())
}

fn without_notes(answer: Answer) -> Answer {
    match answer {
        Answer::Done(mut done) => {
            done.notes.clear();
            Answer::Done(done)
        }
        other => other,
    }
}

impl Side<'_> {
    /// Whether there is a series whose tasks the clock brings.
    fn goes_by_the_clock(&mut self) -> bool {
        let all = everything(self.surface).unwrap_or_default();
        let by_clock = |task: &Seen| {
            task.recurrence.as_ref().is_some_and(|recurrence| recurrence["spawn"] == "on_schedule")
        };
        all.iter().any(by_clock)
    }

    fn ask(&mut self, call: &Call, how: &How) -> Answer {
        let steps = &self.steps;
        let saved = |name: &str| steps.get(name.parse::<usize>().ok()?).copied();
        let answer = call.ask(self.surface, how, saved);
        if let Some(step) = answer.step().filter(|step| !self.steps.contains(step)) {
            self.steps.push(step);
        }
        self.comparable(answer)
    }

    /// Without what each surface has of its own: uids, the numbers of steps, and the order in
    /// which one command's tasks come.
    fn comparable(&self, answer: Answer) -> Answer {
        let place = |step: Option<u64>| {
            step.and_then(|step| self.steps.iter().position(|own| *own == step)).map(|at| at as u64)
        };
        match answer {
            Answer::Done(mut done) => {
                done.step = place(done.step);
                for tasks in [&mut done.changed, &mut done.unchanged, &mut done.purged] {
                    tasks.iter_mut().for_each(anonymous);
                    tasks.sort_by_key(|task| task.id);
                }
                done.refused.iter_mut().for_each(plain);
                done.notes.sort_by_key(|note| (note.task, note.note.clone()));
                Answer::Done(done)
            }
            Answer::Seen(mut tasks) => {
                tasks.iter_mut().for_each(anonymous);
                Answer::Seen(tasks)
            }
            Answer::Refused(mut refusal) => {
                plain(&mut refusal);
                Answer::Refused(refusal)
            }
            Answer::Fired(mut fired) => {
                fired.sort();
                Answer::Fired(fired)
            }
            other => other,
        }
    }

    /// Leaves out of a call what rules do not decide: what becomes of an unknown name among
    /// several (a surface's ability), which of two faults is told first, what it means to repeat a
    /// task without a due date (another ability), whether a reminder can be set and another taken
    /// away by one call, and whether one that is purged along with a task above it is looked for
    /// again. A step that does not exist becomes the newest.
    fn sensible(&mut self, call: &Call) -> Call {
        let all = everything(self.surface).unwrap_or_default();
        let there = |task: &Ref, trash: bool| {
            let found = all.iter().find(|seen| seen.id.to_string() == task.0);
            found.is_some_and(|seen| trash || seen.deleted_at.is_none())
        };
        let keep = |tasks: &mut Which, trash: bool| {
            let Which::Named(tasks) = tasks else { return };
            if tasks.0.len() > 1 {
                tasks.0.retain(|task| there(task, trash));
            }
            if tasks.0.is_empty() {
                tasks.0.push(Ref::from(1));
            }
        };
        let mut call = call.clone();
        match &mut call {
            Call::Edit { tasks, set } => {
                keep(tasks, false);
                let several = match tasks {
                    Which::Named(Refs(tasks)) => tasks.len() > 1 || !there(&tasks[0], false),
                    Which::Meant(_) => true,
                };
                let without_due = |task: &Ref| {
                    let found = all.iter().find(|seen| seen.id.to_string() == task.0);
                    found.is_none_or(|seen| seen.due_date.is_none())
                };
                let bare = match (&set.due_date, tasks) {
                    (Change::Set(_), _) => false,
                    (Change::Clear, _) | (_, Which::Meant(_)) => true,
                    (Change::Keep, Which::Named(Refs(tasks))) => tasks.iter().any(without_due),
                };
                if bare && matches!(set.recurrence, Change::Set(_)) {
                    set.recurrence = Change::Keep;
                    **set = of_something(std::mem::take(&mut **set));
                }
                let unknown = matches!(&set.parent, Change::Set(parent) if !there(parent, false));
                if unknown && several {
                    set.parent = Change::Keep;
                    **set = of_something(std::mem::take(&mut **set));
                }
            }
            Call::Start(tasks)
            | Call::Complete(tasks)
            | Call::Cancel(tasks)
            | Call::Skip(tasks)
            | Call::Reopen(tasks) => keep(tasks, false),
            Call::Delete(tasks) | Call::Restore(tasks) => keep(tasks, true),
            Call::Purge(tasks) => {
                keep(tasks, true);
                if let Which::Named(Refs(tasks)) = tasks {
                    let named = tasks.clone();
                    tasks.retain(|task| !goes_with_another(task, &named, &all));
                }
            }
            Call::Remind { add: Some(_), remove, .. } => remove.clear(),
            Call::Undo(step) => {
                let known =
                    |name: &String| name.parse::<usize>().is_ok_and(|n| n < self.steps.len());
                *step = step.take().filter(known);
            }
            _ => {}
        }
        call
    }
}

/// Whether a task lies below another of those that are named.
fn goes_with_another(task: &Ref, named: &[Ref], all: &[Seen]) -> bool {
    let above = |id: &str| {
        let found = all.iter().find(|seen| seen.id.to_string() == id)?;
        found.parent.map(|parent| parent.to_string())
    };
    let mut parents = std::iter::successors(above(&task.0), |id| above(id));
    parents.any(|parent| named.iter().any(|other| other.0 == parent))
}

/// A series is named after the uid that began it.
fn anonymous(task: &mut Seen) {
    task.uid.clear();
    task.series.iter_mut().for_each(String::clear);
}

fn plain(refusal: &mut Refusal) {
    refusal.message.clear();
    refusal.candidates.sort_unstable();
    refusal.current.iter_mut().for_each(|task| anonymous(task));
}

/// What both are asked at the end.
fn questions() -> Vec<Question> {
    let word = |due: &str| Question { due: Some(due.to_owned()), ..Question::everything() };
    let sorted = |keys: &str| Question { sort: Some(keys.to_owned()), ..Question::everything() };
    vec![
        Question::default(),
        Question::everything(),
        Question::trash(),
        sorted("-due,title"),
        sorted("priority,-updated"),
        word("overdue"),
        word("week"),
        Question { search: Some("STRASSE".to_owned()), ..Question::everything() },
        Question { project: vec!["home".to_owned()], ..Question::everything() },
        Question { parent: Some(Ref("none".to_owned())), ..Question::everything() },
    ]
}
