//! Access tokens: signed, short-lived, and good only while their session is.
//!
//! The library checks form, signature, algorithm, issuer and audience. Which algorithm, the key says
//! that a token names; what a token says of itself is compared with it and never followed. Time is checked
//! here, because the present comes from the [`Clock`](crate::Clock) and not from the system.

use jsonwebtoken::{Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use todo_core::{Owner, Timestamp};
use todo_store::accounts::Opened;
use uuid::Uuid;

use super::Keys;
use super::caller::SessionProof;
use crate::edge::fresh_id;

/// How long an access token is good, in seconds.
pub(crate) const ACCESS_SECONDS: i64 = 15 * 60;
/// How far the clocks of two servers may be apart, in seconds.
const LEEWAY_SECONDS: i64 = 10;
const ISSUER: &str = "todo";
const AUDIENCE: &str = "todo-api";

/// What an access token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    iss: String,
    aud: String,
    /// Whose it is.
    pub(crate) sub: Uuid,
    /// The session that it is part of.
    pub(crate) sid: Uuid,
    /// The user's token version when it was made.
    pub(crate) tv: u64,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

/// Why an access token is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadToken {
    #[error("the access token is not one of this server")]
    Invalid,
    #[error("the access token has expired; refresh it")]
    Expired,
}

impl Keys {
    /// A token for a session that was proven.
    pub fn access_token(&self, opened: &Opened, now: Timestamp) -> Option<String> {
        let signer = self.signer();
        let iat = now.millis().div_euclid(1000);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: opened.owner.0,
            sid: opened.session,
            tv: opened.token_version,
            iat,
            exp: iat + ACCESS_SECONDS,
            jti: fresh_id(now),
        };
        let header = Header { kid: Some(signer.kid.clone()), ..Header::new(signer.algorithm) };
        encode(&header, &claims, &signer.key).ok()
    }
}

impl Claims {
    /// Reads a token that [`Keys::access_token`] made.
    pub(crate) fn read(token: &str, keys: &Keys, now: Timestamp) -> Result<Self, BadToken> {
        let header = decode_header(token).map_err(|_| BadToken::Invalid)?;
        let known = header.kid.and_then(|kid| keys.accepted(&kid)).ok_or(BadToken::Invalid)?;
        let mut rules = Validation::new(known.algorithm);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[AUDIENCE]);
        // By the system's clock; ours follows.
        rules.validate_exp = false;
        let claims: Self = decode(token, &known.key, &rules).map_err(|_| BadToken::Invalid)?.claims;
        let now = now.millis().div_euclid(1000);
        let life = claims.exp.saturating_sub(claims.iat);
        if claims.iat > now + LEEWAY_SECONDS || life > ACCESS_SECONDS {
            return Err(BadToken::Invalid);
        }
        if claims.exp.saturating_add(LEEWAY_SECONDS) <= now {
            return Err(BadToken::Expired);
        }
        Ok(claims)
    }

    /// What it says of its session.
    pub(super) fn proof(&self) -> SessionProof {
        let until = self.exp.saturating_add(LEEWAY_SECONDS).saturating_mul(1000);
        SessionProof { id: self.sid, token_version: self.tv, until: Timestamp::from_millis(until) }
    }

    /// Whose it is.
    pub(crate) fn owner(&self) -> Owner {
        Owner(self.sub)
    }
}
