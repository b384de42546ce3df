//! Behind a pooler that lends connections for a transaction at a time (SPEC 7: `DATABASE_DIRECT_URL`).
//!
//! What holds between transactions (prepared statements, what is listened to, advisory locks) is there
//! lost, or somebody else's, unless it was thought of.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use todo_tests::http::{Answer, Asked};
use todo_tests::services::{Database, PgBouncer, TodoWeb, free_port, until};
use tokio::runtime::Runtime;

use crate::outage::writers::{Account, Writers};

/// More than there are connections.
const WRITERS: usize = 8;
/// Tasks that are made beside each other: each of some ten statements, on whichever connection is free.
const SOME: usize = 300;

fn behind(runtime: &Runtime, database: &Database, bouncer: &PgBouncer) -> TodoWeb {
    let settings = vec![
        ("DATABASE_DIRECT_URL", database.url()),
        ("LOG", "info,todo_web::auth::abreast=debug".to_owned()),
    ];
    TodoWeb::start_with(runtime, Some(bouncer.url()), settings)
}

#[test]
#[ignore = "needs PgBouncer 1.21 and PostgreSQL: tests/run"]
fn two_servers_work_behind_pgbouncer_on_postgres() {
    let runtime = Runtime::new().expect("a runtime");
    let database = Database::fresh();
    let bouncer = PgBouncer::before(&database);
    let server = behind(&runtime, &database, &bouncer);
    let other = behind(&runtime, &database, &bouncer);

    let account = runtime.block_on(Account::register(server.address()));
    let writers = Writers::start(&runtime, &account, WRITERS);
    writers.wait_for(SOME);
    let written = writers.stop(&runtime);
    runtime.block_on(account.holds_exactly(&written));

    tasks(&runtime, &account);
    sessions(&runtime, &account, &other);
    for server in [&server, &other] {
        let log = server.log();
        assert!(!log.contains("\"failed\"") && !log.contains("panicked"), "{log}");
        hears(server);
    }
}

/// Once it was missed, as it may be where everything is slow, it must be back.
fn hears(server: &TodoWeb) {
    until("other servers are not heard", || {
        let log = server.log();
        let back = log.rfind("other servers are heard again");
        if back >= log.rfind("other servers are not heard") { Ok(()) } else { Err(log) }
    });
}

/// What looks at the database beside its servers goes through the pooler, too; what needs it for itself,
/// past it.
#[test]
#[ignore = "needs PgBouncer 1.21 and PostgreSQL: tests/run"]
fn operators_work_behind_pgbouncer_on_postgres() {
    let runtime = Runtime::new().expect("a runtime");
    let database = Database::fresh();
    let bouncer = PgBouncer::before(&database);
    let mut server = behind(&runtime, &database, &bouncer);
    runtime.block_on(Account::register(server.address()));
    let doctor = server.run(&["doctor"]).expect("all is well");
    assert!(doctor.contains("integrity: nothing is damaged"), "{doctor}");
    assert!(server.run(&["user", "list"]).expect("who there is").contains("ann@example.org"));
    server.run(&["backup", "whole.dump"]).expect("a backup");
    server.stop();
    drop(bouncer);

    // What a pooler holds for having been asked whether it leads to the same is in nobody's way.
    let bouncer = PgBouncer::before(&database);
    let settings = vec![("DATABASE_DIRECT_URL", database.url())];
    let operator = TodoWeb::stopped(Some(bouncer.url()), settings);
    let backup = server.folder().join("whole.dump");
    let backup = backup.to_str().expect("a name that is text");
    operator.run(&["restore", "--force", backup]).expect("it is back");
}

/// A direct way that leads elsewhere: nothing is read there, and nothing is written.
#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn another_database_is_not_taken_for_the_same_on_postgres() {
    let runtime = Runtime::new().expect("a runtime");
    let (database, other) = (Database::fresh(), Database::fresh());
    let server = TodoWeb::start_new(&runtime, Some(database.url()));
    server.run(&["backup", "whole.dump"]).expect("a backup");
    let backup = server.folder().join("whole.dump");
    let backup = backup.to_str().expect("a name that is text");
    let settings = vec![("DATABASE_DIRECT_URL", other.url())];
    let astray = TodoWeb::stopped(Some(database.url()), settings);
    for words in [&["migrate"][..], &["backup", "astray.dump"], &["restore", backup], &[]] {
        let refused = astray.run(words).expect_err("another database");
        assert!(refused.contains("is not the same database of PostgreSQL"), "{words:?}: {refused}");
    }
    assert!(!astray.folder().join("astray.dump").exists());
    let there = TodoWeb::stopped(Some(other.url()), Vec::new());
    let untouched = there.run(&["user", "list"]).expect_err("no tables");
    assert!(untouched.contains("users"), "{untouched}");

    // One that does not answer is no other database: servers go on, and what would work there does not.
    let silent = format!("postgres://postgres@127.0.0.1:{}/todo", free_port());
    let settings = vec![("DATABASE_DIRECT_URL", silent)];
    let mut away = TodoWeb::stopped(Some(database.url()), settings);
    for words in [&["migrate"][..], &["backup", "away.dump"], &["restore", backup]] {
        let refused = away.run(words).expect_err("nobody there");
        assert!(refused.contains("DATABASE_DIRECT_URL cannot be asked"), "{words:?}: {refused}");
    }
    away.start_as_it_is(&runtime);
    until("that others are not heard is not said", || {
        let log = away.log();
        if log.contains("other servers are not heard") { Ok(()) } else { Err(log) }
    });
}

/// Each way to read and to write: short statements and those too long to be worth keeping, one and
/// several in a transaction.
fn tasks(runtime: &Runtime, account: &Account) {
    let long = (0..90).map(|n| format!("tag:t{n}")).collect::<Vec<_>>().join("%20or%20");
    for _ in 0..20 {
        for path in [
            "/api/tasks/1",
            "/api/tasks?search=task&limit=5",
            "/api/stats",
            "/api/tags",
            "/api/steps",
            &format!("/api/tasks?filter={long}"),
        ] {
            let told = ask(runtime, account, Asked::new(Method::GET, path));
            assert_eq!(told.status, StatusCode::OK, "{path}: {told:?}");
        }
    }
    let changed = json!({ "title": "another" });
    let change = Asked::new(Method::PATCH, "/api/tasks/1")
        .body("application/merge-patch+json", changed.to_string());
    assert_eq!(ask(runtime, account, change).status, StatusCode::OK);
    for path in ["/api/tasks/2/complete", "/api/undo", "/api/redo"] {
        let told = ask(runtime, account, Asked::new(Method::POST, path).json(&json!({})));
        assert_eq!(told.status, StatusCode::OK, "{path}: {told:?}");
    }
}

/// A session that one has ended, the other must not go on believing in.
fn sessions(runtime: &Runtime, account: &Account, other: &TodoWeb) {
    let there =
        Account { client: todo_tests::http::Client::new(other.address()), ..account.clone() };
    let me = || Asked::new(Method::GET, "/api/auth/me");
    assert_eq!(ask(runtime, &there, me()).status, StatusCode::OK);
    let body = json!({ "email": "ann@example.org", "password": "correct horse battery" });
    let again = ask(runtime, account, Asked::new(Method::POST, "/api/auth/login").json(&body));
    let again: Value = again.json().expect("a session");
    let token = again["access_token"].as_str().expect("a token").to_owned();
    let refresh = json!({ "refresh_token": again["refresh_token"] });
    let turned = ask(runtime, &there, Asked::new(Method::POST, "/api/auth/refresh").json(&refresh));
    assert_eq!(turned.status, StatusCode::OK, "{turned:?}");
    let later = Account { token, ..account.clone() };
    let ended = ask(runtime, &later, Asked::new(Method::DELETE, "/api/auth/sessions"));
    assert!(ended.status.is_success(), "{ended:?}");
    until("a session that is over is believed in", || match ask(runtime, &there, me()).status {
        StatusCode::UNAUTHORIZED => Ok(()),
        status => Err(status),
    });
}

fn ask(runtime: &Runtime, account: &Account, asked: Asked) -> Answer {
    runtime.block_on(account.client.ask(asked.bearer(&account.token))).expect("an answer")
}
