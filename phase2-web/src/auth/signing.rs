//! Ed25519 keys as an operator gives them (RFC 8410, in PEM): one that signs access tokens, so that
//! others can check them who must not be able to make any, and those of which tokens count too.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};
use sha2::{Digest, Sha256};

/// Longest text that is read as a key, or as several.
const TEXT_MAX: u64 = 64 * 1024;
/// Most public keys that are accepted at once: a rollover needs one.
const KEYS_MAX: usize = 16;
/// So many letters and digits in a row are no name that somebody gave a file, unless they say where
/// it is (`./`, `/`): 32 bytes are 43 of Base64.
const RUN_MIN: usize = 40;
/// What stands before the 32 bytes of a public Ed25519 key, and before those of no other kind.
const ED25519: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Keys in PEM: as a text, or the file that holds it.
#[derive(Clone)]
pub enum Pem {
    /// The text itself.
    Text(String),
    /// Where it is.
    File(PathBuf),
}

/// Why there is no key to work with. None of these shows what was read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// No private key of the one kind that is taken.
    #[error(
        "must be an Ed25519 key in PEM (PKCS #8, without a password), or the name of a file that \
         holds one; make it with: openssl genpkey -algorithm ed25519"
    )]
    NotPrivate,
    /// No public keys, or other ones among them.
    #[error(
        "must be up to {KEYS_MAX} public Ed25519 keys in PEM, or the name of a file that holds \
         them; take one out of a private key with: openssl pkey -in FILE -pubout"
    )]
    NotPublic,
    /// A file with a private key that everybody on the machine can read.
    #[error("{} can be read by everybody; take that away with: chmod o= FILE", .0.display())]
    Exposed(PathBuf),
    /// The file could not be read.
    #[error("{} cannot be read: {}", .0.display(), .1)]
    Io(PathBuf, #[source] io::Error),
}

impl Pem {
    /// What an operator wrote: the name of a file, or anything that looks as if a key were in it. A key
    /// that was not pasted well is none, but must not be taken for a name: names are shown.
    pub fn given(text: &str) -> Self {
        if may_hold_key(text) {
            Self::Text(text.to_owned())
        } else {
            Self::File(PathBuf::from(text))
        }
    }

    fn text(&self, secret: bool) -> Result<String, KeyError> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::File(path) => {
                let wrong = |error| KeyError::Io(path.clone(), error);
                let file = File::open(path).map_err(wrong)?;
                // A group may read it: that is how a secret is handed to a container.
                if secret && file.metadata().map_err(wrong)?.mode() & 0o007 != 0 {
                    return Err(KeyError::Exposed(path.clone()));
                }
                let mut text = String::new();
                file.take(TEXT_MAX).read_to_string(&mut text).map_err(wrong)?;
                Ok(text)
            }
        }
    }

    /// Where it is, unless it was given as a text.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::Text(_) => None,
            Self::File(path) => Some(path),
        }
    }
}

/// Whether something may be a key, or what is left of one: PEM with quotes around it or without its
/// first line, bare Base64, hexadecimal digits.
fn may_hold_key(text: &str) -> bool {
    let quoted = |c: char| matches!(c, '"' | '\'' | '`');
    if text.contains("-----")
        || text.contains(char::is_control)
        || text.starts_with(quoted)
        || text.ends_with(quoted)
        || text.ends_with('=')
    {
        return true;
    }
    // A key as Base64 begins with none of these: it is a PKCS #8 structure.
    let path = text.starts_with(['/', '.', '~']);
    let digit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '=');
    !path && text.split(|c| !digit(c)).any(|run| run.len() >= RUN_MIN)
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Pem(…)"),
            Self::File(path) => write!(f, "Pem({})", path.display()),
        }
    }
}

/// A key that signs access tokens. Never shown.
#[derive(Clone)]
pub struct SigningKey {
    private: EncodingKey,
    public: PublicKey,
}

impl SigningKey {
    /// The key that an operator gave.
    pub fn read(pem: &Pem) -> Result<Self, KeyError> {
        let text = pem.text(true)?;
        let key = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes());
        let key = key.map_err(|_| KeyError::NotPrivate)?;
        let private = EncodingKey::from_ed_der(key.secret_pkcs8_der());
        // Of a key of another kind there is no public one of this kind.
        let known = Jwk::from_encoding_key(&private, Algorithm::EdDSA);
        let AlgorithmParameters::OctetKeyPair(pair) =
            known.map_err(|_| KeyError::NotPrivate)?.algorithm
        else {
            return Err(KeyError::NotPrivate);
        };
        let bytes = BASE64URL_NOPAD.decode(pair.x.as_bytes()).ok();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(KeyError::NotPrivate)?;
        Ok(Self { private, public: PublicKey(bytes) })
    }

    /// What its tokens are checked with.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(super) fn private(&self) -> &EncodingKey {
        &self.private
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// What the tokens of a [`SigningKey`] are checked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The keys that an operator gave. A private one among them is refused: what stands here is
    /// shown to everybody.
    pub fn read(pem: &Pem) -> Result<Vec<Self>, KeyError> {
        let text = pem.text(false)?;
        let keys: Result<Vec<_>, KeyError> =
            SubjectPublicKeyInfoDer::pem_slice_iter(text.as_bytes())
                .map(|key| {
                    let key = key.map_err(|_| KeyError::NotPublic)?;
                    let bytes = key.strip_prefix(&ED25519).and_then(|bytes| bytes.try_into().ok());
                    bytes.map(Self).ok_or(KeyError::NotPublic)
                })
                .collect();
        let keys = keys?;
        // Each block was one of these, and there is one at least.
        let whole = text.matches("-----BEGIN ").count() == keys.len();
        let fits = (1..=KEYS_MAX).contains(&keys.len()) && whole;
        if fits { Ok(keys) } else { Err(KeyError::NotPublic) }
    }

    /// Its name: the digest that RFC 7638 makes of it, so that it has the same wherever it is.
    pub fn kid(&self) -> String {
        let named = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, self.x());
        BASE64URL_NOPAD.encode(&Sha256::digest(named))
    }

    /// Its bytes as RFC 8037 writes them.
    pub fn x(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }

    pub(super) fn decoding(&self) -> DecodingKey {
        DecodingKey::from_ed_der(&self.0)
    }
}
