//! The person is asked at the client, over HTTP (SPEC 8): nothing is kept between the question and what they
//! say, so any replica does what they agreed to; and where they cannot be asked, the model is told.

use serde_json::{Value, json};

use super::served::{Assistant, Era, Served};

const DELETE: &str = "delete_task";

/// Somebody with two tasks, at a client that can ask them.
async fn world() -> (Served, Assistant) {
    let served = Served::new().await;
    let ann = served.register("ann").await.asking();
    for title in ["one", "two"] {
        ann.done("add_task", json!({ "title": title })).await;
    }
    (served, ann)
}

fn both() -> Value {
    json!({ "task_ids": [1, 2] })
}

async fn left(ann: &Assistant) -> usize {
    let listed = ann.done("list_tasks", json!({})).await;
    listed["tasks"].as_array().map_or(0, Vec::len)
}

/// The question, and the state that goes with it.
async fn asked(ann: &Assistant) -> (Value, Value) {
    let round = ann.call(DELETE, both()).await;
    assert_eq!(round["resultType"], "input_required", "{round}");
    (round["inputRequests"]["confirm"].clone(), round["requestState"].clone())
}

/// The call sent again, with what they said.
async fn said(ann: &Assistant, state: &Value, action: &str) -> Value {
    let call = json!({
        "name": DELETE, "arguments": both(), "requestState": state,
        "inputResponses": { "confirm": { "action": action } },
    });
    ann.ask("tools/call", call).await.at("/result")
}

fn refusal(result: &Value) -> Value {
    assert_eq!(result["isError"], true, "{result}");
    let text = result["content"][0]["text"].as_str().expect("a text");
    serde_json::from_str::<Value>(text).expect("JSON")["error"].clone()
}

#[tokio::test]
async fn another_replica_does_what_a_person_agreed_to() {
    let (served, ann) = world().await;
    let (question, state) = asked(&ann).await;
    assert_eq!(question["method"], "elicitation/create");
    assert_eq!(question["params"]["message"], "This would delete 2 tasks:\n1. one\n2. two");
    let bearer = ann.token.as_deref().expect("a token");
    let twin = served.another(7, None).asked_with(bearer).asking();
    let done = said(&twin, &state, "accept").await;
    assert_eq!((&done["resultType"], &done["isError"]), (&json!("complete"), &json!(false)));
    assert_eq!(left(&ann).await, 0);
    // Sent once more it finds nothing to do.
    assert_eq!(said(&ann, &state, "accept").await["isError"], true);
}

#[tokio::test]
async fn who_does_not_agree_has_nothing_changed() {
    let (_served, ann) = world().await;
    for action in ["decline", "cancel"] {
        let (_, state) = asked(&ann).await;
        let error = refusal(&said(&ann, &state, action).await);
        assert_eq!(error["code"], "confirmation_required", "{error}");
        assert_eq!(error["confirm"], Value::Null, "the model gets nothing to go on with");
        assert_eq!(left(&ann).await, 2, "{action}");
    }
}

/// What they agreed to is theirs, is these tasks as they were, and is not for ever.
#[tokio::test]
async fn consent_is_not_worth_more_than_what_was_asked() {
    let (served, ann) = world().await;
    // A session's own token does not last until what was asked is too old.
    let ann = served.program(&ann, "write").await.asking();
    let bob = served.register("bob").await.asking();
    for title in ["one", "two"] {
        bob.done("add_task", json!({ "title": title })).await;
    }
    let (_, state) = asked(&ann).await;
    let bearer = ann.token.as_deref().expect("a token");
    let strange = served.another(8, None).asked_with(bearer).asking();
    for (who, state) in [(&bob, &state), (&strange, &state), (&ann, &json!("made up"))] {
        let error = refusal(&said(who, state, "accept").await);
        let message = error["message"].as_str().unwrap_or_default();
        assert!(message.contains("not given for this call"), "{error}");
    }
    served.pass_seconds(600);
    let error = refusal(&said(&ann, &state, "accept").await);
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("older than 10 minutes"), "{error}");
    let (_, state) = asked(&ann).await;
    ann.done("update_task", json!({ "task_id": 2, "title": "other" })).await;
    let error = refusal(&said(&ann, &state, "accept").await);
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("changed since"), "{error}");
    assert_eq!((left(&ann).await, left(&bob).await), (2, 2));
}

/// Of a client with a handshake nothing is kept, not even that it could ask; and some cannot.
#[tokio::test]
async fn a_client_that_cannot_be_asked_is_answered_with_the_token() {
    let (served, ann) = world().await;
    let older = ann.speaking(Era::Handshake);
    let hello = json!({
        "protocolVersion": "2025-11-25", "capabilities": { "elicitation": { "form": {} } },
        "clientInfo": { "name": "test", "version": "1" },
    });
    assert_eq!(older.ask("initialize", hello).await.at("/result/protocolVersion"), "2025-11-25");
    let newer = served.asked_with(ann.token.as_deref().expect("a token"));
    for who in [&older, &newer] {
        let error = who.refused(DELETE, both()).await;
        assert_eq!(error["code"], "confirmation_required", "{error}");
        let mut call = both();
        call["confirm"] = error["confirm"].clone();
        who.done(DELETE, call).await;
        assert_eq!(left(who).await, 0);
        who.done("undo", json!({})).await;
    }
}
