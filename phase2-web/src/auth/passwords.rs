//! Passwords: what one may be, and how it is hashed without hurting the server.
//!
//! A hash is made to be slow and to need memory, so no more of them run at once than there are
//! cores, and no more wait than can be served in a few seconds. Who cannot even wait is told so at
//! once; all other requests go on unharmed.

use std::error::Error;
use std::fmt;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use todo_core::fold::nfc;
use todo_core::{FieldError, Problem};
use todo_store::accounts::PasswordHash;
use tokio::sync::Semaphore;

use crate::edge::random;

/// Fewest characters of a password.
const PASSWORD_MIN: usize = 8;
/// Most characters of a password.
const PASSWORD_MAX: usize = 256;
/// How many wait for each core: at some 30 ms a hash, about two seconds.
const WAITING_PER_CORE: usize = 64;

/// A password as it is hashed: NFC, as the Unicode profile for passwords has it (RFC 8265), so that
/// it does not matter how a keyboard composes an é. Never shown.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Checks a password: 8 to 256 characters, whatever they are but control characters.
    pub fn new(text: &str) -> Result<Self, FieldError> {
        let wrong = |problem| FieldError::new("password", problem);
        let too_long = |got| wrong(Problem::TooLong { max: PASSWORD_MAX, got });
        // NFC makes at most three characters of one of four bytes: past this nothing can fit.
        if text.len() > PASSWORD_MAX * 12 {
            return Err(too_long(text.chars().count()));
        }
        let text = nfc(text).into_owned();
        let control = |(_, c): &(usize, char)| *c < ' ' && !matches!(c, '\t' | '\n');
        if let Some((at, c)) = text.chars().enumerate().find(control) {
            return Err(wrong(Problem::Control { code: u32::from(c), position: at + 1 }));
        }
        match text.chars().count() {
            got if got < PASSWORD_MIN => Err(wrong(Problem::TooShort { min: PASSWORD_MIN, got })),
            got if got > PASSWORD_MAX => Err(too_long(got)),
            _ => Ok(Self(text)),
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// How much work a hash is (argon2id).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory, in KiB.
    pub memory: u32,
    /// How often it is gone over.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for PasswordCost {
    /// What OWASP recommends for argon2id: 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self { memory: 19_456, passes: 2, lanes: 1 }
    }
}

/// A cost that argon2 does not take, or a system without randomness.
#[derive(Debug, thiserror::Error)]
#[error("passwords cannot be hashed so: {0}")]
pub struct BadCost(String);

/// Why a password was not hashed or compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// Too many wait already.
    #[error("too many log-ins at once; try again in a moment")]
    Busy,
    /// The stored hash cannot be read.
    #[error("a stored password hash cannot be read")]
    Unreadable,
    /// The system failed: no memory, no randomness.
    #[error("a password could not be hashed")]
    Failed,
}

/// What a comparison came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Another password, or no such account.
    Wrong,
    /// The password.
    Right,
    /// The password, but hashed at another cost than is asked for now.
    Outdated,
}

/// Hashes passwords and compares them. Cheap to clone.
#[derive(Clone)]
pub struct Passwords(Arc<Inner>);

struct Inner {
    argon2: Argon2<'static>,
    params: Params,
    /// Stands in for the hash of an account that there is not: to compare a password with it takes
    /// as long as with any other.
    nobody: PasswordHash,
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
    worked: AtomicU64,
}

impl Passwords {
    /// Hashes at this cost.
    pub fn new(cost: PasswordCost) -> Result<Self, BadCost> {
        let PasswordCost { memory, passes, lanes } = cost;
        let params =
            Params::new(memory, passes, lanes, None).map_err(|e| BadCost(e.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let nobody = nobody(&params).map_err(|error| BadCost(error.to_string()))?;
        let cores = available_parallelism().map_or(1, NonZero::get);
        Ok(Self(Arc::new(Inner {
            argon2,
            params,
            nobody,
            admitted: Arc::new(Semaphore::new(cores * (1 + WAITING_PER_CORE))),
            running: Arc::new(Semaphore::new(cores)),
            worked: AtomicU64::new(0),
        })))
    }

    /// The hash of a password, with a salt of its own.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordError> {
        self.work(move |inner| {
            let hash = inner.argon2.hash_password(password.0.as_bytes());
            let hash = hash.map_err(|_| PasswordError::Failed)?;
            Ok(PasswordHash::new(hash.to_string()))
        })
        .await
    }

    /// Compares a password with a stored hash. Without one the same work is done, so that the time
    /// of the answer does not tell who has an account.
    pub(crate) async fn compare(
        &self,
        password: Password,
        stored: Option<PasswordHash>,
    ) -> Result<Verdict, PasswordError> {
        self.work(move |inner| {
            let known = stored.is_some();
            let stored = stored.unwrap_or_else(|| inner.nobody.clone());
            let hash = phc::PasswordHash::new(stored.as_str());
            let hash = hash.map_err(|_| PasswordError::Unreadable)?;
            let verified = inner.argon2.verify_password(password.0.as_bytes(), &hash);
            Ok(match verified {
                Ok(()) if known && inner.is_current(&hash) => Verdict::Right,
                Ok(()) if known => Verdict::Outdated,
                Ok(()) | Err(argon2::password_hash::Error::PasswordInvalid) => Verdict::Wrong,
                Err(_) => return Err(PasswordError::Unreadable),
            })
        })
        .await
    }

    /// How many hashes were worked out so far.
    pub fn worked(&self) -> u64 {
        self.0.worked.load(Ordering::Relaxed)
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Inner) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let inner = Arc::clone(&self.0);
        let admitted = Arc::clone(&inner.admitted).try_acquire_owned();
        let admitted = admitted.map_err(|_| PasswordError::Busy)?;
        let running = Arc::clone(&inner.running).acquire_owned().await;
        let running = running.map_err(|_| PasswordError::Failed)?;
        let done = tokio::task::spawn_blocking(move || {
            // A client that went away does not stop the hash: the places are held until it is done.
            let _places = (admitted, running);
            inner.worked.fetch_add(1, Ordering::Relaxed);
            job(&inner)
        });
        done.await.map_err(|_| PasswordError::Failed)?
    }
}

/// A hash at this cost that no password has, as far as anybody can know: it is no hash of anything.
/// To work out a real one would take a server's start as long and as much memory as a log-in.
fn nobody(params: &Params) -> Result<PasswordHash, Box<dyn Error>> {
    let hash = phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: params.try_into()?,
        salt: Some(phc::Salt::new(&random::<16>()?)?),
        hash: Some(phc::Output::new(&random::<32>()?)?),
    };
    Ok(PasswordHash::new(hash.to_string()))
}

impl Inner {
    fn is_current(&self, hash: &phc::PasswordHash) -> bool {
        let same = |params: Params| {
            let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
            cost(&params) == cost(&self.params)
        };
        hash.algorithm == Algorithm::Argon2id.ident() && Params::try_from(hash).is_ok_and(same)
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passwords(…)")
    }
}
