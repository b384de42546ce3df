//! What a task here has no field for, and what becomes of it.

use super::property::{Component, Property};
use crate::interchange::fit::Fit;

const HOMELESS: &str = "no home for it here; it is left out";
/// Has a field here; each is read where that is made.
const TAKEN: &[&str] = &[
    "CATEGORIES",
    "COMPLETED",
    "CREATED",
    "DESCRIPTION",
    "DTSTART",
    "DUE",
    "DURATION",
    "EXDATE",
    "EXRULE",
    "LAST-MODIFIED",
    "PERCENT-COMPLETE",
    "PRIORITY",
    "RDATE",
    "RELATED-TO",
    "RRULE",
    "STATUS",
    "SUMMARY",
    "UID",
    "X-TODO-CANCELLED",
    "X-TODO-FROM",
    "X-TODO-PROJECT",
    "X-TODO-SERIES",
    "X-TODO-SLOT",
    "X-TODO-SPAWN",
    "X-TODO-ZONE",
];
/// Each program's own books.
const BOOKS: &[&str] = &["DTSTAMP", "SEQUENCE"];
/// Stands as a line in the description, under this name.
const LINES: &[(&str, &str)] = &[
    ("ATTACH", "Attachment"),
    ("COMMENT", "Comment"),
    ("CONFERENCE", "Conference"),
    ("CONTACT", "Contact"),
    ("GEO", "Position"),
    ("LOCATION", "Location"),
    ("RESOURCES", "Resources"),
    ("URL", "URL"),
];
/// What may stand several times.
const MANY: &[&str] = &["CATEGORIES", "EXDATE", "EXRULE", "RDATE", "RELATED-TO", "RRULE"];

/// Names what stays behind, and answers what comes as lines of the description.
pub(super) fn read(component: &Component, fit: &mut Fit<'_, '_>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut once = Vec::new();
    for property in &component.properties {
        let name = property.name.as_str();
        if BOOKS.contains(&name) {
            continue;
        }
        if TAKEN.contains(&name) {
            if once.contains(&name) {
                fit.lose(name, "is there twice; the first counts");
            } else if !MANY.contains(&name) {
                once.push(name);
            }
        } else if let Some((_, label)) = LINES.iter().find(|(known, _)| *known == name) {
            if property.param("VALUE").is_some_and(|kind| kind.eq_ignore_ascii_case("BINARY")) {
                fit.lose(name, "holds a whole file; it is left out");
            } else if !property.value().trim().is_empty() {
                fit.lose(name, "stands as a line in the description");
                lines.push(format!("{label}: {}", property.text().trim()));
            }
        } else {
            homeless(name, fit);
        }
    }
    for inner in component.inner.iter().filter(|inner| inner.name != "VALARM") {
        homeless(&inner.name, fit);
    }
    lines
}

/// Names what has no home here.
pub(super) fn homeless(name: &str, fit: &mut Fit<'_, '_>) {
    fit.lose(name, HOMELESS);
}

/// A value of ours that is not what we write: somebody has changed it.
pub(super) fn unread(name: &str, fit: &mut Fit<'_, '_>) {
    fit.lose(name, "is not what this program writes; it is left out");
}

/// The value of a property of ours.
pub(super) fn ours<T: std::str::FromStr>(
    component: &Component,
    name: &str,
    fit: &mut Fit<'_, '_>,
) -> Option<T> {
    let property = component.one(name)?;
    let value = property.text().parse().ok();
    if value.is_none() {
        unread(name, fit);
    }
    value
}

/// The value of a parameter of ours.
pub(super) fn our_param<T: std::str::FromStr>(
    property: &Property,
    name: &str,
    fit: &mut Fit<'_, '_>,
) -> Option<T> {
    let value = property.param(name)?.parse().ok();
    if value.is_none() {
        unread(name, fit);
    }
    value
}
