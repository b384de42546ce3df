//! Who there is.

use todo_core::{Owner, StoreError, Timestamp};

use super::profile::{self, PROFILE_COLUMNS, integer, profile_columns, text, uuid};
use super::standing::write_email;
use super::tidings::tell;
use super::told::Happened;
use super::{AccountError, By, Email, PasswordHash, Profile, ProfilePatch};
use crate::Store;
use crate::cells::Cells;
use crate::conn::Conn;
use crate::fault::StoreResult;
use crate::owners::{insert_owner, rederive_keys};
use crate::sql::Sql;
use crate::waking::rewake;

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Who it will be: a UUID v7 minted by the caller.
    pub owner: Owner,
    /// Their address.
    pub email: Email,
    /// Their hashed password.
    pub password: PasswordHash,
    /// What they prefer.
    pub profile: Profile,
}

/// An account.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// Who.
    pub owner: Owner,
    /// Their address as they typed it.
    pub email: String,
    /// What they prefer.
    pub profile: Profile,
    /// Since when.
    pub created_at: Timestamp,
}

/// What a log-in is checked against.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Who.
    pub owner: Owner,
    /// Their hashed password.
    pub password: PasswordHash,
    /// Which access tokens of theirs count.
    pub token_version: u64,
}

static INSERT: Sql = Sql::new(
    "INSERT INTO users (owner, email, email_key, name, password, timezone, locale, week_start, \
     all_day_time, default_reminders, notifications, created_at, updated_at) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', ?, ?)",
);
static CREDENTIALS: Sql =
    Sql::new("SELECT owner, password, token_version FROM users WHERE email_key = ?");
static REHASH: Sql = Sql::new("UPDATE users SET password = ? WHERE owner = ? AND password = ?");
static USER: Sql = Sql::new(concat!(
    "SELECT ",
    profile_columns!(),
    ", u.email, u.created_at FROM users u WHERE u.owner = ?"
));
static UPDATE: Sql = Sql::new(
    "UPDATE users SET name = ?, locale = ?, timezone = ?, week_start = ?, all_day_time = ?, \
     default_reminders = ?, version = version + 1, updated_at = ? WHERE owner = ?",
);

impl Store {
    /// Makes an account; its tasks are numbered from 1.
    pub async fn create_user(&self, user: &NewUser, by: &By) -> Result<(), AccountError> {
        let mut tx = self.writing().await?;
        self.insert(&mut tx.lend(), user, by).await?;
        Ok(self.committed(tx).await?)
    }

    /// What a log-in with this address is checked against.
    pub async fn credentials(&self, email: &Email) -> Result<Option<Credentials>, StoreError> {
        let read = |row: &dyn Cells| {
            Ok(Credentials {
                owner: Owner(uuid(row, 0)?),
                password: PasswordHash::new(text(row, 1)?.to_owned()),
                token_version: integer(row, 2)?,
            })
        };
        Ok(self.one(&CREDENTIALS, vec![email.key().into()], read).await?)
    }

    /// Puts a hash of the same password in the place of one that is out of date. `old` guards it: a
    /// password that was changed meanwhile stays.
    pub async fn rehash(
        &self,
        owner: Owner,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError> {
        let mut tx = self.writing().await?;
        let values = vec![new.as_str().into(), owner.0.into(), old.as_str().into()];
        tx.lend().run(&REHASH, values).await?;
        Ok(tx.commit().await?)
    }

    /// An account.
    pub async fn user(&self, owner: Owner) -> Result<User, AccountError> {
        let found = self.one(&USER, vec![owner.0.into()], |row| read_user(row, owner)).await?;
        found.ok_or(AccountError::Gone)
    }

    /// Changes a profile, and the address where the patch has one. `expected` are the versions one of
    /// which the caller has seen. A profile that is as wished already keeps its version, whatever was
    /// expected (S2).
    pub async fn change_profile(
        &self,
        owner: Owner,
        patch: &ProfilePatch,
        expected: Option<&[u64]>,
        by: &By,
    ) -> Result<User, AccountError> {
        let mut tx = self.writing().await?;
        // The owner's row is the lock of all that is written for them: no task is stored with the
        // old zone while the zone changes.
        let next = self.next_event(&mut tx.lend(), owner).await?.ok_or(AccountError::Gone)?;
        let found =
            tx.lend().rows(&USER, vec![owner.0.into()], |row| read_user(row, owner)).await?;
        let mut user = found.into_iter().next().ok_or(AccountError::Gone)?;
        let old = user.profile;
        user.profile = patch.applied(&old);
        if user.profile == old && patch.email.is_none() {
            return Ok(user);
        }
        if expected.is_some_and(|versions| !versions.contains(&old.version)) {
            return Err(AccountError::VersionConflict(Box::new(old)));
        }
        user.profile.version += 1;
        write_profile(&mut tx.lend(), owner, &user.profile, by.at).await?;
        let mut fields = user.profile.differs(&old);
        if let Some(new) = &patch.email {
            write_email(&mut tx.lend(), owner, new).await?;
            new.email.as_str().clone_into(&mut user.email);
            fields.push("email");
        }
        next.is(Happened::Updated(&fields), by, &mut tx.lend()).await?;
        tell(&mut tx.lend(), owner).await?;
        if user.profile.zone != old.zone {
            rederive_keys(&mut tx.lend(), owner, user.profile.zone).await?;
        }
        let days_begin = |profile: &Profile| (profile.zone, profile.preferences.all_day_time);
        if days_begin(&user.profile) != days_begin(&old) {
            rewake(&mut tx.lend(), owner, by.at).await?;
        }
        self.committed(tx).await?;
        Ok(user)
    }
}

fn read_user(row: &dyn Cells, owner: Owner) -> StoreResult<User> {
    Ok(User {
        owner,
        profile: profile::read(row, 0)?,
        email: text(row, PROFILE_COLUMNS)?.to_owned(),
        created_at: profile::instant(row, PROFILE_COLUMNS + 1)?,
    })
}

async fn write_profile(
    conn: &mut Conn<'_>,
    owner: Owner,
    profile: &Profile,
    now: Timestamp,
) -> StoreResult<()> {
    let values = vec![
        profile.name.clone().into(),
        profile.locale.clone().into(),
        profile.zone.name().into(),
        profile.week_start_number().into(),
        profile.all_day_text().into(),
        profile.reminders_text()?.into(),
        now.millis().into(),
        owner.0.into(),
    ];
    conn.run(&UPDATE, values).await?;
    Ok(())
}

impl Store {
    /// Writes the rows of a new account.
    pub(super) async fn insert(
        &self,
        conn: &mut Conn<'_>,
        user: &NewUser,
        by: &By,
    ) -> Result<(), AccountError> {
        let NewUser { owner, email, password, profile } = user;
        let now = by.at;
        let values = vec![
            owner.0.into(),
            email.as_str().into(),
            email.key().into(),
            profile.name.clone().into(),
            password.as_str().into(),
            profile.zone.name().into(),
            profile.locale.clone().into(),
            profile.week_start_number().into(),
            profile.all_day_text().into(),
            profile.reminders_text()?.into(),
            now.millis().into(),
            now.millis().into(),
        ];
        insert_owner(conn, *owner, profile.zone).await?;
        // The one thing that the row of a fresh owner can collide with is the address of another.
        match conn.run(&INSERT, values).await {
            Err(fault) if fault.is_taken() => return Err(AccountError::EmailTaken),
            done => done.map(drop)?,
        }
        let next = self.next_event(conn, *owner).await?.ok_or(AccountError::Gone)?;
        Ok(next.is(Happened::Registered, by, conn).await?)
    }
}
