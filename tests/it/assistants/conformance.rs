//! The tools over HTTP, held against both revisions of the protocol by the protocol's own suite
//! (`@modelcontextprotocol/conformance`).
//!
//! Of the scenarios that it has for a revision each is run, or stands here with what it would need. What
//! is run passes in each of its checks, apart from those that stand here with theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{Online, named, script, succeeded};

/// What is run, with the checks of it that say nothing of a server of tasks.
type Scenarios = &'static [(&'static str, &'static [&'static str])];

const HANDSHAKE: Scenarios = &[
    // What it says of sessions is information: there are none.
    ("server-initialize", &["server-session-id-visible-ascii"]),
    ("ping", &[]),
    ("completion-complete", &[]),
    ("tools-list", &[]),
    ("resources-list", &[]),
    ("prompts-list", &[]),
    ("dns-rebinding-protection", &[]),
];

const STATELESS: Scenarios = &[
    ("server-stateless", UNTESTABLE),
    ("completion-complete", &[]),
    ("tools-list", &[]),
    ("resources-list", &[]),
    ("sep-2164-resource-not-found", &[]),
    ("prompts-list", &[]),
    ("dns-rebinding-protection", &[]),
    ("caching", &[]),
    ("http-header-validation", &[]),
    // Each answer is one piece of JSON, so none is streamed.
    ("server-sse-multiple-streams", &["server-sse-streams-functional"]),
    ("input-required-result-unsupported-methods", &[]),
    ("input-required-result-validate-input", &[]),
];

const UNTESTABLE: &[&str] = &[
    // By tools of the suite's own: test_missing_capability, test_streaming_elicitation, test_logging_tool.
    "sep-2575-server-rejects-undeclared-capability",
    "sep-2575-missing-capability-http-400",
    "sep-2575-http-server-no-independent-requests-on-stream",
    "sep-2575-server-no-log-without-loglevel",
    // There is nothing to subscribe to.
    "sep-2575-server-sends-subscription-ack",
    "sep-2575-server-tags-subscription-id",
    "sep-2575-server-honors-notification-filter",
    "sep-2575-server-sends-prompts-list-changed-on-subscription",
    "sep-2575-server-sends-tools-list-changed-on-subscription",
];

/// What is not run, by what it would need. A star stands for the rest of several names.
const LEFT_OUT: &[(&str, &[&str])] = &[
    (
        "tools, resources and prompts of the suite's own (test_simple_text and so on)",
        &[
            "tools-call-*",
            "json-schema-2020-12",
            "elicitation-sep*",
            "resources-read-*",
            "resources-templates-read",
            "prompts-get-*",
            "input-required-result-*",
        ],
    ),
    ("sessions, and streams that are resumed: none is kept", &["server-session-*", "server-sse-*"]),
    ("logging by the protocol, which its later revision gives up", &["logging-set-level"]),
    ("resources to subscribe to", &["resources-subscribe", "resources-unsubscribe"]),
    ("arguments that go as headers, too", &["http-custom-header-server-validation"]),
];

/// What a scenario would need that is not run.
fn wants(scenario: &str) -> Option<&'static str> {
    let fits = |name: &str| match name.strip_suffix('*') {
        Some(beginning) => scenario.starts_with(beginning),
        None => scenario == name,
    };
    LEFT_OUT.iter().find(|(_, names)| names.iter().any(|name| fits(name))).map(|(what, _)| *what)
}

fn node() -> Command {
    let mut node = Command::new(named("TODO_TEST_MCP_NODE"));
    node.current_dir(named("TODO_TEST_MCP_MODULES"));
    node
}

/// The scenarios that the suite has for a revision.
fn listed(revision: &str) -> BTreeSet<String> {
    let mut suite = node();
    suite.args(["node_modules/@modelcontextprotocol/conformance/dist/index.js", "list"]);
    let told = suite.args(["--server", "--spec-version", revision]).output().expect("it runs");
    succeeded(&told);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let names = told.lines().filter_map(|line| line.trim().strip_prefix("- ")?.split(' ').next());
    names.map(str::to_owned).collect()
}

/// What became of each check of a scenario: `SUCCESS`, or what else and why.
fn checked(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let run = fs::read_dir(folder).expect("it was run").next().expect("once").expect("a folder");
    let told = fs::read(run.path().join("checks.json")).expect("its checks");
    let told: Vec<Value> = serde_json::from_slice(&told).expect("JSON");
    let mut checks = BTreeMap::<_, Vec<_>>::new();
    for check in &told {
        let text = |name: &str| check[name].as_str().unwrap_or_default();
        let became = format!("{} {}", text("status"), text("errorMessage")).trim().to_owned();
        checks.entry(text("id").to_owned()).or_default().push(became);
    }
    checks
}

fn conforms(revision: &str, scenarios: Scenarios) {
    let listed = listed(revision);
    let run: BTreeSet<_> = scenarios.iter().map(|(name, _)| (*name).to_owned()).collect();
    let gone: Vec<_> = run.difference(&listed).collect();
    assert!(gone.is_empty(), "the suite does not have {gone:?}");
    let new: Vec<_> = listed.difference(&run).filter(|name| wants(name).is_none()).collect();
    assert!(new.is_empty(), "it stands nowhere why {new:?} are not run");
    let folder = tempfile::tempdir().expect("a folder");
    let mut online = Online::new();
    let (url, token) = (online.url(), online.0.token("write"));
    let mut suite = node();
    suite.arg(script("conformance.mjs")).args([url.as_str()]).arg(folder.path()).arg(revision);
    suite.args(&run).env("TODO_TOKEN", token);
    succeeded(&suite.output().expect("it runs"));
    let mut faults = Vec::new();
    for (name, apart) in scenarios {
        let checks = checked(&folder.path().join(name));
        assert!(!checks.is_empty(), "{name} has checked nothing");
        for (check, became) in checks {
            let passed = became.iter().all(|became| became == "SUCCESS");
            // One that passes after all is one that counts from then on.
            if passed == apart.contains(&check.as_str()) {
                faults.push(format!("{revision} {name}: {check}: {became:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
#[ignore = "needs the MCP packages of npm: tests/run"]
fn assistants_by_node_find_the_revision_with_a_handshake_kept() {
    conforms("2025-11-25", HANDSHAKE);
}

#[test]
#[ignore = "needs the MCP packages of npm: tests/run"]
fn assistants_by_node_find_the_revision_without_one_kept() {
    conforms("2026-07-28", STATELESS);
}
