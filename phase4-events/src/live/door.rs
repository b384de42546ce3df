//! The way in: who may open a socket, and how they say who they are.
//!
//! A token is never in an address, for addresses are logged. A program sends it as a header; a page, which
//! cannot, asks for a ticket and sends that as a subprotocol beside `todo.v1`, or sends token or ticket in
//! its first message.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, FromRequestParts, Path, State};
use axum::http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use todo_core::{ErrorCode, Owner};
use todo_web::{Admission, ApiError, App, ClientAddress, TICKET_SECONDS};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Live, socket};

/// The subprotocol that is spoken.
const PROTOCOL: &str = "todo.v1";
/// What stands before a ticket among the subprotocols.
const TICKET: &str = "ticket.";

/// Longest message that is taken: a token is shorter.
pub(super) const MESSAGE_MAX: usize = 8 * 1024;
/// What is read at a time. An idle socket keeps this much.
const READ: usize = 2 * 1024;
/// Longest that is written: an event with a task of the longest fields there may be.
const WRITTEN_MAX: usize = 4 * 1024 * 1024;

/// A ticket for a socket.
#[derive(Serialize, ToSchema)]
#[schema(as = SocketTicket)]
pub(super) struct Made {
    /// Sent as the subprotocol `ticket.…` beside `todo.v1`, or in the first message.
    ticket: String,
    /// For how many seconds it counts.
    expires_in: i64,
}

/// Makes a ticket that opens one socket.
///
/// It stands for the token that it is asked for with, counts for half a minute and once. Whoever may
/// read may ask for one.
#[utoipa::path(
    post,
    path = "/api/ws/ticket",
    tag = "live",
    operation_id = "make_socket_ticket",
    responses((status = 201, description = "Made.", body = Made)),
)]
pub(super) async fn ticket(
    State(app): State<App>,
    admission: Admission,
) -> (StatusCode, Json<Made>) {
    let made = Made { ticket: admission.ticket(&app), expires_in: TICKET_SECONDS };
    (StatusCode::CREATED, Json(made))
}

/// Opens a socket that tells what happens to the caller's tasks.
///
/// The token is sent as a header, a ticket as the subprotocol `ticket.…` beside `todo.v1`; or either in
/// the first message, `{"type":"auth","token":…}`, within ten seconds. With `since`, what has happened
/// after that event comes first.
#[utoipa::path(
    get,
    path = "/ws",
    tag = "live",
    operation_id = "open_socket",
    security((), ("token" = [])),
    responses(
        (status = 101, description = "The socket is open."),
        (status = 401, description = "The token or ticket does not count."),
        (status = 403, description = "The page is of an origin that is not let in."),
    ),
)]
pub(super) async fn connect(
    State(app): State<App>,
    Extension(live): Extension<Live>,
    upgrade: WebSocketUpgrade,
    guest: Guest,
) -> Response {
    open(app, live, upgrade, guest, None)
}

/// The same for a user who is named: nobody but the caller.
#[utoipa::path(
    get,
    path = "/ws/user/{user_id}/tasks",
    tag = "live",
    operation_id = "open_socket_of_user",
    params(("user_id" = Uuid, Path, description = "The caller's id.")),
    security((), ("token" = [])),
    responses(
        (status = 101, description = "The socket is open."),
        (status = 401, description = "The token or ticket does not count."),
        (status = 403, description = "It is another user's, or the page's origin is not let in."),
        (status = 404, description = "The id is none."),
    ),
)]
pub(super) async fn connect_to(
    State(app): State<App>,
    Extension(live): Extension<Live>,
    owner: Result<Path<Uuid>, PathRejection>,
    upgrade: WebSocketUpgrade,
    guest: Guest,
) -> Result<Response, ApiError> {
    let nobody = |_| ApiError::new(ErrorCode::NotFound, "there is no such user");
    let Path(owner) = owner.map_err(nobody)?;
    let owner = Owner(owner);
    if guest.admission.is_some_and(|admission| admission.owner() != owner) {
        return Err(ApiError::new(ErrorCode::Forbidden, "this is another user's"));
    }
    Ok(open(app, live, upgrade, guest, Some(owner)))
}

fn open(
    app: App,
    live: Live,
    upgrade: WebSocketUpgrade,
    guest: Guest,
    only: Option<Owner>,
) -> Response {
    let serve = move |socket: WebSocket| socket::serve(socket, app, live, guest, only);
    upgrade
        .protocols([PROTOCOL])
        .max_message_size(MESSAGE_MAX)
        .max_frame_size(MESSAGE_MAX)
        .read_buffer_size(READ)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITTEN_MAX)
        .on_upgrade(serve)
}

/// Who wants a socket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guest {
    /// If they have said it already.
    pub(super) admission: Option<Admission>,
    pub(super) from: Option<ClientAddress>,
}

impl FromRequestParts<App> for Guest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        if app.is_draining() {
            let message = "the server is stopping; connect again";
            return Err(ApiError::new(ErrorCode::StorageUnavailable, message));
        }
        if !app.may_connect(&parts.headers, &parts.uri) {
            let message = "pages of this origin may not open a socket here";
            return Err(ApiError::new(ErrorCode::Forbidden, message));
        }
        let from = parts.extensions.get().copied();
        let admission = if parts.headers.contains_key(AUTHORIZATION) {
            Some(Admission::from_request_parts(parts, app).await?)
        } else if let Some(ticket) = ticket_of(&parts.headers) {
            Some(Admission::by_ticket(ticket, app).await?)
        } else {
            None
        };
        Ok(Self { admission, from })
    }
}

/// The ticket among the subprotocols, if there is one.
fn ticket_of(headers: &HeaderMap) -> Option<&str> {
    let lists = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let mut named = lists.filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(','));
    named.find_map(|name| name.trim().strip_prefix(TICKET))
}
