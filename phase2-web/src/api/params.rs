//! The parameters of a query string, read strictly: what is unknown, given twice or not understood
//! is refused by its name, for a filter with a typing error would otherwise answer everything.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use todo_core::Problem;
use todo_core::error::{excerpt, similar};

use super::faults::{Faults, Trouble};
use super::form::Read;
use crate::ApiError;
use crate::problem::Place;

/// The parameters of a request.
#[derive(Debug, Clone, Default)]
pub struct Params {
    pairs: Vec<(String, String)>,
    asked: Vec<&'static str>,
    faults: Faults,
}

impl Params {
    /// Takes a query string apart.
    pub(crate) fn parse(query: Option<&str>) -> Self {
        let mut params = Self::default();
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match (decoded(name), decoded(value)) {
                (Some(name), Some(value)) => params.pairs.push((name, value)),
                (decoded, _) => {
                    let name = decoded.unwrap_or_else(|| name.to_owned());
                    let trouble = Trouble::new("encoding", "is not percent-encoded UTF-8");
                    params.faults.add(place(excerpt(&name)), trouble);
                }
            }
        }
        params
    }

    /// The pairs as they came, decoded.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// A parameter that may be given once.
    pub fn one<T>(&mut self, name: &'static str, read: impl FnOnce(&str) -> Read<T>) -> Option<T> {
        let mut values = self.many(name).into_iter();
        let value = values.next()?;
        if values.next().is_some() {
            self.fault(name, Trouble::new("repeated", "is given twice"));
            return None;
        }
        read(&value).map_err(|trouble| self.fault(name, trouble)).ok()
    }

    /// A parameter that may be given again and again.
    pub(crate) fn many(&mut self, name: &'static str) -> Vec<String> {
        self.asked.push(name);
        let same = self.pairs.iter().filter(|(given, _)| given == name);
        same.map(|(_, value)| value.clone()).collect()
    }

    /// A parameter that may be given again, or several values with commas between them.
    pub fn any<T>(&mut self, name: &'static str, mut read: impl FnMut(&str) -> Read<T>) -> Vec<T> {
        let values = self.many(name);
        let parts = values.iter().flat_map(|value| value.split(','));
        let mut read_ones = Vec::new();
        for part in parts {
            match read(part) {
                Ok(one) => read_ones.push(one),
                Err(trouble) => self.fault(name, trouble),
            }
        }
        read_ones
    }

    /// A switch.
    pub fn flag(&mut self, name: &'static str) -> bool {
        let read = |value: &str| match value {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Trouble::type_of("must be true or false")),
        };
        self.one(name, read).unwrap_or_default()
    }

    /// Notes a fault.
    pub fn fault(&mut self, name: &'static str, trouble: impl Into<Trouble>) {
        self.faults.add(place(name.to_owned()), trouble);
    }

    /// Refuses what nobody asked for, and all that was wrong.
    pub fn finish(mut self) -> Result<(), ApiError> {
        let mut unknown: Vec<_> = self.pairs.iter().map(|(name, _)| name.as_str()).collect();
        unknown.retain(|name| !self.asked.contains(name));
        unknown.sort_unstable();
        unknown.dedup();
        for name in unknown {
            let like = similar(name, self.asked.iter().copied());
            let like = like.map(|like| format!("; did you mean {like}?")).unwrap_or_default();
            let trouble = Trouble::new("unknown", format!("is not a parameter here{like}"));
            self.faults.add(place(excerpt(name)), trouble);
        }
        if self.faults.is_empty() { Ok(()) } else { Err(self.faults.into_error()) }
    }
}

fn place(name: String) -> Place {
    Place::Parameter(name)
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self::parse(parts.uri.query()))
    }
}

/// No parameter at all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoParams;

impl<S: Send + Sync> FromRequestParts<S> for NoParams {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Params::parse(parts.uri.query()).finish().map(|()| Self)
    }
}

/// `dry_run` alone (S5).
#[derive(Debug, Clone, Copy)]
pub(crate) struct DryRun(pub(crate) bool);

impl<S: Send + Sync> FromRequestParts<S> for DryRun {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut params = Params::parse(parts.uri.query());
        let dry_run = params.flag("dry_run");
        params.finish().map(|()| Self(dry_run))
    }
}

/// `trash` alone: whether a task is shown that lies there (S4).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trash(pub(crate) bool);

impl<S: Send + Sync> FromRequestParts<S> for Trash {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut params = Params::parse(parts.uri.query());
        let trash = params.flag("trash");
        params.finish().map(|()| Self(trash))
    }
}

/// One of a closed set of words, in any case.
pub(crate) fn word<T: FromStr<Err = Problem>>(value: &str) -> Read<T> {
    Ok(value.parse()?)
}

/// A whole number within bounds.
pub fn number(min: u64, max: u64) -> impl FnOnce(&str) -> Read<u64> {
    move |value| {
        let digits = value.bytes().all(|b| b.is_ascii_digit());
        let number = value.parse().ok().filter(|number| digits && (min..=max).contains(number));
        number.ok_or_else(|| Problem::OutOfRange { min, max }.into())
    }
}

/// `application/x-www-form-urlencoded`: `+` is a space.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

/// A value as it stands in a query string.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            encoded.push('%');
            encoded.push(char::from(HEX[usize::from(byte >> 4)]));
            encoded.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    encoded
}
