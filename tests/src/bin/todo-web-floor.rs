//! The floor under the web benchmark: the least a program with axum, sqlx and one table can do.
//!
//! No rules, no events, no undo, no cursors, no log-in but the id of a user in a header. It opens
//! the database as the real one does, so that a write is as safe. `tests/bench/web/run` measures it
//! beside `todo-web`: the distance between the two is what `todo-web` adds.
//!
//! ```text
//! todo-web-floor seed URL USERS TASKS    make the table, and so many tasks for each user
//! todo-web-floor serve URL PORT          answer on 127.0.0.1
//! ```

use std::error::Error;
use std::net::Ipv4Addr;

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::net::TcpListener;
use uuid::Uuid;

/// How it is called, said when it is called some other way.
const USAGE: &str = "usage: todo-web-floor seed URL USERS TASKS | serve URL PORT";
/// As many connections as the real one opens.
const CONNECTIONS: u32 = 16;
/// What says which user a request is of.
const USER: &str = "x-user";
/// Rows of one statement of the seed.
const CHUNK: u32 = 1000;

#[derive(Debug, Serialize, sqlx::FromRow)]
struct Task {
    id: i64,
    title: String,
    description: Option<String>,
    status: String,
    priority: String,
    project: Option<String>,
    tags: String,
    due_date: Option<String>,
    created_at: i64,
    updated_at: i64,
    completed_at: Option<i64>,
    version: i64,
}

#[derive(Debug, Deserialize)]
struct NewTask {
    title: String,
    description: Option<String>,
    priority: Option<String>,
    project: Option<String>,
    due_date: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Listing {
    limit: i64,
    search: Option<String>,
}

/// What a request was refused for.
#[derive(Debug)]
enum Fault {
    Nobody,
    NotFound,
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => Self::NotFound,
            error => Self::Database(error),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        match self {
            Self::Nobody => StatusCode::UNAUTHORIZED.into_response(),
            Self::NotFound => StatusCode::NOT_FOUND.into_response(),
            Self::Database(error) => {
                (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
            }
        }
    }
}

fn user(headers: &HeaderMap) -> Result<Uuid, Fault> {
    let text = headers.get(USER).and_then(|value| value.to_str().ok());
    text.and_then(|text| text.parse().ok()).ok_or(Fault::Nobody)
}

/// The users of the seed, as `tests/bench/web/run` names them.
fn nth_user(n: u32) -> Uuid {
    Uuid::from_u128(u128::from(n) + 1)
}

/// The same handlers over either database: what differs is the type, and how a text is searched.
macro_rules! floor {
    ($name:ident, $database:ty, $id:literal, $bytes:literal, $find:literal) => {
        mod $name {
            use axum::extract::{Path, Query, State};
            use axum::http::HeaderMap;
            use axum::routing::{get, post};
            use axum::{Json, Router};
            use sqlx::{Pool, QueryBuilder};

            use super::{CHUNK, Fault, Listing, NewTask, StatusCode, Task, nth_user, user};

            /// Connections that read, and those that write.
            #[derive(Debug, Clone)]
            pub(super) struct Pools {
                pub(super) read: Pool<$database>,
                pub(super) write: Pool<$database>,
            }

            pub(super) fn routes(pools: Pools) -> Router {
                Router::new()
                    .route("/tasks", get(list).post(create))
                    .route("/tasks/{id}", get(one))
                    .route("/tasks/{id}/complete", post(complete))
                    .route("/ready", get(|| async { "ready" }))
                    .with_state(pools)
            }

            async fn one(
                State(pools): State<Pools>,
                Path(id): Path<i64>,
                headers: HeaderMap,
            ) -> Result<Json<Task>, Fault> {
                let task = sqlx::query_as("SELECT * FROM tasks WHERE id = $1 AND owner = $2");
                Ok(Json(task.bind(id).bind(user(&headers)?).fetch_one(&pools.read).await?))
            }

            async fn list(
                State(pools): State<Pools>,
                Query(listing): Query<Listing>,
                headers: HeaderMap,
            ) -> Result<Json<Vec<Task>>, Fault> {
                let owner = user(&headers)?;
                let tasks = match listing.search {
                    None => sqlx::query_as(
                        "SELECT * FROM tasks WHERE owner = $1 AND status = 'pending' \
                             ORDER BY due_date, id LIMIT $2",
                    )
                    .bind(owner)
                    .bind(listing.limit),
                    Some(text) => sqlx::query_as(concat!(
                        "SELECT * FROM tasks WHERE owner = $1 AND status = 'pending' AND ",
                        $find,
                        "(title, $3) > 0 ORDER BY due_date, id LIMIT $2",
                    ))
                    .bind(owner)
                    .bind(listing.limit)
                    .bind(text),
                };
                Ok(Json(tasks.fetch_all(&pools.read).await?))
            }

            async fn create(
                State(pools): State<Pools>,
                headers: HeaderMap,
                Json(new): Json<NewTask>,
            ) -> Result<(StatusCode, Json<Task>), Fault> {
                let task = sqlx::query_as(
                    "INSERT INTO tasks (owner, title, description, status, priority, project, \
                     tags, due_date, created_at, updated_at, version) \
                     VALUES ($1, $2, $3, 'pending', $4, $5, '[]', $6, 0, 0, 1) RETURNING *",
                )
                .bind(user(&headers)?)
                .bind(new.title)
                .bind(new.description)
                .bind(new.priority.unwrap_or_else(|| "medium".to_owned()))
                .bind(new.project)
                .bind(new.due_date)
                .fetch_one(&pools.write);
                Ok((StatusCode::CREATED, Json(task.await?)))
            }

            async fn complete(
                State(pools): State<Pools>,
                Path(id): Path<i64>,
                headers: HeaderMap,
            ) -> Result<Json<Task>, Fault> {
                let task = sqlx::query_as(
                    "UPDATE tasks SET status = 'completed', completed_at = 0, \
                     version = version + 1 WHERE id = $1 AND owner = $2 RETURNING *",
                );
                Ok(Json(task.bind(id).bind(user(&headers)?).fetch_one(&pools.write).await?))
            }

            pub(super) async fn seed(
                pools: &Pools,
                users: u32,
                tasks: u32,
            ) -> Result<(), sqlx::Error> {
                let mut transaction = pools.write.begin().await?;
                sqlx::query(concat!(
                    "CREATE TABLE tasks (id ",
                    $id,
                    ", owner ",
                    $bytes,
                    " NOT NULL,
                     title TEXT NOT NULL, description TEXT, status TEXT NOT NULL,
                     priority TEXT NOT NULL, project TEXT, tags TEXT NOT NULL, due_date TEXT,
                     created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
                     completed_at BIGINT, version BIGINT NOT NULL)",
                ))
                .execute(&mut *transaction)
                .await?;
                let all: Vec<u32> = (0..users * tasks).collect();
                for chunk in all.chunks(CHUNK as usize) {
                    let mut insert = QueryBuilder::<$database>::new(
                        "INSERT INTO tasks (owner, title, description, status, priority, \
                         project, tags, due_date, created_at, updated_at, version) ",
                    );
                    insert.push_values(chunk, |mut row, at| {
                        let (of, day) = (at / tasks, at % 28 + 1);
                        row.push_bind(nth_user(of))
                            .push_bind(format!("Call the plumber about pipe {at}"))
                            .push("'Leaks at night; the number is on the fridge'")
                            .push("'pending', 'medium', 'home/kitchen', '[\"phone\",\"home\"]'")
                            .push_bind(format!("2026-12-{day:02}T17:00:00+01:00"))
                            .push("0, 0, 1");
                    });
                    insert.build().execute(&mut *transaction).await?;
                }
                sqlx::query("CREATE INDEX tasks_of_owner ON tasks (owner, due_date)")
                    .execute(&mut *transaction)
                    .await?;
                transaction.commit().await?;
                sqlx::query("ANALYZE").execute(&pools.write).await.map(drop)
            }
        }
    };
}

floor!(lite, sqlx::Sqlite, "INTEGER PRIMARY KEY", "BLOB", "instr");
floor!(
    postgres,
    sqlx::Postgres,
    "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
    "UUID",
    "strpos"
);

/// `SQLite` has one writer and any number of readers, each synced as `todo-web` has it.
async fn open_file(path: &str) -> Result<lite::Pools, sqlx::Error> {
    let connect = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = |connections| SqlitePoolOptions::new().max_connections(connections);
    Ok(lite::Pools {
        write: pool(1).connect_with(connect.clone()).await?,
        read: pool(CONNECTIONS).connect_with(connect.read_only(true)).await?,
    })
}

async fn open_server(url: &str) -> Result<postgres::Pools, sqlx::Error> {
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect(url).await?;
    Ok(postgres::Pools { read: pool.clone(), write: pool })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["seed", url, users, tasks] => {
            let (users, tasks) = (users.parse()?, tasks.parse()?);
            match url.strip_prefix("sqlite://") {
                Some(path) => lite::seed(&open_file(path).await?, users, tasks).await?,
                None => postgres::seed(&open_server(url).await?, users, tasks).await?,
            }
        }
        ["serve", url, port] => {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.parse()?)).await?;
            let routes = match url.strip_prefix("sqlite://") {
                Some(path) => lite::routes(open_file(path).await?),
                None => postgres::routes(open_server(url).await?),
            };
            axum::serve(listener, routes).await?;
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}
