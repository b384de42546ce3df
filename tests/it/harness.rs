//! The harness itself: a row that says what is not so must fail, and one that is not a row must
//! not be taken for one. Without this, a comparison that compares nothing would pass every row.

use serde_json::{Value, json};
use todo_tests::scenarios::play::play;
use todo_tests::scenarios::row::Row;
use todo_tests::surfaces::Surface;
use todo_tests::surfaces::memory::Memory;

/// One step on three tasks: pending, completed, and one below the first that repeats and reminds.
fn row(step: &Value) -> Value {
    json!({
        "name": "a row",
        "rules": ["S1"],
        "given": [
            {"title": "a"},
            {"title": "b", "status": "completed"},
            {"title": "c", "parent": 1, "due_date": "2026-11-21T12:00", "recurrence": "FREQ=DAILY"},
        ],
        "steps": [step],
    })
}

fn faults(call: &Value, then: &Value) -> Vec<String> {
    let row: Row =
        serde_json::from_value(row(&json!({ "do": call, "then": then }))).expect("a row");
    row.check().expect("a row in order");
    play(&mut Memory::fresh(), &row)
}

#[test]
fn a_true_row_passes() {
    let rows = [
        (
            json!({"start": 1}),
            json!({"changed": [{"id": 1, "status": "in_progress"}], "step": true}),
        ),
        (json!({"list": {"sort": "-id"}}), json!({"ids": [3, 1]})),
        (
            json!({"coming": {"task": 3, "count": 1}}),
            json!({"coming": ["2026-11-22T12:00:00+00:00"]}),
        ),
        (json!("remind_now"), json!({"reminders": [{"id": 3, "late": false}]})),
        (
            json!({"complete": 3}),
            json!({"changed": [3, {"id": 4, "recurrence": {"n": 2}, "series": "$series 3"}],
                   "notes": [{"note": "spawned", "skipped_slots": {"count": 0}}]}),
        ),
        (json!({"complete": 1}), json!({"refused": "open_subtasks", "unaltered": true})),
        (json!({"show": 2}), json!({"task": {"title": "b", "uid": "$uid 2"}})),
        (json!({"start": {"where": "parent:none"}}), json!({"changed": [1]})),
        (
            json!({"list": {"filter": "tag:x and"}}),
            json!({"refused": {"code": "validation_error", "fields": ["filter"], "place": [9, 9]}}),
        ),
        (
            json!({"page": {"of": {"limit": 1}, "count": true}}),
            json!({"ids": [3], "page": {"more": true, "total": 2}}),
        ),
        (json!({"urgency": 1}), json!({"urgency": {"urgency": 20, "parts": {"priority": 20}}})),
        (
            json!({"stats": {}}),
            json!({"stats": {"status": {"completed": 1}, "days": {"2026-11-21": {"created": 3}}}}),
        ),
        (
            json!({"save_filter": {"name": "A", "filter": "#x #y"}}),
            json!({"filters": {"a": "tag:x and tag:y"}}),
        ),
    ];
    for (call, then) in rows {
        assert_eq!(faults(&call, &then), [""; 0], "{call} {then}");
    }
}

#[test]
fn a_false_row_is_told() {
    let start = json!({"start": 1});
    let complete = json!({"complete": 1});
    let list = json!({"list": {"sort": "id"}});
    let (done, remind) = (json!({"complete": 3}), json!("remind_now"));
    let coming = json!({"coming": {"task": 3, "count": 1}});
    let broken = json!({"list": {"filter": "tag:x and"}});
    let page = json!({"page": {"of": {"limit": 1}}});
    let (urgency, stats) = (json!({"urgency": 1}), json!({"stats": {}}));
    let save = json!({"save_filter": {"name": "a", "filter": "#x"}});
    let rows = [
        // What was refused was expected to be done, and the other way round.
        (&complete, json!({"changed": [1]})),
        (&complete, json!({"step": false})),
        (&start, json!({"refused": "open_subtasks"})),
        // Another refusal, or the same with other details.
        (&complete, json!({"refused": "invalid_transition"})),
        (&complete, json!({"refused": {"code": "open_subtasks", "candidates": [2]}})),
        (&complete, json!({"refused": {"code": "open_subtasks", "fields": ["status"]}})),
        (&complete, json!({"refused": {"code": "open_subtasks", "current": {"id": 1}}})),
        // Fewer tasks, more, others, or other values.
        (&start, json!({"changed": []})),
        (&start, json!({"changed": [1, 2]})),
        (&start, json!({"changed": [2]})),
        (&start, json!({"changed": [{"id": 1, "version": 3}]})),
        (&start, json!({"unchanged": [1]})),
        (&start, json!({"purged": [1]})),
        (&start, json!({"items": [{"task": 1, "code": "not_found"}]})),
        (&start, json!({"step": false})),
        (&start, json!({"step": "never saved"})),
        (&start, json!({"taken": {"added": 0}})),
        (&start, json!({"unaltered": true})),
        // A list in another order, too short, too long, or of other tasks.
        (&list, json!({"ids": [3, 1]})),
        (&list, json!({"ids": [1]})),
        (&list, json!({"ids": [1, 3, 2]})),
        (&list, json!({"tasks": [{"id": 1}]})),
        (&list, json!({"tasks": [{"title": "a"}, {"title": "x"}]})),
        (&list, json!({"task": {"id": 1}})),
        // Notes, reminders and dates: too few, too many, others, or other values inside of them.
        (&done, json!({"notes": []})),
        (&done, json!({"notes": [{"note": "spawned"}, {"note": "spawned"}]})),
        (&done, json!({"notes": [{"note": "series_ended"}]})),
        (&done, json!({"notes": [{"skipped_slots": {"count": 1}}]})),
        (&done, json!({"changed": [3, {"id": 4, "recurrence": {"n": 3}}]})),
        (&done, json!({"changed": [3, {"id": 4, "recurrence": {"n": 2, "m": 2}}]})),
        (&done, json!({"changed": [3, {"id": 4, "reminders": []}]})),
        (&done, json!({"changed": [3, {"id": 4, "reminders": [{"offset": "-PT1H"}]}]})),
        (&remind, json!({"reminders": []})),
        (&remind, json!({"reminders": [{"id": 3, "late": true}]})),
        (&coming, json!({"coming": []})),
        (&coming, json!({"coming": ["2026-11-22"]})),
        // Another place, other numbers, more reasons or fewer, other filters.
        (&broken, json!({"refused": {"code": "validation_error", "place": [9, 10]}})),
        (&complete, json!({"refused": {"code": "open_subtasks", "place": [0, 0]}})),
        (&page, json!({"page": {"more": false}})),
        (&page, json!({"page": {"total": 2}})),
        (&page, json!({"ids": [1]})),
        (&urgency, json!({"urgency": {"urgency": 21, "parts": {"priority": 20}}})),
        (&urgency, json!({"urgency": {"urgency": 20, "parts": {}}})),
        (&urgency, json!({"urgency": {"urgency": 20, "parts": {"priority": 20, "age": 0}}})),
        (&stats, json!({"stats": {"status": {"completed": 2}}})),
        (&stats, json!({"stats": {"days": {"2026-11-21": {"created": 2}}}})),
        (&stats, json!({"stats": {"days": {"2026-11-21": null}}})),
        (&stats, json!({"stats": {"weekdays": []}})),
        (&save, json!({"filters": {}})),
        (&save, json!({"filters": {"a": "tag:x", "b": "tag:y"}})),
        // An answer of another kind.
        (&list, json!({"page": {"more": false}})),
        (&list, json!({"page": {"total": null}})),
        (&list, json!({"stats": {"median_age_days": null}})),
        (&list, json!({"filters": {}})),
        (&list, json!({"urgency": {"urgency": 0, "parts": {}}})),
        (&list, json!({"reminders": [{"id": 3}]})),
        (&list, json!({"coming": ["2026-11-22T12:00:00+00:00"]})),
        (&list, json!({"notes": [{"note": "spawned"}]})),
    ];
    for (call, then) in rows {
        assert!(!faults(call, &then).is_empty(), "not told: {call} {then}");
    }
}

#[test]
fn an_unexpected_refusal_of_one_of_several_is_told() {
    let call = json!({"start": [2, 3]});
    assert!(!faults(&call, &json!({"changed": [3]})).is_empty());
    let item = json!({"task": 2, "code": "invalid_transition"});
    assert_eq!(faults(&call, &json!({"changed": [3], "items": [item]})), [""; 0]);
}

#[test]
fn what_is_no_row_is_refused() {
    let good = json!({"do": {"start": 1}, "then": {"changed": [1]}});
    let with = |name: &str, value: Value| {
        let mut row = row(&good);
        row[name] = value;
        row
    };
    let step = |step: Value| row(&step);
    let rows = [
        with("note", json!("nobody reads this")),
        with("rules", json!([])),
        with("steps", json!([])),
        with("zone", json!("Mars/Olympus")),
        with("now", json!("yesterday")),
        with("needs", json!(["luck"])),
        with("given", json!([{"titel": "a"}])),
        step(json!({"do": {"begin": 1}, "then": {"changed": [1]}})),
        step(json!({"do": {"add": {"titel": "a"}}, "then": {"changed": [1]}})),
        step(json!({"do": {"list": {"colour": "red"}}, "then": {"ids": []}})),
        step(json!({"do": {"start": 1}, "then": {}})),
        step(json!({"do": {"start": 1}})),
        step(json!({"do": {"start": 1}, "then": {"chnaged": [1]}})),
        step(json!({"do": {"start": 1}, "then": {"changed": [{"id": 1, "stauts": "done"}]}})),
        step(json!({"do": {"start": 1}, "then": {"notes": [{"noet": "spawned"}]}})),
        step(json!({"do": "remind_now", "then": {"reminders": [{"task": 1}]}})),
        step(json!({"do": {"start": {"were": "#x"}}, "then": {"changed": [1]}})),
        step(json!({"do": {"start": {"where": "#x", "id": 1}}, "then": {"changed": [1]}})),
        step(json!({"do": {"page": {"of": {}}}, "then": {"page": {"less": true}}})),
        step(json!({"do": {"stats": {}}, "then": {"stats": {"mood": 1}}})),
        step(json!({"do": {"urgency": 1}, "then": {"urgency": {"urgency": 1}}})),
        step(
            json!({"do": {"add": {"title": "a", "recurrence": {"freq": "DAILY"}}}, "then": {"step": true}}),
        ),
        step(
            json!({"do": {"add": {"title": "a", "reminders": [{"before": "-PT1H"}]}}, "then": {"step": true}}),
        ),
        step(json!({"do": {"start": "$uidd 1"}, "then": {"changed": [1]}})),
        step(json!({"do": {"start": 1}, "with": {"dryrun": true}, "then": {"changed": [1]}})),
    ];
    for value in rows {
        let row = serde_json::from_value::<Row>(value.clone()).map_err(|error| error.to_string());
        let checked = row.and_then(|row| row.check());
        assert!(checked.is_err(), "taken for a row: {value}");
    }
    serde_json::from_value::<Row>(row(&good)).expect("a row").check().expect("in order");
}
