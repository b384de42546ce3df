//! `todo context`: a saved filter that stands over all others. What a filter means is the core's;
//! here is which commands heed it.

use serde_json::Value;

use crate::support::Sandbox;

/// The context is work: 1 and 2 are in it, 2 is due today and 4 was completed there.
fn at_work() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Report", "--tag", "work"]);
    sandbox.ok(&["add", "Call", "--tag", "work", "--due", "2026-11-21"]);
    sandbox.ok(&["add", "Milk", "--due", "2026-11-21"]);
    sandbox.ok(&["add", "Plan", "--tag", "work"]);
    sandbox.ok(&["done", "4"]);
    sandbox.ok(&["filter", "save", "Work", "#work"]);
    sandbox.ok(&["context", "WORK"]);
    sandbox
}

fn ids(told: &Value) -> Vec<u64> {
    told["tasks"].as_array().into_iter().flatten().filter_map(|task| task["id"].as_u64()).collect()
}

#[test]
fn q9_what_is_shown_heeds_it() {
    let sandbox = at_work();
    let shown = |args: &[&str]| ids(&sandbox.ok(args).json());
    assert_eq!(shown(&["list", "--sort", "id", "--json"]), [1, 2]);
    assert_eq!(shown(&["list", "due:any", "--json"]), [2]);
    assert_eq!(shown(&["list", "status:completed", "--json"]), [4]);
    assert_eq!(shown(&["list", "not #work", "--json"]), [0; 0]);
    assert_eq!(shown(&["search", "l", "--sort", "id", "--json"]), [2]);
    assert_eq!(shown(&["today", "--json"]), [2]);
    assert_eq!(sandbox.ok(&["count", "--json"]).json()["count"], 2);
    let told = sandbox.ok(&["stats", "--json"]).json();
    assert_eq!((&told["status"]["pending"], &told["status"]["completed"]), (&2.into(), &1.into()));
    assert_eq!(sandbox.ok(&["list", "due:any", "--json"]).json()["filter"], "tag:work and due:any");
}

#[test]
fn q9_a_filter_instead_of_ids_heeds_it_and_ids_do_not() {
    let sandbox = at_work();
    assert_eq!(ids(&sandbox.ok(&["done", "due:any", "--yes", "--json"]).json()), [2]);
    assert_eq!(ids(&sandbox.ok(&["done", "3", "--json"]).json()), [3]);
    assert_eq!(ids(&sandbox.ok(&["show", "3", "--json"]).json()), [3]);
}

#[test]
fn q9_a_backup_has_everything() {
    let sandbox = at_work();
    assert_eq!(ids(&sandbox.ok(&["export"]).json()), [1, 2, 3, 4]);
}

#[test]
fn q9_it_goes_with_its_filter_and_is_lifted_by_none() {
    let sandbox = at_work();
    sandbox.ok(&["context", "none"]);
    assert_eq!(ids(&sandbox.ok(&["list", "--sort", "id", "--json"]).json()), [1, 2, 3]);
    sandbox.ok(&["context", "work"]);
    sandbox.ok(&["filter", "remove", "work"]);
    assert_eq!(sandbox.ok(&["context", "--json"]).json()["context"], Value::Null);
    assert_eq!(ids(&sandbox.ok(&["list", "--sort", "id", "--json"]).json()), [1, 2, 3]);
}
