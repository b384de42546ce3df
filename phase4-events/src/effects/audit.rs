//! Who did what: the envelope of every event, and of what is in it names and ids alone.

use serde::{Deserialize, Serialize};
use todo_store::effects::Kept;
use todo_store::log::{Entry, Work};
use uuid::Uuid;

use crate::consumer::{Consumer, Start, Verdict};

/// The last that is told of an account, and a tombstone: nothing may be written of it any more.
const FAREWELL: &str = "user.deleted";

/// Writes the audit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Audit;

impl Consumer for Audit {
    const NAME: &'static str = "audit";
    const START: Start = Start::Beginning;

    /// Whatever its type and version: that something was done is known of its envelope. What is in it may
    /// be of a newer server, or broken; then there are no names.
    async fn handle(&self, entry: &Entry, work: &mut Work) -> Verdict {
        if entry.event_type != FAREWELL {
            work.audit(entry, kept(entry));
        }
        Verdict::Done
    }
}

/// What events say that the audit keeps. The rest is content, and passed over.
#[derive(Default, Deserialize)]
struct Said {
    #[serde(default)]
    changes: Vec<Changed>,
    #[serde(default)]
    fields: Vec<String>,
    address: Option<String>,
    #[serde(flatten)]
    details: Details,
}

#[derive(Deserialize)]
struct Changed {
    field: String,
}

#[derive(Default, PartialEq, Deserialize, Serialize)]
struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
}

fn kept(entry: &Entry) -> Kept {
    let said = entry.data.as_ref().and_then(|data| serde_json::from_str(data.get()).ok());
    let Said { changes, mut fields, address, details } = said.unwrap_or_default();
    fields.extend(changes.into_iter().map(|change| change.field));
    // Texts and ids are always JSON.
    let fields = (!fields.is_empty()).then(|| serde_json::to_string(&fields).ok()).flatten();
    let details = (details != Details::default()).then(|| serde_json::to_string(&details).ok());
    let address = address.or_else(|| entry.address.clone());
    Kept { address, fields, details: details.flatten() }
}
