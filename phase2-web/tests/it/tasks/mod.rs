//! The routes of tasks, steps, labels, filters and files.

mod bodies;
mod bulk;
mod conditions;
mod fields;
mod hostile;
mod labels;
mod lists;
mod once;
mod others;
mod past;
mod schema;
mod transfer;
mod valid;
mod verbs;

use serde_json::{Value, json};

use crate::support::{Client, Reply, TestApp};

/// An application with one user.
pub(crate) async fn alone() -> (TestApp, Client) {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    (app, ann)
}

/// Makes a task, and answers it.
pub(crate) async fn add(client: &Client, task: Value) -> Value {
    let reply = client.post("/api/tasks", task).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    reply.at("/task")
}

/// Makes a task with a title alone, and answers its number.
pub(crate) async fn added(client: &Client, title: &str) -> u64 {
    add(client, json!({ "title": title })).await["id"].as_u64().unwrap()
}

/// The titles of a list.
pub(crate) fn titles(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, 200, "{reply:?}");
    let items = reply.at("/items");
    let title = |task: &Value| task["title"].as_str().unwrap().to_owned();
    items.as_array().unwrap().iter().map(title).collect()
}

/// The pointers or parameters of a refusal's faults, with their kinds.
pub(crate) fn faults(reply: &Reply) -> Vec<(String, String)> {
    let errors = reply.at("/errors");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |error: &Value| {
        let place = error.get("pointer").or_else(|| error.get("parameter")).unwrap();
        (text(place), text(&error["code"]))
    };
    errors.as_array().unwrap().iter().map(one).collect()
}

/// Sends a request with a header.
pub(crate) async fn with(
    client: &Client,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: Option<Value>,
) -> Reply {
    let mut request = axum::http::Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    match body {
        None => client.send(request, axum::body::Body::empty()).await,
        Some(body) => {
            let request = request.header("content-type", "application/json");
            client.send(request, body.to_string()).await
        }
    }
}
