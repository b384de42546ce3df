//! Sends requests to `todo-web` at a steady rate, whether it keeps up or not, and says how long they
//! took: `todo-web-load ADDRESS TOKENS RATE SECONDS`.
//!
//! A client that waits for an answer before it asks again asks less of a slow server, and so never
//! sees how slow it is. Here a request is due at a time; how long it took is counted from then, also
//! if it could not be sent yet. `TOKENS` is a file with an access token a line, each of a user with
//! ten tasks. Half of the requests read one task, a quarter a list of 20, a twentieth searches, three
//! twentieths make a task, and the rest completes one.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::time::Duration;

use axum::http::Method;
use serde_json::json;
use todo_tests::http::{Asked, Client, NoAnswer};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

const USAGE: &str = "usage: todo-web-load ADDRESS TOKENS RATE SECONDS";
/// Tasks of each user, numbered from 1.
const TASKS: u64 = 10;
/// How often it looks whether requests are due.
const TICK: Duration = Duration::from_millis(1);

/// What one request came to: its status, or that there was no answer, and how long it took.
struct Told {
    answer: Result<u16, NoAnswer>,
    took: Duration,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [address, tokens, rate, seconds] = words.as_slice() else { return Err(USAGE.into()) };
    let tokens = fs::read_to_string(tokens)?;
    let tokens: Vec<&str> = tokens.lines().collect();
    let client = Client::new(address.parse()?);
    let (rate, seconds): (u64, u64) = (rate.parse()?, seconds.parse()?);
    let mut asking = JoinSet::new();
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let begin = Instant::now();
    for n in 0..rate * seconds {
        let due = begin + Duration::from_micros(n * 1_000_000 / rate);
        while Instant::now() < due {
            tick.tick().await;
        }
        let (client, asked) = (client.clone(), nth(n, &tokens));
        asking.spawn(async move {
            let answer = client.ask(asked).await.map(|answer| answer.status.as_u16());
            Told { answer, took: due.elapsed() }
        });
    }
    report(asking.join_all().await, begin.elapsed());
    Ok(())
}

/// The same for the same number; users and kinds in no order.
fn nth(n: u64, tokens: &[&str]) -> Asked {
    let random = mixed(n);
    let user = usize::try_from(random >> 32).unwrap_or_default() % tokens.len();
    let task = random % TASKS + 1;
    let asked = match mixed(random) % 20 {
        0..10 => Asked::new(Method::GET, format!("/api/tasks/{task}")),
        10..15 => Asked::new(Method::GET, "/api/tasks?limit=20"),
        15 => Asked::new(Method::GET, "/api/tasks?search=plumber&limit=20"),
        16..19 => Asked::new(Method::POST, "/api/tasks").json(&json!({
            "title": format!("Call the plumber about pipe {n}"),
            "project": "home/kitchen",
            "due_date": "2026-12-24T17:00:00+01:00",
        })),
        _ => Asked::new(Method::POST, format!("/api/tasks/{task}/complete")),
    };
    asked.bearer(tokens[user])
}

/// Spreads numbers (`splitmix64`).
fn mixed(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

#[expect(clippy::print_stdout, reason = "the answer of the program")]
fn report(told: Vec<Told>, over: Duration) {
    let mut came = BTreeMap::<String, u64>::new();
    let mut took = Vec::with_capacity(told.len());
    for one in told {
        let name = one.answer.map_or_else(|error| error.to_string(), |status| status.to_string());
        *came.entry(name).or_default() += 1;
        took.push(one.took);
    }
    took.sort_unstable();
    let millis = |percent: usize| {
        let at = (took.len() * percent / 1000).min(took.len().saturating_sub(1));
        took.get(at).map_or(0.0, |took| took.as_secs_f64() * 1000.0)
    };
    let report = json!({
        "answers": came,
        "seconds": over.as_secs_f64(),
        "p50_ms": millis(500),
        "p95_ms": millis(950),
        "p99_ms": millis(990),
        "p999_ms": millis(999),
        "max_ms": millis(1000),
    });
    println!("{report}");
}
