//! An account's tasks in the server's database.

use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::json;
use todo_core::Owner;
use todo_mcp::{Database, NoSuchUser};
use todo_store::accounts::{By, Email, NewUser, PasswordHash, Profile};
use todo_store::{DatabaseUrl, Options, Store};
use uuid::Uuid;

use crate::client::{self, Client};
use crate::support::{NOW, World, ids, runtime};

async fn account(store: &Store, no: u128, email: &str) {
    let profile = Profile { zone: "Asia/Karachi".parse().expect("a zone"), ..Profile::default() };
    let user = NewUser {
        owner: Owner(Uuid::from_u128(no)),
        email: Email::new(email).expect("an address"),
        password: PasswordHash::new("x".to_owned()),
        profile,
    };
    store
        .create_user(&user, &By::user(NOW.parse().expect("an instant"), Uuid::nil()))
        .await
        .expect("an account");
}

/// The program on an account: the URL in the environment, where no other program sees it.
#[test]
fn the_program_serves_an_account() {
    let folder = client::folder();
    let url = format!("sqlite://{}", folder.path().join("todo.db").display());
    runtime().block_on(async {
        let parsed: DatabaseUrl = url.parse().expect("a URL");
        let store = Store::open(&parsed, &Options::default()).await.expect("a database");
        store.migrate().await.expect("tables");
        account(&store, 1, "ann@example.org").await;
        // A file belongs to one process at a time.
        store.close().await;
    });
    let mut command = Command::new(env!("CARGO_BIN_EXE_todo-mcp"));
    command.env_clear().env("DATABASE_URL", &url).env("TODO_NOW", NOW);
    command.current_dir(folder.path()).args(["--user", "ann@example.org"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut client = Client::of(command);
    client.shake_hands();
    let done = client.call("add_task", &json!({ "text": "Buy milk tomorrow 5pm" }));
    let due = &done["structuredContent"]["tasks"][0]["due_date"];
    assert_eq!(due, "2026-11-22T17:00:00+05:00", "the zone is the account's");
    assert_eq!(client.leave(), (String::new(), Some(0)));
}

/// Two accounts on one database: each has tasks and numbers of their own (S6).
#[test]
fn each_account_has_its_own_tasks() {
    let (runtime, folder) = (runtime(), tempfile::tempdir().expect("a folder"));
    let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
    let (store, ann, bob) = runtime.block_on(async {
        let store = Store::open(&url, &Options::default()).await.expect("a database");
        store.migrate().await.expect("tables");
        account(&store, 1, "ann@example.org").await;
        account(&store, 2, "bob@example.org").await;
        let ann = Database::of(store.clone(), "Ann@example.org").await.expect("Ann");
        let bob = Database::of(store.clone(), "bob@example.org").await.expect("Bob");
        (store, ann, bob)
    });
    let nobody = runtime.block_on(Database::of(store, "eve@example.org"));
    assert!(matches!(nobody, Err(NoSuchUser::Unknown(_))), "{nobody:?}");
    // A connection lives where it was made.
    let ann = World::on(ann, Arc::clone(&runtime), folder);
    let bob = World::on(bob, runtime, tempfile::tempdir().expect("a folder"));
    ann.done("add_task", json!({ "text": "Pay rent tomorrow 5pm every month #finance" }));
    assert_eq!(ann.task(1)["due_date"], "2026-11-22T17:00:00+05:00");
    assert_eq!(ids(&bob.done("list_tasks", json!({})).told), [0; 0]);
    assert_eq!(bob.refused("get_task", json!({ "task_id": 1 }))["code"], "not_found");
    bob.add(&["mine"]);
    assert_eq!(bob.task(1)["title"], "mine");
    let done = ann.done("complete_task", json!({ "task_id": 1 }));
    assert_eq!(ids(&done.told), [1, 2]);
    let tags = ann.done("list_tags", json!({}));
    assert_eq!(tags.told["tags"], json!([{ "name": "finance", "count": 1 }]));
    let error = ann.refused("delete_task", json!({ "task_ids": [1, 2] }));
    let token = error["confirm"].as_str().expect("a token");
    // Bob has the same secret here, as on one server, and tasks of the same numbers: it is not his.
    bob.add(&["too"]);
    let error = bob.refused("delete_task", json!({ "task_ids": [1, 2], "confirm": token }));
    assert_eq!(error["code"], "confirmation_required", "{error}");
    let done = ann.done("delete_task", json!({ "task_ids": [1, 2], "confirm": token }));
    assert_eq!(ids(&done.told).len(), 2);
}
