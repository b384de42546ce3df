//! The copy of what a server keeps, and of which history it is.

use std::sync::mpsc::Receiver;

use serde_json::{Map, Value, json};
use tempfile::TempDir;
use todo_client::{Client, Proof, Remote, RemoteError};
use todo_core::event::Seq;
use todo_core::{Task, TaskId, TaskNo, Timestamp, Title, Zone};
use todo_file::{FileStore, News};
use uuid::Uuid;

use crate::support::{Answer, me, serve, with};

const JSON: &str = "application/json";
const FIRST: Uuid = Uuid::from_u128(1);
const SECOND: Uuid = Uuid::from_u128(2);

fn task(number: u64, title: &str) -> Task {
    let title = Title::new(title).expect("a title");
    let uid = TaskId(Uuid::from_u128(number.into()));
    Task { id: TaskNo(number), ..Task::blank(uid, title, Timestamp::from_millis(1_000)) }
}

/// An answer of one task.
fn changes(seq: u64, history: Option<Uuid>, title: &str) -> Answer {
    let item = json!({"seq": seq, "uid": task(1, title).uid, "task": task(1, title)});
    let mut told = json!({"items": [item], "seq": seq, "more": false});
    if let Some(history) = history {
        told["history"] = json!(history);
    }
    with("200 OK", JSON, &told.to_string())
}

/// What the server says of a parameter.
fn refused(name: &str, code: &str) -> Answer {
    let fault = json!({"parameter": name, "code": code, "message": "is no good"});
    let problem = json!({"code": "validation_error", "detail": "no", "errors": [fault]});
    with("400 Bad Request", "application/problem+json", &problem.to_string())
}

/// A copy of one history, up to its third event, that is brought up to date with these answers: what it is then,
/// and what was asked.
fn freshened(of: Option<Uuid>, answers: Vec<Answer>) -> (FileStore, Receiver<String>, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let (server, told) = serve([me(), me()].into_iter().chain(answers).collect());
    let proof = Proof::Personal("todo_pat_of_nobody".to_owned());
    let (client, account) =
        Client::log_in(folder.path(), server, proof, false).expect("a good answer");
    told.recv().expect("the log-in");
    let path = folder.path().join("copy.json");
    let mut store = FileStore::open(&path, Zone::UTC).expect("a copy");
    let settings = Map::from_iter([("account".to_owned(), json!(account.id))]);
    let (seq, history, tasks) = (Seq(3), of, vec![task(1, "before"), task(2, "lost")]);
    let settings = Some(settings);
    let copied = News { whole: true, seq, history, tasks, settings, ..News::default() };
    store.mirror(&copied).expect("written");
    let mut remote = Remote::new(client, path, |_| TaskId(Uuid::nil()));
    let fresh: Result<(), RemoteError> = remote.freshen(&mut store);
    fresh.expect("it is up to date");
    told.recv().expect("whose it is");
    (store, told, folder)
}

fn asked(told: &Receiver<String>) -> String {
    let head = told.try_recv().expect("a question");
    head.split(' ').nth(1).expect("a path").to_owned()
}

fn titles(folder: &TempDir) -> Vec<String> {
    let text = std::fs::read_to_string(folder.path().join("copy.json")).expect("it is there");
    let copy: Value = serde_json::from_str(&text).expect("JSON");
    let tasks = copy["tasks"].as_array().expect("tasks").iter();
    tasks.map(|task| task["title"].as_str().expect("a title").to_owned()).collect()
}

/// One of before knows of no history: it is gone on with, and learns it.
#[test]
fn a_copy_learns_its_history_and_says_it() {
    for (of, path) in [
        (None, "/api/sync?since=3".to_owned()),
        (Some(FIRST), format!("/api/sync?since=3&history={FIRST}")),
    ] {
        let (store, told, folder) = freshened(of, vec![changes(4, Some(FIRST), "changed")]);
        assert_eq!(asked(&told), path);
        assert_eq!(store.history().expect("told"), Some(FIRST));
        assert_eq!(titles(&folder), ["changed", "lost"]);
        assert_eq!(store.settings().expect("told")["timezone"], "UTC", "and all else is kept");
    }
}

/// Where a backup was put back nothing of the copy counts, whatever the numbers say. A server that knows of no
/// histories is asked as it always was.
#[test]
fn a_copy_of_another_history_is_made_anew() {
    let known = |name, code, history| vec![refused(name, code), changes(9, history, "anew")];
    for (answers, history) in [
        (known("since", "ahead", Some(SECOND)), Some(SECOND)),
        (known("history", "unknown", None), None),
    ] {
        let (store, told, folder) = freshened(Some(FIRST), answers);
        assert_eq!(asked(&told), format!("/api/sync?since=3&history={FIRST}"));
        assert_eq!(asked(&told), "/api/sync?since=0");
        assert_eq!((store.history().expect("told"), store.seq().expect("told")), (history, Seq(9)));
        assert_eq!(titles(&folder), ["anew"]);
    }
}
