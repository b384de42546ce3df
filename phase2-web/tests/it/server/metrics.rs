//! What an operator watches: counted right, and told to nobody else (SPEC 7).

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde_json::json;
use todo_web::serve_metrics;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{PASSWORD, TestApp};

/// Serves the metrics of an application for as long as the test lasts.
pub(super) async fn metrics_of(app: &TestApp) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve_metrics(listener, app.app.clone()));
    address
}

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Each series and its value.
pub(super) async fn series(address: SocketAddr) -> BTreeMap<String, String> {
    let answer = get(address, "/metrics").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains("content-type: application/openmetrics-text"), "{answer}");
    assert!(answer.ends_with("# EOF\n"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let lines = body.lines().filter(|line| !line.starts_with('#'));
    let read = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.to_owned())
    };
    lines.map(read).collect()
}

#[tokio::test]
async fn requests_are_counted_by_the_pattern_of_their_route() {
    let app = TestApp::new().await;
    let metrics = metrics_of(&app).await;
    let ann = app.register("ann").await;
    for id in [1, 2, 3] {
        ann.get(&format!("/api/tasks/{id}")).await.refused(404, "not_found");
    }
    ann.get("/private/path").await.refused(404, "not_found");
    for method in ["BREW", "STIR"] {
        let request = axum::http::Request::builder().method(method).uri("/health");
        assert_eq!(ann.send(request, "").await.status, 405);
    }
    let series = series(metrics).await;
    for (name, count) in [
        ("http_requests_total{method=\"GET\",route=\"/api/tasks/{id}\",status=\"404\"}", "3"),
        ("http_requests_total{method=\"GET\",route=\"-\",status=\"404\"}", "1"),
        ("http_requests_total{method=\"other\",route=\"/health\",status=\"405\"}", "2"),
        ("http_requests_total{method=\"POST\",route=\"/api/auth/register\",status=\"201\"}", "1"),
        ("http_request_duration_seconds_count{method=\"GET\",route=\"/api/tasks/{id}\"}", "3"),
    ] {
        assert_eq!(series.get(name).map(String::as_str), Some(count), "{name}: {series:#?}");
    }
    let told = format!("{series:?}");
    assert!(!told.contains("private") && !told.contains("ann"), "{told}");
    assert!(series.contains_key(
        "http_request_duration_seconds_bucket{le=\"+Inf\",method=\"GET\",route=\"/api/tasks/{id}\"}"
    ));
    // She asked often, and whoever is not logged in is nobody; nor is a registration a question.
    assert_eq!(series["active_users"], "1");
    // The clock of the application says when it started.
    assert_eq!(series["process_start_time_seconds"], "1795262400.0");
}

#[tokio::test]
async fn tasks_are_counted_when_they_are_written() {
    let app = TestApp::new().await;
    let metrics = metrics_of(&app).await;
    let ann = app.register("ann").await;
    for title in ["one", "two"] {
        assert_eq!(ann.post("/api/tasks", json!({"title": title})).await.status, 201);
    }
    let dry = ann.post("/api/tasks?dry_run=true", json!({"title": "three"})).await;
    assert_eq!(dry.status, 200);
    ann.post("/api/tasks", json!({"title": ""})).await.refused(422, "validation_error");
    for _ in 0..2 {
        assert_eq!(ann.post("/api/tasks/1/complete", json!({})).await.status, 200);
    }
    let series = series(metrics).await;
    assert_eq!(series["todos_created_total"], "2");
    assert_eq!(series["todos_completed_total"], "1", "to complete it twice is once");
    assert_eq!(series["db_pool_waiting"], "0");
    assert_eq!(series["db_pool_connections{state=\"used\"}"], "0");
    assert_ne!(series["db_pool_connections{state=\"idle\"}"], "0");
    assert_ne!(series["db_pool_connections_max"], "0");
}

#[tokio::test]
async fn log_ins_that_fail_are_counted_by_their_reason() {
    let app = TestApp::new().await;
    let metrics = metrics_of(&app).await;
    app.register("ann").await;
    let cat = app.register("cat").await;
    assert_eq!(series(metrics).await["login_failures_total{reason=\"too_many\"}"], "0");
    let bodies =
        [("ann", "not the password", 6), ("bob", "not the password", 1), ("bob", PASSWORD, 1)];
    for (name, password, times) in bodies {
        let body = json!({"email": format!("{name}@example.org"), "password": password});
        for _ in 0..times {
            app.anonymous().post("/api/auth/login", body.clone()).await;
        }
    }
    // To be asked for it again is to be guessed at, too.
    let body = json!({"current_password": "not the password", "new_password": PASSWORD});
    cat.post("/api/auth/password", body).await.refused(401, "unauthorized");
    let series = series(metrics).await;
    assert_eq!(series["login_failures_total{reason=\"wrong_password\"}"], "8");
    assert_eq!(series["login_failures_total{reason=\"too_many\"}"], "1");
}

#[tokio::test]
async fn connections_of_clients_are_counted_while_they_are_open() {
    let app = TestApp::new().await;
    let metrics = metrics_of(&app).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (router, served) = (todo_web::router(app.app.clone()), app.app.clone());
    let done = tokio::spawn(async move {
        todo_web::serve(listener, router, &served, std::future::pending()).await
    });
    assert_eq!(series(metrics).await["active_connections"], "0");
    let mut streams = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
        streams.push(stream);
    }
    // Those of who reads this are none of them.
    assert_eq!(series(metrics).await["active_connections"], "3");
    // It is counted a moment after the client sees its end.
    let last = streams.last_mut().unwrap();
    last.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    last.read_to_end(&mut Vec::new()).await.unwrap();
    while series(metrics).await["active_connections"] != "2" {
        tokio::task::yield_now().await;
    }
    done.abort();
}

/// Two listeners, and neither serves what the other does.
#[tokio::test]
async fn metrics_are_not_for_everybody() {
    let app = TestApp::new().await;
    app.anonymous().get("/metrics").await.refused(404, "not_found");
    let ann = app.register("ann").await;
    ann.get("/metrics").await.refused(404, "not_found");
    let metrics = metrics_of(&app).await;
    for path in ["/", "/health", "/api/tasks", "/docs"] {
        let answer = get(metrics, path).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    }
}
