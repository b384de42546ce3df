//! The keys that everything is signed with. All of them follow from one secret, so there is one
//! thing to keep; none of them tells another.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::Sha256;
use todo_core::query::CursorKey;

use super::Secret;

/// What tokens and cursors are signed with. Never shown.
pub struct Keys {
    signing: EncodingKey,
    current: String,
    /// By their `kid`: the one that signs, and the one before it.
    accepted: Vec<(String, DecodingKey)>,
    refresh: [u8; 32],
    links: [u8; 32],
    cursors: CursorKey,
}

impl Keys {
    /// The keys of a secret. Access tokens that were signed with the keys of `previous` are good
    /// until they expire.
    pub fn new(secret: &Secret, previous: Option<&Secret>) -> Self {
        let known = |secret| {
            let kid = data_encoding::HEXLOWER.encode(&derive(secret, "key id")[..8]);
            (kid, derive(secret, "access token"))
        };
        let (current, key) = known(secret);
        let accepted = [Some(secret), previous].into_iter().flatten().map(known);
        Self {
            signing: EncodingKey::from_secret(&key),
            current,
            accepted: accepted.map(|(kid, key)| (kid, DecodingKey::from_secret(&key))).collect(),
            refresh: derive(secret, "refresh token"),
            links: derive(secret, "mailed link"),
            cursors: CursorKey::new(derive(secret, "cursor")),
        }
    }

    /// What page cursors are signed with.
    pub fn cursors(&self) -> CursorKey {
        self.cursors.clone()
    }

    /// The key that signs access tokens, and its name.
    pub(super) fn signing(&self) -> (&str, &EncodingKey) {
        (&self.current, &self.signing)
    }

    /// The key of a name that access tokens are checked with.
    pub(super) fn accepted(&self, kid: &str) -> Option<&DecodingKey> {
        self.accepted.iter().find(|(name, _)| name == kid).map(|(_, key)| key)
    }

    /// The refresh token that follows another: the same one whenever it is asked for.
    pub(super) fn successor(&self, token: &[u8]) -> [u8; 32] {
        sign(&self.refresh, token)
    }

    /// The signature of what a link says, of those that are for the same.
    pub(super) fn link(&self, what_for: &str, said: &[u8]) -> [u8; 32] {
        sign(&sign(&self.links, what_for.as_bytes()), said)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// One key for one use (HKDF's expand step with a label; the secret has entropy enough to need no
/// extract step).
fn derive(secret: &Secret, label: &str) -> [u8; 32] {
    sign(secret.bytes(), format!("todo-web 1 {label}").as_bytes())
}

fn sign(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}
