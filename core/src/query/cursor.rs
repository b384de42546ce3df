//! Page cursors as they are given out (Q7): opaque, signed, and good for one query only.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{RowKey, TaskQuery};
use crate::error::TaskError;
use crate::time::{Timestamp, Zone};

/// Bytes of the signature that are kept.
const TAG_LEN: usize = 16;
/// Longest cursor that is looked at: a title of 500 characters fits, and folding may make 18 of
/// one.
const TEXT_MAX: usize = 32 * 1024;

/// What cursors are signed with. Never shown.
#[derive(Clone)]
pub struct CursorKey {
    secret: [u8; 32],
    other: Option<[u8; 32]>,
}

impl CursorKey {
    /// A key from 32 secret bytes.
    pub const fn new(secret: [u8; 32]) -> Self {
        Self { secret, other: None }
    }

    /// Reads what was sealed with these bytes, too: while a secret takes the place of another, pages
    /// that were begun with one are gone on with.
    #[must_use]
    pub const fn accepting(mut self, other: [u8; 32]) -> Self {
        self.other = Some(other);
        self
    }
}

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey(…)")
    }
}

/// Where a page ended, for which query, and at which moment that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The last row given.
    pub after: RowKey,
    /// Which filter and order it belongs to.
    pub query: [u8; 8],
    /// The first page's present.
    pub now: Timestamp,
    /// The first page's zone.
    pub zone: Zone,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    after: RowKey,
    query: [u8; 8],
    now: i64,
    zone: String,
}

impl Cursor {
    /// What a cursor remembers of its query.
    pub fn digest(query: &TaskQuery) -> [u8; 8] {
        let moment = &query.moment;
        // What the moment adds beside the present and the zone, which the cursor holds itself.
        let place = (moment.owner_zone.name(), moment.week_start.num_days_from_monday());
        let text = serde_json::to_vec(&(&query.filter, &query.order, place)).unwrap_or_default();
        let digest = Sha256::digest(&text);
        let mut short = [0; 8];
        short.copy_from_slice(&digest[..8]);
        short
    }

    /// The cursor as it is given out.
    pub fn seal(&self, key: &CursorKey) -> String {
        let wire = Wire {
            after: self.after.clone(),
            query: self.query,
            now: self.now.millis(),
            zone: self.zone.name().to_owned(),
        };
        let mut bytes = serde_json::to_vec(&wire).unwrap_or_default();
        let tag = sign(&key.secret, &bytes);
        bytes.extend_from_slice(&tag);
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// Reads what [`Cursor::seal`] made with the same key, or with the other that it accepts;
    /// anything else is `invalid_cursor`.
    pub fn open(text: &str, key: &CursorKey) -> Result<Self, TaskError> {
        if text.len() > TEXT_MAX {
            return Err(TaskError::InvalidCursor);
        }
        let bytes =
            BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| TaskError::InvalidCursor)?;
        let cut = bytes.len().checked_sub(TAG_LEN).ok_or(TaskError::InvalidCursor)?;
        let (wire, tag) = bytes.split_at(cut);
        let mut secrets = [Some(&key.secret), key.other.as_ref()].into_iter().flatten();
        if !secrets.any(|secret| mac(secret, wire).verify_truncated_left(tag).is_ok()) {
            return Err(TaskError::InvalidCursor);
        }
        let wire: Wire = serde_json::from_slice(wire).map_err(|_| TaskError::InvalidCursor)?;
        let zone = wire.zone.parse().map_err(|_| TaskError::InvalidCursor)?;
        let now = Timestamp::from_millis(wire.now);
        Ok(Self { after: wire.after, query: wire.query, now, zone })
    }
}

fn mac(secret: &[u8; 32], bytes: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(bytes);
    mac
}

fn sign(secret: &[u8; 32], bytes: &[u8]) -> [u8; TAG_LEN] {
    let whole = mac(secret, bytes).finalize().into_bytes();
    let mut tag = [0; TAG_LEN];
    tag.copy_from_slice(&whole[..TAG_LEN]);
    tag
}
