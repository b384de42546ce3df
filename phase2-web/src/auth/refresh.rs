//! Refresh tokens: 256 random bits that prove a session. Only their digests are stored.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use todo_store::accounts::Digest;

use super::Keys;
use crate::edge::random;

/// How far the chain of tokens is followed from one that comes again. A session is not used this
/// often within half a minute.
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

    /// The one of this digest, among those that follow.
    pub(crate) fn later(&self, keys: &Keys, digest: &Digest) -> Option<Self> {
        let following =
            std::iter::successors(Some(self.successor(keys)), |token| Some(token.successor(keys)));
        following.take(FOLLOWED).find(|token| token.digest() == *digest)
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}
