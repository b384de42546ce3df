//! What owners prefer, for whoever acts for many of them.

use std::collections::HashMap;

use todo_core::{Owner, StoreError};

use super::Profile;
use super::profile::{self, profile_columns, text, uuid};
use crate::Store;
use crate::cells::Cells;
use crate::fault::StoreResult;
use crate::sql::Sql;
use crate::tasks::load::bad;

static PROFILES: Sql = Sql::new(concat!(
    "SELECT ",
    profile_columns!(),
    ", u.owner, o.owner, o.timezone FROM owners o LEFT JOIN users u ON u.owner = o.owner \
     WHERE o.owner {uids}"
));

type Read = (Owner, Result<Profile, StoreError>);

impl Store {
    /// What these owners prefer. Who is gone is not among the answers; a profile that cannot be read
    /// says so, and keeps nobody else's from being read. An owner without an account has a zone, and
    /// else what a new account has.
    pub async fn profiles(
        &self,
        owners: Vec<Owner>,
    ) -> Result<HashMap<Owner, Result<Profile, StoreError>>, StoreError> {
        let owners: Vec<_> = owners.into_iter().map(|owner| owner.0).collect();
        Ok(self.asked(&PROFILES, vec![owners.into()], read).await?.into_iter().collect())
    }
}

fn read(row: &dyn Cells) -> StoreResult<Read> {
    let last = profile::PROFILE_COLUMNS;
    let owner = Owner(uuid(row, last + 1)?);
    let found = if row.uuid(last)?.is_some() {
        profile::read(row, 0)
    } else {
        let zone = todo_core::time::zone(text(row, last + 2)?).map_err(bad);
        zone.map(|zone| Profile { zone, ..Profile::default() })
    };
    Ok((owner, found.map_err(StoreError::from)))
}
