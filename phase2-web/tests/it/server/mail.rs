//! Mail as an operator meets it: servers that refuse or are not there, the pages that links lead to,
//! and a real mail server (SPEC 7 "Accounts").

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::metrics::{metrics_of, series};
use super::process::{Program, post};
use crate::postbox::{CALL, HANG_UP, Postbox, Temper, token};
use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn what_becomes_of_mails_is_counted() {
    let mut postbox = Postbox::open(Temper::Refusing).await;
    let app = postbox.app().await;
    app.register("ann").await;
    for email in ["ann@example.org", "ann@example.org", "nobody@example.org"] {
        let reply = app.anonymous().post("/api/auth/forgot", json!({"email": email})).await;
        assert_eq!(reply.status, 202);
    }
    assert!(postbox.rest(&app).await.is_empty());
    let series = series(metrics_of(&app).await).await;
    for (outcome, count) in [("sent", "0"), ("failed", "2"), ("dropped", "0")] {
        assert_eq!(series[&format!("mails_total{{outcome=\"{outcome}\"}}")], count, "{outcome}");
    }
}

/// A password goes over TLS or not at all: a server that offers none, or somebody on the way who
/// takes the offer out, hears neither it nor the mail.
#[tokio::test]
async fn no_password_goes_where_others_could_read_it() {
    let mut postbox = Postbox::open(Temper::Kind).await;
    for who in ["todo:hunter2@", ""] {
        let app = postbox.app_with(who, if who.is_empty() { "?tls=required" } else { "" }).await;
        app.register("ann").await;
        let body = json!({"email": "ann@example.org"});
        assert_eq!(app.anonymous().post("/api/auth/forgot", body).await.status, 202);
        postbox.heard("EHLO").await;
        assert!(postbox.rest(&app).await.is_empty());
        let series = series(metrics_of(&app).await).await;
        assert_eq!(series["mails_total{outcome=\"failed\"}"], "1");
    }
    let heard = postbox.all_heard();
    assert!(heard.iter().all(|verb| ["EHLO", "QUIT"].contains(&verb.as_str())), "{heard:?}");
}

/// `who` is the user and the password, with an `@` behind them, or nothing.
fn settings(folder: &Path, who: &str, port: u16) {
    let text = format!(
        "smtp_url = \"smtp://{who}127.0.0.1:{port}?tls=none\"\n\
         mail_from = \"todo@example.org\"\npublic_url = \"http://todo.example\"\n"
    );
    fs::write(folder.join("todo.toml"), text).unwrap();
}

fn start(folder: &Path) -> (Program, String) {
    let mut server = Program::start(folder, &["--port", "0"]);
    let address = server.address_in("open http://", "/docs; reminders fire only under todo-server");
    (server, address)
}

fn asked(address: &str, path: &str, body: &serde_json::Value) -> u16 {
    post(address, path, body).0
}

/// An outage is one line, which shows neither an address nor a secret; requests go on.
#[test]
fn a_mail_server_that_is_away_holds_nobody_up() {
    let folder = TempDir::new().unwrap();
    // Nobody listens at a port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    settings(folder.path(), "todo:hunter2@", port);
    let (server, address) = start(folder.path());
    let ann = json!({"email": "ann@example.org", "password": PASSWORD});
    assert_eq!(asked(&address, "/api/auth/register", &ann), 201);
    for _ in 0..3 {
        let forgot = json!({"email": "ann@example.org"});
        assert_eq!(asked(&address, "/api/auth/forgot", &forgot), 202);
    }
    assert_eq!(asked(&address, "/api/auth/login", &ann), 200);
    server.signal("TERM");
    let (status, log) = server.end();
    assert_eq!(status, Some(0), "{log}");
    assert_eq!(log.matches("mail cannot be sent").count(), 1, "{log}");
    assert!(log.contains("the mail server cannot be reached"), "{log}");
    for secret in ["hunter2", "ann@", "token="] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

/// Nor does one that takes the connection and then says nothing: requests go on meanwhile, after
/// half a minute it is given up and called again later, and the server stops all the same.
#[tokio::test]
async fn a_mail_server_that_says_nothing_holds_nobody_up() {
    let mut postbox = Postbox::open(Temper::Silent).await;
    let app = postbox.app().await;
    let ann = app.register("ann").await;
    let body = json!({"email": "ann@example.org"});
    assert_eq!(app.anonymous().post("/api/auth/forgot", body.clone()).await.status, 202);
    postbox.heard(CALL).await;
    assert!(ann.is_let_in().await);
    assert_eq!(app.anonymous().post("/api/auth/forgot", body).await.status, 202);
    assert!(!postbox.all_heard().iter().any(|heard| heard == HANG_UP), "it is on the line yet");

    tokio::time::pause();
    let began = tokio::time::Instant::now();
    while !postbox.all_heard().iter().any(|heard| heard == HANG_UP) {
        // The time of the test is not that of the sockets.
        std::thread::yield_now();
        tokio::time::advance(Duration::from_millis(50)).await;
    }
    let waited = began.elapsed();
    assert!(waited < Duration::from_secs(35), "{waited:?}");
    // Two mails were to be sent: what comes after their first calls is one that is made again.
    while postbox.all_heard().iter().filter(|heard| *heard == CALL).count() < 3 {
        std::thread::yield_now();
        tokio::time::advance(Duration::from_millis(50)).await;
    }
    assert!(postbox.rest(&app).await.is_empty());
}

/// One address that is not taken neither looks like an outage nor hides one, and is not shown.
#[tokio::test]
async fn a_recipient_that_is_refused_is_no_outage() {
    let postbox = Postbox::open(Temper::Refusing).await;
    let port = postbox.port();
    let log = spawn_blocking(move || {
        let folder = TempDir::new().unwrap();
        settings(folder.path(), "", port);
        let (server, address) = start(folder.path());
        let ann = json!({"email": "ann@example.org", "password": PASSWORD});
        assert_eq!(asked(&address, "/api/auth/register", &ann), 201);
        let forgot = json!({"email": "ann@example.org"});
        assert_eq!(asked(&address, "/api/auth/forgot", &forgot), 202);
        server.signal("TERM");
        server.end()
    });
    let (status, log) = log.await.unwrap();
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("a mail was refused") && log.contains("550"), "{log}");
    assert!(!log.contains("mail cannot be sent") && !log.contains("ann@"), "{log}");
}

/// A link leads to a page that runs nothing but our script, and says nothing by being opened.
#[tokio::test]
async fn links_lead_to_pages_without_scripts_of_others() {
    let app = TestApp::new().await;
    for (page, action) in [
        ("/reset", "/api/auth/reset"),
        ("/confirm-email", "/api/auth/confirm-email"),
        ("/invitation", "/api/auth/register"),
    ] {
        let reply = app.anonymous().get(page).await;
        assert_eq!(reply.status, 200, "{page}");
        assert!(reply.header("content-type").unwrap().starts_with("text/html"));
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let html = String::from_utf8(reply.body.to_vec()).unwrap();
        assert!(html.contains(&format!("action=\"{action}\"")), "{html}");
        assert_eq!(html.matches("<script").count(), 1);
        assert!(html.contains("<script type=\"module\" src=\"/assets/account.js\"></script>"));
        assert!(!html.contains(" style=") && !html.contains("onclick"), "{html}");
    }
    for (file, kind) in [("account.js", "text/javascript"), ("account.css", "text/css")] {
        let reply = app.anonymous().get(&format!("/assets/{file}")).await;
        assert_eq!(reply.status, 200, "{file}");
        assert!(reply.header("content-type").unwrap().starts_with(kind), "{reply:?}");
        assert!(!reply.body.is_empty());
        if file == "account.js" {
            let script = String::from_utf8(reply.body.to_vec()).unwrap();
            // A second link in the same tab is another token, and loads nothing by itself.
            assert!(script.contains("addEventListener(\"hashchange\", () => location.reload())"));
        }
    }
}

/// Names the program `aiosmtpd`, which is a Python package.
const AIOSMTPD: &str = "TODO_TEST_AIOSMTPD";

/// A mail server that is not ours, with its mails in a folder.
struct Aiosmtpd {
    child: Child,
    folder: TempDir,
}

impl Aiosmtpd {
    fn start(port: u16) -> Self {
        let program = std::env::var(AIOSMTPD)
            .unwrap_or_else(|_| panic!("{AIOSMTPD} names no program: use tests/run"));
        let folder = TempDir::new().unwrap();
        let mut command = Command::new(program);
        command.args(["-n", "-l", &format!("127.0.0.1:{port}"), "-c", "aiosmtpd.handlers.Mailbox"]);
        let child = command.arg(folder.path().join("mail")).spawn().unwrap();
        Self { child, folder }
    }

    /// The mail of a subject, when it has come.
    fn mail(&self, subject: &str) -> String {
        let until = Instant::now() + Duration::from_mins(1);
        let new = self.folder.path().join("mail/new");
        while Instant::now() < until {
            let files = fs::read_dir(&new).into_iter().flatten().flatten();
            let mut texts = files.filter_map(|file| fs::read_to_string(file.path()).ok());
            if let Some(text) = texts.find(|text| text.contains(&format!("Subject: {subject}\n"))) {
                return text.replace('\n', "\r\n");
            }
            // It is another process that it comes from.
            sleep(Duration::from_millis(50));
        }
        panic!("no mail came: {subject}");
    }
}

impl Drop for Aiosmtpd {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _waited = self.child.wait();
    }
}

#[test]
#[ignore = "needs an SMTP server: tests/run"]
fn aiosmtpd_gets_what_brings_somebody_back() {
    let folder = TempDir::new().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    settings(folder.path(), "", port);
    let (server, address) = start(folder.path());
    let ann = json!({"email": "ann@example.org", "password": PASSWORD});
    let (status, registered) = post(&address, "/api/auth/register", &ann);
    assert_eq!(status, 201);
    // Asked for before the mail server is there: it is tried again.
    assert_eq!(asked(&address, "/api/auth/forgot", &json!({"email": "ann@example.org"})), 202);
    let smtp = Aiosmtpd::start(port);
    let mail = smtp.mail("Your new password for Todo");
    assert!(mail.contains("To: ann@example.org\r\n"), "{mail}");
    let token = token(&mail, "http://todo.example/reset");

    let new = json!({"token": token, "password": "another horse entirely"});
    assert_eq!(asked(&address, "/api/auth/reset", &new), 204);
    let refresh = json!({"refresh_token": registered["refresh_token"]});
    assert_eq!(asked(&address, "/api/auth/refresh", &refresh), 401);
    assert_eq!(asked(&address, "/api/auth/login", &ann), 401);
    let again = json!({"email": "ann@example.org", "password": "another horse entirely"});
    assert_eq!(asked(&address, "/api/auth/login", &again), 200);
    assert_eq!(asked(&address, "/api/auth/reset", &new), 401);
    smtp.mail("Your password for Todo was changed");

    let invited = Command::new(env!("CARGO_BIN_EXE_todo-web"))
        .env_clear()
        .current_dir(folder.path())
        .args(["user", "invite", "--email", "bob@example.org"])
        .output()
        .unwrap();
    let printed = String::from_utf8(invited.stdout).unwrap();
    assert!(printed.ends_with("\nbob@example.org: was sent it\n"), "{printed}");
    smtp.mail("Your invitation to Todo");

    server.signal("TERM");
    let (status, log) = server.end();
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("mail can be sent again"), "{log}");
    assert!(!log.contains(&token[..20]) && !log.contains("ann@"), "{log}");
}
