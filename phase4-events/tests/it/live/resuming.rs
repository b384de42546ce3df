//! Nothing lost and nothing twice, however often a client comes back.

use std::time::Duration;

use serde_json::{Value, json};
use todo_events::live::Treatment;
use todo_store::{Options, Store};
use todo_web::Front;

use super::support::{Person, Place, Server, in_time};

/// Adds so many tasks at once, as an import does.
pub(super) async fn import(server: &Server, person: &Person, count: usize) {
    let lines: Vec<_> = (0..count).map(|n| format!("task {n} of {count}")).collect();
    let lines = lines.join("\n");
    let path = "/api/import?format=todotxt";
    let (status, answer) =
        server.send("POST", path, Some(&person.token), ("text/plain", &lines)).await;
    assert!((200..300).contains(&status), "{status} {answer}");
}

/// A generator of numbers that are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// SPEC 9: a client that reconnects with its last `seq` gets the gap; `seq` is contiguous per owner.
async fn gets_each_once(seed: u64, servers: &[Server], people: &[Person]) {
    const TASKS: usize = 40;
    let mut dice = Dice(seed);
    let mut begun = Vec::new();
    for person in people {
        let (_, seq) = servers[0].listen(person).await.expect("hello").await;
        begun.push(seq);
    }
    let write = async |person: &Person, at: usize| {
        for number in 0..TASKS {
            servers[(at + number) % servers.len()].add(person, &format!("task {number}")).await;
        }
    };
    let mut stays = Vec::new();
    for (person, begun) in people.iter().zip(&begun) {
        let stay: Vec<_> = (0..TASKS).map(|_| dice.below(7)).collect();
        stays.push((person, *begun, stay));
    }
    let read = async |person: &Person, begun: u64, stay: &[u64]| {
        let (mut seen, end) = (begun, begun + TASKS as u64);
        for (at, stay) in stay.iter().enumerate() {
            let mut socket = servers[at % servers.len()].listen_since(person, seen).await;
            let (hello, from) = socket.expect("hello").await;
            assert_eq!((from, &hello["data"]["resumed"]), (seen, &json!(true)), "seed {seed}");
            for _ in 0..*stay {
                if seen == end {
                    return;
                }
                let (told, seq) = socket.expect("task.created").await;
                assert_eq!(seq, seen + 1, "seed {seed}: {told}");
                seen = seq;
            }
            // It vanishes: nobody says goodbye.
        }
        let mut socket = servers[0].listen_since(person, seen).await;
        socket.expect("hello").await;
        while seen < end {
            let (_, seq) = socket.expect("task.created").await;
            assert_eq!(seq, seen + 1, "seed {seed}");
            seen = seq;
        }
    };
    let mut writers = Vec::new();
    for (at, person) in people.iter().enumerate() {
        writers.push(write(person, at));
    }
    let readers = stays.iter().map(|(person, begun, stay)| read(person, *begun, stay));
    tokio::join!(futures_util::future::join_all(writers), futures_util::future::join_all(readers));
}

#[tokio::test]
async fn who_comes_and_goes_sees_each_event_once() {
    let place = Place::new().await;
    for seed in 0..6 {
        let servers = [place.serve_with(freely(), unlimited()).await];
        let mut people = Vec::new();
        for name in ["ann", "bob", "eve"] {
            people.push(servers[0].register(&format!("{name}{seed}")).await);
        }
        gets_each_once(seed, &servers, &people).await;
    }
}

/// Issue 8: the same with two servers on one database, each with clients that go from one to the other.
#[tokio::test]
#[ignore = "needs PostgreSQL: tests/run"]
async fn who_goes_from_server_to_server_sees_each_event_once_on_postgres() {
    let (place, url) = Place::postgres().await;
    let mut servers = Vec::new();
    for _ in 0..2 {
        let store = Store::open(&url, &Options::default()).await.expect("it opens");
        servers.push(Server::start(store, &place.clock, freely(), unlimited()).await);
    }
    for seed in 0..6 {
        let mut people = Vec::new();
        for name in ["ann", "bob"] {
            people.push(servers[0].register(&format!("{name}{seed}")).await);
        }
        gets_each_once(seed, &servers, &people).await;
    }
}

/// Issue 8: a ticket is used up for every server, and a log-out at one ends the sockets of the other.
#[tokio::test]
#[ignore = "needs PostgreSQL: tests/run"]
async fn servers_agree_on_tickets_and_sessions_on_postgres() {
    let (place, url) = Place::postgres().await;
    let mut servers = Vec::new();
    for _ in 0..2 {
        let store = Store::open(&url, &Options::default()).await.expect("it opens");
        servers.push(Server::start(store, &place.clock, freely(), unlimited()).await);
    }
    let ann = servers[0].register("ann").await;
    let (_, made) = servers[0].ask("POST", "/api/ws/ticket", Some(&ann.token), None).await;
    let ticket = json!({"type": "auth", "ticket": made["ticket"]});
    let mut socket = servers[1].greet("/ws", ticket.clone()).await;
    socket.expect("hello").await;
    assert_eq!(servers[0].greet("/ws", ticket).await.closed().await, 4401);
    let (status, _) =
        servers[0].ask("POST", "/api/auth/logout", Some(&ann.token), Some(json!({}))).await;
    assert!((200..300).contains(&status), "{status}");
    assert_eq!(socket.closed().await, 4440);
}

fn freely() -> Treatment {
    Treatment { sockets: 1000, ..Treatment::default() }
}

fn unlimited() -> Front {
    Front { rate: todo_web::Rate::Off, notice: Duration::ZERO, ..Front::default() }
}

/// SPEC 9: what happens between a socket's hello and the first look of its process is not missed.
#[tokio::test]
async fn who_comes_before_the_log_is_followed_misses_nothing() {
    let place = Place::new().await;
    let store = place.store.clone();
    let mut server =
        Server::start_deaf(store, &place.clock, Treatment::default(), Front::default()).await;
    let ann = server.register("ann").await;
    let mut socket = server.listen(&ann).await;
    socket.expect("hello").await;
    let task = server.add(&ann, "Early").await;
    let published = async {
        while place.store.unpublished().await.expect("it answers") > 0 {
            tokio::task::yield_now().await;
        }
    };
    in_time(published).await;
    server.follow();
    let told = socket.until(|told| told["type"] == "task.created").await;
    assert_eq!(told["data"]["uid"], task["uid"]);
}

/// SPEC 9: an import is one `refetch`; and so is a gap that is too long, or a number that is not there.
#[tokio::test]
async fn what_is_too_much_is_fetched_anew() {
    let place = Place::new().await;
    // However slowly it is published, it is over with what comes next.
    let patient = Treatment { together: Duration::from_mins(1), ..Treatment::default() };
    let server = place.serve_with(patient, Front::default()).await;
    let ann = server.register("ann").await;
    let mut socket = server.listen(&ann).await;
    let (_, begun) = socket.expect("hello").await;
    import(&server, &ann, 1500).await;
    server.add(&ann, "Afterwards").await;
    let end = begun + 1501;
    let (refetch, seq) = socket.expect("refetch").await;
    assert_eq!((&refetch["data"], seq), (&json!({"reason": "many"}), begun + 1500));
    let (last, seq) = socket.expect("task.created").await;
    assert_eq!((&last["data"]["task"]["title"], seq), (&json!("Afterwards"), end));

    for (since, reason) in [(begun, "gap"), (end + 1, "unknown")] {
        let mut socket = server.listen_since(&ann, since).await;
        let (hello, from) = socket.expect("hello").await;
        assert_eq!((from, &hello["data"]["resumed"]), (end, &json!(false)));
        let (refetch, at) = socket.expect("refetch").await;
        assert_eq!((&refetch["data"], at), (&json!({"reason": reason}), end));
    }
    // As much as is read of the history, on a socket that is open already.
    let mut socket = server.listen(&ann).await;
    socket.expect("hello").await;
    socket.say(json!({"type": "auth", "since": end - 1000})).await;
    assert_eq!(socket.expect("hello").await.1, end - 1000);
    for seq in end - 999..=end {
        assert_eq!(socket.expect("task.created").await.1, seq);
    }
}

/// SPEC 9: a number that is there again after a backup was put back is that of another event.
#[tokio::test]
async fn what_was_seen_in_another_history_is_not_gone_on_with() {
    let place = Place::new().await;
    let server = place.serve().await;
    let ann = server.register("ann").await;
    for title in ["one", "two", "three"] {
        server.add(&ann, title).await;
    }
    let (hello, end) = server.listen(&ann).await.expect("hello").await;
    let own = hello["data"]["history"].as_str().expect("a history").to_owned();
    let other = "5d0c1f6e-8a37-4d5b-9d0e-2f6b7c8d9e0f".to_owned();
    let first = json!({"type": "auth", "token": ann.token, "since": end - 2});
    let said = |message: &Value, history: &str| {
        let mut message = message.clone();
        message["history"] = json!(history);
        message
    };

    // In the first message, and on a socket that is open already.
    let again = json!({"type": "auth", "since": end - 2});
    let mut sockets = [
        (server.greet("/ws", said(&first, &other)).await, false),
        (server.greet("/ws", said(&first, &own)).await, true),
        // Who says nothing of it, as older programs do not, has seen this one.
        (server.greet("/ws", first.clone()).await, true),
        (server.listen(&ann).await, false),
        (server.listen(&ann).await, true),
    ];
    for (place, history) in [(3, &other), (4, &own)] {
        let (socket, _) = &mut sockets[place];
        socket.expect("hello").await;
        socket.say(said(&again, history)).await;
    }
    for (mut socket, resumed) in sockets {
        let (hello, from) = socket.expect("hello").await;
        let data = &hello["data"];
        assert_eq!((&data["resumed"], &data["history"]), (&json!(resumed), &json!(own)));
        if resumed {
            assert_eq!(from, end - 2);
            for seq in [end - 1, end] {
                assert_eq!(socket.expect("task.created").await.1, seq);
            }
        } else {
            let (refetch, at) = socket.expect("refetch").await;
            assert_eq!((from, &refetch["data"], at), (end, &json!({"reason": "unknown"}), end));
        }
    }
    // Who has seen nothing may begin with any.
    let begins = json!({"type": "auth", "token": ann.token, "since": 0, "history": other});
    let (hello, from) = server.greet("/ws", begins).await.expect("hello").await;
    assert_eq!((from, &hello["data"]["resumed"]), (0, &json!(true)));
    let mut socket = server.greet("/ws", said(&first, "another one")).await;
    assert_eq!(socket.closed().await, 4400);
}
