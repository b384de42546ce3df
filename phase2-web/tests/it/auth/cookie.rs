//! The refresh token of a browser.

use axum::http::Request;
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use serde_json::json;
use todo_web::Front;

use crate::support::{PASSWORD, Reply, TestApp};

const PUBLIC: &str = "todo.example.org";

async fn login(app: &TestApp, host: &str) -> Reply {
    app.register("ann").await;
    let request = Request::post("/api/auth/login")
        .header(HOST, host)
        .header(CONTENT_TYPE, "application/json");
    let body = json!({"email": "ann@example.org", "password": PASSWORD, "cookie": true});
    app.anonymous().send(request, body.to_string()).await
}

/// What a browser would send back of what it was given.
fn cookie(reply: &Reply) -> String {
    let header = reply.header("set-cookie").unwrap_or_else(|| panic!("{reply:?}"));
    header.split(';').next().expect("a value").to_owned()
}

async fn send(app: &TestApp, path: &str, cookie: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::post(path).header(COOKIE, cookie);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.anonymous().send(request, "").await
}

const OURS: [(&str, &str); 2] = [("host", PUBLIC), ("sec-fetch-site", "same-origin")];

#[tokio::test]
async fn a_page_gets_its_refresh_token_where_no_script_can_read_it() {
    let app = TestApp::new().await;
    let reply = login(&app, PUBLIC).await;
    assert_eq!(reply.status, 200);
    assert!(reply.json().get("refresh_token").is_none());
    let header = reply.header("set-cookie").unwrap();
    let (token, rest) = header.split_once(';').unwrap();
    assert_eq!(token.len(), "__Host-refresh=".len() + 43, "{header}");
    assert!(token.starts_with("__Host-refresh="));
    assert_eq!(rest, " Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000; Secure");
    assert_eq!(reply.headers.get_all(SET_COOKIE).iter().count(), 1);
}

#[tokio::test]
async fn on_this_machine_without_https_it_has_no_prefix() {
    for host in ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST", "todo.localhost"] {
        let app = TestApp::new().await;
        let reply = login(&app, host).await;
        let header = reply.header("set-cookie").unwrap();
        assert!(header.starts_with("refresh="), "{host}: {header}");
        assert!(!header.contains("Secure"), "{host}: {header}");
        let headers = [("host", host), ("sec-fetch-site", "same-origin")];
        let reply = send(&app, "/api/auth/refresh", &cookie(&reply), &headers).await;
        assert_eq!(reply.status, 200, "{host}: {reply:?}");
    }
    for host in ["localhost.example.org", "127.0.0.1.example.org", "localhost@example.org"] {
        let app = TestApp::new().await;
        let header = login(&app, host).await.header("set-cookie").unwrap().to_owned();
        assert!(header.starts_with("__Host-refresh="), "{host}: {header}");
    }
}

#[tokio::test]
async fn refreshing_by_cookie_answers_by_cookie() {
    let app = TestApp::new().await;
    let first = cookie(&login(&app, PUBLIC).await);
    let reply = send(&app, "/api/auth/refresh", &format!("a=b; {first}; c=d"), &OURS).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(reply.json().get("refresh_token").is_none());
    let second = cookie(&reply);
    assert!(second.starts_with("__Host-refresh=") && second != first);
    let me = app.with_token(&reply.text("/access_token")).get("/api/auth/me").await;
    assert_eq!(me.status, 200);
    // The page that was slower gets what counts now; its answer must not undo the other's.
    let third = cookie(&send(&app, "/api/auth/refresh", &second, &OURS).await);
    assert_eq!(cookie(&send(&app, "/api/auth/refresh", &first, &OURS).await), third);
    // Nor does a refusal take away what another answer has set.
    app.pass_seconds(31);
    let refused = send(&app, "/api/auth/refresh", &first, &OURS).await;
    refused.refused(401, "unauthorized");
    assert_eq!(refused.header("set-cookie"), None);
}

#[tokio::test]
async fn a_cookie_counts_only_when_its_own_page_asks() {
    let app = TestApp::new().await;
    let token = cookie(&login(&app, PUBLIC).await);
    let foreign: &[&[(&str, &str)]] = &[
        &[("host", PUBLIC), ("sec-fetch-site", "cross-site")],
        &[("host", PUBLIC), ("sec-fetch-site", "same-site")],
        &[("host", PUBLIC), ("sec-fetch-site", "none")],
        &[
            ("host", PUBLIC),
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://todo.example.org"),
        ],
        &[("host", PUBLIC), ("origin", "https://evil.example.org")],
        &[("host", PUBLIC), ("origin", "https://todo.example.org.evil.org")],
        &[("host", PUBLIC), ("origin", "null")],
        &[("host", PUBLIC)],
    ];
    for headers in foreign {
        for path in ["/api/auth/refresh", "/api/auth/logout"] {
            send(&app, path, &token, headers).await.refused(403, "forbidden");
        }
    }
    // Under another name it is no token of this host.
    let plain = token.trim_start_matches("__Host-");
    send(&app, "/api/auth/refresh", plain, &OURS).await.refused(401, "unauthorized");
    // An older browser names the origin at least.
    let origin = [("host", PUBLIC), ("origin", "https://todo.example.org")];
    assert_eq!(send(&app, "/api/auth/refresh", &token, &origin).await.status, 200);
}

#[tokio::test]
async fn logging_out_takes_the_cookie_away() {
    let app = TestApp::new().await;
    let token = cookie(&login(&app, PUBLIC).await);
    let reply = send(&app, "/api/auth/logout", &token, &OURS).await;
    assert_eq!(reply.status, 204);
    assert_eq!(
        reply.header("set-cookie"),
        Some("__Host-refresh=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure")
    );
    send(&app, "/api/auth/refresh", &token, &OURS).await.refused(401, "unauthorized");
}

/// SPEC 13: an ordinary proxy ends the TLS and asks us as this machine.
#[tokio::test]
async fn behind_a_proxy_the_public_url_says_what_the_browser_sees() {
    let public_origin = Some("https://Todo.example.org:443".to_owned());
    let app = TestApp::with_front(Front { public_origin, ..Front::default() }).await;
    let reply = login(&app, "127.0.0.1:8000").await;
    let header = reply.header("set-cookie").unwrap();
    assert!(header.starts_with("__Host-refresh=") && header.ends_with("; Secure"), "{header}");
    let token = cookie(&reply);
    let asked = |origin| [("host", "127.0.0.1:8000"), ("origin", origin)];
    for foreign in [
        "http://127.0.0.1:8000",
        "http://todo.example.org",
        "https://todo.example.org:8443",
        "https://example.org",
        "null",
    ] {
        let reply = send(&app, "/api/auth/refresh", &token, &asked(foreign)).await;
        reply.refused(403, "forbidden");
    }
    let ours = asked("https://todo.example.org");
    assert_eq!(send(&app, "/api/auth/refresh", &token, &ours).await.status, 200);
}
