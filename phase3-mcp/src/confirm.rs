//! Confirmations that depend on no feature of a client: what would be done is signed, and who sends
//! the signature back with the same call has seen it.
//!
//! A token is 24 bytes: when it ends, a signature of the call, and one of the tasks as they would
//! become. Nothing is kept, so any replica with the same secret takes it; and a model can repeat it,
//! which it could not with a thousand ids in it.

use std::fmt;
use std::iter::once;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use todo_core::query::CursorKey;
use todo_core::{Outcome, Owner, Timestamp};

/// How long a confirmation may take.
pub(crate) const LIFETIME_SECONDS: i64 = 600;
/// Bytes of each signature that are kept.
const TAG_LEN: usize = 10;
/// Bytes of the end.
const END_LEN: usize = 4;

/// What is signed with: confirmations and page cursors. Never shown.
#[derive(Clone)]
pub struct Secrets {
    confirmations: [u8; 32],
    /// What was signed with this is taken as well.
    accepted: Option<[u8; 32]>,
    cursors: CursorKey,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl Secrets {
    /// Keys for each purpose, from 32 bytes that nobody can guess. Those who answer for each other
    /// share them.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self {
            confirmations: key(secret, "todo-mcp confirmations"),
            accepted: None,
            cursors: CursorKey::new(key(secret, "todo-mcp cursors")),
        }
    }

    /// Takes what was signed by another secret, too: the one before, or the next.
    #[must_use]
    pub fn accepting(mut self, other: &[u8; 32]) -> Self {
        self.accepted = Some(key(other, "todo-mcp confirmations"));
        self.cursors = self.cursors.accepting(key(other, "todo-mcp cursors"));
        self
    }

    pub(crate) fn cursors(&self) -> &CursorKey {
        &self.cursors
    }
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unconfirmed {
    #[error("this confirmation was not given for this call")]
    Foreign,
    #[error("this confirmation is older than 10 minutes")]
    Expired,
    #[error("the tasks have changed since this confirmation was given")]
    Moved,
}

/// A call that wants to be confirmed.
#[derive(Debug)]
pub(crate) struct Wanted<'w> {
    pub(crate) owner: Owner,
    pub(crate) tool: &'static str,
    /// What was asked, without the confirmation.
    pub(crate) arguments: &'w Value,
    /// What would come of it.
    pub(crate) outcome: &'w Outcome,
}

impl Wanted<'_> {
    /// The token for it.
    pub(crate) fn seal(&self, secrets: &Secrets, now: Timestamp) -> String {
        let end = now.millis() / 1000 + LIFETIME_SECONDS;
        let end = u32::try_from(end).unwrap_or(u32::MAX).to_be_bytes();
        let key = &secrets.confirmations;
        let call = short(self.call_mac(key, end));
        let tasks = short(self.tasks_mac(key, call));
        BASE64URL_NOPAD.encode(&[&end[..], &call, &tasks].concat())
    }

    /// Takes the token only for the same call, in time, and if all would become as it was shown.
    pub(crate) fn check(
        &self,
        token: &str,
        secrets: &Secrets,
        now: Timestamp,
    ) -> Result<(), Unconfirmed> {
        let bytes = BASE64URL_NOPAD.decode(token.trim().as_bytes()).unwrap_or_default();
        let (end, rest) = bytes.split_first_chunk::<END_LEN>().ok_or(Unconfirmed::Foreign)?;
        let (call, tasks) = rest.split_first_chunk::<TAG_LEN>().ok_or(Unconfirmed::Foreign)?;
        let signed = |key: &&[u8; 32]| self.call_mac(key, *end).verify_truncated_left(call).is_ok();
        let key = once(&secrets.confirmations).chain(&secrets.accepted).find(signed);
        let key = key.filter(|_| tasks.len() == TAG_LEN).ok_or(Unconfirmed::Foreign)?;
        if now.millis() / 1000 >= i64::from(u32::from_be_bytes(*end)) {
            return Err(Unconfirmed::Expired);
        }
        let same = self.tasks_mac(key, *call).verify_truncated_left(tasks);
        same.map_err(|_| Unconfirmed::Moved)
    }

    fn call_mac(&self, key: &[u8; 32], end: [u8; END_LEN]) -> Hmac<Sha256> {
        let mut mac = mac(key);
        // Their lengths are fixed, or they stand last: no two calls are the same bytes.
        mac.update(b"call\0");
        mac.update(&end);
        mac.update(self.owner.0.as_bytes());
        mac.update(self.tool.as_bytes());
        mac.update(b"\0");
        // serde_json keeps names sorted (nothing switches `preserve_order` on), so the order in which
        // they were sent does not count.
        mac.update(self.arguments.to_string().as_bytes());
        mac
    }

    fn tasks_mac(&self, key: &[u8; 32], call: [u8; TAG_LEN]) -> Hmac<Sha256> {
        let mut mac = mac(key);
        mac.update(b"tasks\0");
        mac.update(&call);
        // Every task that would change, those below others too, with the version it would get.
        for uid in &self.outcome.changed {
            let version = self.outcome.tasks.get(uid).map_or(0, |task| task.version.0);
            mac.update(uid.0.as_bytes());
            mac.update(&version.to_be_bytes());
        }
        mac
    }
}

/// The key of a secret for one purpose.
fn key(secret: &[u8; 32], purpose: &str) -> [u8; 32] {
    let mut mac = mac(secret);
    mac.update(purpose.as_bytes());
    mac.finalize().into_bytes().into()
}

fn mac(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

fn short(mac: Hmac<Sha256>) -> [u8; TAG_LEN] {
    let whole = mac.finalize().into_bytes();
    let mut short = [0; TAG_LEN];
    short.copy_from_slice(&whole[..TAG_LEN]);
    short
}
