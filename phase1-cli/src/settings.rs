//! What a user has set with `todo config`, kept in the file so that it travels with the tasks.

use chrono::Weekday;
use serde_json::{Map, Value};
use todo_core::error::excerpt;
use todo_core::{Problem, Zone, time};

/// A setting: its name, what it does, and what it is unless set.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) default: &'static str,
    check: fn(&str) -> Result<String, Problem>,
}

const COLOURS: &[&str] = &["auto", "always", "never"];
const DAYS: &[&str] = &["monday", "saturday", "sunday"];

/// Every setting there is.
pub(crate) const KNOWN: &[Known] = &[
    Known {
        name: "color",
        about: "auto, always or never; --color and NO_COLOR come first",
        default: "auto",
        check: |text| one_of(text, COLOURS),
    },
    Known {
        name: "timezone",
        about: "the zone dates are meant in, such as Asia/Karachi",
        default: "the system's",
        check: |text| time::zone(text).map(|zone| zone.name().to_owned()),
    },
    Known {
        name: "week_start",
        about: "monday, saturday or sunday; the filter `--due week` ends before it",
        default: "monday",
        check: |text| one_of(text, DAYS),
    },
];

fn one_of(text: &str, allowed: &'static [&'static str]) -> Result<String, Problem> {
    let fits = allowed.iter().find(|word| word.eq_ignore_ascii_case(text.trim()));
    fits.map(|word| (*word).to_owned())
        .ok_or_else(|| Problem::NotOneOf { given: excerpt(text), allowed })
}

impl Known {
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        KNOWN.iter().find(|known| known.name == name)
    }

    /// The value as it is kept.
    pub(crate) fn check(&self, text: &str) -> Result<String, Problem> {
        (self.check)(text)
    }
}

/// The settings in force.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings(Map<String, Value>);

impl Settings {
    pub(crate) fn new(map: Map<String, Value>) -> Self {
        Self(map)
    }

    /// A setting's value if it was set to one that is understood. What a newer version has set
    /// and this one does not understand counts as not set, and stays in the file.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let text = self.0.get(name)?.as_str()?;
        Known::find(name)?.check(text).ok()
    }

    pub(crate) fn zone(&self) -> Option<Zone> {
        self.value("timezone").and_then(|name| name.parse().ok())
    }

    pub(crate) fn week_start(&self) -> Weekday {
        self.value("week_start").and_then(|day| day.parse().ok()).unwrap_or(Weekday::Mon)
    }
}
