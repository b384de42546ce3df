//! What a client is told of the tools before it calls one.

use std::collections::BTreeSet;

use serde_json::Value;

/// SPEC 8: twelve, always in this order.
#[test]
fn the_tools_are_these() {
    let names: Vec<_> = todo_mcp::list().iter().map(|tool| tool.name.to_string()).collect();
    let expected = [
        "add_task",
        "list_tasks",
        "get_task",
        "update_task",
        "complete_task",
        "reopen_task",
        "skip_task",
        "delete_task",
        "bulk_update",
        "undo",
        "list_tags",
        "get_stats",
    ];
    assert_eq!(names, expected);
}

/// SPEC 8: a model reads all of it before it reads the user.
#[test]
fn the_list_is_short() {
    // With what the protocol puts around them.
    let listed = serde_json::to_string(todo_mcp::list()).expect("JSON");
    assert!(listed.len() <= 23_800, "tools/list is {} bytes", listed.len());
}

/// Every tool says what it is, when to use it, and truly what it may do.
#[test]
fn every_tool_is_described_and_annotated() {
    for tool in todo_mcp::list() {
        let (name, hints) = (&tool.name, tool.annotations.as_ref().expect("annotations"));
        assert!(tool.title.as_ref().is_some_and(|title| !title.is_empty()), "{name}");
        assert!(tool.description.as_ref().is_some_and(|text| text.len() > 60), "{name}");
        let reads = ["list_tasks", "get_task", "list_tags", "get_stats"].contains(&&**name);
        assert_eq!(hints.read_only_hint, Some(reads), "{name}");
        let destroys = ["delete_task", "bulk_update"].contains(&&**name);
        assert_eq!(hints.destructive_hint, Some(destroys), "{name}");
        assert_eq!(hints.open_world_hint, Some(false), "{name}");
        assert!(hints.idempotent_hint.is_some(), "{name}");
    }
}

/// Validators of clients complain of formats that are no standard's; references need a resolver that
/// some lack; every argument is named and no other is taken.
#[test]
fn schemas_are_plain() {
    for tool in todo_mcp::list() {
        let name = &tool.name;
        let input = Value::Object((*tool.input_schema).clone());
        assert_eq!(input["type"], "object", "{name}");
        assert_eq!(input["additionalProperties"], false, "{name}");
        let output = tool.output_schema.as_ref().expect("an output schema");
        assert_eq!(output["type"], "object", "{name}");
        for schema in [&input, &Value::Object((**output).clone())] {
            let mut words = BTreeSet::new();
            names(schema, &mut words);
            for banned in ["format", "$ref", "$defs", "$schema", "x-nullable"] {
                assert!(!words.contains(banned), "{name} has {banned}");
            }
        }
    }
}

fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| {
            found.insert(name.clone());
            names(value, found);
        }),
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        _ => {}
    }
}

/// The contract, as a client sees it. `INSTA_UPDATE=always cargo test -p todo-mcp listing` renews it.
#[test]
fn the_list_is_as_it_was_reviewed() {
    insta::assert_json_snapshot!(todo_mcp::list());
}
