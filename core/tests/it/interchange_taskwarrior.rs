//! Taskwarrior: how its periods are ours, templates and occurrences, notes, and what comes back.

use todo_core::conformance::given::{due, go};
use todo_core::conformance::uid;
use todo_core::interchange::{Format, Imported};
use todo_core::recurrence::Basis;
use todo_core::{Command, Fate, Import, Slot, Status, Zone};

use crate::interchange_json::{read, written};
use crate::play::{Play, act};

pub(crate) const ZONE: Zone = Zone::Europe__Berlin;

pub(crate) fn taken(records: &str) -> Imported {
    read(Format::Taskwarrior, records.as_bytes(), ZONE).expect("tasks of Taskwarrior's")
}

fn uuid(k: u8) -> String {
    uid(k).to_string()
}

/// A record of Taskwarrior's with what else it has.
fn one(k: u8, status: &str, more: &str) -> String {
    format!(
        r#"{{"uuid":"{}","description":"T","status":"{status}","entry":"20261101T000000Z","modified":"20261101T000000Z"{more}}}"#,
        uuid(k)
    )
}

fn template(recur: &str, due: &str, more: &str) -> String {
    one(1, "recurring", &format!(r#","recur":"{recur}","due":"{due}"{more}"#))
}

fn child(k: u8, status: &str, imask: u32, due: &str) -> String {
    let parent = uuid(1);
    one(k, status, &format!(r#","recur":"x","due":"{due}","parent":"{parent}","imask":{imask}"#))
}

fn list(records: &[String]) -> String {
    format!("[{}]", records.join(",\n"))
}

fn fields(imported: &Imported) -> Vec<&str> {
    imported.losses.iter().map(|loss| loss.field.as_str()).collect()
}

#[test]
fn its_periods_are_our_rules() {
    // Due at local midnight of 15 January 2031, a Wednesday.
    for (recur, rule) in [
        ("daily", "FREQ=DAILY"),
        ("day", "FREQ=DAILY"),
        ("3d", "FREQ=DAILY;INTERVAL=3"),
        ("3days", "FREQ=DAILY;INTERVAL=3"),
        ("P3D", "FREQ=DAILY;INTERVAL=3"),
        ("weekdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("weekly", "FREQ=WEEKLY"),
        ("P1W", "FREQ=WEEKLY"),
        ("2weeks", "FREQ=WEEKLY;INTERVAL=2"),
        ("2wks", "FREQ=WEEKLY;INTERVAL=2"),
        ("biweekly", "FREQ=WEEKLY;INTERVAL=2"),
        ("fortnight", "FREQ=WEEKLY;INTERVAL=2"),
        ("monthly", "FREQ=MONTHLY"),
        ("P1M", "FREQ=MONTHLY"),
        ("3mo", "FREQ=MONTHLY;INTERVAL=3"),
        ("3m", "FREQ=MONTHLY;INTERVAL=3"),
        ("bimonthly", "FREQ=MONTHLY;INTERVAL=2"),
        ("quarterly", "FREQ=MONTHLY;INTERVAL=3"),
        ("2q", "FREQ=MONTHLY;INTERVAL=6"),
        ("semiannual", "FREQ=MONTHLY;INTERVAL=6"),
        ("annual", "FREQ=YEARLY"),
        ("yearly", "FREQ=YEARLY"),
        ("P1Y6M", "FREQ=MONTHLY;INTERVAL=18"),
        ("biannual", "FREQ=YEARLY;INTERVAL=2"),
        ("biyearly", "FREQ=YEARLY;INTERVAL=2"),
        ("3y", "FREQ=YEARLY;INTERVAL=3"),
    ] {
        let imported = taken(&template(recur, "20310114T230000Z", ""));
        assert_eq!(fields(&imported), Vec::<&str>::new(), "{recur}");
        let [task] = imported.tasks.as_slice() else { panic!("{recur}: {imported:?}") };
        let recurrence = task.recurrence.as_ref().expect(recur);
        assert_eq!(recurrence.rule.to_string(), rule, "{recur}");
        assert_eq!((recurrence.from, recurrence.anchor), (Basis::Schedule, due("2031-01-15")));
    }
    for recur in ["4h", "PT30M", "0d", "P", "P1Y2D", "often", "", "99999d", "3weekdays", "1.5d"] {
        let imported = taken(&template(recur, "20310114T230000Z", ""));
        assert_eq!(fields(&imported), ["recur"], "{recur}");
        assert_eq!(imported.tasks.len(), 1, "{recur}");
        assert_eq!(imported.tasks[0].recurrence, None, "{recur}");
    }
}

/// A 31st is the last day of a month that has none, as when a person types it (W3).
#[test]
fn months_that_are_too_short_have_a_last_day() {
    for (due, rule) in [
        ("20310130T230000Z", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("20310129T230000Z", "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1"),
    ] {
        let imported = taken(&template("monthly", due, ""));
        let recurrence = imported.tasks[0].recurrence.as_ref().expect("a rule");
        assert_eq!(recurrence.rule.to_string(), rule);
    }
}

/// R1, R6: the newest open occurrence holds the rule; the places are those that Taskwarrior counted.
#[test]
fn r1_the_newest_open_occurrence_goes_on() {
    let imported = taken(&list(&[
        child(2, "completed", 0, "20310105T230000Z"),
        template("weekly", "20310105T230000Z", r#","mask":"+--""#),
        child(4, "pending", 2, "20310120T230000Z"),
        child(3, "pending", 1, "20310112T230000Z"),
        child(5, "deleted", 3, "20310126T230000Z"),
    ]));
    assert_eq!(fields(&imported), Vec::<&str>::new());
    let mut tasks = imported.tasks;
    tasks.sort_by_key(|task| task.slot);
    let slots: Vec<_> = tasks.iter().map(|task| task.slot.map(|slot| slot.to_string())).collect();
    let expected = ["2031-01-06", "2031-01-13", "2031-01-20"].map(|slot| Some(slot.to_owned()));
    assert_eq!(slots[1..], expected);
    assert_eq!(slots[0], None, "what was deleted is out of its series");
    assert!(tasks[1..].iter().all(|task| task.series == Some(uid(1).0)));
    let holders: Vec<_> = tasks.iter().filter(|task| task.recurrence.is_some()).collect();
    assert_eq!(holders.len(), 1);
    let recurrence = holders[0].recurrence.as_ref().expect("the rule");
    assert_eq!((holders[0].uid, recurrence.n), (uid(4), 3));
    // Moved alone by a day: the place stays.
    assert_eq!(holders[0].due_date, Some(due("2031-01-21")));
}

#[test]
fn a_template_without_an_open_occurrence_stands_in() {
    let closed = child(2, "completed", 0, "20310105T230000Z");
    let more = r#","mask":"+X","wait":"20310103T230000Z""#;
    let imported = taken(&list(&[template("weekly", "20310105T230000Z", more), closed]));
    let task = imported.tasks.iter().find(|task| task.uid == uid(1)).expect("the template");
    assert_eq!(task.due_date, Some(due("2031-01-20")));
    assert_eq!(task.start_date, Some(due("2031-01-18")));
    assert_eq!((task.series, task.slot), (Some(uid(1).0), task.due_date.map(Slot::of)));
    assert_eq!(task.recurrence.as_ref().map(|r| r.n), Some(3));
    // `until` is the rule's, and where it is passed there is nothing to come.
    let until = |until: &str| {
        let more = format!(r#","mask":"++","until":"{until}""#);
        taken(&template("weekly", "20310105T230000Z", &more))
    };
    let imported = until("20310201T230000Z");
    let recurrence = imported.tasks[0].recurrence.as_ref().expect("a rule");
    assert_eq!(recurrence.rule.to_string(), "FREQ=WEEKLY;UNTIL=20310202");
    assert_eq!(fields(&imported), Vec::<&str>::new());
    let imported = until("20310119T220000Z");
    assert_eq!((imported.tasks.len(), fields(&imported)), (0, vec!["recur"]));
}

#[test]
fn occurrences_without_their_template_begin_anew() {
    let parent = uuid(9);
    let more = |imask| {
        format!(
            r#","recur":"weekly","due":"20310112T230000Z","parent":"{parent}","imask":"{imask}""#
        )
    };
    let imported = taken(&list(&[one(2, "pending", &more(1)), one(3, "completed", &more(0))]));
    let task = &imported.tasks[0];
    assert_eq!((task.series, task.slot), (Some(uid(9).0), Some(Slot::of(due("2031-01-13")))));
    assert_eq!(task.recurrence.as_ref().map(|r| r.n), Some(2));
    assert_eq!(imported.tasks[1].recurrence, None);
}

/// R6: what Taskwarrior makes later is taken in beside what is here, once.
#[test]
fn r6_a_series_that_went_on_on_both_sides_is_one() {
    let mut play = Play::new();
    let take = |play: &mut Play, records: &[String]| {
        let Imported { tasks, keeps, .. } = taken(&list(records));
        let outcome = play.done(&Command::Import(Import { tasks, keeps }));
        outcome.items.iter().flatten().filter(|item| item.changed()).count()
    };
    let rule = template("weekly", "20310105T230000Z", r#","mask":"-""#);
    let first = [rule.clone(), child(2, "pending", 0, "20310105T230000Z")];
    assert_eq!(take(&mut play, &first), 1);
    assert_eq!(take(&mut play, &first), 0, "a second time changes nothing");
    let next = play.done(&act(2, go(Status::Completed)));
    assert_eq!(next.notes.len(), 1, "it went on here");
    // And there, under another name.
    let second = [
        rule,
        child(2, "pending", 0, "20310105T230000Z"),
        child(3, "pending", 1, "20310112T230000Z"),
    ];
    assert_eq!(take(&mut play, &second), 0, "the occurrence is here already");
    let holders = play.facts().tasks.values().filter(|task| task.recurrence.is_some()).count();
    assert_eq!(holders, 1);
}

/// SPEC 6: what goes out and comes back to where it is changes nothing there.
#[test]
fn an_export_comes_home_unchanged() {
    let records = list(&[
        template("weekly", "20310105T230000Z", r#","mask":"+-""#),
        child(2, "completed", 0, "20310105T230000Z"),
        child(3, "pending", 1, "20310112T230000Z"),
        one(4, "pending", r#","project":"a.b","tags":["x"],"wait":"20310101T080000Z""#),
        one(5, "deleted", ""),
    ]);
    let mut play = Play::new();
    play.done(&Command::Import(taken(&records).tasks.into()));
    play.add(6, "a parent");
    play.add_below(7, 6);
    let tasks: Vec<_> = play.facts().tasks.into_values().collect();
    for format in [Format::Json, Format::Taskwarrior] {
        let (text, _) = written(format, &tasks, ZONE);
        let Imported { tasks, keeps, .. } = read(format, text.as_bytes(), ZONE).expect("ours");
        let count = tasks.len();
        let import = Command::Import(Import { tasks, keeps: keeps.clone() });
        let outcome = play.done(&import);
        let unchanged = outcome.items.iter().flatten().filter(|d| d.fate == Fate::Unchanged);
        assert_eq!(unchanged.count(), count, "{format}: {:?}", outcome.items);
    }
}

/// A template that stood in is the earlier one once Taskwarrior has made the occurrence after it.
#[test]
fn r1_a_stand_in_hands_the_rule_on() {
    let mut play = Play::new();
    let mut take = |records: &[String]| {
        let tasks = taken(&list(records)).tasks;
        play.done(&Command::Import(tasks.into()));
        let all = play.facts().tasks;
        let holders = all.values().filter(|task| task.recurrence.is_some());
        holders.map(|task| task.uid).collect::<Vec<_>>()
    };
    assert_eq!(take(&[template("weekly", "20310105T230000Z", "")]), [uid(1)]);
    let rule = template("weekly", "20310105T230000Z", r#","mask":"--""#);
    let later = [
        rule,
        child(2, "pending", 0, "20310105T230000Z"),
        child(3, "pending", 1, "20310112T230000Z"),
    ];
    assert_eq!(take(&later), [uid(3)]);
}

#[test]
fn notes_make_the_walk_there_and_back_again() {
    let long = "word ".repeat(150);
    let record = one(
        1,
        "pending",
        r#","annotations":[{"entry":"20261121T100000Z","description":"one: a - b"},{"entry":"20261121T110000Z","description":"two\nlines"},{"entry":"20261122T230500Z","description":"three"}]"#,
    );
    let record = record.replace("\"T\"", &format!("\"{}\"", long.trim()));
    let first = taken(&record).tasks;
    let description = first[0].description.as_ref().expect("notes").as_str();
    let notes =
        "## Notes\n\n- 2026-11-21: one: a - b\n- 2026-11-21: two\nlines\n- 2026-11-23: three";
    assert_eq!(description, format!("{}\n\n{notes}", long.trim()));
    let (text, losses) = written(Format::Taskwarrior, &first, ZONE);
    assert!(losses.is_empty(), "{losses:?}");
    let there: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(there[0]["description"], long.trim());
    assert_eq!(there[0]["annotations"].as_array().map(Vec::len), Some(3));
    assert_eq!(there[0]["annotations"][1]["entry"], "20261120T230001Z");
    let second = taken(&text).tasks;
    assert_eq!(second, first);
    assert_eq!(written(Format::Taskwarrior, &second, ZONE).0, text);
}

/// What `task` reads as recurring: a template with a sign for each date so far, and its occurrence.
#[test]
fn a_series_goes_out_as_template_and_occurrence() {
    let records = list(&[
        template("2weeks", "20310105T230000Z", r#","mask":"+-","until":"20320101T230000Z""#),
        child(2, "completed", 0, "20310105T230000Z"),
        child(3, "pending", 1, "20310119T230000Z"),
    ]);
    let tasks = taken(&records).tasks;
    let (text, losses) = written(Format::Taskwarrior, &tasks, ZONE);
    assert!(losses.is_empty(), "{losses:?}");
    let there: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    let made = there.iter().find(|record| record["status"] == "recurring").expect("a template");
    assert_eq!(made["uuid"], uuid(1));
    assert_eq!((&made["recur"], &made["mask"]), (&"biweekly".into(), &"+-".into()));
    assert_eq!(
        (&made["due"], &made["until"]),
        (&"20310105T230000Z".into(), &"20320101T230000Z".into())
    );
    let open = there.iter().find(|record| record["status"] == "pending").expect("an occurrence");
    assert_eq!((&open["parent"], &open["imask"]), (&uuid(1).into(), &1.into()));
    assert_eq!(taken(&text).tasks, tasks);
}
