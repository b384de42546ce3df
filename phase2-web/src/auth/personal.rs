//! Personal access tokens: what a program is given instead of a password.
//!
//! `todo_pat_` and 72 hexadecimal digits: 32 random bytes, and 4 of a checksum over them. The prefix
//! is what scanners for leaked secrets look for; by the checksum they tell a token from an example,
//! and we what was cut off in copying, without asking the database.

use std::fmt;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use todo_store::accounts::Digest;

use crate::edge::random;

/// What every one begins with, and nothing else does.
const PREFIX: &str = "todo_pat_";
/// Random bytes.
const RANDOM: usize = 32;
/// Bytes of checksum.
const CHECK: usize = 4;

/// A personal access token. Never shown but once, to its owner.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PersonalToken([u8; RANDOM]);

impl PersonalToken {
    /// One that nobody can guess.
    pub(crate) fn fresh() -> Result<Self, getrandom::Error> {
        random().map(Self)
    }

    /// Whether a bearer's token says that it is one.
    pub(crate) fn is_meant(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// Reads what [`PersonalToken::text`] wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        // Of a length that it can have, before anything is made of it.
        let digits = Some(digits).filter(|digits| digits.len() == 2 * (RANDOM + CHECK))?;
        let bytes = HEXLOWER.decode(digits.as_bytes()).ok()?;
        let (random, check) = bytes.split_first_chunk()?;
        let token = Self(*random);
        (token.check() == check).then_some(token)
    }

    /// As its owner gets it.
    pub(crate) fn text(&self) -> String {
        format!("{PREFIX}{}{}", HEXLOWER.encode(&self.0), HEXLOWER.encode(&self.check()))
    }

    /// What is stored of it.
    pub(crate) fn digest(&self) -> Digest {
        Sha256::digest(self.0).into()
    }

    /// The first bytes of a digest of the prefix and the random bytes: another one than is stored.
    fn check(&self) -> [u8; CHECK] {
        let digest: Digest = Sha256::new_with_prefix(PREFIX).chain_update(self.0).finalize().into();
        let [a, b, c, d, ..] = digest;
        [a, b, c, d]
    }
}

impl fmt::Debug for PersonalToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonalToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let token = PersonalToken([0xab; RANDOM]);
        let text = token.text();
        // Kept: scanners know it, and tokens that were given out must be read for ever.
        assert_eq!(text, format!("todo_pat_{}{}", "ab".repeat(32), "ff475c87"));
        assert!(PersonalToken::parse(&text) == Some(token));
        for at in [9, 40, text.len() - 1] {
            let mut typo = text.clone().into_bytes();
            typo[at] = if typo[at] == b'0' { b'1' } else { b'0' };
            let typo = String::from_utf8(typo).unwrap();
            assert!(PersonalToken::parse(&typo).is_none(), "{typo}");
        }
        let upper = text.replace('a', "A");
        for odd in
            ["", "todo_pat_", &text[1..], &text[..text.len() - 2], &upper, &format!("{text}00")]
        {
            assert!(PersonalToken::parse(odd).is_none(), "{odd}");
        }
    }

    #[test]
    fn none_shows_itself() {
        let token = PersonalToken([0xab; RANDOM]);
        assert_eq!(format!("{token:?}"), "PersonalToken(…)");
        assert!(!token.text().contains(&HEXLOWER.encode(&token.digest())[..8]));
    }
}
