//! Refresh tokens: 256 random bits that prove a session. Only their digests are stored.

use std::collections::VecDeque;
use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use todo_store::accounts::Digest;

use super::Keys;
use crate::edge::random;

/// How many tokens are looked at that may follow one that comes again. A session is not used this
/// often within half a minute; nor nine times, which is as far as this leads while two secrets count
/// and each token may have been followed by either of two.
const FOLLOWED: usize = 1_000;

/// A refresh token. Never shown but to its owner.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken([u8; 32]);

impl RefreshToken {
    /// The first of a session.
    pub(crate) fn fresh() -> Result<Self, getrandom::Error> {
        random().map(Self)
    }

    /// Reads what [`RefreshToken::text`] wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// As its owner gets it.
    pub(crate) fn text(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }

    /// What is stored of it.
    pub(crate) fn digest(&self) -> Digest {
        Sha256::digest(self.0).into()
    }

    /// The one that follows it.
    pub(crate) fn successor(&self, keys: &Keys) -> Self {
        Self(keys.successor(&self.0))
    }

    /// The one of this digest, among those that may follow, the next ones first.
    pub(crate) fn later(&self, keys: &Keys, digest: &Digest) -> Option<Self> {
        let mut following: VecDeque<_> = keys.successors(&self.0).map(Self).collect();
        for _ in 0..FOLLOWED {
            let token = following.pop_front()?;
            if token.digest() == *digest {
                return Some(token);
            }
            following.extend(keys.successors(&token.0).map(Self));
        }
        None
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}
