//! What consumers make of events, as people see it (SPEC 9).

mod activity;
mod audit;
mod document;
mod notifications;
mod past;

use todo_events::effects;
use todo_events::roles::{Background, Roles};
use todo_web::App;

use crate::http::Client;
use crate::support::until;

/// Makes of each `async fn case(test: &TestApp)` a test on either database.
macro_rules! on_both {
    ($($case:ident)+) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $case() {
                super::$case(&crate::support::TestApp::new().await).await;
            })+
        }

        mod postgres {
            $(#[tokio::test]
            #[ignore = "needs PostgreSQL: tests/run"]
            async fn $case() {
                super::$case(&crate::support::TestApp::postgres().await).await;
            })+
        }
    };
}
use on_both;

/// The relay and the consumers, at work.
fn start(app: &App) -> Background {
    Background::start(app, &Roles::all(), effects::consumers(&app.store), None)
}

/// Waits until the audit tells of so many: every consumer has seen what they have then, or soon will.
async fn until_audited(client: &Client, count: usize) {
    until("the audit", async || {
        client.get("/api/audit?limit=500").await.each("seq").len() >= count
    })
    .await;
}
