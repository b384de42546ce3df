//! A JSON object read field by field. What is wrong with one field does not hide what is wrong with
//! the next: all of it is answered at once, each fault with its JSON pointer. A field that nobody
//! asked for is a fault too.

use std::str::FromStr;

use serde_json::{Map, Value};
use todo_core::error::{excerpt, similar};
use todo_core::{Patch, Problem};

use super::faults::{Faults, Trouble};
use crate::problem::Place;

/// What reading one value comes to.
pub type Read<T> = Result<T, Trouble>;

/// Longest unknown name that is shown as it is.
const NAME_SHOWN: usize = 100;

/// An object of a body, and the faults of the whole body.
#[derive(Debug)]
pub struct Form<'f> {
    at: String,
    fields: Map<String, Value>,
    asked: Vec<&'static str>,
    faults: &'f mut Faults,
}

impl<'f> Form<'f> {
    /// The object that a value is; any other value is a fault.
    pub(crate) fn open(value: Value, at: String, faults: &'f mut Faults) -> Option<Self> {
        if let Value::Object(fields) = value {
            return Some(Self { at, fields, asked: Vec::new(), faults });
        }
        faults.add(Place::Pointer(at), Trouble::type_of("must be an object"));
        None
    }

    /// Where a field lies.
    fn place(&self, name: &str) -> Place {
        Place::Pointer(pointer(&self.at, name))
    }

    /// Takes a field out.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<Value> {
        self.asked.push(name);
        self.fields.remove(name)
    }

    /// Whether a field is there; nobody has taken it yet.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Notes a fault of a field.
    pub fn fault(&mut self, name: &str, trouble: impl Into<Trouble>) {
        let place = self.place(name);
        self.faults.add(place, trouble);
    }

    /// Notes a fault of the object itself.
    pub(crate) fn fault_here(&mut self, trouble: impl Into<Trouble>) {
        self.faults.add(Place::Pointer(self.at.clone()), trouble);
    }

    /// Whether nothing was found wrong so far.
    pub(crate) fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    /// A value, or its fault.
    fn keep<T>(&mut self, name: &str, read: Read<T>) -> Option<T> {
        read.map_err(|trouble| self.fault(name, trouble)).ok()
    }

    /// A field that may be absent, and is not null.
    pub fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Value) -> Read<T>,
    ) -> Option<T> {
        match self.take(name)? {
            Value::Null => self.keep(name, Err(Trouble::type_of("must not be null"))),
            value => self.keep(name, read(&value)),
        }
    }

    /// A field that must be there.
    pub fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Value) -> Read<T>,
    ) -> Option<T> {
        if !self.has(name) {
            self.asked.push(name);
            self.fault(name, Trouble::new("missing", "is missing"));
            return None;
        }
        self.optional(name, read)
    }

    /// A field in which absent is not null.
    pub(crate) fn patch<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Value) -> Read<T>,
    ) -> Patch<T> {
        match self.take(name) {
            None => Patch::Keep,
            Some(Value::Null) => Patch::Clear,
            Some(value) => self.keep(name, read(&value)).map_or(Patch::Keep, Patch::Set),
        }
    }

    /// A list in which absent is not null. A faulty item is a fault of its own.
    pub(crate) fn list<T>(
        &mut self,
        name: &'static str,
        mut read: impl FnMut(Value, String, &mut Faults) -> Option<T>,
    ) -> Patch<Vec<T>> {
        match self.take(name) {
            None => Patch::Keep,
            Some(Value::Null) => Patch::Clear,
            Some(Value::Array(items)) => {
                let at = pointer(&self.at, name);
                let items = items.into_iter().enumerate();
                let read = items
                    .filter_map(|(place, item)| read(item, format!("{at}/{place}"), self.faults));
                Patch::Set(read.collect())
            }
            Some(_) => {
                self.fault(name, Trouble::type_of("must be a list"));
                Patch::Keep
            }
        }
    }

    /// An object inside.
    pub(crate) fn child(&mut self, name: &'static str, value: Value) -> Option<Form<'_>> {
        Form::open(value, pointer(&self.at, name), self.faults)
    }

    /// Fields that may be there and say nothing.
    pub(crate) fn pass_over(&mut self, names: &[&'static str]) {
        for name in names {
            self.take(name);
        }
    }

    /// What is left was never asked for.
    pub(crate) fn finish(self) {
        for name in self.fields.keys() {
            let like = similar(name, self.asked.iter().copied());
            let like = like.map(|like| format!("; did you mean {like}?")).unwrap_or_default();
            let shown = if name.len() > NAME_SHOWN { excerpt(name) } else { name.clone() };
            let place = Place::Pointer(pointer(&self.at, &shown));
            self.faults.add(place, Trouble::new("unknown", format!("is not a field here{like}")));
        }
    }
}

/// The JSON pointer (RFC 6901) of a field.
pub(crate) fn pointer(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A text.
pub(crate) fn string(value: &Value) -> Read<&str> {
    value.as_str().ok_or_else(|| Trouble::type_of("must be a string"))
}

/// Yes or no.
pub(crate) fn boolean(value: &Value) -> Read<bool> {
    value.as_bool().ok_or_else(|| Trouble::type_of("must be true or false"))
}

/// A whole number from 1 on.
pub(crate) fn number(value: &Value) -> Read<u64> {
    let number = value.as_u64().filter(|number| *number > 0);
    number.ok_or_else(|| Trouble::type_of("must be a whole number from 1 on"))
}

/// A text that its type checks.
pub(crate) fn text<T, E>(new: impl FnOnce(&str) -> Result<T, E>) -> impl FnOnce(&Value) -> Read<T>
where
    Trouble: From<E>,
{
    |value| Ok(new(string(value)?)?)
}

/// One of a closed set of words, in any case.
pub(crate) fn word<T: FromStr<Err = Problem>>(value: &Value) -> Read<T> {
    Ok(string(value)?.parse()?)
}
