//! Deleting one's own account (SPEC 7 "Accounts", SPEC 9).

use axum::http::Request;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use serde_json::json;

use crate::support::{Client, PASSWORD, Reply, TestApp};

const PATH: &str = "/api/auth/me";

async fn leave(client: &Client, password: &str) -> Reply {
    let request = Request::delete(PATH).header(CONTENT_TYPE, "application/json");
    client.send(request, json!({"password": password}).to_string()).await
}

async fn log_in(app: &TestApp) -> Reply {
    let body = json!({"email": "ann@example.org", "password": PASSWORD});
    app.anonymous().post("/api/auth/login", body).await
}

#[tokio::test]
async fn everything_is_over_at_once() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let bob = app.register("bob").await;
    let (other, refresh) = app.log_in("ann").await;
    let (program, _) = app.program(&ann, "write").await;
    ann.post("/api/tasks", json!({"title": "hers"})).await;
    bob.post("/api/tasks", json!({"title": "his"})).await;
    assert!(other.is_let_in().await && program.is_let_in().await);

    let cookie = format!("__Host-refresh={refresh}");
    let request = Request::delete(PATH).header(CONTENT_TYPE, "application/json");
    let body = json!({"password": PASSWORD}).to_string();
    let reply = ann.send(request.header(COOKIE, cookie), body).await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (204, 0), "{reply:?}");
    // A page keeps no cookie of it.
    assert!(reply.header("set-cookie").is_some_and(|cookie| cookie.contains("Max-Age=0")));
    for gone in [&ann, &other, &program] {
        assert!(!gone.is_let_in().await);
    }
    let body = json!({"refresh_token": refresh});
    app.anonymous().post("/api/auth/refresh", body).await.refused(401, "unauthorized");
    log_in(&app).await.refused(401, "unauthorized");
    assert_eq!(bob.get("/api/tasks?count=exact").await.at("/total"), 1);

    // The address is free, and whoever takes it finds nothing.
    let again = app.register("ann").await;
    assert_eq!(again.get("/api/tasks?count=exact").await.at("/total"), 0);
    assert!(!ann.is_let_in().await);
}

#[tokio::test]
async fn other_servers_know_within_five_seconds() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let there = app.another();
    let ann_there = there.with_token(ann.token.as_ref().unwrap());
    assert!(ann_there.is_let_in().await);
    assert_eq!(leave(&ann, PASSWORD).await.status, 204);
    app.pass_seconds(5);
    assert!(!ann_there.is_let_in().await);
}

#[tokio::test]
async fn nobody_leaves_without_the_password() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    // What cannot be a password is a wrong one.
    for wrong in ["another horse entirely", "", "short", &"x".repeat(257)] {
        let reply = leave(&ann, wrong).await;
        reply.refused(401, "unauthorized");
        // The access token is as good as before.
        assert_eq!(reply.header("www-authenticate"), Some("Bearer realm=\"todo\""));
    }
    let send = async |body: &str| {
        let request = Request::delete(PATH).header(CONTENT_TYPE, "application/json");
        ann.send(request, body.to_owned()).await
    };
    for body in
        ["{}", r#"{"password": null}"#, r#"{"password": 1}"#, r#"{"password": "x", "y": 1}"#]
    {
        let reply = send(body).await;
        assert!(matches!(reply.status.as_u16(), 400 | 422), "{body}: {reply:?}");
    }
    assert!(!ann.delete(PATH).await.status.is_success());
    let (program, _) = app.program(&ann, "write").await;
    leave(&program, PASSWORD).await.refused(403, "forbidden");
    assert!(ann.is_let_in().await);
    assert_eq!(log_in(&app).await.status, 200);
}

/// Two at once: one deletes, and the other finds it done.
#[tokio::test]
async fn twice_at_once_is_once() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let (one, two) = tokio::join!(leave(&ann, PASSWORD), leave(&ann, PASSWORD));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 401]);
}
