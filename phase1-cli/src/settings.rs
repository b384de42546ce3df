//! What a user has set with `todo config`, kept in the file so that it travels with the tasks.

use std::time::Duration;

use chrono::{NaiveTime, Weekday};
use serde_json::{Map, Value};
use todo_core::error::excerpt;
use todo_core::query::Filters;
use todo_core::reminder::{Offset, REMINDERS_MAX, Trigger};
use todo_core::words::DateOrder;
use todo_core::{NewReminder, Preferences, Problem, Zone, time};

use crate::view::palette;

/// A setting: its name, what it does, and what it is unless set.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) default: &'static str,
    check: fn(&str) -> Result<String, Problem>,
}

const COLOURS: &[&str] = &["auto", "always", "never"];
const ORDERS: &[&str] = &["day_first", "month_first"];
/// What a colour is unless set.
const THEMES_OWN: &str = "the theme's";
const NONE: &str = "none";
const DAYS: &[&str] = &["monday", "saturday", "sunday"];

/// Every setting there is.
pub(crate) const KNOWN: &[Known] = &[
    Known {
        name: "all_day_time",
        about: "from when on a whole day counts for reminders, such as 08:30",
        default: "09:00",
        check: |text| time_of_day(text).map(|time| time.format("%H:%M").to_string()),
    },
    Known {
        name: "color",
        about: "auto, always or never; --color and NO_COLOR come first",
        default: "auto",
        check: |text| one_of(text, COLOURS),
    },
    Known {
        name: "color_active",
        about: "what is in progress, and what is new",
        default: THEMES_OWN,
        check: palette::written,
    },
    Known {
        name: "color_alarm",
        about: "what is overdue, high priority, and errors",
        default: THEMES_OWN,
        check: palette::written,
    },
    Known {
        name: "color_dim",
        about: "what matters less than what it stands beside",
        default: THEMES_OWN,
        check: palette::written,
    },
    Known {
        name: "color_done",
        about: "what is completed",
        default: THEMES_OWN,
        check: palette::written,
    },
    Known {
        name: "color_label",
        about: "tags, projects and bars",
        default: THEMES_OWN,
        check: palette::written,
    },
    Known {
        name: "color_soon",
        about: "what is due today, and warnings",
        default: THEMES_OWN,
        check: palette::written,
    },
    Known {
        name: "color_strong",
        about: "ids and headings",
        default: THEMES_OWN,
        check: palette::written,
    },
    Known {
        name: "context",
        about: "the saved filter that stands over all others; `todo context` sets it",
        default: "none",
        check: |text| Ok(Filters::name(text)),
    },
    Known {
        name: "date_order",
        about: "what 4/1/2026 means: day_first (4 January) or month_first (1 April)",
        default: "none: it is asked",
        check: |text| one_of(text, ORDERS),
    },
    Known {
        name: "default_reminders",
        about: "what a new task with a time of day is given, such as PT0S,-PT1H; or none",
        default: "PT0S, the due time",
        check: |text| offsets(text).map(|offsets| written(&offsets)),
    },
    Known {
        name: "hook_timeout",
        about: "after how many seconds a hook is stopped, from 1 to 300",
        default: "10",
        check: |text| seconds(text).map(|seconds| seconds.to_string()),
    },
    Known {
        name: "theme",
        about: "default, bright, colorblind or mono; a color_… that is set comes before it",
        default: "default",
        check: |text| one_of(text, palette::THEMES),
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

fn time_of_day(text: &str) -> Result<NaiveTime, Problem> {
    NaiveTime::parse_from_str(text.trim(), "%H:%M")
        .map_err(|_| Problem::NotATimeOfDay(excerpt(text)))
}

/// How long a hook may take.
fn seconds(text: &str) -> Result<u64, Problem> {
    let (min, max) = (1, 300);
    let seconds = text.trim().parse().ok();
    seconds.filter(|s| (min..=max).contains(s)).ok_or(Problem::OutOfRange { min, max })
}

/// `PT0S,-PT1H`, or `none`.
fn offsets(text: &str) -> Result<Vec<Offset>, Problem> {
    if text.trim().eq_ignore_ascii_case(NONE) {
        return Ok(Vec::new());
    }
    let mut offsets = text.split(',').map(str::parse).collect::<Result<Vec<Offset>, _>>()?;
    offsets.dedup();
    match offsets.len() {
        got if got > REMINDERS_MAX => Err(Problem::TooMany { max: REMINDERS_MAX, got }),
        _ => Ok(offsets),
    }
}

fn written(offsets: &[Offset]) -> String {
    if offsets.is_empty() {
        return NONE.to_owned();
    }
    offsets.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
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

    /// The saved filter that stands over all others.
    pub(crate) fn context(&self) -> Option<String> {
        self.value("context").filter(|name| !name.is_empty() && name != NONE)
    }

    /// What `4/1/2026` means, where that was set.
    pub(crate) fn date_order(&self) -> Option<DateOrder> {
        Some(match self.value("date_order")?.as_str() {
            "day_first" => DateOrder::DayFirst,
            _ => DateOrder::MonthFirst,
        })
    }

    /// What the core asks where a task does not say.
    pub(crate) fn preferences(&self) -> Preferences {
        let usual = Preferences::default();
        let set = self.value("default_reminders").and_then(|text| offsets(&text).ok());
        let reminder = |offset| NewReminder::new(Trigger::Offset(offset));
        Preferences {
            all_day_time: self
                .value("all_day_time")
                .and_then(|text| time_of_day(&text).ok())
                .unwrap_or(usual.all_day_time),
            default_reminders: match set {
                Some(offsets) => offsets.into_iter().map(reminder).collect(),
                None => usual.default_reminders,
            },
        }
    }

    /// How long a hook may take.
    pub(crate) fn hook_timeout(&self) -> Duration {
        const USUAL: u64 = 10;
        let set = self.value("hook_timeout").and_then(|text| seconds(&text).ok());
        Duration::from_secs(set.unwrap_or(USUAL))
    }

    pub(crate) fn week_start(&self) -> Weekday {
        self.value("week_start").and_then(|day| day.parse().ok()).unwrap_or(Weekday::Mon)
    }
}
