//! What sockets are told of an import (SPEC 9): nothing to be reminded of, and not each of many tasks.

use std::ops::RangeInclusive;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use todo_core::conformance::given::title;
use todo_core::{Bulk, Command, Item, NewTask, TaskId};
use todo_events::live::Treatment;
use todo_store::log::RELAY;
use todo_web::Front;
use uuid::Uuid;

use super::messages::{change, done, remind};
use super::resuming::import;
use super::support::{DEADLINE, Place, Server};

/// A task as an import brings it, with a reminder.
fn imported(number: u64, at: todo_core::Timestamp) -> Value {
    json!({
        "uid": format!("01900000-0000-7000-8000-{number:012}"),
        "id": number, "title": format!("old {number}"), "status": "pending", "priority": "low",
        "created_at": "2020-01-01T00:00:00.000Z", "updated_at": "2020-01-01T00:00:00.000Z",
        "version": 1, "reminders": [{"id": 1, "at": at, "channel": "in_app"}],
    })
}

/// Without a gap, and nobody is reminded of what was past when its task came: on time, late or not at all.
#[tokio::test]
async fn an_import_reminds_of_nothing() {
    let place = Place::new().await;
    let server = place.serve().await;
    let ann = server.register("ann").await;
    let mut socket = server.listen(&ann).await;
    let (_, begun) = socket.expect("hello").await;
    let now = server.app.clock.now();
    let old: Vec<_> = [30, 3_600, 3 * 86_400]
        .into_iter()
        .zip(1..)
        .map(|(seconds, number)| imported(number, now.plus_millis(-1_000 * seconds)))
        .collect();
    let body = json!({"format": 2, "tasks": old});
    change(&server, &ann, "POST", "/api/import", body).await;
    remind(&server, &old, &ann).await;
    let tea = json!({"title": "Tea", "reminders": [{"at": now.plus_millis(30_000)}]});
    let tea = change(&server, &ann, "POST", "/api/tasks", tea).await["task"].clone();
    place.pass_seconds(31);
    remind(&server, std::slice::from_ref(&tea), &ann).await;

    let kinds = ["task.created"; 3].into_iter().chain(["reminder.past"; 3]);
    let kinds = kinds.chain(["task.created", "reminder"]).zip(begun + 1..);
    let mut told = Vec::new();
    for (kind, number) in kinds {
        let (message, seq) = socket.expect(kind).await;
        assert_eq!(seq, number, "{message}");
        assert_eq!(kind == "reminder.past", message["data"] == json!({}), "{message}");
        told.push(message);
    }
    assert_eq!(told[7]["data"]["title"], "Tea");
    // The same when it is read in the history.
    let mut again = server.listen_since(&ann, begun).await;
    again.expect("hello").await;
    for message in &told {
        assert_eq!(&again.told().await, message);
    }
}

/// One by one up to a hundred; more are one `refetch`, which comes although nothing comes behind it. What
/// others do meanwhile is told as ever.
#[tokio::test]
async fn a_long_import_is_told_as_one() {
    let place = Place::new().await;
    let server = place.serve().await;
    let (ann, bob) = (server.register("ann").await, server.register("bob").await);
    let (mut socket, mut other) = (server.listen(&ann).await, server.listen(&bob).await);
    let (_, begun) = socket.expect("hello").await;
    other.expect("hello").await;
    import(&server, &ann, 100).await;
    for seq in begun + 1..=begun + 100 {
        assert_eq!(socket.expect("task.created").await.1, seq);
    }
    import(&server, &ann, 101).await;
    server.add(&bob, "Tea").await;
    other.expect("task.created").await;
    let (refetch, seq) = socket.expect("refetch").await;
    assert_eq!((&refetch["data"], seq), (&json!({"reason": "many"}), begun + 201));
}

/// One that hears from the history how much a request has changed, however slow the machine is.
async fn serve_knowing(place: &Place) -> Server {
    let knowing = Treatment { question: DEADLINE, ..Treatment::default() };
    place.serve_with(knowing, Front::default()).await
}

/// One that a command makes.
fn making(number: u128) -> Command {
    making_all(number..=number)
}

/// All that one command makes.
fn making_all(numbers: RangeInclusive<u128>) -> Command {
    let item = |number| NewTask::new(TaskId(Uuid::from_u128(number)), title("Next"));
    let items = numbers.map(|number| Item::Create(Box::new(item(number)))).collect();
    Command::Bulk(Bulk { items, atomic: true })
}

#[tokio::test]
async fn a_long_import_is_told_as_one_wherever_it_is_cut() {
    is_told_as_one_wherever_it_is_cut(Place::untold().await).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: tests/run"]
async fn a_long_import_is_told_as_one_wherever_it_is_cut_on_postgres() {
    is_told_as_one_wherever_it_is_cut(Place::untold_on_postgres().await).await;
}

/// SPEC 9: the same wherever others' events cut it in the log, and however little of it stands there yet.
async fn is_told_as_one_wherever_it_is_cut(place: Place) {
    let server = serve_knowing(&place).await;
    let leader = place.store.lead(RELAY).await.expect("it answers").expect("nobody else leads");
    let now = server.app.clock.now();
    let publish = async |most: u32| {
        place.store.publish(&leader, most, now).await.expect("it publishes");
    };
    let (ann, bob) = (server.register("ann").await, server.register("bob").await);
    let (mut socket, mut other) = (server.listen(&ann).await, server.listen(&bob).await);
    let (_, mut seq) = socket.expect("hello").await;
    other.expect("hello").await;
    publish(500).await;
    for (first, count) in [(1, 101), (60, 150), (100, 102), (100, 1_000)] {
        import(&server, &ann, count).await;
        publish(first).await;
        // It is others' turn then.
        server.add(&bob, "Tea").await;
        publish(1).await;
        other.expect("task.created").await;
        publish(2_000).await;
        seq += u64::try_from(count).expect("a number");
        // On a slow machine what came first may be told by then.
        let mut last = 0;
        while last < seq {
            let refetch;
            (refetch, last) = socket.expect("refetch").await;
            assert_eq!(refetch["data"], json!({"reason": "many"}));
        }
        assert_eq!(last, seq);
    }
    // What is not much is told at once, though it is cut.
    import(&server, &ann, 100).await;
    publish(99).await;
    for number in seq + 1..=seq + 99 {
        assert_eq!(socket.expect("task.created").await.1, number);
    }
    publish(1).await;
    assert_eq!(socket.expect("task.created").await.1, seq + 100);
}

/// What a look of the scheduler has made is told before what it reminds of, however much that is.
#[tokio::test]
async fn many_reminders_make_nothing_else_much() {
    let place = Place::untold().await;
    let server = place.serve().await;
    let leader = place.store.lead(RELAY).await.expect("it answers").expect("nobody else leads");
    let now = server.app.clock.now();
    let ann = server.register("ann").await;
    let soon = now.plus_millis(30_000);
    let tasks: Vec<_> = (1..=120).map(|number| imported(number, soon)).collect();
    let body = json!({"format": 2, "tasks": tasks});
    change(&server, &ann, "POST", "/api/import", body).await;
    place.store.publish(&leader, 2_000, now).await.expect("it publishes");
    let mut socket = server.listen(&ann).await;
    let (_, begun) = socket.expect("hello").await;
    place.pass_seconds(31);
    done(&server, &ann, &making(u128::MAX)).await;
    remind(&server, &tasks, &ann).await;
    place.store.publish(&leader, 1, now).await.expect("it publishes");
    assert_eq!(socket.expect("task.created").await.1, begun + 1);
    place.store.publish(&leader, 2_000, now).await.expect("it publishes");
    for seq in begun + 2..=begun + 121 {
        assert_eq!(socket.expect("reminder").await.1, seq);
    }
}

/// SPEC 9: the correlation is the client's, and many requests that have the same are not one for it.
#[tokio::test]
async fn many_requests_of_one_correlation_are_not_one() {
    let place = Place::untold().await;
    let server = serve_knowing(&place).await;
    let leader = place.store.lead(RELAY).await.expect("it answers").expect("nobody else leads");
    let now = server.app.clock.now();
    let ann = server.register("ann").await;
    place.store.publish(&leader, 2_000, now).await.expect("it publishes");
    let mut socket = server.listen(&ann).await;
    let (_, begun) = socket.expect("hello").await;
    for number in 1..=150 {
        place.clock.fetch_add(1, Ordering::SeqCst);
        done(&server, &ann, &making(number)).await;
    }
    let publish = async |most: u32| {
        place.store.publish(&leader, most, now).await.expect("it publishes");
    };
    for seq in begun + 1..=begun + 3 {
        publish(1).await;
        assert_eq!(socket.expect("task.created").await.1, seq);
    }
    // However many of them are read at once.
    publish(2_000).await;
    for seq in begun + 4..=begun + 150 {
        assert_eq!(socket.expect("task.created").await.1, seq);
    }
    // One of them is much, and what comes after it is not.
    place.clock.fetch_add(1, Ordering::SeqCst);
    done(&server, &ann, &making_all(151..=251)).await;
    publish(2_000).await;
    assert_eq!(socket.expect("refetch").await.1, begun + 251);
    place.clock.fetch_add(1, Ordering::SeqCst);
    done(&server, &ann, &making(252)).await;
    publish(2_000).await;
    assert_eq!(socket.expect("task.created").await.1, begun + 252);
}
