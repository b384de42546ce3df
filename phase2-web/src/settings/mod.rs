//! What an operator decides (SPEC 13): defaults < file < environment < flags. What is not known is
//! refused, so that a mistyped name is not a silent default.

mod act;
mod collector;
mod command_line;
mod given;
mod keys;
mod mail;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::http::HeaderValue;
use todo_core::error::excerpt;
use todo_store::DatabaseUrl;
use tracing_subscriber::EnvFilter;

pub use act::{Act, Operation, Target, UserAct};
pub use command_line::{Invocation, Usage, command, read, read_as};

use given::{Given, Source};
use keys::KEYS;

use crate::auth::{KeyError, Pem, PublicKey, Registration, Secret, SigningKey};
use crate::telemetry::Traces;
use crate::{BackupPlan, Mail, Rate, TrustedProxies};

/// The file that is read when none is named, if it is there.
const FILE: &str = "todo.toml";

/// How the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

impl LogFormat {
    /// What fits where the log goes.
    pub(crate) fn fit_for(terminal: bool) -> Self {
        if terminal { Self::Pretty } else { Self::Json }
    }
}

/// What an operator decides.
#[derive(Debug)]
pub struct Settings {
    /// Where everything is kept.
    pub database: DatabaseUrl,
    /// Where it is reached past a pooler of transactions, where there is one.
    pub direct: Option<DatabaseUrl>,
    /// The name or address to listen at.
    pub host: String,
    /// The port to listen at.
    pub port: u16,
    /// Where users reach the server.
    pub public_url: Option<String>,
    /// What tokens are signed with.
    pub secret: Option<Secret>,
    /// What tokens may be signed with as well.
    pub accepted_secret: Option<Secret>,
    /// What access tokens are signed with instead.
    pub private_key: Option<Pem>,
    /// What they are checked with as well.
    pub accepted_keys: Option<Pem>,
    /// Who may make an account.
    pub registration: Registration,
    /// How mail is sent, if it is.
    pub mail: Option<Mail>,
    /// Which proxies are believed.
    pub proxies: TrustedProxies,
    /// Whose pages may ask.
    pub origins: Vec<HeaderValue>,
    /// How many requests a client may make.
    pub rate: Rate,
    /// Where metrics are served, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// Whether somebody has asked for them there: nobody misses a default.
    pub metrics_asked: bool,
    /// How often a SQLite file is backed up.
    pub backup_every: Option<Duration>,
    /// How many of these backups are kept.
    pub backup_keep: NonZeroU32,
    /// Where they lie.
    pub backup_dir: Option<PathBuf>,
    /// Who collects traces, if anybody.
    pub traces: Option<Traces>,
    /// What is logged.
    pub log: EnvFilter,
    /// How.
    pub log_format: Option<LogFormat>,
    given: Given,
}

impl Settings {
    fn new(given: Given) -> Result<Self, SettingsError> {
        let set = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Ok(Self {
            database: read_one(&given, "database_url", |text| text.parse().map_err(into_text))?,
            direct: read_one(&given, "database_direct_url", |text| match text {
                "" => Ok(None),
                text => direct(text, given.of("database_url").0).map(Some),
            })?,
            host: read_one(&given, "host", |text| {
                set(text).ok_or_else(|| "must not be empty".to_owned())
            })?,
            port: read_one(&given, "port", |text| text.parse().map_err(|_| not_a_port(text)))?,
            public_url: read_one(&given, "public_url", |text| match text {
                "" => Ok(None),
                url => origin(url).map(|_| set(url)),
            })?,
            secret: read_one(&given, "jwt_secret", secret)?,
            accepted_secret: read_one(&given, "jwt_accepted_secret", secret)?,
            private_key: read_one(&given, "jwt_private_key", |text| {
                pem(text, |pem| SigningKey::read(pem).map(drop))
            })?,
            accepted_keys: read_one(&given, "jwt_accepted_keys", |text| {
                pem(text, |pem| PublicKey::read(pem).map(drop))
            })?,
            registration: read_one(&given, "registration", |text| {
                text.parse().map_err(|bad| format!("{bad}: {:?}", excerpt(text)))
            })?,
            mail: mail::read(&given)?,
            proxies: read_one(&given, "trusted_proxies", |text| {
                text.parse().map_err(|bad| format!("{bad}: {:?}", excerpt(text)))
            })?,
            origins: read_one(&given, "cors_origins", |text| {
                text.split(',').map(str::trim).filter(|o| !o.is_empty()).map(origin).collect()
            })?,
            rate: read_one(&given, "rate_limit", rate)?,
            metrics: read_one(&given, "metrics_addr", |text| match text {
                "" | "off" => Ok(None),
                text => text.parse().map(Some).map_err(|_| not_a_socket(text)),
            })?,
            metrics_asked: given.of("metrics_addr").1 != Source::Default,
            backup_every: read_one(&given, "backup_every", period)?,
            backup_keep: read_one(&given, "backup_keep", |text| {
                text.parse().map_err(|_| format!("must be 1 or more, not {:?}", excerpt(text)))
            })?,
            backup_dir: read_one(&given, "backup_dir", |text| Ok(set(text).map(PathBuf::from)))?,
            traces: collector::read(&given)?,
            log: read_one(&given, "log", |text| {
                EnvFilter::try_new(text).map_err(|_| not_a_filter(text))
            })?,
            log_format: read_one(&given, "log_format", |text| match text {
                "" => Ok(None),
                "json" => Ok(Some(LogFormat::Json)),
                "pretty" => Ok(Some(LogFormat::Pretty)),
                text => Err(format!("must be json or pretty, not {:?}", excerpt(text))),
            })?,
            given,
        })
    }

    /// The database as it may be shown.
    pub(crate) fn shown_database(&self) -> String {
        without_password(self.given.of("database_url").0)
    }

    /// Which backups are made while it serves: those of a file.
    pub fn backup_plan(&self) -> Option<BackupPlan> {
        let DatabaseUrl::Sqlite(database) = &self.database else { return None };
        let beside = || match database.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        Some(BackupPlan {
            database: database.clone(),
            folder: self.backup_dir.clone().unwrap_or_else(beside),
            every: self.backup_every?,
            keep: usize::try_from(self.backup_keep.get()).unwrap_or(usize::MAX),
        })
    }

    /// Whether users come by https.
    pub fn https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}

/// Every setting as it came out and where it came from, as lines of a settings file. Of secrets, only
/// whether they are set.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for key in KEYS {
            let (text, source) = self.given.of(key.name);
            let name = key.name;
            match (text, key.secret) {
                ("", _) => writeln!(f, "# {name} is unset")?,
                (_, true) => writeln!(f, "# {name} is set ({source})")?,
                (text, false) => {
                    let shown = toml::Value::from(without_password(text));
                    writeln!(f, "{name} = {shown} # {source}")?;
                }
            }
        }
        Ok(())
    }
}

/// A URL as it may be shown.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let (who, place) = match rest.rsplit_once('@') {
        // A password that is not written as it must be, or one in the query: nobody can say.
        Some((who, _)) if who.contains('?') => return format!("{scheme}://…"),
        Some((who, place)) => match who.split_once(':') {
            Some((user, _)) => (format!("{user}:…@"), place),
            None => (format!("{who}@"), place),
        },
        None => (String::new(), rest),
    };
    // A query may hold a password as well.
    let (place, query) = place.split_once('?').map_or((place, ""), |(place, _)| (place, "?…"));
    format!("{scheme}://{who}{place}{query}")
}

fn read_one<T>(
    given: &Given,
    name: &'static str,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, SettingsError> {
    let (text, source) = given.of(name);
    let said_by = || source.to_string();
    read(text.trim()).map_err(|problem| SettingsError::Bad { name, said_by: said_by(), problem })
}

fn secret(text: &str) -> Result<Option<Secret>, String> {
    match text {
        "" => Ok(None),
        text => Secret::new(text.as_bytes()).map(Some).map_err(into_text),
    }
}

/// Keys as they were given. Those that stand here are looked at here; a file is, when it is needed.
fn pem(text: &str, look: impl FnOnce(&Pem) -> Result<(), KeyError>) -> Result<Option<Pem>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let pem = Pem::given(text);
    if pem.file().is_none() {
        look(&pem).map_err(into_text)?;
    }
    Ok(Some(pem))
}

/// One of PostgreSQL, as the other must be.
fn direct(text: &str, database: &str) -> Result<DatabaseUrl, String> {
    let both = [text.parse().map_err(into_text)?, database.parse().map_err(into_text)?];
    match both {
        [url @ DatabaseUrl::Postgres(_), DatabaseUrl::Postgres(_)] => Ok(url),
        _ => Err("is for PostgreSQL alone: a file has no pooler".to_owned()),
    }
}

fn into_text(error: impl fmt::Display) -> String {
    error.to_string()
}

fn not_a_port(text: &str) -> String {
    format!("must be a number from 0 to 65535, not {:?}", excerpt(text))
}

fn not_a_socket(text: &str) -> String {
    format!("must be off, or an address and a port such as 127.0.0.1:9000, not {:?}", excerpt(text))
}

fn not_a_filter(text: &str) -> String {
    format!("must be a level or a filter such as info,sqlx=debug, not {:?}", excerpt(text))
}

/// `https://example.org`: a scheme and a host, perhaps a port, and nothing behind it.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |host: &str| {
        let known = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        !host.is_empty() && host.chars().all(known)
    };
    let fits = host.filter(|host| plain(host)).and_then(|_| HeaderValue::from_str(text).ok());
    fits.ok_or_else(|| {
        format!("holds {:?}, which is not like https://todo.example.org", excerpt(text))
    })
}

fn rate(text: &str) -> Result<Rate, String> {
    if text == "off" {
        return Ok(Rate::Off);
    }
    let number = text.strip_suffix("/min").and_then(|number| number.trim().parse().ok());
    // More than a million a minute is no limit, and finer than the clock that counts them.
    let number = number.filter(|number: &NonZeroU32| number.get() <= 1_000_000);
    let problem = || format!("must be off or like 600/min, not {:?}", excerpt(text));
    number.map(Rate::PerMinute).ok_or_else(problem)
}

fn period(text: &str) -> Result<Option<Duration>, String> {
    if text == "off" {
        return Ok(None);
    }
    let minutes = [("m", 1), ("h", 60), ("d", 24 * 60)].into_iter().find_map(|(unit, minutes)| {
        let number: NonZeroU32 = text.strip_suffix(unit)?.trim().parse().ok()?;
        Some(u64::from(number.get()) * minutes)
    });
    let problem = || format!("must be off or like 1d, 6h or 30m, not {:?}", excerpt(text));
    minutes.map(|minutes| Some(Duration::from_mins(minutes))).ok_or_else(problem)
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{}: {error}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file is not TOML.
    #[error("{}, line {line}: {problem}", .file.display())]
    NotToml {
        /// The file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// The file sets what does not exist.
    #[error("{}: there is no setting {name:?}{}", .file.display(), meant(.like.as_deref()))]
    UnknownKey {
        /// As it was written, shortened.
        name: String,
        /// The file.
        file: PathBuf,
        /// The one that was meant, perhaps.
        like: Option<String>,
    },
    /// The file gives a table or a date where a text belongs.
    #[error("{}: {name} must be a text, not {kind}", .file.display())]
    WrongType {
        /// The setting.
        name: &'static str,
        /// The file.
        file: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// A variable of the environment holds bytes that are no text.
    #[error("{variable} in the environment is not UTF-8")]
    NotText {
        /// The variable.
        variable: String,
    },
    /// A value that the setting cannot have.
    #[error("{name} ({said_by}) {problem}")]
    Bad {
        /// The setting.
        name: &'static str,
        /// Where it was said.
        said_by: String,
        /// What is wrong.
        problem: String,
    },
}

fn meant(like: Option<&str>) -> String {
    like.map(|like| format!("; did you mean {like}?")).unwrap_or_default()
}

/// The settings file: the one that is named must be there, the ordinary one may.
fn read_file(named: Option<&Path>, folder: &Path) -> Result<Option<File>, SettingsError> {
    let file = named.unwrap_or_else(|| Path::new(FILE));
    match std::fs::read_to_string(folder.join(file)) {
        Ok(text) => Ok(Some(File { name: file.into(), text })),
        Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => Ok(None),
        Err(error) => Err(SettingsError::Unreadable { file: file.into(), error }),
    }
}

/// A settings file.
struct File {
    name: PathBuf,
    text: String,
}
