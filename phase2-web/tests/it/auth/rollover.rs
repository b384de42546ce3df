//! Other keys without a log-out (SPEC 7), by the steps of `docs/operations.md`: while servers are
//! started anew one by one, each takes what the others have given out.

use axum::http::Request;
use serde_json::json;
use todo_web::{Keys, Parts, PublicKey, Secret, SigningKey};

use super::signing::{example, signing};
use crate::support::{Client, PASSWORD, Reply, SECRET, TestApp};

/// What a server is started with.
#[derive(Clone)]
struct Given {
    secret: u8,
    accepted: Option<u8>,
    signs: Option<SigningKey>,
    checks: Vec<PublicKey>,
}

impl Given {
    fn secret(secret: u8) -> Self {
        Self { secret, accepted: None, signs: None, checks: Vec::new() }
    }

    fn and(mut self, accepted: u8) -> Self {
        self.accepted = Some(accepted);
        self
    }

    fn signs(mut self, key: &SigningKey) -> Self {
        self.signs = Some(key.clone());
        self
    }

    fn checks(mut self, key: &SigningKey) -> Self {
        self.checks.push(key.public().clone());
        self
    }

    fn keys(&self) -> Keys {
        let secret = |byte: u8| Secret::new(&[byte; SECRET.len()]).unwrap();
        let keys = Keys::new(&secret(self.secret), self.accepted.map(secret).as_ref());
        let keys = match &self.signs {
            Some(key) => keys.signing_with(key),
            None => keys,
        };
        keys.accepting(self.checks.clone())
    }

    fn server(&self, app: &TestApp) -> TestApp {
        app.another_with(|parts: &mut Parts| {
            parts.keys = self.keys();
            parts.cursors = parts.keys.cursors();
        })
    }
}

async fn refresh(server: &TestApp, token: &str) -> Reply {
    server.anonymous().post("/api/auth/refresh", json!({"refresh_token": token})).await
}

fn refreshed(reply: &Reply) -> (String, String) {
    assert_eq!(reply.status, 200, "{reply:?}");
    (reply.text("/access_token"), reply.text("/refresh_token"))
}

async fn keyed(client: &Client, key: &str) -> Reply {
    let request = Request::post("/api/tasks").header("content-type", "application/json");
    client.send(request.header("idempotency-key", key), json!({"title": "once"}).to_string()).await
}

/// What `one` has given out, `other` takes.
async fn goes_on(one: &TestApp, other: &TestApp, step: &str) {
    let (ann, first) = one.log_in("ann").await;
    let there = other.with_token(ann.token.as_ref().unwrap());
    assert!(there.is_let_in().await, "{step}");

    let page = ann.get("/api/tasks?limit=1").await;
    let next = format!("/api/tasks?limit=1&cursor={}", page.text("/next_cursor"));
    let rest = there.get(&next).await;
    assert_eq!(rest.status, 200, "{step}: {rest:?}");
    assert_ne!(rest.at("/items/0/id"), page.at("/items/0/id"), "{step}");

    let key = step.replace(' ', "-");
    let made = keyed(&ann, &key).await;
    let again = keyed(&there, &key).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"), "{step}: {again:?}");
    assert_eq!(again.body, made.body, "{step}");

    // The answer was lost, and the same is asked of the other server: one session, one successor.
    let (_, second) = refreshed(&refresh(one, &first).await);
    assert_eq!(refreshed(&refresh(other, &first).await).1, second, "{step}");
    // So, too, if each has carried it on once meanwhile.
    let (access, third) = refreshed(&refresh(other, &second).await);
    assert_eq!(refreshed(&refresh(one, &first).await).1, third, "{step}");
    assert_eq!(refreshed(&refresh(other, &first).await).1, third, "{step}");
    assert!(one.with_token(&access).is_let_in().await, "{step}");
    assert!(there.is_let_in().await, "{step}");
}

async fn walks(steps: &[Given]) {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    for title in ["one", "two", "three"] {
        ann.post("/api/tasks", json!({"title": title})).await;
    }
    let device = steps[0].server(&app).log_in("ann").await.1;
    let mut device = device;
    for (at, pair) in steps.windows(2).enumerate() {
        let (before, after) = (pair[0].server(&app), pair[1].server(&app));
        goes_on(&before, &after, &format!("{at} to {}", at + 1)).await;
        goes_on(&after, &before, &format!("{} back to {at}", at + 1)).await;
        // Somebody who was away all the time is logged in yet.
        device = refreshed(&refresh(&after, &device).await).1;
        // What is waited for between two steps.
        app.pass_seconds(20 * 60);
    }
    let body = json!({"email": "ann@example.org", "password": PASSWORD});
    let last = steps[steps.len() - 1].server(&app);
    assert_eq!(last.anonymous().post("/api/auth/login", body).await.status, 200);
}

#[tokio::test]
async fn of_the_secret() {
    let steps =
        [Given::secret(7), Given::secret(7).and(8), Given::secret(8).and(7), Given::secret(8)];
    walks(&steps).await;
}

#[tokio::test]
async fn from_a_secret_to_a_key_and_to_another_key_and_back() {
    let (old, new) = (example(), signing(&[9; 32]));
    let steps = [
        Given::secret(7),
        Given::secret(7).checks(&old),
        Given::secret(7).signs(&old),
        Given::secret(7).signs(&old).checks(&new),
        Given::secret(7).signs(&new).checks(&old),
        Given::secret(7).signs(&new),
        Given::secret(7).checks(&new),
        Given::secret(7),
    ];
    walks(&steps).await;
}

/// What the steps are for: at the end the old secret and the old key are worth nothing.
#[tokio::test]
async fn what_was_replaced_counts_no_more() {
    let app = TestApp::new().await;
    app.register("ann").await;
    let old = Given::secret(7).signs(&example()).server(&app);
    let by_key = old.log_in("ann").await.0.token.unwrap();
    let by_secret = Given::secret(7).server(&app).log_in("ann").await.0.token.unwrap();
    let new = Given::secret(8).signs(&signing(&[9; 32])).server(&app);
    for token in [&by_key, &by_secret] {
        assert!(old.with_token(token).is_let_in().await);
        assert!(!new.with_token(token).is_let_in().await);
    }
    // In one stride, without the steps, nobody is logged out either: they refresh.
    let (_, refresh_token) = old.log_in("ann").await;
    let (access, _) = refreshed(&refresh(&new, &refresh_token).await);
    assert!(new.with_token(&access).is_let_in().await);
}
