//! What holds of every file in every format.

use std::collections::BTreeMap;

use todo_core::change::{Field, diff};
use todo_core::interchange::{Format, ImportError, Losses, Reading, Writing, export, import};
use todo_core::memory::MemoryStore;
use todo_core::reminder::Reminder;
use todo_core::service::execute;
use todo_core::words::Asking;
use todo_core::{Actor, ActorKind, Command, Ctx, Due, Fate, Import, Owner, Preferences, Task};

/// Reads bytes as a file. It is refused at a place inside it; or else what was read goes out and
/// comes back as the same, but for what is named as lost, and is taken over, once.
pub fn check(format: Format, data: &[u8]) {
    let Some((seed, file)) = data.split_first() else { return };
    let asking = super::asking(*seed);
    let reading = Reading { asking, at: asking.moment.now };
    let imported = match import(format, file, &reading) {
        Ok(imported) => imported,
        Err(error) => return lies_inside(&error, file),
    };
    // A file that says nothing of due dates may name what counts from them: that is for tasks which
    // have theirs here, and none is.
    let counts =
        |task: &Task| task.recurrence.is_some() || task.reminders.iter().any(Reminder::is_offset);
    if imported.tasks.iter().any(|task| task.due_date.is_none() && counts(task)) {
        assert!(imported.keeps.contains(&Field::DueDate), "{imported:?}");
        return;
    }
    let writing = Writing { now: asking.moment.now, zone: reading.zone() };
    let mut text = Vec::new();
    let losses = export(format, &imported.tasks, &writing, &mut text).expect("memory takes all");
    let again = import(format, text.as_slice(), &reading);
    let again =
        again.unwrap_or_else(|error| panic!("{error}:\n{}", String::from_utf8_lossy(&text)));
    comes_back(format, &imported.tasks, &again.tasks, &losses, &text);
    is_taken_once(Import { tasks: imported.tasks, keeps: imported.keeps }, &asking);
}

fn lies_inside(error: &ImportError, file: &[u8]) {
    let ends = file.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
    let (line, column) = match error {
        ImportError::Read(error) => panic!("memory can be read: {error}"),
        ImportError::Encoding { line, column } | ImportError::Syntax { line, column, .. } => {
            (*line, *column)
        }
        ImportError::Cell { line, .. } | ImportError::Record { line, .. } => (*line, 1),
    };
    let longest = file.split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap_or_default();
    // What is missing at the end is missed on the line behind the last one.
    assert!((1..=ends + 2).contains(&line) && column <= longest + 1, "{error}");
}

fn comes_back(format: Format, sent: &[Task], came: &[Task], losses: &Losses, text: &[u8]) {
    let text = || String::from_utf8_lossy(text);
    assert_eq!(came.len() + losses.left_out(), sent.len(), "{}", text());
    // A row there has no identity, and labels are words of its title.
    if format == Format::Todoist {
        return;
    }
    let sent: BTreeMap<_, _> = sent.iter().map(|task| (task.uid, task)).collect();
    for task in came {
        let before = sent.get(&task.uid).unwrap_or_else(|| panic!("{task:?}:\n{}", text()));
        for change in diff(&as_written(before), &as_written(task)) {
            let named = losses.iter().any(|loss| tells_of(&loss.field, change.field()));
            assert!(named, "{change:?} of {before:?}: {losses:?}\n{}", text());
        }
    }
}

/// A task with the offsets that its zone has: one that was stored keeps the one that it had then, and
/// its wall time counts.
fn as_written(task: &Task) -> Task {
    let written = |due: Due| due.to_string().parse().unwrap_or(due);
    let mut task = task.clone();
    task.due_date = task.due_date.map(written);
    task.start_date = task.start_date.map(written);
    if let Some(recurrence) = &mut task.recurrence {
        recurrence.anchor = written(recurrence.anchor);
    }
    task
}

/// Whether a loss of this name may be why a field is another.
fn tells_of(loss: &str, field: Field) -> bool {
    let more: &[&str] = match field {
        Field::CompletedAt | Field::CancelledAt => &["status"],
        Field::Trash => &["status"],
        Field::StartDate | Field::DueDate => &["timezone"],
        Field::Recurrence => &["due_date", "timezone"],
        Field::Series => &["recurrence"],
        Field::Slot => &["series", "recurrence", "due_date", "timezone"],
        _ => &[],
    };
    loss == field.as_str() || more.contains(&loss)
}

fn is_taken_once(import: Import, asking: &Asking) {
    let mut store = MemoryStore::default();
    let ctx = ctx(asking);
    let command = Command::Import(import);
    execute(&mut store, &command, &ctx)
        .unwrap_or_else(|error| panic!("what was read is taken: {error}: {command:?}"));
    let events = store.events(ctx.owner).len();
    let again = execute(&mut store, &command, &ctx).expect("what was taken is taken again");
    let idle = |fate| matches!(fate, Fate::Unchanged | Fate::Left(_));
    assert!(again.items.iter().flatten().all(|item| idle(item.fate)), "{again:?}: {command:?}");
    assert_eq!(store.events(ctx.owner).len(), events, "{command:?}");
}

fn ctx(asking: &Asking) -> Ctx {
    let somebody = "01987200-0000-7000-8000-000000000001".parse().expect("a UUID");
    Ctx {
        owner: Owner(somebody),
        actor: Actor { kind: ActorKind::User, id: somebody },
        now: asking.moment.now,
        zone: asking.moment.zone,
        week_start: asking.moment.week_start,
        preferences: Preferences::default(),
        correlation: somebody,
        causation: None,
    }
}
