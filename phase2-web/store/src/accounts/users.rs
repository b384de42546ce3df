//! Who there is.

use todo_core::{Owner, StoreError, Timestamp};
use uuid::Uuid;

use super::profile::{self, PROFILE_COLUMNS, number, profile_columns};
use super::sql::{Arg, Tx, row};
use super::{AccountError, Email, PasswordHash, Profile, ProfilePatch};
use crate::Store;
use crate::fault::fault;

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

impl Store {
    /// Makes an account; its tasks are numbered from 1.
    pub async fn create_user(&self, user: &NewUser, now: Timestamp) -> Result<(), AccountError> {
        let NewUser { owner, email, password, profile } = user;
        let reminders = profile.reminders_text()?;
        let mut tx = Tx::begin(&self.db).await.map_err(fault)?;
        tx.run("INSERT INTO owners (owner) VALUES ($1)", &[Arg::Id(owner.0)])
            .await
            .map_err(fault)?;
        let sql = "INSERT INTO users (owner, email, email_key, name, password, timezone, locale, \
                   week_start, all_day_time, default_reminders, notifications, created_at, \
                   updated_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '{}', $11, $11)";
        let args = [
            Arg::Id(owner.0),
            Arg::Text(email.as_str()),
            Arg::Text(email.key()),
            Arg::MaybeText(profile.name.as_deref()),
            Arg::Text(password.as_str()),
            Arg::Text(profile.zone.name()),
            Arg::MaybeText(profile.locale.as_deref()),
            Arg::Number(profile.week_start_number()),
            Arg::Text(&profile.all_day_text()),
            Arg::Text(&reminders),
            Arg::Number(now.millis()),
        ];
        tx.run(sql, &args).await.map_err(taken)?;
        tx.commit().await.map_err(fault)?;
        Ok(())
    }

    /// What a log-in with this address is checked against.
    pub async fn credentials(&self, email: &Email) -> Result<Option<Credentials>, StoreError> {
        let sql = "SELECT owner, password, token_version FROM users WHERE email_key = $1";
        let Some(row) = row(&self.db, sql, &[Arg::Text(email.key())]).await.map_err(fault)? else {
            return Ok(None);
        };
        Ok(Some(Credentials {
            owner: Owner(row.at(0).map_err(fault)?),
            password: PasswordHash::new(row.at(1).map_err(fault)?),
            token_version: number(row.at(2).map_err(fault)?)?,
        }))
    }

    /// Puts a hash of the same password in the place of one that is out of date. `old` guards it: a
    /// password that was changed meanwhile stays.
    pub async fn rehash(
        &self,
        owner: Owner,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError> {
        let mut tx = Tx::begin(&self.db).await.map_err(fault)?;
        let args = [Arg::Id(owner.0), Arg::Text(old.as_str()), Arg::Text(new.as_str())];
        tx.run("UPDATE users SET password = $3 WHERE owner = $1 AND password = $2", &args)
            .await
            .map_err(fault)?;
        tx.commit().await.map_err(fault)
    }

    /// An account.
    pub async fn user(&self, owner: Owner) -> Result<User, AccountError> {
        let sql = concat!(
            "SELECT ",
            profile_columns!(),
            ", u.email, u.created_at FROM users u WHERE u.owner = $1"
        );
        let row = row(&self.db, sql, &[Arg::Id(owner.0)]).await.map_err(fault)?;
        let row = row.ok_or(AccountError::Gone)?;
        Ok(User {
            owner,
            profile: profile::read(&row, 0)?,
            email: row.at(PROFILE_COLUMNS).map_err(fault)?,
            created_at: Timestamp::from_millis(row.at(PROFILE_COLUMNS + 1).map_err(fault)?),
        })
    }

    /// Changes a profile. `expected` are the versions one of which the caller has seen. A profile
    /// that is as wished already keeps its version, whatever was expected (S2).
    pub async fn change_profile(
        &self,
        owner: Owner,
        patch: &ProfilePatch,
        expected: Option<&[u64]>,
        now: Timestamp,
    ) -> Result<Profile, AccountError> {
        let mut tx = Tx::begin(&self.db).await.map_err(fault)?;
        // The owner's row is the lock of all that is written for them: no task is stored with the
        // old zone while the zone changes.
        let lock = "UPDATE owners SET tasks = tasks WHERE owner = $1";
        tx.run(lock, &[Arg::Id(owner.0)]).await.map_err(fault)?;
        let sql = concat!("SELECT ", profile_columns!(), " FROM users u WHERE u.owner = $1");
        let row = tx.row(sql, &[Arg::Id(owner.0)]).await.map_err(fault)?;
        let old = profile::read(&row.ok_or(AccountError::Gone)?, 0)?;
        let mut new = patch.applied(&old);
        if new == old {
            return Ok(old);
        }
        if expected.is_some_and(|versions| !versions.contains(&old.version)) {
            return Err(AccountError::VersionConflict(Box::new(old)));
        }
        new.version += 1;
        write_profile(&mut tx, owner.0, &new, now).await?;
        tx.commit().await.map_err(fault)?;
        Ok(new)
    }
}

async fn write_profile(
    tx: &mut Tx,
    owner: Uuid,
    profile: &Profile,
    now: Timestamp,
) -> Result<(), StoreError> {
    let args = [
        Arg::Id(owner),
        Arg::MaybeText(profile.name.as_deref()),
        Arg::MaybeText(profile.locale.as_deref()),
        Arg::Text(profile.zone.name()),
        Arg::Number(profile.week_start_number()),
        Arg::Text(&profile.all_day_text()),
        Arg::Text(&profile.reminders_text()?),
        Arg::Number(now.millis()),
    ];
    let sql = "UPDATE users SET name = $2, locale = $3, timezone = $4, week_start = $5, \
               all_day_time = $6, default_reminders = $7, version = version + 1, \
               updated_at = $8 WHERE owner = $1";
    tx.run(sql, &args).await.map_err(fault)?;
    Ok(())
}

/// The one thing that the new row of a fresh owner can collide with is the address of another.
fn taken(error: sqlx::Error) -> AccountError {
    match &error {
        sqlx::Error::Database(cause) if cause.is_unique_violation() => AccountError::EmailTaken,
        _ => AccountError::Store(fault(error)),
    }
}
