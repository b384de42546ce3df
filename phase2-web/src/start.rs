//! From settings to a server that answers, and to its end.

mod error;

use std::convert::Infallible;
use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use todo_core::StoreError;
use todo_store::{DatabaseUrl, Options, Store};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::chain::Chain;
use crate::operate;
use crate::settings::{self, Act, Invocation, Settings, Usage};
use crate::{
    App, Clock, Front, Keys, Parts, PasswordCost, Passwords, PublicKey, Secret, SessionCache,
    SigningKey, Stopped, files, router, serve, serve_metrics, shutdown, telemetry,
};

pub(crate) use error::StartError;

/// How long a database that cannot be reached is waited for: as long as it takes to start beside us.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between two tries, at most.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// How long work that cannot be stopped, and a connection of the database, are waited for at the end.
const LAST_WORK: Duration = Duration::from_secs(2);

/// Threads for what blocks: password hashes, of which no more run than there are cores, two files
/// that are worked on, and little else. The database has its own.
const BLOCKING_THREADS: usize = 16;

/// A wrong command line or wrong settings.
const USAGE: u8 = 2;

/// A server: what it has beside what every one has.
pub trait Program {
    /// What it is called.
    const NAME: &'static str;
    /// Whether a scheduler makes what the clock brings (R5).
    const SCHEDULED: bool;

    /// Every route that it answers.
    fn router(&self, app: &App) -> Router;
    /// Begins what runs beside answering.
    fn begin(&mut self, app: &App);
    /// Ends that, once the last request was answered.
    fn end(self) -> impl Future<Output = ()>;
}

/// `todo-web`: nothing but the routes.
#[derive(Debug)]
pub struct Web;

impl Program for Web {
    const NAME: &'static str = "todo-web";
    const SCHEDULED: bool = false;

    fn router(&self, app: &App) -> Router {
        router(app.clone())
    }

    fn begin(&mut self, _: &App) {}

    async fn end(self) {}
}

/// Does what a program was called for with these words, of which the first is its own name.
pub fn main<P: Program>(program: P, words: impl IntoIterator<Item = OsString>) -> ExitCode {
    match settings::read(words, |name| std::env::var_os(name), Path::new("")) {
        Ok(invocation) => run(program, invocation),
        Err(Usage::CommandLine(error)) => {
            // Help and the version go to standard output and are no failure; a closed pipe is quiet.
            let _printed = error.print();
            ExitCode::from(if error.use_stderr() { USAGE } else { 0 })
        }
        Err(usage) => {
            complain(P::NAME, &usage);
            ExitCode::from(USAGE)
        }
    }
}

/// Does what was asked; the status is 1 when that failed.
pub fn run<P: Program>(program: P, invocation: Invocation) -> ExitCode {
    let Invocation { act, settings } = invocation;
    if act == Act::PrintConfig {
        return print(&settings);
    }
    on_runtime(P::NAME, carry_out(program, act, settings))
}

/// Has an operator do something else with the application, without answering requests; the status is 1
/// when that failed.
pub fn operate(
    name: &'static str,
    settings: Settings,
    work: impl AsyncFnOnce(App) -> Result<(), Box<dyn Error + Send + Sync>>,
) -> ExitCode {
    attended(name, settings, StartError::Amid, async |settings| {
        let store = prepare(false, settings).await?;
        let done = work(application(store.clone(), settings, true)?).await;
        close(&store).await;
        done.map_err(StartError::Other)
    })
}

/// Has an operator look at the database, which a server may have open; the status is 1 when that failed.
pub fn look(
    name: &'static str,
    settings: Settings,
    work: impl AsyncFnOnce(&DatabaseUrl) -> Result<(), Box<dyn Error + Send + Sync>>,
) -> ExitCode {
    attended(name, settings, StartError::Interrupted, async |settings| {
        work(&settings.database).await.map_err(StartError::Other)
    })
}

/// Does what an operator asked for, until a signal ends it.
fn attended(
    name: &'static str,
    settings: Settings,
    ended: StartError,
    work: impl AsyncFnOnce(&Settings) -> Result<(), StartError>,
) -> ExitCode {
    on_runtime(name, async {
        let settings = settings;
        let telemetry = telemetry::start(settings.log.clone(), settings.log_format, None, name)?;
        let stop = shutdown::signalled().map_err(StartError::Signals)?;
        let done = tokio::select! {
            () = stop => Err(ended),
            done = work(&settings) => done,
        };
        telemetry.finish().await;
        done
    })
}

fn on_runtime(name: &'static str, work: impl Future<Output = Result<(), StartError>>) -> ExitCode {
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
        .map_err(StartError::Runtime)
        .and_then(|runtime| {
            let done = runtime.block_on(work);
            // What still blocks was cut off, and has nobody to answer to.
            runtime.shutdown_timeout(LAST_WORK);
            done
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(name, &error);
            ExitCode::FAILURE
        }
    }
}

/// Tells an operator, in one line, why nothing runs.
pub fn complain(name: &str, error: &(dyn Error + 'static)) {
    // Nobody may be reading.
    let _told = writeln!(io::stderr().lock(), "{name}: {}", Chain(error));
}

fn print(settings: &Settings) -> ExitCode {
    match write!(io::stdout().lock(), "{settings}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

async fn carry_out<P: Program>(program: P, act: Act, settings: Settings) -> Result<(), StartError> {
    // Of what an operator does, the log is enough.
    let traces = settings.traces.as_ref().filter(|_| matches!(act, Act::Serve { .. }));
    let (log, format) = (settings.log.clone(), settings.log_format);
    let telemetry = telemetry::start(log, format, traces, P::NAME)?;
    let done = stoppable(program, act, &settings).await;
    telemetry.finish().await;
    done
}

async fn stoppable<P: Program>(
    program: P,
    act: Act,
    settings: &Settings,
) -> Result<(), StartError> {
    // From here on a signal ends what was begun, instead of tearing it.
    let stop = shutdown::signalled().map_err(StartError::Signals)?;
    tokio::pin!(stop);
    let migrate = match act {
        Act::Serve { migrate } => migrate,
        Act::Migrate | Act::PrintConfig => true,
        Act::Operate(operation) => {
            return tokio::select! {
                () = &mut stop => Err(StartError::Interrupted),
                done = operate::carry_out(operation, settings) => Ok(done?),
            };
        }
    };
    let store = tokio::select! {
        // Nobody waits for a server that was not there yet; for tables somebody does.
        () = &mut stop => return match act {
            Act::Migrate => Err(StartError::Unfinished),
            _ => Ok(()),
        },
        store = prepare(migrate, settings) => store?,
    };
    if let Act::Serve { .. } = act {
        answer(program, store.clone(), settings, stop).await?;
    } else {
        tracing::info!("the tables are up to date");
    }
    close(&store).await;
    Ok(())
}

async fn close(store: &Store) {
    if timeout(LAST_WORK, store.close()).await.is_err() {
        tracing::warn!("the database was left before all of its connections were closed");
    }
}

/// Opens the database with this version's tables.
pub(crate) async fn prepare(migrate: bool, settings: &Settings) -> Result<Store, StartError> {
    let at = || settings.shown_database();
    let origin = Some(telemetry::origin(settings.traces.is_some()));
    let options = Options { direct: settings.direct.clone(), origin, ..Options::default() };
    let store = Store::open(&settings.database, &options)
        .await
        .map_err(|error| StartError::Database(at(), error))?;
    let migrated = reach(&store).await.map_err(|error| StartError::Database(at(), error))?;
    // A file is ours alone; a server may be asked by others who run another version.
    let ours = matches!(settings.database, DatabaseUrl::Sqlite(_));
    if migrate || ours {
        store.migrate().await.map_err(|error| StartError::Migration(at(), error))?;
    } else if !migrated {
        return Err(StartError::NotMigrated(at()));
    } else {
        match store.check_direct().await {
            // It is away, and the database is not: sessions are asked for more often.
            Err(StoreError::Unavailable(_)) => {}
            checked => checked.map_err(|error| StartError::Database(at(), error))?,
        }
    }
    Ok(store)
}

/// Waits for a database that is starting; says whether it has this version's tables.
async fn reach(store: &Store) -> Result<bool, StoreError> {
    let until = Instant::now() + PATIENCE;
    let mut pause = Duration::from_millis(100);
    loop {
        match store.migrated().await {
            Err(StoreError::Unavailable(error)) if Instant::now() + pause < until => {
                tracing::warn!(error = %Chain(error.as_ref()), "waiting for the database");
                tokio::time::sleep(pause).await;
                pause = PAUSE_MAX.min(pause * 2);
            }
            answer => return answer,
        }
    }
}

async fn answer<P: Program>(
    mut program: P,
    store: Store,
    settings: &Settings,
    stop: impl Future<Output = ()>,
) -> Result<(), StartError> {
    let app = application(store, settings, P::SCHEDULED)?;
    let listen = (settings.host.as_str(), settings.port);
    let refused = |error| StartError::Listen(settings.host.clone(), settings.port, error);
    let listener = TcpListener::bind(listen).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let watched = watched(&app, settings).await?;
    let url = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let note = if P::SCHEDULED { "" } else { "; reminders fire only under todo-server" };
    tracing::info!(%address, "open {url}/docs{note}");
    let backups = settings.backup_plan().map(|plan| tokio::spawn(plan.follow(app.clock.clone())));
    // Else it is the scheduler's.
    let sweeper = (!P::SCHEDULED).then(|| tokio::spawn(app.clone().keep_sweeping()));
    program.begin(&app);
    let stopped = serve(listener, program.router(&app), &app, stop).await;
    program.end().await;
    // What it had begun is done wholly or not at all.
    if let Some(sweeper) = sweeper {
        sweeper.abort();
    }
    if let Some(watched) = watched {
        watched.abort();
    }
    if let Some(backups) = backups {
        // One that is being made leaves nothing behind.
        backups.abort();
    }
    match stopped {
        Stopped::Clean => tracing::info!("stopped; every request was answered"),
        Stopped::CutOff(left) => tracing::warn!(connections = left, "stopped; some were cut off"),
    }
    Ok(())
}

/// Serves metrics, where there is an address for them, until the end: it is watched how the server
/// stops. A second server on a machine goes without, unless it was asked for them.
async fn watched(
    app: &App,
    settings: &Settings,
) -> Result<Option<JoinHandle<Infallible>>, StartError> {
    let Some(at) = settings.metrics else { return Ok(None) };
    let refused = |error| StartError::Listen(at.ip().to_string(), at.port(), error);
    let listener = match TcpListener::bind(at).await {
        Ok(listener) => listener,
        Err(error) if !settings.metrics_asked => {
            tracing::warn!(address = %at, %error, "metrics are served nowhere; set metrics_addr");
            return Ok(None);
        }
        Err(error) => return Err(refused(error)),
    };
    let address = listener.local_addr().map_err(refused)?;
    tracing::info!(%address, "metrics are at http://{address}/metrics");
    Ok(Some(tokio::spawn(serve_metrics(listener, app.clone()))))
}

fn application(store: Store, settings: &Settings, scheduled: bool) -> Result<App, StartError> {
    let keys = keys(settings)?;
    let parts = Parts {
        store,
        clock: Clock::of_the_machine(),
        cursors: keys.cursors(),
        keys,
        passwords: Passwords::new(PasswordCost::default()).map_err(StartError::Passwords)?,
        registration: settings.registration,
        sessions: SessionCache::default(),
        scheduled,
    };
    let front = Front {
        connections: files::room(),
        rate: settings.rate,
        origins: settings.origins.clone(),
        public_origin: settings.public_url.clone(),
        host: Some(settings.host.clone()),
        proxies: settings.proxies.clone(),
        mail: settings.mail.clone(),
        ..Front::default()
    };
    Ok(App::with_front(parts, front))
}

/// What everything is signed with, and what else counts while that changes.
fn keys(settings: &Settings) -> Result<Keys, StartError> {
    let before = match (&settings.accepted_secret, &settings.database) {
        (None, DatabaseUrl::Sqlite(path)) => Secret::found(&secret_before(path))?,
        (given, _) => given.clone(),
    };
    let mut keys = Keys::new(&secret(settings)?, before.as_ref());
    if let Some(pem) = &settings.private_key {
        keys = keys.signing_with(&SigningKey::read(pem).map_err(StartError::PrivateKey)?);
    }
    if let Some(pem) = &settings.accepted_keys {
        keys = keys.accepting(PublicKey::read(pem).map_err(StartError::AcceptedKeys)?);
    }
    Ok(keys)
}

/// The operator's secret. Beside a file one is made and kept; a server's tables may be shared by
/// several of us, who must have the same.
pub(crate) fn secret(settings: &Settings) -> Result<Secret, StartError> {
    match (&settings.secret, &settings.database) {
        (Some(secret), _) => Ok(secret.clone()),
        (None, DatabaseUrl::Sqlite(path)) => Ok(Secret::kept(&secret_beside(path))?),
        (None, _) => Err(StartError::NoSecret),
    }
}

/// `todo.secret` for `todo.db`.
pub(crate) fn secret_beside(database: &Path) -> PathBuf {
    database.with_extension("secret")
}

/// Where an operator puts the secret that is to be replaced: another one is made then, and this one
/// counts until it is taken away.
pub(crate) fn secret_before(database: &Path) -> PathBuf {
    database.with_extension("secret.before")
}
