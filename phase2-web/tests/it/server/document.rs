//! The OpenAPI document is kept as a file, so that a change of the API is seen in review.

use std::fs;
use std::path::Path;

use axum::http::StatusCode;
use todo_web::openapi;

use crate::support::TestApp;

#[test]
fn the_kept_document_is_that_of_the_routes() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let text = openapi::text();
    if std::env::var("UPDATE").is_ok_and(|what| what == "openapi") {
        fs::write(&kept, &text).unwrap();
    }
    let same = fs::read_to_string(&kept).is_ok_and(|kept| kept == text);
    assert!(
        same,
        "{} is out of date; renew it with: UPDATE=openapi cargo test -p todo-web document",
        kept.display()
    );
}

#[tokio::test]
async fn the_document_and_its_pages_are_served_by_the_server_alone() {
    let client = TestApp::new().await.anonymous();
    let document = client.get("/openapi.json").await;
    assert_eq!(document.status, StatusCode::OK);
    assert_eq!(document.body, openapi::text().as_bytes());

    let moved = client.get("/docs").await;
    assert_eq!((moved.status, moved.header("location")), (StatusCode::SEE_OTHER, Some("/docs/")));
    let page = client.get("/docs/").await;
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(html.contains("swagger-ui-bundle.js"), "{html}");
    // Its policy forbids both, so that a page that needed them would be blank.
    assert!(!html.contains("<script>") && !html.contains("://"), "{html}");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("script-src 'self';"), "{policy}");
    for file in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
        assert_eq!(client.get(&format!("/docs/{file}")).await.status, StatusCode::OK, "{file}");
    }
    let starter = client.get("/docs/swagger-initializer.js").await;
    assert!(String::from_utf8_lossy(&starter.body).contains("/openapi.json"));
    client.get("/docs/nothing").await.refused(404, "not_found");

    let landing = client.get("/").await;
    assert_eq!(landing.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(String::from_utf8_lossy(&landing.body).contains("/docs"));
}
