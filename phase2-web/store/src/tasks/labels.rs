//! Which tags and projects are in use.

use std::borrow::Cow;

use todo_core::stats::Uses;
use todo_core::{Owner, StoreError, Timestamp};

use super::load::bad;
use crate::Store;
use crate::cells::Cells;
use crate::statement::Statement;

/// The labels of open tasks, waiting ones too, each in its newest spelling.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    /// Tags.
    pub tags: Uses,
    /// Projects.
    pub projects: Uses,
}

/// Writes the question for them.
pub(crate) fn ask_labels(statement: &mut Statement) {
    statement.add(
        "SELECT project, tags, updated_at FROM tasks WHERE owner = $1 AND deleted_at IS NULL \
         AND status < 2 AND (project IS NOT NULL OR tags IS NOT NULL)",
        [],
    );
}

impl Store {
    /// Which tags and projects an owner's open tasks have, and how many tasks each.
    pub async fn labels(&self, owner: Owner) -> Result<Labels, StoreError> {
        let mut statement = Statement::of(&self.db, owner);
        ask_labels(&mut statement);
        let mut labels = Labels::default();
        let count = |row: &dyn Cells| {
            let at = Timestamp::from_millis(row.integer(2)?.ok_or_else(|| bad(()))?);
            if let Some(project) = row.text(0)? {
                labels.projects.add(project, at);
            }
            if let Some(tags) = row.text(1)? {
                let tags: Vec<Cow<'_, str>> = serde_json::from_str(tags).map_err(bad)?;
                tags.iter().for_each(|tag| labels.tags.add(tag, at));
            }
            Ok(())
        };
        self.db.each(statement, count).await?;
        Ok(labels)
    }
}
