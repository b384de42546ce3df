//! Emptying the trash, which a server does by itself each hour, for everybody. Here the driver tells
//! when, and sweeps for its own person alone: the others in the database live at other times.

use uuid::Uuid;

use super::Rest;
use super::base::{Base, runtime};

impl<B: Base> Rest<B> {
    /// What has expired by now is removed, as it would be soon after.
    pub(super) fn sweep(&mut self) {
        if !self.person.is_known() {
            return;
        }
        let owner = self.person.owner().expect("somebody who is known");
        let store = &self.person.server.app.store;
        let swept = runtime().block_on(store.sweep_owner(owner, self.person.now(), Uuid::nil()));
        swept.expect("a trash that can be emptied");
    }
}
