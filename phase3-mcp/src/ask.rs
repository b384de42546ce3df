//! Asking the person at the client, where the client can: a nicer skin of the confirmation. What they
//! agree to is the same signed token, and where nobody can be asked the model is told as ever.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction,
    ElicitationSchema, InputRequest, InputRequiredResult, ProtocolVersion,
};
use rmcp::service::{ElicitationMode, RequestContext};
use rmcp::{Peer, RoleServer};

use crate::confirm::LIFETIME_SECONDS;
use crate::fault::Fault;

/// The name of our one question.
const QUESTION: &str = "confirm";
/// Tasks that are shown to a person; there are dialogues that do not scroll.
const SHOWN: usize = 10;

/// What a person said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// Do it: the token of what they were shown.
    Yes(String),
    /// Do not, or they closed the question.
    No,
}

/// How a person can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Only by the model, which is told to.
    Model,
    /// By a request to the client, while it waits for its answer (until 2025-11-25).
    Request,
    /// By an answer that wants the call sent again with what they said (from 2026-07-28).
    Round,
}

impl Way {
    /// As the client of a request says it can.
    pub(crate) fn of(context: &RequestContext<RoleServer>) -> Self {
        let can = context.client_capabilities().and_then(|can| can.elicitation);
        // One that names no mode has forms.
        let Some(_) = can.filter(|can| can.form.is_some() || can.url.is_none()) else {
            return Self::Model;
        };
        match context.protocol_version() {
            Some(version) if version >= ProtocolVersion::V_2026_07_28 => Self::Round,
            _ if context.peer.supported_elicitation_modes().contains(&ElicitationMode::Form) => {
                Self::Request
            }
            // What a client can is not known where each request comes by itself.
            _ => Self::Model,
        }
    }
}

/// What the call brings of an earlier round. What cannot be read was not said, and is asked again.
pub(crate) fn brought(request: &CallToolRequestParams) -> Option<Said> {
    let token = request.request_state.clone()?;
    let said = request.input_responses.as_ref()?.get(QUESTION)?;
    let said: ElicitResult = serde_json::from_value(said.clone()).ok()?;
    Some(heard(&said, token))
}

/// The answer that has a person asked.
pub(crate) fn round(fault: &Fault) -> Option<InputRequiredResult> {
    let (question, token) = question(fault)?;
    let asked = InputRequest::Elicitation(ElicitRequest::new(question));
    let asked = BTreeMap::from([(QUESTION.to_owned(), asked)]);
    Some(InputRequiredResult::new(Some(asked), Some(token)))
}

/// Asks, and waits as long as the token lasts. `None` if nobody could be asked, or nobody answered.
pub(crate) async fn request(peer: &Peer<RoleServer>, fault: &Fault) -> Option<Said> {
    let (question, token) = question(fault)?;
    let lasts = Duration::from_secs(LIFETIME_SECONDS.unsigned_abs());
    let said = peer.create_elicitation_with_timeout(question, Some(lasts)).await.ok()?;
    Some(heard(&said, token))
}

fn heard(said: &ElicitResult, token: String) -> Said {
    match said.action {
        ElicitationAction::Accept => Said::Yes(token),
        // They declined, closed it, or did what a later revision has a name for.
        _ => Said::No,
    }
}

/// What is asked, without a form to fill in: yes is consent to just this.
fn question(fault: &Fault) -> Option<(ElicitRequestParams, String)> {
    let Fault::Confirm { what, token, tasks, more, refused } = fault else { return None };
    let mut message = format!("{}:", capitalised(what));
    for task in tasks.iter().take(SHOWN) {
        // A title is one line by its rule. Writing to a text cannot fail.
        let _ = write!(message, "\n{}. {}", task.id(), task.title());
    }
    let more = more + tasks.len().saturating_sub(SHOWN);
    if more > 0 {
        let _ = write!(message, "\nand {more} more");
    }
    if !refused.is_empty() {
        let _ = write!(message, "\n{} more would be refused and stay as they are.", refused.len());
    }
    let nothing = ElicitationSchema::new(BTreeMap::new());
    let asked = ElicitRequestParams::FormElicitationParams {
        meta: None,
        message,
        requested_schema: nothing,
    };
    Some((asked, token.clone()))
}

fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
