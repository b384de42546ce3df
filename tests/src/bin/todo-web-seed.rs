//! Fills a database for the web benchmark, and logs its users in.
//!
//! ```text
//! todo-web-seed seed URL USERS TASKS    make users with so many tasks each; print a refresh token a line
//! todo-web-seed tokens ADDRESS FILE     use the refresh tokens in FILE at a server and leave the next
//!                                       ones there; print an access token a line
//! ```
//!
//! Users and tasks come about as they do in `todo-web`: through the store and the rules.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::time::SystemTime;

use axum::http::Method;
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use todo_core::service::Server;
use todo_core::text::{Description, Project, Tags, Title};
use todo_core::{
    Actor, ActorKind, Command, Ctx, Due, Item, NewTask, Owner, TaskError, TaskId, Timestamp,
};
use todo_store::accounts::{By, Email, NewSession, NewUser, PasswordHash, Profile};
use todo_store::{DatabaseUrl, Options, Store};
use todo_tests::http::{Asked, Client};
use tokio::task::JoinSet;
use uuid::Uuid;

const USAGE: &str = "usage: todo-web-seed seed URL USERS TASKS | tokens ADDRESS FILE";
/// So many at a time.
const AT_ONCE: usize = 32;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["seed", url, users, tasks] => seed(url, users.parse()?, tasks.parse()?).await,
        ["tokens", address, file] => tokens(address, file).await,
        _ => Err(USAGE.into()),
    }
}

async fn seed(url: &str, users: u32, tasks: u32) -> Result<(), Failure> {
    let store = Store::open(&url.parse::<DatabaseUrl>()?, &Options::default()).await?;
    store.migrate().await?;
    let now = present()?;
    let mut making = JoinSet::new();
    for n in 0..users {
        if making.len() == AT_ONCE {
            making.join_next().await.transpose()?.transpose()?;
        }
        let store = store.clone();
        making.spawn(async move { user(&store, n, tasks, now).await });
    }
    while let Some(made) = making.join_next().await {
        made??;
    }
    store.close().await;
    print(&(0..users).map(refresh_token).collect::<Vec<_>>());
    Ok(())
}

/// One user: an account that cannot be logged in to by a password, a session, and tasks.
async fn user(store: &Store, n: u32, tasks: u32, now: Timestamp) -> Result<(), Failure> {
    let owner = Owner(id(now, n, 0));
    let new = NewUser {
        owner,
        email: Email::new(&format!("user-{n}@example.org")).map_err(TaskError::from)?,
        password: PasswordHash::new("$argon2id$none".to_owned()),
        profile: Profile::default(),
    };
    let by = By::operator(now, Uuid::nil());
    store.create_user(&new, &by).await?;
    let token = BASE64URL_NOPAD.decode(refresh_token(n).as_bytes())?;
    let session = NewSession {
        id: id(now, n, u32::MAX),
        owner,
        token_version: 1,
        digest: Sha256::digest(token).into(),
        user_agent: None,
    };
    store.open_session(&session, &by).await?;
    let ctx = Ctx {
        owner,
        actor: Actor { kind: ActorKind::User, id: owner.0 },
        now,
        zone: new.profile.zone,
        week_start: new.profile.week_start,
        preferences: new.profile.preferences,
        correlation: Uuid::nil(),
        causation: None,
    };
    for nth in 1..=tasks {
        let command = Command::One(Item::Create(Box::new(task(&ctx, n, nth)?)));
        Server::scheduled(store).execute(&command, &ctx).await?;
    }
    Ok(())
}

/// As the floor's are.
fn task(ctx: &Ctx, user: u32, nth: u32) -> Result<NewTask, TaskError> {
    let title = Title::new(&format!("Call the plumber about pipe {user}-{nth}"))?;
    let due = format!("2026-12-{:02}T17:00:00+01:00", (user + nth) % 28 + 1);
    let wrong = |problem| TaskError::field("due_date", problem);
    let due = Due::parse(&due, None, ctx.zone).map_err(wrong)?;
    Ok(NewTask {
        description: Some(Description::new("Leaks at night; the number is on the fridge")?),
        project: Some(Project::new("home/kitchen")?),
        tags: Tags::parse(&["phone", "home"])?,
        due_date: Some(due),
        reminders: Some(Vec::new()),
        ..NewTask::new(TaskId(id(ctx.now, user, nth)), title)
    })
}

/// A uuid v7 of this moment, the same whenever it is asked for.
fn id(now: Timestamp, user: u32, nth: u32) -> Uuid {
    let millis = u128::try_from(now.millis()).unwrap_or_default();
    let (version, variant) = (7_u128 << 76, 2_u128 << 62);
    let number = u128::from(user) << 28 | u128::from(nth >> 4);
    Uuid::from_u128(millis << 80 | version | variant | number << 4 | u128::from(nth & 15))
}

/// The first refresh token of a user. The benchmark's database holds no secrets.
fn refresh_token(user: u32) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(user.to_be_bytes()))
}

async fn tokens(address: &str, file: &str) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Session {
        access_token: String,
        refresh_token: String,
    }
    let client = Client::new(address.parse()?);
    let (mut access, mut refresh) = (Vec::new(), String::new());
    for token in fs::read_to_string(file)?.lines() {
        let asked = Asked::new(Method::POST, "/api/auth/refresh");
        let answer = client.ask(asked.json(&json!({ "refresh_token": token }))).await?;
        let session: Session = answer.json()?;
        access.push(session.access_token);
        writeln!(refresh, "{}", session.refresh_token)?;
    }
    fs::write(file, refresh)?;
    print(&access);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the answer of the program")]
fn print(lines: &[String]) {
    println!("{}", lines.join("\n"));
}

/// The sessions must be as old as the server's clock says.
#[expect(clippy::disallowed_methods, reason = "a program of its own, with an edge of its own")]
fn present() -> Result<Timestamp, Failure> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(Timestamp::from_millis(i64::try_from(since.as_millis())?))
}
