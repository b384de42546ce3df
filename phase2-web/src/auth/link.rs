//! What proves that a mail was read: the tokens of the links in it.
//!
//! Nothing is stored of them. A token is signed, says until when it counts, and which password and
//! which address of the account were seen when it was made. To follow it changes one of the two, so it
//! counts once; whatever else changes one of them makes it void. To ask for another link does not:
//! else strangers who go on asking could void each link before its owner comes to follow it.

use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;
use todo_core::{Owner, Timestamp};
use todo_store::accounts::{Email, Invitation, Seen, Standing};
use uuid::Uuid;

use super::Keys;
use crate::edge::fresh_id;

/// Longest token that is read: an address is shorter.
const TEXT_MAX: usize = 4096;

const MINUTE: i64 = 60 * 1000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A link to a new password.
#[derive(Debug)]
pub(crate) struct ResetLink {
    pub(crate) owner: Owner,
    pub(crate) seen: Seen,
    until: Timestamp,
}

/// A link by which an address becomes that of an account.
#[derive(Debug)]
pub(crate) struct EmailLink {
    pub(crate) owner: Owner,
    pub(crate) seen: Seen,
    pub(crate) email: Email,
    until: Timestamp,
}

/// A link to make an account with. It is not of an account, so that it was used has to be noted.
#[derive(Debug)]
pub(crate) struct InviteLink {
    pub(crate) invitation: Invitation,
    /// For whom, if not for anybody: the address as it is compared.
    email_key: String,
}

/// Each use has a signature of its own.
const RESET: &str = "reset";
const EMAIL: &str = "email";
const INVITE: &str = "invite";

impl ResetLink {
    /// For an account as it stands.
    pub(crate) fn new(known: &Standing, now: Timestamp) -> Self {
        let Standing { owner, seen, .. } = *known;
        Self { owner, seen, until: now.plus_millis(30 * MINUTE) }
    }

    /// As it is mailed.
    pub(crate) fn text(&self, keys: &Keys) -> String {
        seal(keys, RESET, self.until, &of_account(self.owner, self.seen))
    }

    /// Reads what [`ResetLink::text`] wrote, while it counts.
    pub(crate) fn read(text: &str, keys: &Keys, now: Timestamp) -> Option<Self> {
        let (until, said) = open(keys, RESET, text, now)?;
        let (owner, seen, rest) = account(&said)?;
        rest.is_empty().then_some(Self { owner, seen, until })
    }
}

impl EmailLink {
    /// For somebody's account as it was seen.
    pub(crate) fn new(owner: Owner, seen: Seen, email: &Email, now: Timestamp) -> Self {
        Self { owner, seen, email: email.clone(), until: now.plus_millis(DAY) }
    }

    /// As it is mailed.
    pub(crate) fn text(&self, keys: &Keys) -> String {
        let mut said = of_account(self.owner, self.seen);
        said.extend_from_slice(self.email.as_str().as_bytes());
        seal(keys, EMAIL, self.until, &said)
    }

    /// Reads what [`EmailLink::text`] wrote, while it counts.
    pub(crate) fn read(text: &str, keys: &Keys, now: Timestamp) -> Option<Self> {
        let (until, said) = open(keys, EMAIL, text, now)?;
        let (owner, seen, rest) = account(&said)?;
        let email = Email::new(str::from_utf8(rest).ok()?).ok()?;
        Some(Self { owner, seen, email, until })
    }
}

impl InviteLink {
    /// For anybody, or for whoever has this address.
    pub(crate) fn new(email: Option<&Email>, now: Timestamp) -> Self {
        let invitation = Invitation { id: fresh_id(now), expires_at: now.plus_millis(7 * DAY) };
        let email_key = email.map(|email| email.key().to_owned()).unwrap_or_default();
        Self { invitation, email_key }
    }

    /// As it is handed out.
    pub(crate) fn text(&self, keys: &Keys) -> String {
        let mut said = self.invitation.id.as_bytes().to_vec();
        said.extend_from_slice(self.email_key.as_bytes());
        seal(keys, INVITE, self.invitation.expires_at, &said)
    }

    /// Reads what [`InviteLink::text`] wrote, while it counts.
    pub(crate) fn read(text: &str, keys: &Keys, now: Timestamp) -> Option<Self> {
        let (expires_at, said) = open(keys, INVITE, text, now)?;
        let (id, rest) = said.split_first_chunk::<16>()?;
        let invitation = Invitation { id: Uuid::from_bytes(*id), expires_at };
        Some(Self { invitation, email_key: String::from_utf8(rest.to_vec()).ok()? })
    }

    /// Whether this address may be registered with it.
    pub(crate) fn is_for(&self, email: &Email) -> bool {
        self.email_key.is_empty() || self.email_key == email.key()
    }
}

fn of_account(owner: Owner, seen: Seen) -> Vec<u8> {
    let mut said = owner.0.as_bytes().to_vec();
    said.extend_from_slice(&seen.token_version.to_be_bytes());
    said.extend_from_slice(&seen.email_version.to_be_bytes());
    said
}

/// Reads what [`of_account`] wrote, and what follows.
fn account(said: &[u8]) -> Option<(Owner, Seen, &[u8])> {
    let (owner, rest) = said.split_first_chunk::<16>()?;
    let (token_version, rest) = rest.split_first_chunk()?;
    let (email_version, rest) = rest.split_first_chunk()?;
    let seen = Seen {
        token_version: u64::from_be_bytes(*token_version),
        email_version: u64::from_be_bytes(*email_version),
    };
    Some((Owner(Uuid::from_bytes(*owner)), seen, rest))
}

/// Signs what a link says and until when it counts.
pub(super) fn seal(keys: &Keys, what_for: &str, until: Timestamp, said: &[u8]) -> String {
    let mut signed = until.millis().to_be_bytes().to_vec();
    signed.extend_from_slice(said);
    let mut whole: Vec<u8> = keys.links(what_for, &signed).take(1).flatten().collect();
    whole.extend_from_slice(&signed);
    BASE64URL_NOPAD.encode(&whole)
}

/// What a link says, if it is one of ours and counts.
pub(super) fn open(
    keys: &Keys,
    what_for: &str,
    text: &str,
    now: Timestamp,
) -> Option<(Timestamp, Vec<u8>)> {
    let text = Some(text.trim()).filter(|text| text.len() <= TEXT_MAX)?;
    let whole = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let (signature, signed) = whole.split_first_chunk::<32>()?;
    if !keys.links(what_for, signed).any(|ours| ours.ct_eq(signature).into()) {
        return None;
    }
    let (until, said) = signed.split_first_chunk()?;
    let until = Timestamp::from_millis(i64::from_be_bytes(*until));
    (now < until).then(|| (until, said.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    const SEEN: Seen = Seen { token_version: 3, email_version: 1 };

    fn keys(byte: u8) -> Keys {
        Keys::new(&Secret::new(&[byte; 32]).unwrap(), None)
    }

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + minutes * MINUTE)
    }

    fn reset() -> ResetLink {
        ResetLink { owner: Owner(Uuid::from_u128(7)), seen: SEEN, until: at(30) }
    }

    #[test]
    fn a_link_counts_until_its_end_and_is_read_as_it_was_written() {
        let keys = keys(7);
        let text = reset().text(&keys);
        let link = ResetLink::read(&text, &keys, at(29)).unwrap();
        assert_eq!((link.owner, link.seen), (Owner(Uuid::from_u128(7)), SEEN));
        assert!(ResetLink::read(&text, &keys, at(30)).is_none());
        let email = Email::new("Ann@Bücher.example").unwrap();
        let text = EmailLink::new(link.owner, SEEN, &email, at(0)).text(&keys);
        let read = EmailLink::read(&text, &keys, at(24 * 60 - 1)).unwrap();
        assert_eq!((read.owner, read.seen, read.email), (link.owner, SEEN, email));
        assert!(EmailLink::read(&text, &keys, at(24 * 60)).is_none());
    }

    #[test]
    fn an_invitation_is_for_anybody_or_for_one() {
        let (keys, ann) = (keys(7), Email::new("ann@example.org").unwrap());
        let bob = Email::new("bob@example.org").unwrap();
        let read = |link: &InviteLink| InviteLink::read(&link.text(&keys), &keys, at(1)).unwrap();
        let anybodys = read(&InviteLink::new(None, at(0)));
        assert!(anybodys.is_for(&ann) && anybodys.is_for(&bob));
        let anns = InviteLink::new(Some(&ann), at(0));
        assert!(read(&anns).is_for(&Email::new("ANN@example.org").unwrap()));
        assert!(!read(&anns).is_for(&bob));
        assert_ne!(anybodys.invitation.id, anns.invitation.id);
        assert!(InviteLink::read(&anns.text(&keys), &keys, at(7 * 24 * 60)).is_none());
    }

    #[test]
    fn what_was_tampered_with_is_none() {
        let keys = keys(7);
        let text = reset().text(&keys);
        for at_byte in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at_byte] = if changed[at_byte] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(ResetLink::read(&changed, &keys, at(0)).is_none(), "{at_byte}");
        }
        let long = "A".repeat(100_000);
        for odd in
            ["", "A", "é", &text[1..], &text[..text.len() - 4], &format!("{text}AAAA"), &long]
        {
            assert!(ResetLink::read(odd, &keys, at(0)).is_none());
        }
        // What is signed for one use, or with another secret, counts for nothing else.
        assert!(EmailLink::read(&text, &keys, at(0)).is_none());
        assert!(InviteLink::read(&text, &keys, at(0)).is_none());
        assert!(ResetLink::read(&text, &self::keys(8), at(0)).is_none());
    }

    /// While secrets are replaced, what was signed with either counts.
    #[test]
    fn a_link_outlives_its_secret_while_that_is_accepted() {
        let [old, new] = [7, 8].map(|byte| Secret::new(&[byte; 32]).unwrap());
        let both = Keys::new(&new, Some(&old));
        for keys in [Keys::new(&old, None), Keys::new(&new, None)] {
            assert!(ResetLink::read(&reset().text(&keys), &both, at(0)).is_some());
        }
        let text = reset().text(&both);
        assert!(ResetLink::read(&text, &Keys::new(&new, None), at(0)).is_some());
    }
}
