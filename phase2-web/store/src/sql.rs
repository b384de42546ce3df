//! One text of SQL for both databases, and the few marks where they write differently.

use std::fmt::Write;
use std::sync::OnceLock;

use crate::tasks::row::COLUMNS;

/// A statement with its marks:
///
/// - `?` a value, in the order in which they are bound;
/// - `{uids}`, `{numbers}` a list of identities or numbers: `x {uids}` is true of a member;
/// - `{pairs}` a list of texts and identities: `(x, y) {pairs}`;
/// - `{keys}` a table of a text and a number, `name` and `key`;
/// - `{seqs}` a table of an owner, a number and its place from 1 on, `owner`, `seq` and `nth`;
/// - `{ids}` a table of an owner and an identity, `owner` and `id`;
/// - `{tasks}` a table of an owner, a task and a number, `owner`, `task` and `seq`;
/// - `{moments}` a table of a task, a number and a moment, `task`, `seq` and `at`;
/// - `{rests}` a table of [`Rest`](crate::waking::Rest)s: `owner`, `uid`, `version`, `was`, `until`;
/// - `{texts}` a list of texts: `x {texts}` is true of a member;
/// - `{whose}` true where `owner` and `seq` can be read: else a row is nobody's;
/// - `{now}` the present in milliseconds, by the database's clock: never ahead of it;
/// - `{task}`, `{t.task}` the columns of a task, the latter those of `t`;
/// - `{of task}` the events before it are looked up by their task: SQLite would go through all of their owner's;
/// - `{lock}` where a statement is a part of a larger one: only while the owner's lock is held;
/// - `{for update}` the rows that are read are locked, where that is not so already;
/// - `{if free}` the rows of `t` that are read are locked as an update does, and those that others have locked
///   are not read;
/// - `{in no hurry}` one more column, with which the end of the transaction waits for no disk and no other server:
///   for who locks rows and changes nothing.
#[derive(Debug)]
pub(crate) struct Sql {
    marked: &'static str,
    sqlite: OnceLock<String>,
    postgres: OnceLock<String>,
}

impl Sql {
    pub(crate) const fn new(marked: &'static str) -> Self {
        Self { marked, sqlite: OnceLock::new(), postgres: OnceLock::new() }
    }

    /// The text with its marks, by which the statement is known.
    pub(crate) fn marked(&self) -> &'static str {
        self.marked
    }

    pub(crate) fn sqlite(&'static self) -> &'static str {
        self.sqlite.get_or_init(|| {
            let lists = [
                ("{uids}", "IN (SELECT unhex(value) FROM json_each(?))"),
                ("{numbers}", "IN (SELECT value FROM json_each(?))"),
                ("{pairs}", "IN (SELECT value ->> 0, unhex(value ->> 1) FROM json_each(?))"),
                ("{keys}", "(SELECT key AS name, value AS key FROM json_each(?))"),
                (
                    "{seqs}",
                    "(SELECT unhex(value ->> 0) AS owner, value ->> 1 AS seq, key + 1 AS nth \
                     FROM json_each(?))",
                ),
                (
                    "{ids}",
                    "(SELECT unhex(value ->> 0) AS owner, unhex(value ->> 1) AS id \
                     FROM json_each(?))",
                ),
                (
                    "{tasks}",
                    "(SELECT unhex(value ->> 0) AS owner, unhex(value ->> 1) AS task, \
                     value ->> 2 AS seq FROM json_each(?))",
                ),
                (
                    "{moments}",
                    "(SELECT unhex(value ->> 0) AS task, value ->> 1 AS seq, value ->> 2 AS at \
                     FROM json_each(?))",
                ),
                ("{rests}", RESTS),
                ("{texts}", "IN (SELECT value FROM json_each(?))"),
                ("{whose}", "(length(owner) = 16 AND seq > 0)"),
                ("{now}", "CAST(unixepoch('subsec') * 1000 AS INTEGER)"),
                ("{of task}", " INDEXED BY events_of_task"),
                ("{lock}", ""),
                ("{for update}", ""),
                ("{if free}", ""),
                ("{in no hurry}", ""),
            ];
            replace(self.marked, &lists)
        })
    }

    pub(crate) fn postgres(&'static self) -> &'static str {
        self.postgres.get_or_init(|| self.numbered("", &mut 0))
    }

    /// As a part of a larger statement of PostgreSQL, of which `bound` values are bound before.
    pub(crate) fn numbered(&self, lock: &str, bound: &mut usize) -> String {
        let lists = [
            ("{uids}", "= ANY(?::uuid[])"),
            ("{numbers}", "= ANY(?::bigint[])"),
            ("{keys}", "(SELECT * FROM unnest(?::text[], ?::bigint[]) AS keys(name, key))"),
            ("{pairs}", "IN (SELECT * FROM unnest(?::text[], ?::uuid[]))"),
            (
                "{seqs}",
                "(SELECT * FROM unnest(?::uuid[], ?::bigint[]) WITH ORDINALITY AS s(owner, seq, nth))",
            ),
            ("{ids}", "(SELECT * FROM unnest(?::uuid[], ?::uuid[]) AS ids(owner, id))"),
            (
                "{tasks}",
                "(SELECT * FROM unnest(?::uuid[], ?::uuid[], ?::bigint[]) AS t(owner, task, seq))",
            ),
            (
                "{moments}",
                "(SELECT * FROM unnest(?::uuid[], ?::bigint[], ?::bigint[]) AS m(task, seq, at))",
            ),
            ("{rests}", RESTS_UNNESTED),
            ("{texts}", "= ANY(?::text[])"),
            ("{whose}", "(seq > 0)"),
            ("{now}", "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"),
            ("{of task}", ""),
            ("{lock}", lock),
            ("{for update}", " FOR UPDATE"),
            ("{if free}", " FOR NO KEY UPDATE OF t SKIP LOCKED"),
            ("{in no hurry}", ", set_config('synchronous_commit', 'off', true)"),
        ];
        number(&replace(self.marked, &lists), bound)
    }
}

const RESTS: &str = "(SELECT unhex(value ->> 0) AS owner, unhex(value ->> 1) AS uid, \
     value ->> 2 AS version, value ->> 3 AS was, value ->> 4 AS until FROM json_each(?))";
const RESTS_UNNESTED: &str = "(SELECT * FROM \
     unnest(?::uuid[], ?::uuid[], ?::bigint[], ?::bigint[], ?::bigint[]) \
     AS r(owner, uid, version, was, until))";

/// `?` into `$1`, `$2` …
pub(crate) fn number(text: &str, bound: &mut usize) -> String {
    let mut numbered = String::with_capacity(text.len() + 16);
    for (at, part) in text.split('?').enumerate() {
        if at > 0 {
            *bound += 1;
            // Writing to a text does not fail.
            let _ = write!(numbered, "${bound}");
        }
        numbered.push_str(part);
    }
    numbered
}

fn replace(marked: &str, lists: &[(&str, &str)]) -> String {
    let plain = marked
        .replace("{task}", COLUMNS)
        .replace("{t.task}", &format!("t.{}", COLUMNS.replace(", ", ", t.")));
    lists.iter().fold(plain, |text, (mark, meaning)| text.replace(mark, meaning))
}
