//! Accounts (SPEC 7).

use crate::support::TestApp;

#[tokio::test]
async fn registers_and_shows_the_account() {
    let app = TestApp::new().await;
    let ann = app.register("ann").await;
    let me = ann.get("/api/auth/me").await;
    assert_eq!(me.status, 200, "{me:?}");
    assert_eq!(me.text("/email"), "ann@example.org");
}
