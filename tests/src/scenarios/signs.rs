//! Signs in a row that stand for what cannot be written there: a uid that the surface has yet to
//! mint, a cursor, or a text of five hundred letters.
//!
//! | sign | stands for |
//! |---|---|
//! | `$uid 1` | the uid of task 1 |
//! | `$prefix 1 8` | its first 8 hexadecimal digits |
//! | `$series 1` | the series of task 1 |
//! | `$cursor first` | what leads on from the page saved as `first` |
//! | `$repeat é 500` | a text of 500 times é |
//! | `$long ab= 1, 500` | the same behind a beginning: `ab=1,1,…` |
//! | `$behind id: $uid 1` | another sign behind a beginning |
//! | `$list t 51` | a list: t1, t2, … t51 |

use serde_json::Value;

/// What a sign names of a task, or of a page.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named<'n> {
    Uid(u64),
    Series(u64),
    Cursor(&'n str),
}

/// Puts what they stand for in place of all signs. `known` knows the tasks and pages; what it does not
/// know leaves its sign as it is, so that the row fails where it is used.
pub(super) fn replace(
    value: Value,
    known: &impl Fn(Named<'_>) -> Option<String>,
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

fn sign(text: &str, known: &impl Fn(Named<'_>) -> Option<String>) -> Result<Value, String> {
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
        ["$cursor", page] => known(Named::Cursor(page)).unwrap_or_else(|| text.to_owned()).into(),
        ["$behind", begin, ..] => {
            let rest = text.split_once(begin).map_or("", |(_, rest)| rest.trim_start());
            match sign(rest, known)? {
                Value::String(rest) => (begin.to_string() + &rest).into(),
                _ => return Err(wrong()),
            }
        }
        ["$repeat", what, times] => what.repeat(count(times)?).into(),
        ["$long", begin, what, times] => (begin.to_string() + &what.repeat(count(times)?)).into(),
        ["$list", what, times] => {
            (1..=count(times)?).map(|at| Value::from(format!("{what}{at}"))).collect()
        }
        _ => return Err(wrong()),
    })
}
