//! What a `TZID` means: a zone by its name, or what the file's own `VTIMEZONE` says.

use std::collections::HashMap;

use super::observed::Observed;
use super::property::{Component, Property};
use super::windows;
use crate::time::{self, Zone};

/// What tells the time.
pub(super) enum Clock<'z> {
    Zone(Zone),
    /// Of no known zone: the offsets that the file gives.
    Observed(&'z Observed),
}

/// The zones that a file describes itself, as far as their names alone do not say which they are.
#[derive(Debug, Default)]
pub(super) struct Zones {
    named: HashMap<String, Zone>,
    observed: HashMap<String, Observed>,
}

impl Zones {
    /// Takes in a `VTIMEZONE`.
    pub(super) fn learn(&mut self, component: &Component) {
        let Some(id) = component.one("TZID").map(Property::text) else { return };
        if named(&id).is_some() {
            return;
        }
        let location = component.one("X-LIC-LOCATION").map(Property::text);
        if let Some(zone) = location.and_then(|name| named(&name)) {
            self.named.insert(id, zone);
        } else if let Some(observed) = Observed::read(component) {
            self.observed.insert(id, observed);
        }
    }

    /// Whether every zone that a task names is known.
    pub(super) fn knows_all_of(&self, component: &Component) -> bool {
        let all = |component: &Component| {
            let mut names = component.properties.iter().filter_map(|other| other.param("TZID"));
            names.all(|name| self.clock(name).is_some())
        };
        all(component) && component.inner.iter().all(all)
    }

    /// What a name means, if that is known.
    pub(super) fn clock(&self, name: &str) -> Option<Clock<'_>> {
        let zone = named(name).or_else(|| self.named.get(name).copied());
        let observed = || self.observed.get(name).map(Clock::Observed);
        zone.map(Clock::Zone).or_else(observed)
    }
}

/// A zone of the IANA database, by its name there, behind a slash or a prefix
/// (`/mozilla.org/20070129_1/`), or as Windows calls it.
fn named(name: &str) -> Option<Zone> {
    let name = name.trim();
    if let Some(rest) = name.strip_prefix('/') {
        // The longest end that is a name, which has three parts at most: America/Argentina/Salta.
        let inner = rest.rmatch_indices('/').map(|(at, _)| &rest[at + 1..]);
        let ends: Vec<_> = inner.chain([rest]).take(3).collect();
        return ends.into_iter().rev().find_map(|end| time::zone(end).ok());
    }
    time::zone(name).ok().or_else(|| windows::zone(name))
}
