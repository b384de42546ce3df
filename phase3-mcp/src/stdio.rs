//! Serving over standard input and output. Nothing but the protocol may be written there: a single
//! other line and a client gives up.

use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use rmcp::transport::stdio_pipes;

use crate::backend::Backend;
use crate::server::McpServer;

/// Why serving ended otherwise than by the client's wish.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The client did not speak the protocol.
    #[error("the client and we do not understand each other")]
    Handshake(#[source] Box<ServerInitializeError>),
    /// The work was cut off.
    #[error("the server was cut off")]
    CutOff(#[source] tokio::task::JoinError),
}

/// Answers a client on standard input and output until it closes them. What it has begun is finished
/// first.
pub async fn serve<B: Backend>(server: McpServer<B>) -> Result<(), ServeError> {
    let serving = match server.serve(stdio_pipes()).await {
        Ok(serving) => serving,
        // It looked in and left.
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => return Err(ServeError::Handshake(Box::new(error))),
    };
    serving.waiting().await.map(drop).map_err(ServeError::CutOff)
}
