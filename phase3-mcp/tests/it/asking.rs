//! The person is asked at the client, where the client can (SPEC 8): what they agree to is done, and
//! nothing else; and where they cannot be asked, the model is told as ever.

use serde_json::{Value, json};

use crate::client::{Client, asking, folder};

const DELETE: &str = "delete_task";

/// Two tasks, and a client that can ask a person.
fn older(folder: &tempfile::TempDir, elicitation: &Value) -> Client {
    let mut client = Client::start(folder.path());
    let hello = json!({
        "protocolVersion": "2025-11-25", "capabilities": { "elicitation": elicitation },
        "clientInfo": { "name": "test", "version": "1" },
    });
    client.ask("initialize", &hello);
    client.tell("notifications/initialized", &json!({}));
    for title in ["one", "two"] {
        client.call("add_task", &json!({ "title": title }));
    }
    client
}

fn call(id: u64) -> String {
    let params = json!({ "name": DELETE, "arguments": { "task_ids": [1, 2] } });
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }).to_string()
}

/// Calls what must be confirmed; the question, answered so, and what came of it.
fn answered(client: &mut Client, said: &Value) -> (Value, Value) {
    client.write(&call(90));
    let question = client.read();
    assert_eq!(question["method"], "elicitation/create", "{question}");
    let mut answer = json!({ "jsonrpc": "2.0", "id": question["id"] });
    answer.as_object_mut().expect("an object").extend(said.as_object().expect("one").clone());
    client.write(&answer.to_string());
    let done = client.read();
    assert_eq!(done["id"], 90, "{done}");
    (question["params"].clone(), done["result"].clone())
}

fn left(client: &mut Client) -> usize {
    let listed = client.call("list_tasks", &json!({}));
    listed["structuredContent"]["tasks"].as_array().map_or(0, Vec::len)
}

fn refusal(done: &Value) -> Value {
    assert_eq!(done["isError"], true, "{done}");
    let text = done["content"][0]["text"].as_str().unwrap_or_default();
    let told: Value = serde_json::from_str(text).expect("JSON");
    told["error"].clone()
}

#[test]
fn a_person_who_agrees_has_it_done() {
    let folder = folder();
    // One that names no mode has forms.
    let mut client = older(&folder, &json!({}));
    let (question, done) =
        answered(&mut client, &json!({ "result": { "action": "accept", "content": {} } }));
    assert_eq!(question["message"], "This would delete 2 tasks:\n1. one\n2. two");
    assert_eq!(question["requestedSchema"]["properties"], json!({}));
    assert_eq!(done["isError"], false, "{done}");
    assert_eq!(left(&mut client), 0);
    assert_eq!(client.leave(), (String::new(), Some(0)));
}

#[test]
fn a_person_who_does_not_agree_has_nothing_done() {
    for action in ["decline", "cancel"] {
        let folder = folder();
        let mut client = older(&folder, &json!({ "form": {} }));
        let (_, done) = answered(&mut client, &json!({ "result": { "action": action } }));
        let error = refusal(&done);
        assert_eq!(error["code"], "confirmation_required", "{error}");
        assert_eq!(error["confirm"], Value::Null, "the model gets nothing to go on with");
        assert_eq!(left(&mut client), 2, "{action}");
    }
}

/// What the person saw is what is done: a task that moved while they read stops it.
#[test]
fn what_moved_while_a_person_read_is_not_done() {
    let folder = folder();
    let mut client = older(&folder, &json!({ "form": {} }));
    client.write(&call(90));
    let question = client.read();
    let mut other = Client::start(folder.path());
    other.shake_hands();
    other.call("update_task", &json!({ "task_id": 2, "title": "other" }));
    let said = json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "action": "accept" } });
    client.write(&said.to_string());
    let error = refusal(&client.read()["result"]);
    assert!(
        error["message"].as_str().is_some_and(|text| text.contains("changed since")),
        "{error}"
    );
    assert_eq!(left(&mut client), 2);
}

/// Confirmation never depends on it: a client that promised more than it can is told of the token.
#[test]
fn a_client_that_cannot_ask_after_all_is_answered_with_the_token() {
    let folder = folder();
    let mut client = older(&folder, &json!({ "form": {} }));
    let cannot = json!({ "error": { "code": -32601, "message": "no such method" } });
    let (_, done) = answered(&mut client, &cannot);
    let token = refusal(&done)["confirm"].clone();
    assert!(token.is_string(), "{done}");
    let done = client.call(DELETE, &json!({ "task_ids": [1, 2], "confirm": token }));
    assert_eq!(done["isError"], false, "{done}");
    assert_eq!(left(&mut client), 0);
}

/// Forms are what is asked with; one that only opens pages is not asked.
#[test]
fn a_client_without_forms_is_not_asked() {
    let folder = folder();
    let mut client = older(&folder, &json!({ "url": {} }));
    let done = client.call(DELETE, &json!({ "task_ids": [1, 2] }));
    assert!(refusal(&done)["confirm"].is_string(), "{done}");
}

/// A question that is open holds neither the other calls nor the end.
#[test]
fn an_open_question_holds_nothing() {
    let folder = folder();
    let mut client = older(&folder, &json!({ "form": {} }));
    for id in 100..120 {
        client.write(&call(id));
        assert_eq!(client.read()["method"], "elicitation/create");
    }
    assert_eq!(left(&mut client), 2);
    let (_, status) = client.leave();
    assert_eq!(status, Some(0));
}

/// The first round of a call that must be confirmed.
fn first_round(client: &mut Client) -> (Value, Value) {
    let params = asking(json!({ "name": DELETE, "arguments": { "task_ids": [1, 2] } }));
    let done = client.ask("tools/call", &params);
    assert_eq!(done["result"]["resultType"], "input_required", "{done}");
    (params, done["result"].clone())
}

fn newer(folder: &tempfile::TempDir) -> Client {
    let mut client = Client::start(folder.path());
    for title in ["one", "two"] {
        let added = json!({ "name": "add_task", "arguments": { "title": title } });
        client.ask("tools/call", &asking(added));
    }
    client
}

fn left_now(client: &mut Client) -> usize {
    let listed = client.ask("tools/call", &asking(json!({ "name": "list_tasks" })));
    listed["result"]["structuredContent"]["tasks"].as_array().map_or(0, Vec::len)
}

#[test]
fn a_second_round_does_what_was_agreed_to_and_nothing_else() {
    let folder = folder();
    let mut client = newer(&folder);
    let (params, round) = first_round(&mut client);
    let question = &round["inputRequests"]["confirm"];
    assert_eq!(question["method"], "elicitation/create", "{round}");
    assert_eq!(question["params"]["message"], "This would delete 2 tasks:\n1. one\n2. two");
    let state = round["requestState"].as_str().expect("a state").to_owned();
    let again = |client: &mut Client, state: &str, answers: Value| {
        let mut params = params.clone();
        (params["requestState"], params["inputResponses"]) = (json!(state), answers);
        client.ask("tools/call", &params)["result"].clone()
    };
    // No answer, and one that is none, is asked for again.
    for answers in [json!({}), json!({ "other": { "action": "accept" } }), json!({ "confirm": 1 })]
    {
        assert_eq!(again(&mut client, &state, answers)["resultType"], "input_required");
    }
    let yes = json!({ "confirm": { "action": "accept", "content": {} } });
    for action in ["decline", "cancel"] {
        let done = again(&mut client, &state, json!({ "confirm": { "action": action } }));
        assert_eq!(refusal(&done)["code"], "confirmation_required");
    }
    // A state is worth what its signature is.
    let error = refusal(&again(&mut client, "made up", yes.clone()));
    assert!(error["message"].as_str().is_some_and(|text| text.contains("not given for this call")));
    assert_eq!(left_now(&mut client), 2);
    let done = again(&mut client, &state, yes.clone());
    assert_eq!((&done["resultType"], &done["isError"]), (&json!("complete"), &json!(false)));
    assert_eq!(left_now(&mut client), 0);
    // Sent once more it finds other tasks.
    assert_eq!(again(&mut client, &state, yes)["isError"], true);
}

/// One task is not asked about, in either revision.
#[test]
fn one_task_is_not_asked_about() {
    let folder = folder();
    let mut client = newer(&folder);
    let one = asking(json!({ "name": DELETE, "arguments": { "task_id": 1 } }));
    assert_eq!(client.ask("tools/call", &one)["result"]["resultType"], "complete");
    assert_eq!(left_now(&mut client), 1);
}
