//! Why a socket is closed: a code for programs, a word for people.

use axum::extract::ws::{CloseFrame, Utf8Bytes};

/// Why a socket is closed by us. The codes from 4000 on are ours (RFC 6455 7.4.2), their last digits those of
/// the HTTP status that says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// The client has closed it, or is gone.
    Done,
    /// The server stops or starts anew: come back at once, with the last `seq`.
    Restart,
    /// What was sent is not of the protocol of sockets.
    Protocol,
    /// A binary message.
    Binary,
    /// A text that is no UTF-8.
    NoText,
    /// A message that is longer than any may be.
    TooLong,
    /// The storage cannot be reached: come back in a while, with the last `seq`.
    Unavailable,
    /// What was sent is no message.
    Malformed,
    /// The token or ticket does not count.
    Unauthorized,
    /// Another user's stream.
    Forbidden,
    /// Nobody said who they are in time, or nothing was heard for too long.
    Timeout,
    /// The client takes its messages too slowly: come back with the last `seq`.
    Behind,
    /// More messages were sent than any client has reason to.
    Flood,
    /// The owner has as many sockets as one may have.
    TooMany,
    /// What let the client in no longer counts: the token has expired, somebody has logged out, the
    /// password was changed, the account is gone.
    Over,
}

impl Close {
    /// The code that is sent.
    pub fn code(self) -> u16 {
        match self {
            Self::Done => 1000,
            Self::Protocol => 1002,
            Self::Binary => 1003,
            Self::NoText => 1007,
            Self::TooLong => 1009,
            Self::Restart => 1012,
            Self::Unavailable => 1013,
            Self::Malformed => 4400,
            Self::Unauthorized => 4401,
            Self::Forbidden => 4403,
            Self::Timeout => 4408,
            Self::Behind => 4413,
            Self::Flood => 4429,
            Self::TooMany => 4430,
            Self::Over => 4440,
        }
    }

    /// The word that is sent with it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "",
            Self::Protocol => "protocol_error",
            Self::Binary => "text_only",
            Self::NoText => "not_utf8",
            Self::TooLong => "too_long",
            Self::Restart => "restart",
            Self::Unavailable => "storage_unavailable",
            Self::Malformed => "validation_error",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::Timeout => "timeout",
            Self::Behind => "behind",
            Self::Flood => "rate_limited",
            Self::TooMany => "limit_exceeded",
            Self::Over => "session_over",
        }
    }

    pub(super) fn frame(self) -> CloseFrame {
        CloseFrame { code: self.code(), reason: Utf8Bytes::from_static(self.word()) }
    }
}
