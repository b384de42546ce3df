//! The OpenAPI document of a server of everything is kept as a file, and has all of that of `todo-web`.

use std::fs;
use std::path::Path;

use axum::Router;
use serde_json::Value;
use todo_events::api;
use todo_events::live::{Live, Treatment};
use todo_web::router_of;

use crate::http::Client;
use crate::support::TestApp;

#[tokio::test]
async fn the_kept_document_is_that_of_the_routes() {
    let text = api::document();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var("UPDATE").is_ok_and(|what| what == "openapi") {
        fs::write(&kept, &text).unwrap();
    }
    let same = fs::read_to_string(&kept).is_ok_and(|kept| kept == text);
    assert!(
        same,
        "{} is out of date; renew it with: UPDATE=openapi cargo test -p todo-events document",
        kept.display()
    );
    let test = TestApp::new().await;
    let live = Live::new(&test.app, Treatment::default());
    let routes = api::routes().merge(live.routes());
    let router = router_of(test.app.clone(), routes, Router::new());
    let served = Client::of(router).get("/openapi.json").await;
    assert_eq!(served.body, text, "and the one that is served");
}

/// SPEC 7: whoever knows `todo-web` finds all of it here.
#[test]
fn that_of_todo_web_is_a_part_of_it() {
    let whole: Value = serde_json::from_str(&api::document()).unwrap();
    let part: Value = serde_json::from_str(&todo_web::openapi::text()).unwrap();
    within(&part, &whole, "");
    let paths = whole["paths"].as_object().unwrap();
    assert!(
        paths.contains_key("/api/audit") && paths.len() > part["paths"].as_object().unwrap().len()
    );
}

fn within(part: &Value, whole: &Value, at: &str) {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            for (name, value) in part {
                let found = whole.get(name).unwrap_or_else(|| panic!("{at}/{name} is not there"));
                within(value, found, &format!("{at}/{name}"));
            }
        }
        _ => assert_eq!(part, whole, "{at}"),
    }
}
