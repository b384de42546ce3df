//! What the words of a command line have the program do.

use todo_store::backup::Over;
use todo_web::settings::{Act, Operation, Target, UserAct};

use super::settings::{given, refused};

/// SPEC 7, Operations: nothing is replaced unless it is said.
#[test]
fn operations_say_what_they_may_replace() {
    let back_up = |to, over| Act::Operate(Operation::BackUp { to, over });
    let restore = |over| Act::Operate(Operation::Restore { from: "x".into(), over });
    for (words, act) in [
        (&["backup"][..], back_up(Target::Fresh, Over::Refuse)),
        (&["backup", "-"], back_up(Target::Output, Over::Refuse)),
        (&["backup", "x"], back_up(Target::File("x".into()), Over::Refuse)),
        (&["backup", "x", "--force"], back_up(Target::File("x".into()), Over::Replace)),
        (&["doctor"], Act::Operate(Operation::Examine { json: false })),
        (&["doctor", "--json"], Act::Operate(Operation::Examine { json: true })),
        (
            &["user", "list", "--json", "--port", "1"],
            Act::Operate(Operation::User(UserAct::List { json: true })),
        ),
        (&["user", "invite"], Act::Operate(Operation::User(UserAct::Invite(None)))),
        (
            &["user", "invite", "--email", "a@b.c"],
            Act::Operate(Operation::User(UserAct::Invite(Some("a@b.c".to_owned())))),
        ),
        (&["restore", "x"], restore(Over::Refuse)),
        (&["restore", "--force", "x", "--port", "1"], restore(Over::Replace)),
    ] {
        assert_eq!(given(None, &[], words).unwrap().act, act, "{words:?}");
    }
    assert!(refused(None, &[], &["restore"]).contains("<FILE>"));
    assert!(refused(None, &[], &["backup", "x", "y"]).contains("unexpected argument"));
}

#[test]
fn acts_are_told_apart() {
    for (words, act) in [
        (&["--migrate"][..], Act::Serve { migrate: true }),
        (&["migrate"], Act::Migrate),
        (&["migrate", "--port", "1"], Act::Migrate),
        (&["--print-config"], Act::PrintConfig),
        (&["migrate", "--print-config"], Act::PrintConfig),
    ] {
        assert_eq!(given(None, &[], words).unwrap().act, act, "{words:?}");
    }
}

#[test]
fn a_server_of_many_is_backed_up_by_its_operator() {
    let postgres = [("DATABASE_URL", "postgres://db.example/todo")];
    assert_eq!(given(None, &postgres, &[]).unwrap().settings.backup_plan(), None);
    assert_eq!(given(None, &[("BACKUP_EVERY", "off")], &[]).unwrap().settings.backup_plan(), None);
}
