//! Values on their way into a statement, the same for both databases.

use serde_json::Value as Json;
use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, Encode, Postgres, Type};
use todo_core::Timestamp;
use uuid::Uuid;

use crate::fault::StoreResult;
use crate::waking::Rest;

/// What is bound in one place of a statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
    Uuid(Option<Uuid>),
    Bytes(Vec<u8>),
    Truth(bool),
    /// For `{uids}`.
    Uuids(Vec<Uuid>),
    /// For `{texts}`, and for a statement that is put together.
    Texts(Vec<String>),
    /// For `{numbers}`.
    Numbers(Vec<i64>),
    /// For `{pairs}`.
    Pairs(Vec<(String, Uuid)>),
    /// For `{keys}`.
    Keys(Vec<(String, i64)>),
    /// For `{seqs}`.
    Seqs(Vec<(Uuid, i64)>),
    /// For `{ids}`.
    Ids(Vec<(Uuid, Uuid)>),
    /// For `{tasks}`.
    Tasks(Vec<(Uuid, Uuid, i64)>),
    /// For `{moments}`.
    Moments(Vec<(Uuid, i64, i64)>),
    /// For `{rests}`.
    Rests(Vec<Rest>),
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Text,
    Uuid,
    Bytes,
    Truth,
}

/// A row of values, in the order of its table's columns.
pub(crate) type Row = Vec<Value>;

macro_rules! from {
    ($($type:ty => $variant:ident $(($wrap:ident))?),+ $(,)?) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant($($wrap)?(value.into()))
            }
        })+
    };
}

from! {
    i64 => Integer(Some),
    i16 => Integer(Some),
    u32 => Integer(Some),
    &str => Text(Some),
    String => Text(Some),
    Uuid => Uuid(Some),
    Option<i64> => Integer,
    Option<String> => Text,
    Option<Uuid> => Uuid,
    bool => Truth,
    Vec<u8> => Bytes,
    Vec<Uuid> => Uuids,
    Vec<String> => Texts,
    Vec<i64> => Numbers,
    Vec<(String, Uuid)> => Pairs,
    Vec<(String, i64)> => Keys,
    Vec<(Uuid, i64)> => Seqs,
    Vec<(Uuid, Uuid)> => Ids,
    Vec<(Uuid, Uuid, i64)> => Tasks,
    Vec<(Uuid, i64, i64)> => Moments,
    Vec<Rest> => Rests,
}

/// Counters stay far below the largest number that either database holds (`NUMBER_MAX`).
impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Integer(Some(i64::try_from(value).unwrap_or(i64::MAX)))
    }
}

/// As SQLite takes them. It has no arrays: those are JSON, taken apart by `json_each`.
pub(crate) fn sqlite(values: impl IntoIterator<Item = Value>) -> StoreResult<SqliteArguments> {
    let mut args = SqliteArguments::default();
    for value in values {
        match value {
            Value::Integer(value) => Arguments::add(&mut args, value),
            Value::Text(value) => Arguments::add(&mut args, value),
            Value::Uuid(value) => Arguments::add(&mut args, value),
            Value::Bytes(value) => Arguments::add(&mut args, value),
            Value::Truth(value) => Arguments::add(&mut args, value),
            Value::Uuids(uids) => json(&mut args, &uids.iter().map(hex).collect()),
            Value::Numbers(numbers) => json(&mut args, &numbers.into()),
            Value::Texts(texts) => json(&mut args, &texts.into()),
            Value::Pairs(pairs) => {
                let pair = |(text, uid): &(String, Uuid)| [text.as_str().into(), hex(uid)];
                json(&mut args, &pairs.iter().map(|both| Json::from(pair(both).to_vec())).collect())
            }
            Value::Tasks(tasks) => {
                let task = |(owner, task, seq): &(Uuid, Uuid, i64)| {
                    vec![hex(owner), hex(task), (*seq).into()]
                };
                json(&mut args, &tasks.iter().map(|one| Json::from(task(one))).collect())
            }
            Value::Moments(moments) => {
                let moment = |(task, seq, at): &(Uuid, i64, i64)| {
                    vec![hex(task), (*seq).into(), (*at).into()]
                };
                json(&mut args, &moments.iter().map(|one| Json::from(moment(one))).collect())
            }
            Value::Rests(rests) => json(&mut args, &rests.iter().map(rest).collect()),
            Value::Keys(keys) => json(
                &mut args,
                &Json::Object(keys.into_iter().map(|(k, v)| (k, v.into())).collect()),
            ),
            Value::Seqs(seqs) => {
                let pair = |(owner, seq): &(Uuid, i64)| vec![hex(owner), (*seq).into()];
                json(&mut args, &seqs.iter().map(|both| Json::from(pair(both))).collect())
            }
            Value::Ids(ids) => {
                let pair = |(owner, id): &(Uuid, Uuid)| vec![hex(owner), hex(id)];
                json(&mut args, &ids.iter().map(|both| Json::from(pair(both))).collect())
            }
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(args)
}

fn hex(uid: &Uuid) -> Json {
    uid.simple().to_string().into()
}

fn rest(rest: &Rest) -> Json {
    let until = rest.until.map(Timestamp::millis);
    let numbers = (rest.version.0, rest.was.millis(), until);
    serde_json::json!([hex(&rest.owner.0), hex(&rest.task.0), numbers.0, numbers.1, numbers.2])
}

fn json(args: &mut SqliteArguments, value: &Json) -> Result<(), BoxDynError> {
    Arguments::add(args, value.to_string())
}

/// As PostgreSQL takes them.
pub(crate) fn postgres(values: impl IntoIterator<Item = Value>) -> StoreResult<PgArguments> {
    let mut args = PgArguments::default();
    add(&mut args, values)?;
    Ok(args)
}

/// More of them.
pub(crate) fn add(
    args: &mut PgArguments,
    values: impl IntoIterator<Item = Value>,
) -> StoreResult<()> {
    for value in values {
        match value {
            Value::Integer(value) => args.add(value),
            Value::Text(value) => args.add(value),
            Value::Uuid(value) => args.add(value),
            Value::Bytes(value) => args.add(value),
            Value::Truth(value) => args.add(value),
            Value::Texts(values) => args.add(values),
            Value::Uuids(uids) => args.add(uids),
            Value::Numbers(numbers) => args.add(numbers),
            Value::Pairs(pairs) => both(args, pairs),
            Value::Keys(keys) => both(args, keys),
            Value::Seqs(seqs) => both(args, seqs),
            Value::Ids(ids) => both(args, ids),
            Value::Tasks(tasks) => three(args, tasks),
            Value::Moments(moments) => three(args, moments),
            Value::Rests(rests) => arrays(args, &rests),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(())
}

/// An array for each column of `{rests}`.
fn arrays(args: &mut PgArguments, rests: &[Rest]) -> Result<(), BoxDynError> {
    // Counters stay far below the largest number (`NUMBER_MAX`).
    let version = |rest: &Rest| i64::try_from(rest.version.0).unwrap_or(i64::MAX);
    args.add(rests.iter().map(|rest| rest.owner.0).collect::<Vec<_>>())?;
    args.add(rests.iter().map(|rest| rest.task.0).collect::<Vec<_>>())?;
    args.add(rests.iter().map(version).collect::<Vec<_>>())?;
    args.add(rests.iter().map(|rest| rest.was.millis()).collect::<Vec<_>>())?;
    args.add(rests.iter().map(|rest| rest.until.map(Timestamp::millis)).collect::<Vec<_>>())
}

/// Three arrays side by side.
fn three<A, B, C>(args: &mut PgArguments, rows: Vec<(A, B, C)>) -> Result<(), BoxDynError>
where
    Vec<A>: for<'q> Encode<'q, Postgres> + Type<Postgres>,
    Vec<B>: for<'q> Encode<'q, Postgres> + Type<Postgres>,
    Vec<C>: for<'q> Encode<'q, Postgres> + Type<Postgres>,
{
    let (mut ones, mut others, mut last) = (Vec::new(), Vec::new(), Vec::new());
    for (one, other, third) in rows {
        ones.push(one);
        others.push(other);
        last.push(third);
    }
    args.add(ones)?;
    args.add(others)?;
    args.add(last)
}

/// Two arrays side by side.
fn both<A, B>(args: &mut PgArguments, pairs: Vec<(A, B)>) -> Result<(), BoxDynError>
where
    Vec<A>: for<'q> Encode<'q, Postgres> + Type<Postgres>,
    Vec<B>: for<'q> Encode<'q, Postgres> + Type<Postgres>,
{
    let (ones, others): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    args.add(ones)?;
    args.add(others)
}

/// Rows as PostgreSQL takes them: an array a column, so that one text serves any number of rows.
pub(crate) fn columns(
    args: &mut PgArguments,
    kinds: impl IntoIterator<Item = Kind>,
    rows: Vec<Row>,
) -> StoreResult<()> {
    let mut rows: Vec<_> = rows.into_iter().map(IntoIterator::into_iter).collect();
    macro_rules! column {
        ($variant:ident, $none:expr) => {{
            let next = |row: &mut std::vec::IntoIter<Value>| match row.next() {
                Some(Value::$variant(value)) => value,
                _ => $none,
            };
            args.add(rows.iter_mut().map(next).collect::<Vec<_>>())
        }};
    }
    for kind in kinds {
        match kind {
            Kind::Integer => column!(Integer, None),
            Kind::Text => column!(Text, None),
            Kind::Uuid => column!(Uuid, None),
            Kind::Bytes => column!(Bytes, Vec::new()),
            Kind::Truth => column!(Truth, false),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(())
}
