//! `kill -9` in the middle of a write (SPEC 6: it loses at most the command that had not
//! returned).

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::support::{Dice, Sandbox};

/// Tasks in the file beforehand: enough that writing it takes a noticeable part of a run.
const TASKS: u64 = 2000;
const KILLS: u64 = 110;

/// What the file must hold.
#[derive(Default)]
struct Promised {
    added: BTreeSet<String>,
    completed: BTreeSet<u64>,
}

#[test]
fn a_killed_writer_leaves_a_whole_file_and_nothing_acknowledged_is_lost() {
    let sandbox = Sandbox::with_tasks(TASKS);
    let mut promised = Promised::default();
    let usual = usual_time(&sandbox, &mut promised);
    let mut dice = Dice::new(20_261_121);
    let (mut killed, mut writing, mut at) = (0, 0, 0);
    while killed < KILLS {
        at += 1;
        assert!(at < KILLS * 10, "only {killed} of {at} processes were still there to be killed");
        // A tenth beyond the usual time: some must get through, or nothing would be promised.
        let delay = Duration::from_micros(dice.below(usual * 11 / 10));
        let (title, id) = (format!("Added {at}"), at % TASKS + 1);
        let id_text = id.to_string();
        let adds = at % 2 == 0;
        let words = if adds { ["add", &title] } else { ["done", &id_text] };
        if killed_after(&sandbox, &words, delay) {
            killed += 1;
            // What a half-written file is called. That it is there shows when the process died.
            writing += u64::from(sandbox.path("tasks.json.tmp").exists());
        } else if adds {
            promised.added.insert(title);
        } else {
            promised.completed.insert(id);
        }
        check(&sandbox, &promised, at);
    }
    let by_luck = promised.added.len() + promised.completed.len();
    assert!(by_luck > 3, "no process got through, so nothing was tested");
    assert!(writing > 0, "no process was killed while it wrote, so nothing was tested");
    // A half-written file of the last one is in nobody's way.
    sandbox.ok(&["add", "After all of that"]);
    let left =
        sandbox.files().into_keys().filter(|path| path.extension().is_some_and(|e| e == "tmp"));
    assert_eq!(left.count(), 0, "the next write clears away what a killed one left");
}

/// What an undisturbed run takes, in microseconds: kills are spread over that, so that they hit
/// start, reading, writing and renaming on a slow machine as on a fast one.
fn usual_time(sandbox: &Sandbox, promised: &mut Promised) -> u64 {
    let mut times: Vec<u128> = (0..5)
        .map(|place| {
            let title = format!("Undisturbed {place}");
            let started = Instant::now();
            sandbox.ok(&["add", &title]);
            promised.added.insert(title);
            started.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    u64::try_from(times[2]).expect("a sane time")
}

/// Whether the process was killed before it could answer.
fn killed_after(sandbox: &Sandbox, words: &[&str], delay: Duration) -> bool {
    let mut child = sandbox.start(words);
    let started = Instant::now();
    // Not to wait for anything, but to choose the moment: no two machines agree on what happens
    // meanwhile, and none needs to.
    while started.elapsed() < delay {
        std::thread::yield_now();
    }
    child.kill().expect("one's own child can be killed");
    let output = child.wait_with_output().expect("the child ends");
    match output.status.code() {
        None => true,
        Some(0) => false,
        Some(other) => panic!("{words:?}: {other}, {}", String::from_utf8_lossy(&output.stderr)),
    }
}

fn check(sandbox: &Sandbox, promised: &Promised, at: u64) {
    let tasks = sandbox.tasks();
    let ids: BTreeSet<_> = tasks.iter().filter_map(|task| task["id"].as_u64()).collect();
    assert_eq!(ids.len(), tasks.len(), "kill {at}: an id occurs twice");
    assert!((1..=TASKS).all(|id| ids.contains(&id)), "kill {at}: a task of before is gone");
    let titles: BTreeSet<_> = tasks.iter().filter_map(|task| task["title"].as_str()).collect();
    for title in &promised.added {
        assert!(titles.contains(title.as_str()), "kill {at}: {title:?} was acknowledged");
    }
    for task in &tasks {
        let id = task["id"].as_u64().expect("an id");
        if promised.completed.contains(&id) {
            assert_eq!(task["status"], "completed", "kill {at}: done {id} was acknowledged");
        }
    }
    let doctor = sandbox.run(&["doctor"]);
    assert_eq!(doctor.status, 0, "kill {at}: {doctor:?}");
}
