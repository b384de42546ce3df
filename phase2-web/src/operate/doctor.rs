//! `doctor`: what is right and what is wrong, one line each, with what to do. It changes nothing and
//! works beside a server.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use todo_core::{StoreError, Timestamp};
use todo_store::{DatabaseUrl, Examined, Tables};
use tokio::time::timeout;

use super::{BackupPlan, OperationError, say};
use crate::Clock;
use crate::auth::{KeyError, PublicKey, Secret, SigningKey};
use crate::chain::Chain;
use crate::settings::Settings;
use crate::start::{secret_before, secret_beside};

/// How long a database may take to answer that is elsewhere, or long.
const PATIENCE: Duration = Duration::from_mins(2);
/// Fewest free bytes, however short the database is.
const FREE_MIN: u64 = 64 << 20;
/// How far apart clocks may be: tokens and reminders go by them.
const APART_MILLIS: u64 = 5_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Note,
    Wrong,
}

/// What was found of one thing, and what to do about it.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    verdict: Verdict,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<&'static str>,
}

/// `{"healthy": true, "findings": […]}`.
#[derive(Serialize)]
struct Report<'f> {
    healthy: bool,
    findings: &'f [Finding],
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Note => "note",
            Verdict::Wrong => "WRONG",
        };
        write!(f, "{verdict:5}  {}: {}", self.check, self.found)?;
        self.advice.map_or(Ok(()), |advice| write!(f, "; {advice}"))
    }
}

fn ok(check: &'static str, found: impl Into<String>) -> Finding {
    Finding { check, verdict: Verdict::Ok, found: found.into(), advice: None }
}

fn note(check: &'static str, found: impl Into<String>, advice: &'static str) -> Finding {
    Finding { check, verdict: Verdict::Note, found: found.into(), advice: Some(advice) }
}

fn wrong(check: &'static str, found: impl Into<String>, advice: &'static str) -> Finding {
    Finding { check, verdict: Verdict::Wrong, found: found.into(), advice: Some(advice) }
}

/// Says how everything is.
pub(super) async fn examine(settings: &Settings, json: bool) -> Result<(), OperationError> {
    let now = Clock::of_the_machine().now();
    let mut findings = vec![ok("settings", "read; --print-config shows them")];
    findings.extend(database(settings, now).await);
    findings.push(secret(settings));
    findings.extend(accepted_secret(settings));
    findings.extend(keys(settings));
    if let DatabaseUrl::Sqlite(path) = &settings.database {
        findings.extend(disk(path, settings.backup_plan()));
    }
    findings.push(backup(settings, now));
    let bad = findings.iter().filter(|finding| finding.verdict == Verdict::Wrong).count();
    if json {
        let report = Report { healthy: bad == 0, findings: &findings };
        let report = serde_json::to_string(&report).map_err(io::Error::from);
        say(&report.map_err(OperationError::Output)?)?;
    } else {
        findings.iter().try_for_each(|finding| say(&finding.to_string()))?;
    }
    if bad == 0 { Ok(()) } else { Err(OperationError::Wrong(bad)) }
}

async fn database(settings: &Settings, now: Timestamp) -> Vec<Finding> {
    let shown = settings.shown_database();
    if let DatabaseUrl::Sqlite(path) = &settings.database
        && !path.exists()
    {
        return vec![note("database", format!("{shown} is not there"), "the first start makes it")];
    }
    match timeout(PATIENCE, settings.database.examine()).await {
        Ok(Ok(examined)) => {
            let mut findings = vec![ok("database", format!("{shown} answers"))];
            findings.extend(inside(&examined, settings));
            findings.extend(clock(&examined, now));
            findings
        }
        Ok(Err(error @ StoreError::Corrupt(_))) => {
            let found = format!("{shown} cannot be read: {}", Chain(&error));
            vec![wrong("integrity", found, "put a backup back: `restore`")]
        }
        Ok(Err(error)) => {
            let found = format!("{shown} cannot be reached: {}", Chain(&error));
            vec![wrong("database", found, "start it, or set database_url right")]
        }
        Err(_) => vec![wrong("database", format!("{shown} does not answer"), "look at its log")],
    }
}

fn inside(examined: &Examined, settings: &Settings) -> Vec<Finding> {
    let file = matches!(settings.database, DatabaseUrl::Sqlite(_));
    let tables = match examined.tables {
        Tables::Current => ok("tables", "those of this version"),
        Tables::Newer => {
            wrong("tables", "those of a newer version", "install that, or restore a backup")
        }
        Tables::Missing | Tables::Older if file => {
            note("tables", "not those of this version yet", "the next start does it")
        }
        Tables::Missing | Tables::Older => {
            wrong("tables", "not those of this version", "run `migrate`")
        }
    };
    let integrity = match &examined.damage {
        None => ok("integrity", "nothing is damaged"),
        Some(damage) => wrong("integrity", damage.as_str(), "put a backup back: `restore`"),
    };
    let zones = if examined.derived {
        ok("zones", format!("derived with zone data {}", chrono_tz::IANA_TZDB_VERSION))
    } else {
        note("zones", "derived with other zone data", "the next start or migrate renews it")
    };
    vec![tables, integrity, zones]
}

/// Two clocks that should agree: ours, and the database's or that of whoever used it last.
fn clock(examined: &Examined, now: Timestamp) -> Option<Finding> {
    let wound = "set the clocks by the network (NTP)";
    if let Some(clock) = examined.clock {
        let apart = clock.millis().abs_diff(now.millis());
        let found = format!("{apart} ms from that of the database");
        let far = apart > APART_MILLIS;
        return Some(if far { wrong("clock", found, wound) } else { ok("clock", found) });
    }
    let used = examined.used_at?;
    let behind = used.millis().saturating_sub(now.millis());
    if behind > i64::try_from(APART_MILLIS).unwrap_or(i64::MAX) {
        return Some(wrong("clock", format!("it says {now}, and was used at {used}"), wound));
    }
    Some(ok("clock", format!("it says {now}")))
}

fn secret(settings: &Settings) -> Finding {
    const CHECK: &str = "secret";
    match (&settings.secret, &settings.database) {
        (Some(_), _) => ok(CHECK, "set, and long enough"),
        (None, DatabaseUrl::Sqlite(path)) => {
            let file = secret_beside(path);
            match Secret::found(&file) {
                Ok(Some(_)) => ok(CHECK, format!("{}, for its owner alone", file.display())),
                Ok(None) => note(CHECK, "there is none", "the first start makes it"),
                Err(error) => {
                    wrong(CHECK, Chain(&error).to_string(), "without it no server starts")
                }
            }
        }
        (None, DatabaseUrl::Postgres(_)) => {
            wrong(CHECK, "there is none", "set JWT_SECRET to the output of `openssl rand -hex 32`")
        }
    }
}

/// The secret that counts as well, if there is one: a server does not start without being able to read it.
fn accepted_secret(settings: &Settings) -> Option<Finding> {
    const CHECK: &str = "accepted secret";
    match (&settings.accepted_secret, &settings.database) {
        (Some(_), _) => Some(ok(CHECK, "set, and long enough")),
        (None, DatabaseUrl::Sqlite(path)) => {
            let file = secret_before(path);
            match Secret::found(&file) {
                Ok(None) => None,
                Ok(Some(_)) => Some(ok(CHECK, format!("{} counts as well", file.display()))),
                Err(error) => {
                    Some(wrong(CHECK, Chain(&error).to_string(), "without it no server starts"))
                }
            }
        }
        (None, DatabaseUrl::Postgres(_)) => None,
    }
}

/// Keys that sign or check in the secret's place, where there are any.
fn keys(settings: &Settings) -> Vec<Finding> {
    const CHECK: &str = "keys";
    let told = |read: Result<String, KeyError>| match read {
        Ok(found) => ok(CHECK, found),
        Err(error) => wrong(CHECK, Chain(&error).to_string(), "without it no server starts"),
    };
    let signing = settings
        .private_key
        .as_ref()
        .map(|pem| told(SigningKey::read(pem).map(|key| format!("{} signs", key.public().kid()))));
    let accepted = settings.accepted_keys.as_ref().map(|pem| {
        let named = |keys: Vec<PublicKey>| keys.iter().map(PublicKey::kid).collect::<Vec<_>>();
        told(PublicKey::read(pem).map(|keys| format!("accepted: {}", named(keys).join(", "))))
    });
    signing.into_iter().chain(accepted).collect()
}

/// Room for the database to grow, and for a backup of it.
fn disk(database: &Path, plan: Option<BackupPlan>) -> Vec<Finding> {
    const CHECK: &str = "disk";
    let needed = std::fs::metadata(database).map_or(0, |meta| 2 * meta.len()).max(FREE_MIN);
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
    let more = plan.map(|plan| plan.folder).filter(|more| *more != folder);
    let look = |folder: PathBuf| match rustix::fs::statvfs(&folder) {
        Ok(found) => {
            let free = found.f_bavail.saturating_mul(found.f_frsize);
            let found = format!("{} MiB are free in {}", free >> 20, folder.display());
            if free < needed { wrong(CHECK, found, "make room") } else { ok(CHECK, found) }
        }
        Err(error) => {
            let found = format!("{}: {error}", folder.display());
            wrong(CHECK, found, "make the folder, or mount its disk")
        }
    };
    [Some(folder), more].into_iter().flatten().map(look).collect()
}

fn backup(settings: &Settings, now: Timestamp) -> Finding {
    const CHECK: &str = "backup";
    let Some(plan) = settings.backup_plan() else {
        return note(CHECK, "none are made without asking", "run `backup` from a timer");
    };
    match plan.newest(now) {
        Ok(Some(newest)) if plan.next(plan.next(newest)) < now => {
            let found = format!("the newest is of {newest}");
            wrong(CHECK, found, "look in the server's log why none was made since")
        }
        Ok(Some(newest)) => ok(CHECK, format!("the newest is of {newest}")),
        Ok(None) => note(CHECK, "there is none yet", "a server makes it a minute after its start"),
        Err(error) => wrong(CHECK, Chain(&error).to_string(), "make backup_dir readable"),
    }
}
