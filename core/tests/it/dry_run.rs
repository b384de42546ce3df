//! S5: a dry run changes nothing and answers what would happen.

use proptest::prelude::{prop_assert_eq, proptest};
use todo_core::Command;
use todo_core::conformance::agree::Answer;
use todo_core::conformance::{cases, history, uid};

use crate::play::Play;

fn without_step(answer: Answer) -> Answer {
    match answer {
        Answer::Done { items, tasks, changed, purged, taken, notes, events, .. } => {
            Answer::Done { items, tasks, changed, purged, taken, notes, events, step: None }
        }
        other => other,
    }
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn answers_what_execution_does(history in history()) {
        let mut play = Play::new();
        for step in history {
            play.later(step.wait);
            let before = play.seen();
            let promised = play.preview(&step.command).map_err(Into::into);
            prop_assert_eq!(play.seen(), before, "a dry run wrote: {:?}", step.command);
            let done = play.run(&step.command).map_err(Into::into);
            let done = without_step(done.into());
            prop_assert_eq!(Answer::from(promised), done, "{:?}", step.command);
        }
    }
}

/// The numbers that would be given are shown, and no step is promised that is not there.
#[test]
fn shows_the_numbers_that_would_be_given() {
    let mut play = Play::new();
    play.add(1, "there");
    let new = todo_core::NewTask::new(uid(2), todo_core::conformance::given::title("not yet"));
    let create = Command::One(todo_core::Item::Create(Box::new(new)));
    let promised = play.preview(&create).expect("it would be made");
    assert_eq!(promised.tasks.get(&uid(2)).map(|task| task.id.0), Some(2));
    assert_eq!(promised.step, None);
    assert_eq!(play.seen().tasks.len(), 1);
}
