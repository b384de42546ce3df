//! The OpenAPI document says what is so: a program that knows nothing but the document asks all that
//! it allows, and much that it does not, and holds every answer against it.

use std::process::{Command, Output};

use todo_tests::services::TodoWeb;
use tokio::runtime::Runtime;

use crate::outage::writers::Account;

/// Names the program, which is a Python package.
const SCHEMATHESIS: &str = "TODO_TEST_SCHEMATHESIS";
/// Requests for each operation, about; the whole takes some two minutes.
const EXAMPLES: &str = "25";

#[test]
#[ignore = "needs schemathesis: tests/run"]
fn schemathesis_finds_nothing_that_is_not_in_the_document() {
    let program = std::env::var(SCHEMATHESIS)
        .unwrap_or_else(|_| panic!("{SCHEMATHESIS} names no program: use tests/run"));
    let runtime = Runtime::new().expect("a runtime");
    let server = TodoWeb::start_new(&runtime, None);
    let account = runtime.block_on(Account::register(server.address()));
    // On a machine that is very busy it may stumble over itself: it measures how long it takes to think of a
    // request. That says nothing about the server, and is tried again.
    let mut ran = run(&program, &server, &account);
    if String::from_utf8_lossy(&ran.stdout).contains("Inconsistent results") {
        ran = run(&program, &server, &account);
    }
    let told = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{told}\n{}", String::from_utf8_lossy(&ran.stderr));
    // A run that asked nothing would succeed too.
    assert!(told.contains("passed"), "{told}");
}

fn run(program: &str, server: &TodoWeb, account: &Account) -> Output {
    let folder = tempfile::tempdir().expect("a temporary folder");
    Command::new(program)
        .arg("run")
        .arg(format!("http://{}/openapi.json", server.address()))
        .args(["--header", &format!("Authorization: Bearer {}", account.token)])
        .args(["--checks", "all", "--seed", "1", "--max-examples", EXAMPLES])
        .args(["--generation-database", "none", "--continue-on-failure", "--no-color"])
        .args(["--suppress-health-check", "all", "--workers", "2"])
        // They end the session that all the others are asked in.
        .args(["--exclude-operation-id", "logout", "--exclude-operation-id", "end_session"])
        // A schema says what a value looks like. That a task exists, that a date is one or that a
        // key was not used before is for the rules to say, which may refuse what looks well.
        .args(["--exclude-checks", "positive_data_acceptance"])
        .current_dir(folder.path())
        .output()
        .expect("schemathesis can be run")
}
