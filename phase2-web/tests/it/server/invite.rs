//! Registration by invitation (SPEC 7, `REGISTRATION=invite`): the operator makes one beside a server
//! that runs, and it counts once.

use std::path::Path;
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;
use todo_web::Registration;

use super::process::{Program, post};
use super::users::{done, user};
use crate::postbox::token;
use crate::support::{PASSWORD, TestApp};

const PATH: &str = "/api/auth/register";

fn invited(folder: &Path, words: &[&str]) -> String {
    let printed = done(folder, &[&["invite"], words].concat(), "");
    assert_eq!(printed.lines().count(), 1, "{printed}");
    token(&printed, "https://todo.example/invitation")
}

fn register(address: &str, email: &str, invitation: &str) -> (u16, Value) {
    let body = json!({"email": email, "password": PASSWORD, "invitation": invitation});
    post(address, PATH, &body)
}

#[test]
fn an_invitation_makes_one_account() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let settings = "registration = \"invite\"\npublic_url = \"https://todo.example\"\n";
    std::fs::write(folder.join("todo.toml"), settings).unwrap();
    let mut server = Program::start(folder, &["--port", "0"]);
    let address =
        server.address_in("open https://", "/docs; reminders fire only under todo-server");

    let anybodys = invited(folder, &[]);
    assert_eq!(register(&address, "ann@example.org", &anybodys).0, 201);
    let (status, told) = register(&address, "bob@example.org", &anybodys);
    assert_eq!((status, &told["code"]), (403, &json!("forbidden")), "{told}");
    assert!(told["detail"].as_str().unwrap().contains("used already"), "{told}");

    // One that is for one address is for no other; nor is it used up by what came to nothing.
    let bobs = invited(folder, &["--email", "Bob@example.org"]);
    let (status, told) = register(&address, "eve@example.org", &bobs);
    assert_eq!((status, &told["code"]), (403, &json!("forbidden")), "{told}");
    assert_eq!(register(&address, "bob@EXAMPLE.org", &bobs).0, 201);
    let another = invited(folder, &[]);
    assert_eq!(register(&address, "ann@example.org", &another).1["code"], "email_taken");
    assert_eq!(register(&address, "cid@example.org", &another).0, 201);

    // Of many at once one is first.
    let one = invited(folder, &[]);
    let ask = |n| register(&address, &format!("user{n}@example.org"), &one).0;
    let ask = &ask;
    let mut statuses: Vec<_> = thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|n| scope.spawn(move || ask(n))).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 403, 403, 403]);

    assert_eq!(user(folder, &["invite", "--email", "bob"], "").status.code(), Some(1));
    server.signal("TERM");
    let (status, log) = server.end();
    assert_eq!(status, Some(0), "{log}");
    for secret in [&anybodys, &bobs, &one] {
        assert!(!log.contains(&secret[..20]), "{log}");
    }
}

#[tokio::test]
async fn without_one_nobody_is_let_in() {
    let invite = TestApp::with(|parts| parts.registration = Registration::Invite).await;
    let closed = invite.another_with(|parts| parts.registration = Registration::Closed);
    for app in [&invite, &closed] {
        for invitation in [None, Some(""), Some("garbage"), Some("AAAA")] {
            let mut body = json!({"email": "ann@example.org", "password": PASSWORD});
            if let Some(text) = invitation {
                body["invitation"] = json!(text);
            }
            app.anonymous().post(PATH, body).await.refused(403, "forbidden");
        }
        assert_eq!(app.app.passwords.worked(), 0, "nothing was hashed for it");
    }
    // Where nobody asks for one, it is in nobody's way.
    let open = invite.another();
    let body = json!({"email": "ann@example.org", "password": PASSWORD, "invitation": "old"});
    assert_eq!(open.anonymous().post(PATH, body).await.status, 201);
}
