//! From the command line to a server that answers, and to its end.

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::iter::once;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use clap::Parser;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use todo_client::{Client, ClientError, Server};
use todo_core::StoreError;
use todo_file::FileError;
use todo_store::{DatabaseUrl, Options, Store};
use todo_web::{App, start};
use tracing_subscriber::EnvFilter;

use crate::backend::{Backend, Database, File, NoSuchUser, OnServer};
use crate::check;
use crate::fault::Fault;
use crate::server::McpServer;
use crate::tools::Tools;
use crate::{Secrets, ServeError, edge, routes, serve};

/// Threads for what blocks: the file takes one at a time, and a pipe may need two.
const BLOCKING_THREADS: usize = 4;

/// How long a server is waited for: an assistant gives up sooner than a terminal.
const PATIENCE: Duration = Duration::from_mins(1);

/// Tasks as tools for assistants, over the Model Context Protocol on standard input and output.
#[derive(Debug, Parser)]
#[command(name = "todo-mcp", version, about, long_about = None)]
pub struct Settings {
    /// The tasks' file [default: $`TODO_FILE`, else the file of `todo`]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["database", "user", "server"])]
    file: Option<PathBuf>,
    /// Instead of a file, the server at this address, with the token in $`TODO_TOKEN`, else as logged in with `todo login`
    #[arg(long, value_name = "URL", conflicts_with_all = ["database", "user"])]
    server: Option<Server>,
    /// Send $`TODO_TOKEN` to a server without encryption, where nobody else is on the way
    #[arg(long, requires = "server")]
    insecure: bool,
    /// Instead of a file, the database of a server [default with --user: $`DATABASE_URL`]
    #[arg(long, value_name = "URL", requires = "user")]
    database: Option<DatabaseUrl>,
    /// Only say what a client will see
    #[arg(long)]
    check: bool,
    /// Instead, serve accounts over HTTP, with all that `todo-web` does; see --http --help
    #[arg(
        long, value_name = "OPTIONS OF todo-web", num_args = 0.., allow_hyphen_values = true,
        conflicts_with_all = ["file", "server", "database", "user", "check"],
    )]
    http: Option<Vec<OsString>>,
    /// The e-mail address of the account whose tasks these are
    #[arg(long, value_name = "EMAIL")]
    user: Option<String>,
}

/// What `--http` is: a server, and the tools in it.
struct OverHttp;

impl start::Program for OverHttp {
    const NAME: &'static str = "todo-mcp";
    const SCHEDULED: bool = false;

    fn router(&self, app: &App) -> Router {
        todo_web::router_with(app.clone(), routes(app))
    }

    fn begin(&mut self, _: &App) {}

    async fn end(self) {}
}

/// Serves until the client leaves; the status is 1 when it could not.
pub fn run(mut settings: Settings) -> ExitCode {
    if let Some(words) = settings.http.take() {
        return start::main(OverHttp, once("todo-mcp --http".into()).chain(words));
    }
    log();
    let done = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
        .map_err(StartError::Runtime)
        .and_then(|runtime| {
            let done = runtime.block_on(answer(settings));
            // A read of standard input that nobody ends must not hold the process.
            runtime.shutdown_background();
            done
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may be reading.
            let _told = writeln!(io::stderr().lock(), "todo-mcp: {}", chain(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error and its causes, in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut told = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push(error.to_string());
        cause = error.source();
    }
    // Some repeat their cause.
    told.dedup_by(|cause, error| error.ends_with(cause.as_str()));
    told.join(": ")
}

/// Logs go to standard error. What the protocol's library says of single messages is what stands in
/// tasks: it is left out, whatever is asked for.
fn log() {
    let wanted = EnvFilter::try_from_env("LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let filter = "rmcp=error"
        .parse()
        .map_or_else(|_| EnvFilter::new("warn"), |own| wanted.add_directive(own));
    let logger = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A logger that is there already, in a test, stays.
    let _there = logger.try_init();
}

async fn answer(settings: Settings) -> Result<(), StartError> {
    let Settings { file: named, server, insecure, database: url, check, user, .. } = settings;
    if let Some(server) = server {
        let place = format!("the server {server}");
        return on(on_server(server, insecure)?, check.then_some(place)).await;
    }
    if let Some(user) = user {
        let place = format!("the account {user}");
        let database = database(url, &user).await?;
        return Box::pin(on(database, check.then_some(place))).await;
    }
    let file = file(named)?;
    let place = file.path().display().to_string();
    on(file, check.then_some(place)).await
}

/// Serves, or says what would be served.
async fn on<B: Backend>(backend: B, check: Option<String>) -> Result<(), StartError> {
    let clock = edge::clock().map_err(StartError::Now)?;
    // One process serves one client: nobody else need take what it signs.
    let secrets = Secrets::new(&edge::random().map_err(StartError::Random)?);
    let tools = Tools::new(backend, clock, secrets);
    let Some(place) = check else { return Ok(serve(McpServer::new(tools)).await?) };
    let told = check::report(&tools, &place).await.map_err(StartError::Check)?;
    io::stdout().lock().write_all(told.as_bytes()).map_err(StartError::Told)
}

fn file(named: Option<PathBuf>) -> Result<File, StartError> {
    let named = named.or_else(edge::named_file);
    let path = if let Some(path) = named {
        path
    } else {
        let path = edge::default_file().ok_or(StartError::Homeless)?;
        make_own_folder(&path)?;
        path
    };
    Ok(File::open(&path, edge::system_zone())?)
}

/// The platform's data folder is ours to make; a folder somebody names is theirs.
fn make_own_folder(path: &Path) -> Result<(), StartError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    let made = std::fs::create_dir_all(folder);
    made.map_err(|source| StartError::Folder { folder: folder.to_owned(), source })
}

/// A server, with the token of the environment, else with what the terminal keeps of a log-in. Each
/// token has a copy of its own: they may be of different accounts.
fn on_server(server: Server, insecure: bool) -> Result<OnServer, StartError> {
    let folder = edge::servers_folder().ok_or(StartError::NoHome)?;
    let own = Client::folder(&folder, &server);
    let (client, name) = match edge::token() {
        Some(token) => {
            let token = token.trim();
            (Client::with_token(server, token, insecure)?, copy_for(token))
        }
        None => (Client::open(&folder, server)?, "copy.json".to_owned()),
    };
    make_private_folder(&own)?;
    let client = client.with_patience(PATIENCE);
    Ok(OnServer::new(client, &own.join(name), edge::system_zone())?)
}

/// What the copy for a token is called: of the token nobody learns anything by it.
fn copy_for(token: &str) -> String {
    let digest = Sha256::digest(token);
    format!("assistant-{}.json", HEXLOWER.encode(&digest[..8]))
}

/// Which servers somebody uses is theirs to know.
fn make_private_folder(folder: &Path) -> Result<(), StartError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = builder.create(folder);
    made.map_err(|source| StartError::Folder { folder: folder.to_owned(), source })
}

async fn database(named: Option<DatabaseUrl>, user: &str) -> Result<Database, StartError> {
    let url = match named {
        Some(url) => url,
        // It may hold a password, which an argument would show to everybody on the machine.
        None => match std::env::var("DATABASE_URL") {
            Ok(text) => text.parse().map_err(StartError::Url)?,
            Err(_) => return Err(StartError::NoDatabase),
        },
    };
    let store = Store::open(&url, &Options::default()).await.map_err(StartError::Database)?;
    if !store.migrated().await.map_err(StartError::Database)? {
        return Err(StartError::NotMigrated);
    }
    Ok(Database::of(store, user).await?)
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("the runtime cannot be started: {0}")]
    Runtime(io::Error),
    #[error("{name} {0}", name = edge::NOW_VARIABLE)]
    Now(todo_core::Problem),
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
    #[error("there is no home folder; name a file with --file")]
    Homeless,
    #[error("there is no home folder for the copy of the server's tasks; set HOME to one")]
    NoHome,
    #[error("{error}{}", .error.hint().map(|hint| format!("; {hint}")).unwrap_or_default())]
    Client {
        #[from]
        error: ClientError,
    },
    #[error("the folder {} cannot be made", folder.display())]
    Folder { folder: PathBuf, source: io::Error },
    #[error(transparent)]
    File(#[from] FileError),
    #[error("name the database with --database, or in DATABASE_URL")]
    NoDatabase,
    #[error("DATABASE_URL {0}")]
    Url(todo_store::BadUrl),
    #[error("the database cannot be opened")]
    Database(#[source] StoreError),
    #[error("the tables are not those of this version; run `todo-web migrate`")]
    NotMigrated,
    #[error(transparent)]
    User(#[from] NoSuchUser),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error("a client would be refused: {0}")]
    Check(Fault),
    #[error("standard output cannot be written: {0}")]
    Told(io::Error),
}

#[cfg(test)]
mod tests {
    use super::copy_for;

    /// S6: two accounts of one server never share what was fetched for one of them.
    #[test]
    fn each_token_has_a_copy_of_its_own() {
        let copies = ["todo_pat_one", "todo_pat_two"].map(copy_for);
        assert_ne!(copies[0], copies[1]);
        assert!(copies.iter().all(|name| !name.contains("todo_pat")), "{copies:?}");
    }
}
