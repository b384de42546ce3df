//! Signs in a row that stand for what cannot be written there: a uid that the surface has yet to
//! mint, or a text of five hundred letters.
//!
//! | sign | stands for |
//! |---|---|
//! | `$uid 1` | the uid of task 1 |
//! | `$prefix 1 8` | its first 8 hexadecimal digits |
//! | `$series 1` | the series of task 1 |
//! | `$repeat é 500` | a text of 500 times é |
//! | `$long ab= 1, 500` | the same behind a beginning: `ab=1,1,…` |
//! | `$list t 51` | a list: t1, t2, … t51 |

use serde_json::Value;

/// What a sign names of a task.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named {
    Uid(u64),
    Series(u64),
}

/// Puts what they stand for in place of all signs. `known` knows the tasks; one it does not know
/// leaves its sign as it is, so that the row fails where it is used.
pub(super) fn replace(
    value: Value,
    known: &impl Fn(Named) -> Option<String>,
) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) if text.starts_with('$') => sign(&text, known)?,
        Value::Array(list) => {
            Value::Array(list.into_iter().map(|v| replace(v, known)).collect::<Result<_, _>>()?)
        }
        Value::Object(map) => {
            let pairs = map.into_iter().map(|(name, v)| Ok((name, replace(v, known)?)));
            Value::Object(pairs.collect::<Result<_, String>>()?)
        }
        other => other,
    })
}

fn sign(text: &str, known: &impl Fn(Named) -> Option<String>) -> Result<Value, String> {
    let words: Vec<&str> = text.split(' ').collect();
    let wrong = || format!("{text:?} is not a sign");
    let count = |word: &str| word.parse::<usize>().map_err(|_| wrong());
    let uid = |word: &str| word.parse().map(|id| known(Named::Uid(id))).map_err(|_| wrong());
    let series = |word: &str| word.parse().map(|id| known(Named::Series(id))).map_err(|_| wrong());
    Ok(match words.as_slice() {
        ["$uid", task] => uid(task)?.unwrap_or_else(|| text.to_owned()).into(),
        ["$prefix", task, length] => {
            let hex = uid(task)?.unwrap_or_default().replace('-', "");
            hex.get(..count(length)?).unwrap_or(text).into()
        }
        ["$series", task] => series(task)?.unwrap_or_else(|| text.to_owned()).into(),
        ["$repeat", what, times] => what.repeat(count(times)?).into(),
        ["$long", begin, what, times] => (begin.to_string() + &what.repeat(count(times)?)).into(),
        ["$list", what, times] => {
            (1..=count(times)?).map(|at| Value::from(format!("{what}{at}"))).collect()
        }
        _ => return Err(wrong()),
    })
}
