//! How tools are reached.

use axum::http::Method;
use serde_json::{Value, json};
use todo_core::{Timestamp, Zone};

use super::client::{Client, Tasks};
use crate::http::Asked;
use crate::surfaces::Surface as _;
use crate::surfaces::rest::{Base, Rest, Sqlite};

/// What is spoken over HTTP.
const REVISION: &str = "2026-07-28";

/// A way to call one person's tools.
pub trait Wire {
    /// Whether what is signed outlives who signed it.
    const LASTS: bool;

    /// On nothing yet.
    fn fresh() -> Self;

    /// From now on it is `now`, in `zone`.
    fn travel(&mut self, now: Timestamp, zone: Zone);

    /// Calls a tool; what is answered, as the protocol has it.
    ///
    /// # Errors
    /// If there is no answer, or one that only a mistake of ours is answered with.
    fn call(&mut self, tool: &str, arguments: &Value) -> Result<Value, String>;
}

/// `todo-mcp --file …` over its standard streams, in the revision with a handshake: another moment is
/// another process.
#[derive(Debug)]
pub struct OnFile(Client);

impl Wire for OnFile {
    const LASTS: bool = false;

    fn fresh() -> Self {
        Self(Client::fresh(Tasks::File))
    }

    fn travel(&mut self, now: Timestamp, zone: Zone) {
        self.0.travel(now, zone);
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Result<Value, String> {
        self.0.call(tool, arguments)
    }
}

/// `todo-mcp --server …` in the same way, with a personal token.
#[derive(Debug)]
pub struct OnServer {
    client: Client,
    server: Rest<Sqlite>,
}

impl Wire for OnServer {
    const LASTS: bool = false;

    fn fresh() -> Self {
        let mut server = Rest::fresh();
        let token = server.token("write");
        let url = server.url();
        Self { client: Client::fresh(Tasks::Server { url, token }), server }
    }

    fn travel(&mut self, now: Timestamp, zone: Zone) {
        self.client.travel(now, zone);
        self.server.travel(now, zone);
        self.server.arrive().expect("the zone is told");
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Result<Value, String> {
        self.client.call(tool, arguments)
    }
}

/// `todo-mcp --user …` in the same way, on an account's part of a database, beside a server of it.
#[derive(Debug)]
pub struct OnAccount<B> {
    client: Client,
    server: Rest<B>,
}

impl<B: Base> Wire for OnAccount<B> {
    const LASTS: bool = false;

    fn fresh() -> Self {
        let mut server = Rest::fresh();
        let (email, _) = server.account();
        let database = server.database();
        Self { client: Client::fresh(Tasks::Account { database, email }), server }
    }

    fn travel(&mut self, now: Timestamp, zone: Zone) {
        self.client.travel(now, zone);
        self.server.travel(now, zone);
        self.server.arrive().expect("the zone is told");
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Result<Value, String> {
        self.client.call(tool, arguments)
    }
}

/// HTTP, in the revision without one: an account on a server, whose zone is the account's.
#[derive(Debug)]
pub struct Http<B>(Rest<B>);

impl<B: Base> Wire for Http<B> {
    const LASTS: bool = true;

    fn fresh() -> Self {
        Self(Rest::fresh())
    }

    fn travel(&mut self, now: Timestamp, zone: Zone) {
        self.0.travel(now, zone);
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Result<Value, String> {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": REVISION,
            "io.modelcontextprotocol/clientInfo": { "name": "todo-tests", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
        let message =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let asked = Asked::new(Method::POST, "/mcp")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", REVISION)
            .header("mcp-method", "tools/call")
            .header("mcp-name", tool)
            .json(&message);
        let mut answer: Value = self.0.asked(asked).map_err(|refusal| refusal.message)?.json()?;
        if answer["result"].is_object() {
            Ok(answer["result"].take())
        } else {
            Err(answer.to_string())
        }
    }
}
