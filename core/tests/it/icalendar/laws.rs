//! What holds of every task and of every text.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;
use todo_core::conformance::given::{ZONE, content};
use todo_core::conformance::{cases, history::record, uid};
use todo_core::interchange::{Format, import};
use todo_core::recurrence::{Basis, Slot, Spawn};
use todo_core::reminder::{Channel, Offset, ReminderId, Trigger};
use todo_core::{
    Command, Description, Import, Parent, Project, Recurrence, Reminder, Reminders, Revision, Tags,
    Task, TaskNo, Timestamp, Title,
};

use super::{lost, programs, read, reading_in, write_in};
use crate::play::Play;
use crate::recurrence::given as series;

fn instants() -> impl Strategy<Value = Timestamp> {
    (-2_000_000_000_000..4_000_000_000_000_i64).prop_map(Timestamp::from_millis)
}

fn reminder() -> impl Strategy<Value = Reminder> {
    let offset = (0..366_u32, 0..86_400_u32)
        .prop_map(|(days, seconds)| Offset::before(days, seconds).expect("within a year"));
    let trigger =
        proptest::prop_oneof![offset.prop_map(Trigger::Offset), instants().prop_map(Trigger::At)];
    let message = option::of(any::<String>().prop_map(|text| Title::new(&text).ok()));
    (trigger, message, select(Channel::ALL), 1..90_u32).prop_map(
        |(trigger, message, channel, id)| Reminder {
            id: ReminderId(id),
            trigger,
            message: message.flatten(),
            channel,
        },
    )
}

fn reminders() -> impl Strategy<Value = Vec<Reminder>> {
    vec(reminder(), 0..5).prop_map(|mut reminders| {
        let mut kept: Vec<Reminder> = Vec::new();
        for reminder in reminders.drain(..) {
            let alike = |other: &Reminder| {
                other.id == reminder.id
                    || (other.trigger, &other.message, other.channel)
                        == (reminder.trigger, &reminder.message, reminder.channel)
            };
            if !kept.iter().any(alike) {
                kept.push(reminder);
            }
        }
        kept
    })
}

fn recurrence() -> impl Strategy<Value = Recurrence> {
    let spawn = select(Spawn::ALL);
    proptest::prop_oneof![
        3 => (series::rule(), spawn).prop_map(|(rule, spawn)| (rule, Basis::Schedule, spawn)),
        1 => series::plain().prop_map(|rule| (rule, Basis::Completion, Spawn::OnCompletion)),
    ]
    .prop_flat_map(|(rule, from, spawn)| {
        (series::anchor(), 1..40_u32).prop_map(move |(anchor, n)| Recurrence {
            rule: rule.clone(),
            from,
            spawn,
            anchor,
            n,
        })
    })
}

/// A property that may be right, with a value that may be another's.
fn line() -> impl Strategy<Value = String> {
    let names = [
        "DUE",
        "DTSTART",
        "DURATION",
        "RRULE",
        "RDATE",
        "EXDATE",
        "PRIORITY",
        "STATUS",
        "COMPLETED",
        "CREATED",
        "LAST-MODIFIED",
        "DTSTAMP",
        "PERCENT-COMPLETE",
        "CATEGORIES",
        "RELATED-TO",
        "SUMMARY",
        "DESCRIPTION",
        "GEO",
        "X-TODO-ZONE",
        "X-TODO-SLOT",
        "X-TODO-FROM",
        "X-TODO-PROJECT",
        "X-TODO-SERIES",
        "X-TODO-CANCELLED",
        "BEGIN:VALARM\nTRIGGER",
        "BEGIN:VALARM\nTRIGGER;RELATED=END",
        "DUE;TZID=Africa/Cairo",
        "DTSTART;TZID=America/Havana",
        "DTSTART;X-TODO-START=2026-11-21",
        "RRULE;X-TODO-N=4294967295;X-TODO-ANCHOR=2099-12-31",
        "TRIGGER;X-TODO-OFFSET=-P366D",
    ];
    let values = [
        "20261121",
        "19700101",
        "20991231",
        "20991231T235959Z",
        "19700101T000000Z",
        "00000101T000000Z",
        "99991231T235960",
        "20260424T003000",
        "20260308T000000",
        "P1D",
        "-P1W",
        "PT0S",
        "P999999999W",
        "-PT999999999S",
        "P142857142W",
        "FREQ=DAILY",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;COUNT=1000",
        "FREQ=MONTHLY;UNTIL=20991231T235959Z",
        "COMPLETED",
        "CANCELLED",
        "100",
        "0",
        "9",
        "a",
        "",
        "\\",
        "a,b\\,c",
        "UTC",
        "completion",
        "2026-11-21",
    ];
    (select(names.to_vec()), select(values.to_vec())).prop_map(|(name, value)| {
        let end = if name.starts_with("BEGIN") { "\nEND:VALARM" } else { "" };
        format!("{name}:{value}{end}")
    })
}

/// A task of every shape that a store holds, outside the trash.
fn any_task() -> impl Strategy<Value = Task> {
    let texts = (any::<String>(), option::of(any::<String>()), option::of(any::<String>()));
    let words = vec(any::<String>(), 0..5);
    let dates = (option::of(series::anchor()), option::of(series::anchor()));
    let times = (instants(), instants(), instants());
    let repeats = (option::weighted(0.4, recurrence()), reminders(), option::of(series::anchor()));
    (record(), texts, words, dates, times, repeats).prop_map(
        |(mut task, texts, words, dates, times, repeats)| {
            task.title = Title::new(&texts.0).unwrap_or(task.title);
            let description = texts.1.and_then(|text| Description::new(&text).ok());
            task.description = description.or(task.description);
            task.project = texts.2.and_then(|text| Project::new(&text).ok()).or(task.project);
            let fit: Vec<_> =
                words.into_iter().filter(|word| Tags::parse(&[word]).is_ok()).collect();
            task.tags = Tags::parse(&fit).unwrap_or_default();
            (task.id, task.version) = (TaskNo::UNSTAMPED, Revision::FIRST);
            task.parent = task.parent.filter(|parent| parent.uid != task.uid);
            (task.start_date, task.due_date) = dates;
            (task.created_at, task.updated_at) = (times.0, times.1);
            task.settle_zone();
            task.set_status(task.status, times.2);
            task.trash = None;
            task.recurrence = repeats.0.filter(|_| task.due_date.is_some()).map(Box::new);
            let (due, reminders) = (task.due_date, repeats.1);
            let fit = reminders.into_iter().filter(|r| due.is_some() || !r.is_offset());
            task.reminders =
                Reminders::try_from(fit.collect::<Vec<_>>()).expect("few, each with a number");
            task.slot = repeats.2.map(Slot::of);
            task.series = task.slot.map(|_| uid(9).0);
            task
        },
    )
}

proptest! {
    #![proptest_config(cases(512))]

    /// SPEC 6: nothing that is not named is lost, whoever reads it where.
    #[test]
    fn what_is_written_comes_back(task in any_task(), zone in series::zone()) {
        let (text, losses) = write_in(ZONE, std::slice::from_ref(&task));
        prop_assert_eq!(lost(&losses), []);
        let reading = reading_in(zone);
        let back = import(Format::Icalendar, text.as_bytes(), &reading)
            .map_err(|error| proptest::test_runner::TestCaseError::fail(format!("{error}: {text}")))?;
        prop_assert_eq!(lost(&back.losses), [], "{}", text);
        prop_assert_eq!(back.tasks, [task], "{}", text);
    }

    /// RFC 5545 section 3.1: no line is longer than 75 bytes, and each ends with CRLF.
    #[test]
    fn lines_are_short(task in any_task()) {
        let (text, _) = write_in(ZONE, &[task]);
        for line in text.split_inclusive('\n') {
            prop_assert!(line.ends_with("\r\n") && line.len() <= 77, "{:?}", line);
            prop_assert!(!line[..line.len() - 2].contains('\r'), "{:?}", line);
        }
    }

    /// A zone means the same by what is written of it as by its name.
    #[test]
    fn zones_are_what_is_written_of_them(due in series::anchor()) {
        let task = Task { due_date: Some(due), ..super::task("SUMMARY:a") };
        let (text, _) = write_in(ZONE, &[task]);
        let name = due.zone().map_or("none", |zone| zone.name());
        let text = text.replace(&format!("TZID={name}:"), "TZID=Office:");
        let text = text.replace(&format!("TZID:{name}\r"), "TZID:Office\r");
        let back = super::one(read(text)).due_date;
        prop_assert_eq!(back.map(|back| back.starts(ZONE)), Some(due.starts(ZONE)));
    }

    /// Any text is a calendar or refused.
    #[test]
    fn arbitrary_bytes_are_harmless(bytes in vec(any::<u8>(), 0..300)) {
        let refused = super::try_read(&bytes).is_err();
        prop_assert!(refused, "nothing of this begins a calendar");
    }

    /// Properties that do not go together: understood or refused, and what is understood can be
    /// written and read again, with nothing more to lose.
    #[test]
    fn what_was_understood_stays(lines in vec(line(), 0..10), zone in series::zone()) {
        let text = super::todo(&format!("UID:{}\nSUMMARY:a\n{}", uid(1), lines.join("\n")));
        if let Ok(imported) = import(Format::Icalendar, text.as_bytes(), &reading_in(zone)) {
            let (text, losses) = write_in(ZONE, &imported.tasks);
            prop_assert_eq!(lost(&losses), []);
            let again = read(&text);
            prop_assert_eq!(lost(&again.losses), [], "{}", text);
            prop_assert_eq!(again.tasks, imported.tasks, "{}", text);
        }
    }

    /// A few bytes of a real file changed: understood or refused, never more.
    #[test]
    fn damaged_files_are_harmless(
        file in select(programs::ALL.to_vec()),
        damage in vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        cut in option::weighted(0.3, any::<proptest::sample::Index>()),
    ) {
        let mut bytes = file.as_bytes().to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let there = file.matches("BEGIN:VTODO").count();
        if let Ok(imported) = super::try_read(&bytes) {
            prop_assert!(imported.tasks.len() <= there);
        }
    }

    /// Back into the store that it came from: nothing changes.
    #[test]
    fn into_its_own_store_nothing_changes(history in todo_core::conformance::history()) {
        let mut play = Play::new();
        for step in &history {
            play.later(step.wait);
            // A refusal is as good as a success here.
            drop(play.run(&step.command));
        }
        let tasks: Vec<_> = play.seen().tasks.into_values().collect();
        let (text, losses) = write_in(ZONE, &tasks);
        let trashed = tasks.iter().filter(|task| task.trash.is_some()).count();
        let named: usize = losses.iter().map(|loss| loss.count).sum();
        prop_assert_eq!(named, trashed);
        let imported = read(text);
        prop_assert_eq!(imported.tasks.len(), tasks.len() - trashed);
        let before = play.contents();
        let outcome = play.done(&Command::Import(Import {
            tasks: imported.tasks,
            keeps: imported.keeps,
        }));
        prop_assert_eq!(outcome.step, None);
        prop_assert_eq!(play.contents(), before);
    }
}

/// The tree and its order come back, too.
#[test]
fn a_tree_comes_back() {
    let mut play = Play::new();
    play.add(1, "parent");
    play.add_below(2, 1);
    play.add_below(3, 2);
    let tasks: Vec<_> = play.seen().tasks.into_values().collect();
    let back = read(super::write(&tasks));
    let parents = |tasks: &[Task]| -> Vec<_> {
        tasks.iter().map(|task| task.parent.map(|parent: Parent| parent.uid)).collect()
    };
    assert_eq!(parents(&back.tasks), parents(&tasks));
    assert_eq!(back.tasks.iter().map(content).map(|c| c.len()).max(), Some(2));
}
