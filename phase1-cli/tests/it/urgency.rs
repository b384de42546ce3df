//! Q8: how urgent tasks are is the core's to say; here is that a list shows it when it is asked to.

use crate::support::Sandbox;

#[test]
fn q8_a_list_says_on_request_what_why_says() {
    let sandbox = Sandbox::new();
    sandbox.ok(&["add", "Read", "--priority", "low"]);
    sandbox.ok(&["add", "Call", "--due", "2026-11-20"]);
    sandbox.ok(&["add", "Plan", "--tag", "next"]);
    let listed = sandbox.ok(&["list", "--urgency", "--sort", "-urgency", "--json"]).json();
    let why = sandbox.ok(&["why", "3", "2", "1", "--json"]).json();
    for place in 0..3 {
        assert_eq!(listed["tasks"][place]["id"], why["tasks"][place]["id"]);
        assert_eq!(listed["urgency"][place], why["tasks"][place]["urgency"]);
    }
    assert_eq!(why["tasks"][2]["urgency"], 0);
    assert!(sandbox.ok(&["list", "--json"]).json().get("urgency").is_none());
}
