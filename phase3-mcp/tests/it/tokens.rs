//! What an answer costs a model (SPEC 8: a list of 50 tasks takes at most 2 000 tokens).

use serde_json::json;
use tiktoken_rs::o200k_base;

use crate::support::World;

/// Whichever of the two a client shows its model, the lines or the JSON.
#[test]
fn fifty_tasks_are_short() {
    let world = World::new();
    let titles = [
        "Pay the rent for the flat",
        "Call the dentist about the appointment",
        "Review the pull request of the new importer",
        "Buy milk, bread and two lemons",
        "Prepare the slides for Monday's meeting",
    ];
    for at in 0..50 {
        let mut task = json!({ "title": titles[at % titles.len()], "tags": ["home"] });
        if at % 2 == 0 {
            task["due_date"] = json!(format!("in {} days", at + 1));
        }
        if at % 3 == 0 {
            task["project"] = json!("work/office");
        }
        world.done("add_task", task);
    }
    let listed = world.done("list_tasks", json!({}));
    let tokenizer = o200k_base().expect("a tokenizer");
    let cost = |text: &str| tokenizer.encode_ordinary(text).len();
    let (lines, structured) = (cost(&listed.text), cost(&listed.told.to_string()));
    assert_eq!(listed.told["tasks"].as_array().map(Vec::len), Some(50));
    assert!(lines <= 2_000, "the lines are {lines} tokens");
    assert!(structured <= 2_000, "the JSON is {structured} tokens");
}

/// The tools themselves are read before anything else.
#[test]
fn the_tools_are_cheap() {
    let tools = serde_json::to_string(todo_mcp::list()).expect("JSON");
    let tokenizer = o200k_base().expect("a tokenizer");
    let cost = tokenizer.encode_ordinary(&tools).len();
    assert!(cost <= 6_000, "tools/list is {cost} tokens");
}
