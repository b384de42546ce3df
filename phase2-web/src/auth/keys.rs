//! The keys that everything is signed with. All of them follow from one secret, so there is one
//! thing to keep; none of them tells another. Only access tokens may be signed with a key of
//! another kind, so that others can check them.

use std::fmt;
use std::iter::once;

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use sha2::Sha256;
use todo_core::query::CursorKey;

use super::{PublicKey, Secret, SigningKey};

/// What tokens and cursors are signed with. Never shown.
pub struct Keys {
    signer: Signer,
    accepted: Vec<Accepted>,
    /// Of what is accepted, that which everybody may know.
    published: Vec<PublicKey>,
    /// The first one makes refresh tokens, all of them find those that were made.
    refresh: Vec<[u8; 32]>,
    /// Likewise of links.
    links: Vec<[u8; 32]>,
    cursors: CursorKey,
    tools: [u8; 32],
    /// What the tools of another server may have signed with.
    other_tools: Option<[u8; 32]>,
}

/// What signs access tokens.
pub(super) struct Signer {
    pub(super) kid: String,
    pub(super) algorithm: Algorithm,
    pub(super) key: EncodingKey,
}

/// What access tokens are checked with that name it, and with which algorithm: a token does not
/// choose it.
pub(super) struct Accepted {
    kid: String,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

impl Keys {
    /// The keys of a secret. What was signed with those of `other` counts as well: the secret before
    /// this one, or the next, which other servers may have already.
    pub fn new(secret: &Secret, other: Option<&Secret>) -> Self {
        let all = || once(secret).chain(other);
        let (kid, key) = (kid(secret), EncodingKey::from_secret(&access(secret)));
        let cursors = CursorKey::new(derive(secret, "cursor"));
        Self {
            signer: Signer { kid, algorithm: Algorithm::HS256, key },
            accepted: all().map(Accepted::by_secret).collect(),
            published: Vec::new(),
            refresh: all().map(|secret| derive(secret, "refresh token")).collect(),
            links: all().map(|secret| derive(secret, "mailed link")).collect(),
            cursors: match other {
                Some(other) => cursors.accepting(derive(other, "cursor")),
                None => cursors,
            },
            tools: derive(secret, "tools"),
            other_tools: other.map(|other| derive(other, "tools")),
        }
    }

    /// Signs access tokens with this key from now on. What the secret signed goes on counting, so
    /// that nobody is held up when this begins or ends.
    #[must_use]
    pub fn signing_with(mut self, key: &SigningKey) -> Self {
        let (kid, key, public) = (key.public().kid(), key.private().clone(), key.public().clone());
        self.signer = Signer { kid, algorithm: Algorithm::EdDSA, key };
        self.accepting([public])
    }

    /// Takes access tokens that were signed with these keys, and shows these to everybody.
    #[must_use]
    pub fn accepting(mut self, keys: impl IntoIterator<Item = PublicKey>) -> Self {
        for key in keys {
            if !self.published.contains(&key) {
                self.accepted.push(Accepted::by_key(&key));
                self.published.push(key);
            }
        }
        self
    }

    /// What page cursors are signed with.
    pub fn cursors(&self) -> CursorKey {
        self.cursors.clone()
    }

    /// What the tools of assistants sign with, and what they may have signed with besides.
    pub fn tools(&self) -> (&[u8; 32], Option<&[u8; 32]>) {
        (&self.tools, self.other_tools.as_ref())
    }

    /// What anybody may check access tokens with.
    pub(crate) fn published(&self) -> &[PublicKey] {
        &self.published
    }

    pub(super) fn signer(&self) -> &Signer {
        &self.signer
    }

    /// What access tokens are checked with that name it so.
    pub(super) fn accepted(&self, kid: &str) -> Option<&Accepted> {
        self.accepted.iter().find(|accepted| accepted.kid == kid)
    }

    /// The refresh token that follows another: the same one whenever it is asked for.
    pub(super) fn successor(&self, token: &[u8]) -> [u8; 32] {
        sign(&self.refresh[0], token)
    }

    /// Those that may follow it: which one does, depends on the server that it was sent to.
    pub(super) fn successors(&self, token: &[u8]) -> impl Iterator<Item = [u8; 32]> {
        self.refresh.iter().map(|key| sign(key, token))
    }

    /// The signatures of what a link says, of those that are for the same. The first is ours, and any
    /// counts.
    pub(super) fn links(&self, what_for: &str, said: &[u8]) -> impl Iterator<Item = [u8; 32]> {
        self.links.iter().map(move |key| sign(&sign(key, what_for.as_bytes()), said))
    }
}

impl Accepted {
    fn by_secret(secret: &Secret) -> Self {
        let key = DecodingKey::from_secret(&access(secret));
        Self { kid: kid(secret), algorithm: Algorithm::HS256, key }
    }

    fn by_key(key: &PublicKey) -> Self {
        Self { kid: key.kid(), algorithm: Algorithm::EdDSA, key: key.decoding() }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

fn kid(secret: &Secret) -> String {
    data_encoding::HEXLOWER.encode(&derive(secret, "key id")[..8])
}

fn access(secret: &Secret) -> [u8; 32] {
    derive(secret, "access token")
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
