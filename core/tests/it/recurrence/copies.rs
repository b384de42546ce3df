//! S8: the next occurrence of a task gets copies of its subtasks.

use todo_core::conformance::given::{DAY, go, rename, title};
use todo_core::conformance::uid;
use todo_core::recurrence::copy_of;
use todo_core::reminder::Trigger;
use todo_core::{Due, NewReminder, NewTask, Note, Status, Task, TaskId, Verb};

use super::{
    completed, day_and_time, due, every, on_schedule, repeating, slot, spawned, with_all_below,
};
use crate::play::Play;

fn offset(text: &str) -> NewReminder {
    NewReminder::new(Trigger::Offset(text.parse().expect("an offset")))
}

fn below(k: u8, parent: u8, due_date: Option<&str>) -> NewTask {
    NewTask {
        parent: Some(uid(parent).into()),
        due_date: due_date.map(due),
        reminders: Some(Vec::new()),
        ..NewTask::new(uid(k), title(&format!("{k} below {parent}")))
    }
}

/// The living tasks below one, by title.
fn under(play: &Play, parent: TaskId) -> Vec<Task> {
    let mut found = play.living();
    found.retain(|task| task.parent.is_some_and(|above| above.uid == parent));
    found.sort_by(|a, b| a.title.as_str().cmp(b.title.as_str()));
    found
}

/// `1 ── 2 ── 4`, and 3 below 1, which repeats every week.
fn family() -> Play {
    let mut play = Play::with("2026-11-21", every("FREQ=WEEKLY"));
    play.create(below(2, 1, Some("2026-11-20")));
    play.create(below(3, 1, None));
    play.create(below(4, 2, Some("2026-11-19T09:00")));
    play
}

#[test]
fn s8_the_next_occurrence_gets_copies() {
    let mut play = family();
    let at: todo_core::Timestamp = "2026-11-25T00:00:00Z".parse().expect("an instant");
    let reminders = vec![offset("-PT1H"), NewReminder::new(Trigger::At(at))];
    let patch = todo_core::TaskPatch {
        reminders: todo_core::RemindersPatch::Set(reminders),
        ..todo_core::TaskPatch::default()
    };
    play.patch(uid(2), patch);
    play.act(2, Verb::Move { to: Status::Completed, cascade: true });
    let (next, ..) = spawned(&play.on(uid(1), with_all_below(Status::Completed)));
    let copies = under(&play, next);
    let titles: Vec<_> = copies.iter().map(|task| task.title.as_str()).collect();
    assert_eq!(titles, ["2 below 1", "3 below 1"]);
    let (two, three) = (&copies[0], &copies[1]);
    assert_eq!((two.uid, three.uid), (copy_of(next, uid(2)), copy_of(next, uid(3))), "derived");
    assert!(copies.iter().all(|task| task.status == Status::Pending), "though these were done");
    assert_eq!((two.due_date, three.due_date), (Some(due("2026-11-27")), None), "a week later");
    // Reminders before the due date are copied; one at an instant was for that time.
    let triggers: Vec<_> = two.reminders.iter().map(|reminder| reminder.trigger).collect();
    assert_eq!(triggers, [offset("-PT1H").trigger]);
    let grandchildren = under(&play, two.uid);
    assert_eq!(grandchildren.len(), 1);
    assert_eq!(grandchildren[0].due_date, Some(due("2026-11-26T09:00")));
    assert_eq!(grandchildren[0].parent.map(|parent| parent.id), Some(two.id));
    // Those of the finished occurrence stay with it.
    assert_eq!(under(&play, uid(1)).len(), 2);
    assert!(under(&play, uid(1)).iter().all(|task| task.status == Status::Completed));
}

/// By as many days as lie between the two due dates, not the two slots.
#[test]
fn s8_dates_move_with_the_due_date() {
    let mut play = family();
    play.patch(uid(1), super::set_due("2026-11-24"));
    let (next, ..) = spawned(&play.on(uid(1), with_all_below(Status::Completed)));
    assert_eq!(day_and_time(play.known(next).due_date), "2026-11-28");
    assert_eq!(under(&play, next)[0].due_date, Some(due("2026-11-24")), "four days later");
}

#[test]
fn s8_what_lies_in_the_trash_is_not_copied() {
    let mut play = family();
    play.act(2, Verb::Delete);
    let (next, ..) = spawned(&play.on(uid(1), with_all_below(Status::Completed)));
    let titles: Vec<_> = under(&play, next).iter().map(|t| t.title.to_string()).collect();
    assert_eq!(titles, ["3 below 1"]);
}

/// A subtask that repeats by itself begins a series of its own below the new occurrence; closed
/// along with what is above it, it makes no other.
#[test]
fn s8_a_series_below_begins_anew() {
    let mut play = family();
    let inner = NewTask {
        parent: Some(uid(1).into()),
        ..repeating(5, "2026-11-21", every("FREQ=DAILY;COUNT=3"))
    };
    let inner = play.create(inner);
    let second = play.complete(uid(5));
    let third = play.complete(second.uid);
    let done = play.on(uid(1), with_all_below(Status::Completed));
    let (next, ..) = spawned(&done);
    assert_eq!(play.known(third.uid).status, Status::Completed);
    assert!(play.known(third.uid).recurrence.is_some(), "closed with the other, it passes nothing");
    let copies: Vec<_> = under(&play, next).into_iter().filter(|t| t.series.is_some()).collect();
    assert_eq!(copies.len(), 1, "of its own series only the newest is copied");
    let copy = &copies[0];
    assert_ne!(copy.series, inner.series);
    let baton = copy.recurrence.as_ref().expect("it holds its own baton");
    assert_eq!((baton.n, baton.anchor), (1, due("2026-11-30")), "the third's day, a week on");
    assert_eq!((copy.due_date, copy.slot), (Some(due("2026-11-30")), Some(slot("2026-11-30"))));
    let fourth = play.complete(copy.uid);
    assert_eq!((fourth.parent.map(|p| p.uid), fourth.series), (Some(next), copy.series));
}

/// Completed by itself, it goes on below the same task.
#[test]
fn s8_a_series_below_goes_on_below() {
    let mut play = family();
    play.create(NewTask {
        parent: Some(uid(2).into()),
        ..repeating(5, "2026-11-21", every("FREQ=DAILY"))
    });
    let next = play.complete(uid(5));
    assert_eq!(next.parent.map(|parent| parent.uid), Some(uid(2)));
    assert_eq!(play.refused(&super::on(uid(2), completed())).code().as_str(), "open_subtasks");
}

/// R5: the clock copies them too, and leaves those of the open occurrence alone.
#[test]
fn s8_the_clock_makes_copies() {
    let mut play = Play::with("2026-11-21", on_schedule("FREQ=DAILY"));
    play.create(below(2, 1, None));
    play.later(DAY);
    let (next, ..) = spawned(&play.spawn());
    assert_eq!(under(&play, next).len(), 1);
    assert!(play.task(2).status.is_open());
}

/// R7: taken back with them, brought back with them, and with the numbers they have (S8).
#[test]
fn r7_copies_go_and_come_with_the_successor() {
    let mut play = family();
    let (next, ..) = spawned(&play.on(uid(1), with_all_below(Status::Completed)));
    let made = play.living().len();
    play.later(1000);
    let done = play.on(uid(1), go(Status::Pending));
    assert_eq!(done.notes, [Note::TakenBack { task: uid(1), successor: next }]);
    assert_eq!(play.living().len(), 4);
    let (again, ..) = spawned(&play.on(uid(1), with_all_below(Status::Completed)));
    assert_eq!((again, play.living().len()), (next, made));
    for task in play.living() {
        if let Some(parent) = task.parent {
            assert_eq!(play.known(parent.uid).id, parent.id, "{task:?}");
        }
    }
    play.undo();
    assert_eq!(play.living().len(), 4);
    play.redo();
    assert_eq!(play.living().len(), made);
}

/// A touched subtask is a touched successor, and so is one more or one fewer.
#[test]
fn r7_a_successor_is_touched_below() {
    let touch: [fn(&mut Play, TaskId, TaskId); 4] = [
        |play, _, copy| drop(play.on(copy, rename("touched"))),
        |play, _, copy| drop(play.on(copy, completed())),
        |play, _, copy| drop(play.on(copy, Verb::Delete)),
        |play, next, _| {
            let more = NewTask { parent: Some(next.into()), ..NewTask::new(uid(9), title("more")) };
            play.create(more);
        },
    ];
    for (which, touch) in touch.into_iter().enumerate() {
        let mut play = Play::with("2026-11-21", every("FREQ=DAILY"));
        play.create(below(2, 1, None));
        let (next, ..) = spawned(&play.on(uid(1), with_all_below(Status::Completed)));
        touch(&mut play, next, copy_of(next, uid(2)));
        let done = play.on(uid(1), go(Status::Pending));
        assert_eq!(done.notes, [], "touch {which}");
        assert!(play.known(next).recurrence.is_some(), "touch {which}");
    }
}

/// What would lie beyond the calendar has no date, nothing that counts from one, and no rule.
#[test]
fn s8_a_copy_beyond_the_calendar_has_no_date() {
    let mut play = Play::with("2099-12-30", every("FREQ=DAILY"));
    let inner = repeating(2, "2099-12-31", every("FREQ=DAILY"));
    let reminders = Some(vec![offset("-P1D")]);
    play.create(NewTask { parent: Some(uid(1).into()), reminders, ..inner });
    let (next, ..) = spawned(&play.on(uid(1), with_all_below(Status::Completed)));
    assert_eq!(play.known(next).due_date, Some(Due::Day(todo_core::time::LAST_DAY)));
    let copy = play.known(copy_of(next, uid(2)));
    assert_eq!((copy.due_date, copy.recurrence, copy.series), (None, None, None));
    assert!(copy.reminders.is_empty(), "{:?}", copy.reminders);
}
