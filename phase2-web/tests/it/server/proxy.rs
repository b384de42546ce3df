//! Behind the proxies of docs/reverse-proxy.md, configured as it says (SPEC 7).

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::process::Program;

const DOCUMENT: &str = include_str!("../../../../docs/reverse-proxy.md");

/// What nginx needs besides a site, in a folder where it may write.
const AROUND: &str = "master_process off;\nerror_log FOLDER/errors;\npid FOLDER/pid;\nevents {}\n\
    http {\naccess_log off;\nclient_body_temp_path FOLDER/body;\nproxy_temp_path FOLDER/proxy;\n\
    fastcgi_temp_path FOLDER/fastcgi;\nuwsgi_temp_path FOLDER/uwsgi;\nscgi_temp_path FOLDER/scgi;\n\
    include FOLDER/site;\n}\n";

/// The configuration that the document shows.
fn shown(language: &str) -> String {
    let begin = format!("```{language}\n");
    let (_, rest) = DOCUMENT.split_once(&begin).expect("the document shows it");
    rest.split_once("```").expect("it ends").0.to_owned()
}

/// A text in which each of these stands, and is replaced.
fn replaced(text: &str, by: &[(&str, &str)]) -> String {
    by.iter().fold(text.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old} is not in {text}");
        text.replace(old, new)
    })
}

/// Runs a program of the system; those of servers are not in everybody's path.
fn run(program: &str, words: &[&str]) -> Output {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(program);
    let done = command.env("PATH", format!("{path}:/usr/sbin")).args(words).output();
    done.unwrap_or_else(|error| panic!("{program}: {error}"))
}

fn succeeded(program: &str, words: &[&str]) {
    let done = run(program, words);
    assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A port that nobody listens at.
fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().to_string()
}

/// nginx, until it is dropped.
struct Nginx {
    folder: TempDir,
    https: String,
    http: String,
}

impl Nginx {
    /// Before a server. When its command returns, it listens.
    fn before(server: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (certificate, key) = (at("certificate"), at("key"));
        succeeded(
            "openssl",
            &[
                "req",
                "-x509",
                "-nodes",
                "-days",
                "2",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-subj",
                "/CN=todo.example.org",
                "-addext",
                "subjectAltName=DNS:todo.example.org",
                "-keyout",
                &key,
                "-out",
                &certificate,
            ],
        );
        let (https, http) = (free_port(), free_port());
        let site = replaced(
            &shown("nginx"),
            &[
                ("listen 80;", &format!("listen 127.0.0.1:{http};")),
                ("listen 443 ", &format!("listen 127.0.0.1:{https} ")),
                ("/etc/ssl/todo.example.org.pem", &certificate),
                ("/etc/ssl/todo.example.org.key", &key),
                ("127.0.0.1:8000", server),
            ],
        );
        fs::write(at("site"), site).unwrap();
        fs::write(at("nginx.conf"), AROUND.replace("FOLDER", &at("."))).unwrap();
        succeeded("nginx", &["-c", &at("nginx.conf"), "-e", &at("errors")]);
        Self { folder, https, http }
    }

    /// What a client at an address is answered: the head, and the body.
    fn answer(&self, client: &str, path: &str, words: &[&str]) -> String {
        let certificate = self.folder.path().join("certificate");
        let url = format!("https://todo.example.org:{}{path}", self.https);
        let known = format!("todo.example.org:{}:127.0.0.1", self.https);
        let words = [words, &["--cacert", certificate.to_str().unwrap(), "--resolve", &known]];
        curl(client, &url, &words.concat())
    }

    fn status(&self, client: &str, path: &str, words: &[&str]) -> u16 {
        status(&self.answer(client, path, words))
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let at = |name: &str| self.folder.path().join(name).to_str().unwrap().to_owned();
        run("nginx", &["-c", &at("nginx.conf"), "-e", &at("errors"), "-s", "stop"]);
    }
}

fn curl(client: &str, url: &str, words: &[&str]) -> String {
    let always = ["-si", "--max-time", "20", "--interface", client, url];
    let done = run("curl", &[&always[..], words].concat());
    String::from_utf8_lossy(&done.stdout).into_owned()
}

fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.unwrap_or_else(|| panic!("no answer: {answer:?}"))
}

fn server(folder: &Path) -> (Program, String) {
    let words = [
        "--port",
        "0",
        "--public-url",
        "https://todo.example.org",
        "--trusted-proxies",
        "127.0.0.1",
        "--rate-limit",
        "2/min",
    ];
    let mut program = Program::start(folder, &words);
    let address = program.address_in("open https://todo.example.org", "todo-server");
    (program, address)
}

/// The rate limit tells clients apart: two requests a minute are each one's.
#[test]
#[ignore = "needs nginx: tests/run"]
fn behind_nginx_the_client_s_address_counts_and_no_other() {
    let folder = TempDir::new().unwrap();
    let (_program, address) = server(folder.path());
    let nginx = Nginx::before(&address);
    let spoofed = ["-H", "X-Forwarded-For: 192.0.2.1"];
    let page = "/openapi.json";
    assert_eq!(nginx.status("127.0.0.2", page, &[]), 200);
    assert_eq!(nginx.status("127.0.0.2", page, &spoofed), 200);
    assert_eq!(nginx.status("127.0.0.2", page, &[]), 429);
    // What it writes itself helps it no more than it did,
    assert_eq!(nginx.status("127.0.0.2", page, &["-H", "X-Forwarded-For: 192.0.2.2"]), 429);
    assert_eq!(nginx.status("127.0.0.2", page, &["-H", "Forwarded: for=192.0.2.2"]), 429);
    // nor does going round the proxy.
    let direct = format!("http://{address}{page}");
    assert_eq!(status(&curl("127.0.0.2", &direct, &spoofed)), 429);
    // Nobody has asked as the address that was claimed, or as another.
    assert_eq!(nginx.status("127.0.0.3", page, &[]), 200);
    assert_eq!(status(&curl("127.0.0.1", &direct, &spoofed)), 200);
}

#[test]
#[ignore = "needs nginx: tests/run"]
fn behind_nginx_limits_and_cookies_are_the_server_s() {
    let folder = TempDir::new().unwrap();
    let (_program, address) = server(folder.path());
    let nginx = Nginx::before(&address);
    // Plain HTTP is sent to https, and browsers are bound to it.
    let plain = format!("http://127.0.0.1:{}/docs", nginx.http);
    let moved = curl("127.0.0.1", &plain, &["-H", "Host: todo.example.org"]);
    assert!(status(&moved) == 301 && moved.contains("https://todo.example.org/docs"), "{moved}");
    let body =
        r#"{"email": "ann@example.org", "password": "correct horse battery", "cookie": true}"#;
    let words = ["-H", "Content-Type: application/json", "-d", body];
    let registered = nginx.answer("127.0.0.2", "/api/auth/register", &words);
    assert_eq!(status(&registered), 201, "{registered}");
    assert!(registered.contains("strict-transport-security: max-age="), "{registered}");
    assert!(registered.contains("set-cookie: __Host-refresh="), "{registered}");
    // What is too long the server itself refuses, and says so in its own form.
    let long = folder.path().join("long");
    fs::write(&long, vec![b' '; 2 * 1024 * 1024]).unwrap();
    let long = format!("@{}", long.display());
    let words = ["-H", "Content-Type: application/json", "--data-binary", &long];
    let refused = nginx.answer("127.0.0.3", "/api/tasks", &words);
    assert!(status(&refused) == 413 && refused.contains("payload_too_large"), "{refused}");
    // An import may be longer, and a cursor as long as titles make it.
    let imported = nginx.answer("127.0.0.4", "/api/import", &words);
    assert!(status(&imported) == 401 && imported.contains("\"code\""), "{imported}");
    let cursor = format!("/api/tasks?cursor={}", "x".repeat(32 * 1024));
    assert_eq!(nginx.status("127.0.0.5", &cursor, &[]), 401);
}
