//! Rows of which it cannot be read whose they are, or which (SPEC 9): they are in nobody's way.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use tempfile::TempDir;
use todo_core::conformance::OWNERS;
use todo_core::event::Seq;
use todo_core::{Owner, Timestamp};
use todo_store::Store;
use todo_store::log::{Damage, Entry, Handled, Leadership, Outcome, Position, RELAY, Strays};
use uuid::Uuid;

use crate::support::{self, Database};
use crate::writers::{addition, insist};

const ANN: Owner = OWNERS[0];
const BOB: Owner = OWNERS[1];

fn now() -> Timestamp {
    Timestamp::from_millis(1_795_262_400_000)
}

async fn lead(store: &Store, name: &str) -> Leadership {
    store.lead(name).await.expect("it answers").expect("nobody else leads")
}

/// What was told, in its order. One by one: a row that is passed over takes the turn of no other.
async fn told(store: &Store) -> Vec<(Owner, u64)> {
    let relay = lead(store, RELAY).await;
    while !store.publish(&relay, 1, now()).await.expect("it is told").all {}
    relay.resign().await;
    let (mut told, mut at) = (Vec::new(), Position(0));
    while let Some(entry) = store.read_log(at, 1).await.expect("it reads").pop() {
        at = entry.position.expect("a place");
        told.push((entry.owner, entry.seq.0));
    }
    told
}

/// Whether the relay comes upon them, a consumer that begins, or one that reads on.
async fn are_passed_over(store: &Store, damage: impl AsyncFn()) {
    for owner in [ANN, BOB] {
        insist(store, owner, &addition(1)).await;
    }
    damage().await;
    insist(store, ANN, &addition(2)).await;
    let mut all = told(store).await;
    all.sort_unstable();
    assert_eq!(all, [(ANN, 2), (BOB, 1)], "damaged before it was told");
    let consumer = lead(store, "late").await;
    let later = now().plus_millis(86_400_000);
    store.begin_since(&consumer, later, later).await.expect("what is older is marked");
}

async fn are_read_past(store: &Store, damage: impl AsyncFn()) {
    for owner in [ANN, BOB] {
        insist(store, owner, &addition(1)).await;
    }
    assert_eq!(told(store).await.len(), 2);
    damage().await;
    insist(store, ANN, &addition(2)).await;
    assert_eq!(told(store).await, [(BOB, 1), (ANN, 2)], "damaged after it was told");
}

const CONSUMER: &str = "stats";

fn parked(entry: &Entry) -> Handled<'_> {
    let outcome = Outcome::Parked { reason: "it is broken".to_owned(), attempts: 5 };
    Handled { entry, outcome }
}

/// What is parked, with how often it was tried and what of the letter and its event is damaged.
async fn letters(store: &Store) -> Vec<(Owner, u64, u32, Option<String>, Option<String>)> {
    let first = (Owner(Uuid::nil()), Seq(0));
    let letters = store.letters(CONSUMER, first, 100).await.expect("it reads");
    let said = |damage: Option<Damage>| damage.map(|damage| damage.to_string());
    let row = |letter: todo_store::log::Letter| {
        let Entry { owner, seq, damage, .. } = letter.entry;
        (owner, seq.0, letter.attempts, said(letter.damage), said(damage))
    };
    letters.into_iter().map(row).collect()
}

/// What cannot be known of the one letter that is a stray: who parked it, whose it is, which.
async fn stray(store: &Store) -> (Option<String>, Option<Owner>, Option<Seq>, String) {
    let mut strays = store.strays().await.expect("it reads");
    let (stray, rest) = (strays.pop().expect("one"), strays);
    assert!(rest.is_empty(), "{rest:?}");
    let all = store.strays_of_owners().await.expect("it reads");
    assert_eq!(all, [Strays { consumer: stray.consumer.clone(), owner: stray.owner, many: 1 }]);
    (stray.consumer, stray.owner, stray.seq, stray.damage.to_string())
}

/// Ann's first letter is damaged, in one way after the other; it is shown, and all others are.
async fn letters_are_shown(store: &Store, damage: impl AsyncFn(&str), file: bool) {
    for k in 1..=3 {
        insist(store, ANN, &addition(k)).await;
    }
    insist(store, BOB, &addition(1)).await;
    told(store).await;
    let log = store.read_log(Position(0), 10).await.expect("it reads");
    let of = |owner, seq| log.iter().find(|e| (e.owner, e.seq) == (owner, Seq(seq))).expect("told");
    let consumer = lead(store, CONSUMER).await;
    let handled = [(ANN, 1), (ANN, 2), (BOB, 1)].map(|(owner, seq)| parked(of(owner, seq)));
    store.settle(&consumer, &handled, Position(1), now()).await.expect("it is written");
    let rest = [(ANN, 2, 0, None, None), (BOB, 1, 5, None, None)];
    let shown = |attempts, letter: Option<&str>, event: Option<&str>| {
        let first = (ANN, 1, attempts, letter.map(str::to_owned), event.map(str::to_owned));
        std::iter::once(first).chain(rest.clone()).collect::<Vec<_>>()
    };
    assert_eq!(letters(store).await, shown(5, None, None));

    for attempts in ["-1", "4294967296", "9223372036854775807"] {
        damage(&format!("UPDATE dead_letters SET attempts = {attempts}")).await;
        let said = "its row is damaged: attempts cannot be read";
        assert_eq!(letters(store).await, shown(0, Some(said), None));
        // Once it was tried again, it is known how often it was since.
        let again = store.replayed(CONSUMER, &parked(of(ANN, 1)), now()).await;
        again.expect("it is written");
        assert_eq!(letters(store).await, shown(5, None, None));
    }
    if file {
        damage("UPDATE dead_letters SET reason = CAST(x'ff' AS TEXT)").await;
        let said = "its row is damaged: reason cannot be read";
        assert_eq!(letters(store).await, shown(5, Some(said), None));
    }
    damage("DELETE FROM events").await;
    assert_eq!(
        letters(store).await.first().and_then(|first| first.4.as_deref()),
        Some("its event is not in the history")
    );
    assert!(store.strays().await.expect("it reads").is_empty());

    damage("UPDATE dead_letters SET seq = -1").await;
    assert_eq!(letters(store).await, rest);
    let row = "its row is damaged: seq cannot be read".to_owned();
    assert_eq!(stray(store).await, (Some(CONSUMER.to_owned()), Some(ANN), None, row));
    // It may have been before what comes now.
    store
        .settle(&consumer, &[parked(of(ANN, 3))], Position(4), now())
        .await
        .expect("it is written");
    let last = store.letters(CONSUMER, (ANN, Seq(2)), 1).await.expect("it reads").pop();
    let reason = last.map(|letter| (letter.entry.seq, letter.reason));
    assert_eq!(reason, Some((Seq(3), "waits behind one whose number cannot be read".to_owned())));
    if file {
        damage("UPDATE dead_letters SET seq = 1, owner = x'01'").await;
        let row = "its row is damaged: owner cannot be read".to_owned();
        assert_eq!(stray(store).await, (Some(CONSUMER.to_owned()), None, Some(Seq(1)), row));
    }
    assert_eq!(store.parked().await.expect("it counts"), [(CONSUMER.to_owned(), 4)]);
}

/// An operator took the relay's row for that of a consumer who is no more: nothing is told at a place that was
/// given, or that somebody has come past.
async fn places_go_on_where_the_row_of_the_relay_is_gone(
    store: &Store,
    damage: impl AsyncFn(&str),
) {
    for k in 1..=3 {
        insist(store, ANN, &addition(k)).await;
    }
    told(store).await;
    damage("DELETE FROM leaders WHERE name = 'relay'").await;
    insist(store, ANN, &addition(4)).await;
    assert_eq!(told(store).await, [1, 2, 3, 4].map(|seq| (ANN, seq)));
    // Nothing is left of the log, but for how far a consumer has come.
    let consumer = lead(store, CONSUMER).await;
    store.settle(&consumer, &[], Position(4), now()).await.expect("it is written");
    damage("DELETE FROM outbox").await;
    damage("DELETE FROM leaders WHERE name = 'relay'").await;
    insist(store, ANN, &addition(5)).await;
    told(store).await;
    let log = store.read_log(Position(4), 10).await.expect("it reads");
    assert_eq!(log.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [Seq(5)]);
}

/// Somebody changes a file behind the store's back: answers how many rows.
async fn in_file(folder: &TempDir, change: String) -> u64 {
    let options = SqliteConnectOptions::new().filename(folder.path().join("todo.db"));
    let mut conn = options.connect().await.expect("it connects");
    let done = sqlx::query(AssertSqlSafe(change)).execute(&mut conn).await;
    done.expect("it is changed").rows_affected()
}

/// The same in a database.
async fn in_database(database: &Database, change: String) -> u64 {
    let mut conn = PgConnection::connect(&database.text()).await.expect("it connects");
    let done = sqlx::query(AssertSqlSafe(change)).execute(&mut conn).await;
    done.expect("it is changed").rows_affected()
}

/// [`ANN`].
const OF_ANN_IN_FILE: &str = "hex(owner) = '01987F00000070008000000000000001'";
const OF_ANN_IN_DATABASE: &str = "owner = '01987f00-0000-7000-8000-000000000001'";

/// Ann's first event is made this.
fn changes(damage: &str, of_ann: &str) -> [String; 2] {
    ["events", "outbox"]
        .map(|table| format!("UPDATE {table} SET {damage} WHERE {of_ann} AND seq = 1"))
}

/// History is told again from a moment on, and not from an event of no number at all.
async fn replay_passes_over_it(store: &Store, damage: impl AsyncFn()) {
    for k in 1..=2 {
        insist(store, ANN, &addition(k)).await;
    }
    told(store).await;
    damage().await;
    let later = now().plus_millis(86_400_000);
    assert_eq!(store.tell_again(later, later).await.expect("it is told again"), 0);
}

#[test]
fn what_is_nobodys_in_a_file_stops_nobody() {
    for damage in ["owner = x'01'", "seq = -1", "seq = 0"] {
        for before in [true, false] {
            support::run(async {
                let (store, folder) = support::sqlite().await;
                let damaging = async || {
                    for change in changes(damage, OF_ANN_IN_FILE) {
                        assert_eq!(in_file(&folder, change).await, 1);
                    }
                };
                if before {
                    are_passed_over(&store, damaging).await;
                } else {
                    are_read_past(&store, damaging).await;
                }
            });
        }
    }
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_what_is_nobodys_stops_nobody() {
    for before in [true, false] {
        support::run(async {
            let (store, database) = support::postgres().await;
            let damaging = async || {
                for change in changes("seq = -1", OF_ANN_IN_DATABASE) {
                    assert_eq!(in_database(&database, change).await, 1);
                }
            };
            if before {
                are_passed_over(&store, damaging).await;
            } else {
                are_read_past(&store, damaging).await;
            }
        });
    }
}

const LATER: &str = "UPDATE events SET seq = -1, at = 9000000000000 WHERE seq = 1 AND ";

#[test]
fn history_of_a_file_is_told_again_without_what_is_nobodys() {
    support::run(async {
        let (store, folder) = support::sqlite().await;
        let damage = async || {
            assert_eq!(in_file(&folder, format!("{LATER}{OF_ANN_IN_FILE}")).await, 1);
        };
        replay_passes_over_it(&store, damage).await;
    });
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_history_is_told_again_without_what_is_nobodys() {
    support::run(async {
        let (store, database) = support::postgres().await;
        let damage = async || {
            assert_eq!(in_database(&database, format!("{LATER}{OF_ANN_IN_DATABASE}")).await, 1);
        };
        replay_passes_over_it(&store, damage).await;
    });
}

#[test]
fn places_of_a_file_go_on_where_the_row_of_the_relay_is_gone() {
    support::run(async {
        let (store, folder) = support::sqlite().await;
        let damage = async |change: &str| {
            in_file(&folder, change.to_owned()).await;
        };
        places_go_on_where_the_row_of_the_relay_is_gone(&store, damage).await;
    });
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_places_go_on_where_the_row_of_the_relay_is_gone() {
    support::run(async {
        let (store, database) = support::postgres().await;
        let damage = async |change: &str| {
            in_database(&database, change.to_owned()).await;
        };
        places_go_on_where_the_row_of_the_relay_is_gone(&store, damage).await;
    });
}

#[test]
fn damaged_letters_of_a_file_are_shown_with_the_others() {
    support::run(async {
        let (store, folder) = support::sqlite().await;
        let damage = async |change: &str| {
            let change = format!("{change} WHERE {OF_ANN_IN_FILE} AND seq < 2");
            assert_eq!(in_file(&folder, change).await, 1);
        };
        letters_are_shown(&store, damage, true).await;
        let change = "UPDATE dead_letters SET consumer = CAST(x'ff' AS TEXT) WHERE owner = x'01'";
        assert_eq!(in_file(&folder, change.to_owned()).await, 1);
        let row = "its row is damaged: consumer, owner cannot be read".to_owned();
        assert_eq!(stray(&store).await, (None, None, Some(Seq(1)), row));
        assert_eq!(store.parked().await.expect("it counts"), [(CONSUMER.to_owned(), 3)]);
    });
}

#[test]
#[ignore = "needs PostgreSQL: tests/run"]
fn postgres_damaged_letters_are_shown_with_the_others() {
    support::run(async {
        let (store, database) = support::postgres().await;
        let damage = async |change: &str| {
            let change = format!("{change} WHERE {OF_ANN_IN_DATABASE} AND seq < 2");
            assert_eq!(in_database(&database, change).await, 1);
        };
        letters_are_shown(&store, damage, false).await;
    });
}
