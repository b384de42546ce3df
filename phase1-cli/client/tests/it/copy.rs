//! The copy of what a server keeps, and of which history it is.

use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value, json};
use tempfile::TempDir;
use todo_client::{Client, Proof, Remote, RemoteError};
use todo_core::event::{Actor, ActorKind, Seq};
use todo_core::step::{Step, StepKind, StepNo};
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
    page(seq, history, title, false)
}

/// One that others follow.
fn begun(seq: u64, history: Option<Uuid>, title: &str) -> Answer {
    page(seq, history, title, true)
}

fn page(seq: u64, history: Option<Uuid>, title: &str, more: bool) -> Answer {
    let item = json!({"seq": seq, "uid": task(1, title).uid, "task": task(1, title)});
    let mut told = json!({"items": [item], "seq": seq, "more": more});
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

/// A copy of one history, up to its third event, of a server that gives these answers.
fn copied(
    of: Option<Uuid>,
    answers: Vec<Answer>,
) -> (Remote, FileStore, Receiver<String>, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let (server, told) = serve([me()].into_iter().chain(answers).collect());
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
    (Remote::new(client, path, |_| TaskId(Uuid::nil())), store, told, folder)
}

/// The same brought up to date: what it is then, and what was asked.
fn freshened(of: Option<Uuid>, answers: Vec<Answer>) -> (FileStore, Receiver<String>, TempDir) {
    let answers = [me()].into_iter().chain(answers).collect();
    let (mut remote, mut store, told, folder) = copied(of, answers);
    let fresh: Result<(), RemoteError> = remote.freshen(&mut store);
    fresh.expect("it is up to date");
    told.recv().expect("whose it is");
    (store, told, folder)
}

fn asked(told: &Receiver<String>) -> String {
    let head = told.try_recv().expect("a question");
    head.split(' ').nth(1).expect("a path").to_owned()
}

fn read(folder: &TempDir) -> Value {
    let text = std::fs::read_to_string(folder.path().join("copy.json")).expect("it is there");
    serde_json::from_str(&text).expect("JSON")
}

fn titles(folder: &TempDir) -> Vec<String> {
    let copy = read(folder);
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

/// Where a backup was put back nothing of the copy counts, whatever the numbers say.
#[test]
fn a_copy_of_another_history_is_made_anew() {
    let answers = vec![refused("since", "ahead"), changes(9, Some(SECOND), "anew")];
    let (store, told, folder) = freshened(Some(FIRST), answers);
    assert_eq!(asked(&told), format!("/api/sync?since=3&history={FIRST}"));
    assert_eq!(asked(&told), "/api/sync?since=0");
    assert_eq!(store.history().expect("told"), Some(SECOND));
    assert_eq!(store.seq().expect("told"), Seq(9));
    assert_eq!(titles(&folder), ["anew"]);
}

/// A server that knows of no histories is asked as it always was, and the copy stays of its own: another one may
/// answer next.
#[test]
fn a_server_that_knows_no_histories_is_gone_on_with() {
    let answers = vec![
        refused("history", "unknown"),
        begun(4, None, "one page"),
        changes(5, None, "changed"),
    ];
    let (store, told, folder) = freshened(Some(FIRST), answers);
    assert_eq!(asked(&told), format!("/api/sync?since=3&history={FIRST}"));
    assert_eq!(asked(&told), "/api/sync?since=3");
    assert_eq!(asked(&told), "/api/sync?since=4");
    assert_eq!(store.history().expect("told"), Some(FIRST));
    assert_eq!(store.seq().expect("told"), Seq(5));
    assert_eq!(titles(&folder), ["changed", "lost"]);
}

/// While servers are replaced an older one may give any page, and knows no histories.
#[test]
fn servers_of_two_versions_give_pages_in_turn() {
    for (first, second) in [(Some(FIRST), None), (None, Some(FIRST)), (Some(FIRST), Some(FIRST))] {
        for (of, since) in [
            (None, "/api/sync?since=3".to_owned()),
            (Some(FIRST), format!("/api/sync?since=3&history={FIRST}")),
        ] {
            let answers = vec![begun(4, first, "one page"), changes(5, second, "changed")];
            let (store, told, folder) = freshened(of, answers);
            assert_eq!((asked(&told), asked(&told)), (since, "/api/sync?since=4".to_owned()));
            assert_eq!(store.history().expect("told"), Some(FIRST));
            assert_eq!(titles(&folder), ["changed", "lost"]);
        }
        // The same where all of it is had anew.
        let anew = vec![
            refused("since", "ahead"),
            begun(8, first, "one page"),
            changes(9, second, "anew"),
        ];
        let (store, told, folder) = freshened(Some(SECOND), anew);
        let paths = [asked(&told), asked(&told), asked(&told)];
        assert_eq!(paths[1..], ["/api/sync?since=0", "/api/sync?since=8"]);
        assert_eq!(store.history().expect("told"), Some(FIRST));
        assert_eq!(titles(&folder), ["anew"]);
    }
}

/// What was read before a backup was put back and what was read afterwards do not belong together.
#[test]
fn a_history_that_ends_between_two_pages_is_begun_anew() {
    let anew = || changes(9, Some(SECOND), "anew");
    for (of, answers) in [
        (None, vec![begun(4, Some(FIRST), "one page"), changes(5, Some(SECOND), "no"), anew()]),
        (None, vec![begun(4, Some(FIRST), "one page"), refused("since", "ahead"), anew()]),
        // An older server did not say that it is another one already.
        (Some(FIRST), vec![begun(4, None, "one page"), changes(5, Some(SECOND), "no"), anew()]),
    ] {
        let (store, told, folder) = freshened(of, answers);
        let (_, second, third) = (asked(&told), asked(&told), asked(&told));
        assert_eq!((second.as_str(), third.as_str()), ("/api/sync?since=4", "/api/sync?since=0"));
        assert_eq!(store.history().expect("told"), Some(SECOND));
        assert_eq!(titles(&folder), ["anew"]);
    }
    // While it is had anew, too.
    let (anew, again) = (begun(4, Some(FIRST), "one page"), anew());
    let answers = vec![refused("since", "ahead"), anew, refused("since", "ahead"), again];
    let (store, _told, _folder) = freshened(Some(Uuid::from_u128(3)), answers);
    assert_eq!(store.history().expect("told"), Some(SECOND));
}

/// Two servers of two databases behind one address are not asked for ever, and nothing is made up of both.
#[test]
fn histories_that_take_turns_are_an_error() {
    let turns = (0..9).map(|turn| match turn % 2 {
        0 => begun(turn + 4, Some(FIRST), "of the first"),
        _ => begun(turn + 4, Some(SECOND), "of the second"),
    });
    let (mut remote, mut store, told, folder) =
        copied(Some(FIRST), [me()].into_iter().chain(turns).collect());
    let error = remote.freshen(&mut store).expect_err("no history");
    assert!(error.to_string().contains("its history became another one"), "{error}");
    assert_eq!(told.try_iter().count(), 7, "whose it is, and twice as many pages as tries");
    assert_eq!(titles(&folder), ["before", "lost"]);
}

/// Steps are of the history that they were asked of: those of before do not come into a copy that another process
/// has begun anew meanwhile.
#[test]
fn steps_are_not_of_another_history() {
    let steps = |number: u64| {
        let (no, at, kind) = (StepNo(number), Timestamp::from_millis(1_000), StepKind::Add);
        let (changes, imported, undone) = (Vec::new(), Vec::new(), None);
        let actor = Actor { kind: ActorKind::User, id: Uuid::nil() };
        let step = Step { no, at, actor, kind, changes, imported, undone };
        with("200 OK", JSON, &json!({"steps": [step]}).to_string())
    };
    let path = Arc::new(OnceLock::<PathBuf>::new());
    let at = Arc::clone(&path);
    let anew = move || {
        let mut other = FileStore::open(at.get().expect("a path"), Zone::UTC).expect("a copy");
        let (history, tasks) = (Some(SECOND), vec![task(1, "anew")]);
        let anew = News { whole: true, seq: Seq(3), history, tasks, ..News::default() };
        other.mirror(&anew).expect("written");
    };
    let answers = vec![Answer::After(Box::new(anew), Box::new(steps(1))), steps(2)];
    let (remote, mut store, _told, folder) = copied(Some(FIRST), answers);
    path.set(folder.path().join("copy.json")).expect("set once");
    remote.freshen_steps(&mut store).expect("they are told");
    let steps = read(&folder)["steps"].clone();
    assert_eq!((steps.as_array().map(Vec::len), &steps[0]["no"]), (Some(1), &json!(2)));
    assert_eq!(store.history().expect("told"), Some(SECOND));
}
