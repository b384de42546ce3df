//! Taking everything away (SPEC 7): all that any table holds of somebody, or why not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use todo_core::Owner;
use todo_core::conformance::OWNERS;
use todo_store::accounts::BelongingsPlace;
use todo_store::{DatabaseUrl, Store};

use crate::schema::{Asked, NOBODYS, register};
use crate::{support, writers};

/// Tables that are not given: the profile, which is given in its own form; digests; counters and what
/// is derived; marks of those who tell and answer.
const WITHHELD: [&str; 8] = [
    "dead_letters",
    "inbox",
    "outbox",
    "owners",
    "receipts",
    "refresh_tokens",
    "task_tags",
    "users",
];

/// Columns of `tasks` that a task's own JSON tells of, perhaps under another name.
const OF_TASKS: [&str; 23] = [
    "cancelled_at",
    "completed_at",
    "created_at",
    "deleted_at",
    "description",
    "due_date",
    "id",
    "parent_id",
    "parent_uid",
    "priority",
    "project",
    "recurrence",
    "reminders",
    "series",
    "slot",
    "start_date",
    "status",
    "tags",
    "title",
    "trash_id",
    "uid",
    "updated_at",
    "version",
];

/// Columns that are derived of those, and those that prove something.
const NOT_GIVEN: [&str; 12] = [
    "digest",
    "due_at",
    "due_day",
    "due_key",
    "owner",
    "project_fold",
    "scheduled",
    "search",
    "start_at",
    "start_day",
    "title_fold",
    "wake_at",
];

/// All that is given of somebody.
async fn given(store: &Store, owner: Owner) -> BTreeMap<&'static str, Vec<Map<String, Value>>> {
    let mut all = BTreeMap::new();
    let mut place = Some(BelongingsPlace::FIRST);
    while let Some(at) = place {
        let found = store.belongings(owner, &at).await.expect("answered");
        let rows = found.rows.iter().map(|row| serde_json::from_str(row).expect("an object"));
        all.entry(found.part).or_insert_with(Vec::new).extend(rows);
        place = found.next;
    }
    all
}

/// More than a page of whatever may be that many.
async fn much(asked: &mut Asked, owner: Owner) {
    let owner = asked.quoted(owner);
    for no in 1..=450 {
        let id = asked.id(no);
        for sql in [
            format!("INSERT INTO filters VALUES ({owner}, 'f{no}', 'x', {no})"),
            format!("INSERT INTO reminder_firings VALUES ({owner}, {id}, {no}, {no}, 'x', 1)"),
            format!("INSERT INTO messages VALUES ({owner}, {id}, {no}, 'user', '[1]', 1)"),
            format!("INSERT INTO conversations VALUES ({owner}, {id}, NULL, 1, 1)"),
        ] {
            asked.run(sql).await;
        }
    }
}

async fn gives_everything(url: &DatabaseUrl) {
    let store = support::open(url).await;
    let [ann, bob] = [OWNERS[0], OWNERS[1]];
    register(&store, ann, "ann@example.org").await;
    register(&store, bob, "bob@example.org").await;
    for k in 2..=201 {
        writers::insist(&store, ann, &writers::addition(k)).await;
    }
    let mut asked = Asked::of(url).await;
    let tables = asked.tables().await;
    for owner in [ann, bob] {
        asked.fill(&tables, owner).await;
    }
    much(&mut asked, ann).await;

    let (hers, his) = (given(&store, ann).await, given(&store, bob).await);
    let mut names: BTreeSet<_> = hers.keys().copied().collect();
    names.extend(WITHHELD);
    names.extend(NOBODYS);
    let all: BTreeSet<_> = tables.keys().map(String::as_str).collect();
    assert_eq!(names, all, "each table is given, or is known not to be");

    for (table, rows) in &hers {
        let count = usize::try_from(asked.count(table, ann).await).expect("a count");
        assert_eq!(rows.len(), count, "{table}: each row once");
        let distinct: BTreeSet<_> = rows.iter().map(|row| format!("{row:?}")).collect();
        assert_eq!(distinct.len(), count, "{table}: each row once");
        let columns = tables[*table].iter().map(|(name, ..)| name.as_str());
        let told: BTreeSet<_> = match *table {
            "tasks" => OF_TASKS.into_iter().collect(),
            _ => rows[0].keys().map(String::as_str).collect(),
        };
        let meant: BTreeSet<_> = columns.filter(|name| !NOT_GIVEN.contains(name)).collect();
        assert_eq!(told, meant, "{table}: each column is given, or is known not to be");
        let others = usize::try_from(asked.count(table, bob).await).expect("a count");
        assert_eq!(his[table].len(), others, "{table}: and nothing of others");
    }
    assert_eq!(hers["tasks"].len(), 201);
    assert!(hers["steps"].len() >= 100, "S7: as many as can be undone");
}

#[test]
fn sqlite_gives_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("todo.db"));
    support::run(gives_everything(&url));
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_gives_everything() {
    support::run(async {
        let database = support::Database::make().await;
        gives_everything(&database.url()).await;
    });
}
