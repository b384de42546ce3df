//! Who measures how long a log-in takes learns nothing of who has an account (SPEC 7, SPEC 11).

use std::time::{Duration, Instant};

use serde_json::json;
use todo_web::{PasswordCost, Passwords};

use crate::support::TestApp;

/// Log-ins of each kind. Each is to an address of its own: after five that failed, one waits.
const TRIES: usize = 60;

async fn refused(app: &TestApp, email: String) -> Duration {
    let body = json!({"email": email, "password": "not this one, surely"});
    let begun = Instant::now();
    let reply = app.anonymous().post("/api/auth/login", body).await;
    let took = begun.elapsed();
    reply.refused(401, "unauthorized");
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Without the work for nobody an unknown address would be answered in a hundredth of the time. Both
/// kinds take turns, so that whatever else the machine does slows both down alike.
#[tokio::test]
#[ignore = "takes its time: tests/run"]
async fn an_unknown_address_takes_as_long_as_a_known_one() {
    let app = TestApp::with(|parts| {
        parts.passwords = Passwords::new(PasswordCost::default()).expect("a cost");
    })
    .await;
    for at in 0..TRIES {
        app.register(&format!("known{at}")).await;
    }
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for at in 0..TRIES {
        known.push(refused(&app, format!("known{at}@example.org")).await);
        unknown.push(refused(&app, format!("unknown{at}@example.org")).await);
    }
    let (known, unknown) = (median(known), median(unknown));
    let ratio = known.as_secs_f64() / unknown.as_secs_f64();
    assert!((0.75..1.33).contains(&ratio), "{known:?} and {unknown:?}");
    assert!(known > Duration::from_millis(2), "a real cost, or this says nothing: {known:?}");
}
