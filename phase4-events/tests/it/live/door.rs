//! Who may open a socket, and for how long.

use std::ffi::OsString;
use std::path::Path;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use axum::http::{HeaderValue, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use todo_events::live::Treatment;
use todo_events::server::{Asked, read};
use todo_web::Front;
use todo_web::start::Program;
use tower::ServiceExt;

use super::support::{PASSWORD, Person, Place, Server};

async fn ticket(server: &Server, person: &Person) -> String {
    let (status, made) = server.ask("POST", "/api/ws/ticket", Some(&person.token), None).await;
    assert_eq!((status, &made["expires_in"]), (201, &json!(30)), "{made}");
    made["ticket"].as_str().expect("a ticket").to_owned()
}

fn protocols(ticket: &str) -> HeaderValue {
    format!("todo.v1, ticket.{ticket}").parse().expect("a header")
}

/// SPEC 9: token by first message or one-time ticket; a program may send its header.
#[tokio::test]
async fn there_are_four_ways_in() {
    let place = Place::new().await;
    let server = place.serve().await;
    let ann = server.register("ann").await;
    let mut with_header = server.request("/ws");
    let bearer = format!("Bearer {}", ann.token).parse().expect("a header");
    with_header.headers_mut().insert(AUTHORIZATION, bearer);
    let mut with_ticket = server.request(&format!("/ws/user/{}/tasks", ann.id));
    let offered = protocols(&ticket(&server, &ann).await);
    with_ticket.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, offered);
    let shown = json!({"type": "auth", "ticket": ticket(&server, &ann).await});
    let mut sockets = [
        server.open(with_header).await.expect("it opens"),
        server.open(with_ticket).await.expect("it opens"),
        server.listen(&ann).await,
        server.greet("/ws", shown).await,
    ];
    for socket in &mut sockets {
        let (hello, _) = socket.expect("hello").await;
        assert_eq!(hello["data"]["user_id"], ann.id.as_str());
    }
    let task = server.add(&ann, "Tea").await;
    for socket in &mut sockets {
        let (told, _) = socket.expect("task.created").await;
        assert_eq!(told["data"]["uid"], task["uid"]);
    }
}

/// Issue 8: forged, reused and expired tickets.
#[tokio::test]
async fn a_ticket_counts_once_and_for_half_a_minute() {
    let place = Place::new().await;
    let [server, other] = [place.serve().await, place.serve().await];
    let ann = server.register("ann").await;
    let asked = |server: &Server, ticket: &str| {
        let mut request = server.request("/ws");
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, protocols(ticket));
        request
    };
    let used = ticket(&server, &ann).await;
    let mut socket = server.open(asked(&server, &used)).await.expect("it opens");
    socket.expect("hello").await;
    // At no server of the same database.
    assert_eq!(server.refused(asked(&server, &used)).await, 401);
    assert_eq!(other.refused(asked(&other, &used)).await, 401);
    let mut forged = ticket(&server, &ann).await;
    let last = if forged.pop() == Some('A') { 'Q' } else { 'A' };
    forged.push(last);
    for odd in [forged.as_str(), "", "nonsense", &ann.token] {
        assert_eq!(server.refused(asked(&server, odd)).await, 401, "{odd}");
    }
    let old = ticket(&server, &ann).await;
    place.pass_seconds(30);
    assert_eq!(server.refused(asked(&server, &old)).await, 401);
    let mut shown = server.greet("/ws", json!({"type": "auth", "ticket": old})).await;
    assert_eq!(shown.closed().await, 4401);
}

/// SPEC 9: a process of the API has no sockets, and makes tickets for those of others.
#[tokio::test]
async fn a_process_without_sockets_makes_tickets() {
    let place = Place::new().await;
    let server = place.serve().await;
    let ann = server.register("ann").await;
    let ask = async |role: &str, path: &str| {
        let url = "postgres://nobody@localhost/none";
        let words = ["todo-server", "--role", role, "--database-url", url].map(OsString::from);
        let Ok(Asked::Serve(program, _)) = read(words, |_| None, Path::new("/")) else {
            panic!("it serves");
        };
        let bearer = format!("Bearer {}", ann.token);
        let asked = Request::post(path).header(AUTHORIZATION, bearer).body(Body::empty());
        let router = program.router(&server.app);
        let answer = router.oneshot(asked.expect("a request")).await.expect("it answers");
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        (status, serde_json::from_slice::<Value>(&body).unwrap_or_default())
    };
    assert_eq!(ask("relay", "/api/ws/ticket").await.0, 404);
    let (status, made) = ask("api", "/api/ws/ticket").await;
    assert_eq!(status, 201, "{made}");
    let mut socket = server.greet("/ws", json!({"type": "auth", "ticket": made["ticket"]})).await;
    socket.expect("hello").await;
}

/// SPEC 9: another user's is 403, before the socket is opened where it is known whose it is.
#[tokio::test]
async fn nobody_listens_to_another() {
    let place = Place::new().await;
    let server = place.serve().await;
    let (ann, bob) = (server.register("ann").await, server.register("bob").await);
    let anns = format!("/ws/user/{}/tasks", ann.id);
    let mut request = server.request(&anns);
    let bearer = format!("Bearer {}", bob.token).parse().expect("a header");
    request.headers_mut().insert(AUTHORIZATION, bearer);
    assert_eq!(server.refused(request).await, 403);
    let mut late = server.greet(&anns, json!({"type": "auth", "token": bob.token})).await;
    assert_eq!(late.closed().await, 4403);
    assert_eq!(server.refused(server.request("/ws/user/nobody/tasks")).await, 404);

    let mut bobs = server.listen(&bob).await;
    let (_, begun) = bobs.expect("hello").await;
    server.add(&ann, "Ann's own").await;
    let (status, _) =
        server.ask("POST", "/api/tasks", Some(&bob.token), Some(json!({"title": "Bob's"}))).await;
    assert_eq!(status, 201);
    // All of hers came before.
    let (told, seq) = bobs.expect("task.created").await;
    assert_eq!((told["data"]["task"]["title"].as_str(), seq), (Some("Bob's"), begun + 1));
    // And he cannot become her on the way.
    bobs.say(json!({"type": "auth", "token": ann.token})).await;
    assert_eq!(bobs.closed().await, 4403);
}

#[tokio::test]
async fn who_says_nothing_good_is_sent_away() {
    let place = Place::new().await;
    let treatment =
        Treatment { greeting: std::time::Duration::from_millis(300), ..Treatment::default() };
    let server = place.serve_with(treatment, Front::default()).await;
    let mut silent = server.open(server.request("/ws")).await.expect("it opens");
    assert_eq!(silent.closed().await, 4408);
    for (said, code) in [
        (json!({"type": "auth", "token": "nonsense"}), 4401),
        (json!({"type": "auth"}), 4400),
        (json!({"type": "auth", "token": "a", "ticket": "b"}), 4400),
        (json!({"type": "auth", "token": "a", "sinse": 1}), 4400),
        (json!({"type": "subscribe"}), 4400),
        (Value::Null, 4400),
    ] {
        let mut socket = server.greet("/ws", said.clone()).await;
        assert_eq!(socket.closed().await, code, "{said}");
    }
    let mut bearer = server.request("/ws");
    bearer.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static("Bearer nonsense"));
    assert_eq!(server.refused(bearer).await, 401);
}

/// As for every request of a page (SPEC 7): a page of another origin is not let in, unless it is listed.
#[tokio::test]
async fn pages_of_other_origins_are_not_let_in() {
    let place = Place::new().await;
    let listed = HeaderValue::from_static("https://app.example.org");
    let front = Front { origins: vec![listed], ..Front::default() };
    let server = place.serve_with(Treatment::default(), front).await;
    let from = |origin: &str| {
        let mut request = server.request("/ws");
        request.headers_mut().insert(ORIGIN, origin.parse().expect("a header"));
        request
    };
    for origin in ["https://evil.example", "null"] {
        assert_eq!(server.refused(from(origin)).await, 403, "{origin}");
    }
    let own = format!("http://{}", server.address);
    for origin in ["https://app.example.org", &own] {
        assert!(server.open(from(origin)).await.is_ok(), "{origin}");
    }
}

/// SPEC 7, 9: what ends a session ends its sockets.
#[tokio::test]
async fn a_socket_ends_with_what_let_it_in() {
    let place = Place::new().await;
    let treatment =
        Treatment { check: std::time::Duration::from_millis(50), ..Treatment::default() };
    let server = place.serve_with(treatment, Front::default()).await;
    let password = json!({"password": PASSWORD});
    for (method, path, body) in [
        ("POST", "/api/auth/logout", json!({})),
        (
            "POST",
            "/api/auth/password",
            json!({"current_password": PASSWORD, "new_password": "another horse battery"}),
        ),
        ("DELETE", "/api/auth/me", password),
    ] {
        let name = path.rsplit('/').next().expect("a name");
        let person = server.register(name).await;
        let mut socket = server.listen(&person).await;
        socket.expect("hello").await;
        let (status, answer) = server.ask(method, path, Some(&person.token), Some(body)).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        assert_eq!(socket.closed().await, 4440, "{path}");
    }
    let ann = server.register("ann").await;
    let made = json!({"name": "screen", "scope": "read"});
    let (status, made) = server.ask("POST", "/api/auth/tokens", Some(&ann.token), Some(made)).await;
    assert_eq!(status, 201, "{made}");
    let text = |at: &str| made[at].as_str().expect(at).to_owned();
    let mut program = server.greet("/ws", json!({"type": "auth", "token": text("token")})).await;
    program.expect("hello").await;
    let (mut lasts, mut ends) = (server.listen(&ann).await, server.listen(&ann).await);
    let (_, seen) = lasts.expect("hello").await;
    ends.expect("hello").await;
    // A good token in time goes on.
    place.pass_seconds(600);
    let login = json!({"email": "ann@example.org", "password": PASSWORD});
    let (_, again) = server.ask("POST", "/api/auth/login", None, Some(login)).await;
    // With `since` it is answered, and then it is sure that it was taken.
    lasts.say(json!({"type": "auth", "token": again["access_token"], "since": seen})).await;
    lasts.until(|told| told["type"] == "hello").await;
    place.pass_seconds(400);
    assert_eq!(ends.closed().await, 4440);
    let fresh = Person { token: again["access_token"].as_str().expect("one").to_owned(), ..ann };
    server.add(&fresh, "After").await;
    for socket in [&mut lasts, &mut program] {
        socket.until(|told| told["data"]["task"]["title"] == "After").await;
    }
    let path = format!("/api/auth/tokens/{}", text("id"));
    assert_eq!(server.ask("DELETE", &path, Some(&fresh.token), None).await.0, 204);
    assert_eq!(program.closed().await, 4440);
}
