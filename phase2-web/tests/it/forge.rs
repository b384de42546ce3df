//! Access tokens as somebody would forge them who knows the secret, worked out apart from the program.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::support::SECRET;

fn sign(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// The key that the secret of tests signs access tokens with.
pub(crate) fn key() -> [u8; 32] {
    sign(&SECRET, b"todo-web 1 access token")
}

/// Its name.
pub(crate) fn kid() -> String {
    HEXLOWER.encode(&sign(&SECRET, b"todo-web 1 key id")[..8])
}

/// A part of a token.
pub(crate) fn part(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

/// A token that says this, signed with a key.
pub(crate) fn token(header: &Value, claims: &Value, key: &[u8]) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = BASE64URL_NOPAD.encode(&sign(key, message.as_bytes()));
    format!("{message}.{signature}")
}

/// What a part of a token says.
pub(crate) fn decoded(token: &str, at: usize) -> Value {
    let part = token.split('.').nth(at).expect("a part");
    let part = BASE64URL_NOPAD.decode(part.as_bytes()).expect("base64url");
    serde_json::from_slice(&part).expect("JSON")
}
