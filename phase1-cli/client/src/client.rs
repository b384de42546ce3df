//! A server, and who one is there.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use todo_core::ErrorCode;

use crate::address::Server;
use crate::api::Account;
use crate::error::{ClientError, Refusal};
use crate::http::{Answer, Asked, Http};
use crate::keep::{Keeper, Kept, Token, Tokens};

/// How somebody proves who they are.
#[derive(Clone)]
pub enum Proof {
    /// With a password; a session begins.
    Password {
        /// The account's address.
        email: String,
        /// What only its owner knows.
        password: String,
    },
    /// With a personal access token, which was made before.
    Personal(String),
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Password { .. } => "Password(..)",
            Self::Personal(_) => "Personal(..)",
        })
    }
}

/// One who has logged in. Every call waits for its answer.
#[derive(Debug)]
pub struct Client {
    server: Server,
    http: Http,
    /// Where the tokens are kept; one that was only handed over is kept by nobody.
    keeper: Option<Keeper>,
    kept: RefCell<Kept>,
}

#[derive(Deserialize)]
struct Session {
    access_token: Token,
    refresh_token: Option<Token>,
}

impl Client {
    /// With what was kept in `folder` when somebody logged in. Nothing is asked yet.
    pub fn open(folder: &Path, server: Server) -> Result<Self, ClientError> {
        let keeper = Keeper::new(folder, &server);
        let kept = keeper.read()?.filter(|kept| kept.server == server.as_str());
        let kept = kept.ok_or_else(|| ClientError::LoggedOut(server.to_string()))?;
        if server.can_be_overheard() && !kept.insecure {
            return Err(ClientError::Overheard(server.to_string()));
        }
        let keeper = Some(keeper);
        Ok(Self { http: Http::new(&server), keeper, kept: RefCell::new(kept), server })
    }

    /// With a personal token that was handed over, and is written nowhere. Nothing is asked yet.
    pub fn with_token(
        server: Server,
        token: impl Into<String>,
        insecure: bool,
    ) -> Result<Self, ClientError> {
        if server.can_be_overheard() && !insecure {
            return Err(ClientError::Overheard(server.to_string()));
        }
        let tokens = Tokens::Personal { token: Token(token.into()) };
        let kept = RefCell::new(Kept { server: server.to_string(), insecure, tokens });
        Ok(Self { http: Http::new(&server), keeper: None, kept, server })
    }

    /// Logs in, and keeps the tokens in `folder` once the server has told whose they are.
    pub fn log_in(
        folder: &Path,
        server: Server,
        proof: Proof,
        insecure: bool,
    ) -> Result<(Self, Account), ClientError> {
        if server.can_be_overheard() && !insecure {
            return Err(ClientError::Overheard(server.to_string()));
        }
        let http = Http::new(&server);
        let tokens = match proof {
            Proof::Personal(token) => Tokens::Personal { token: Token(token) },
            Proof::Password { email, password } => {
                let asked = Asked::post("/api/auth/login")
                    .json(&json!({ "email": email, "password": password }));
                session(http.ask(&server, &asked, None)?.read(&server)?, None, &server)?
            }
        };
        let keeper = Keeper::new(folder, &server);
        let kept = RefCell::new(Kept { server: server.to_string(), insecure, tokens });
        let mut client = Self { server, http, keeper: None, kept };
        let account = client.first_asked()?;
        let held = keeper.hold()?;
        let before = keeper.read();
        keeper.write(&client.kept.borrow())?;
        drop(held);
        client.keeper = Some(keeper);
        // A session that nobody can use any more would stand in the list of sessions for a week. If
        // the server cannot be told, it does.
        if let Ok(Some(Kept { tokens: Tokens::Session { refresh_token, .. }, .. })) = before {
            let _told = client.end(&refresh_token);
        }
        Ok((client, account))
    }

    /// Ends a session on the server.
    fn end(&self, refresh_token: &Token) -> Result<(), ClientError> {
        let asked =
            Asked::post("/api/auth/logout").json(&json!({ "refresh_token": refresh_token }));
        match self.http.ask(&self.server, &asked, None) {
            // It is over already.
            Err(ClientError::Refused(refusal)) if refusal.status == 401 => Ok(()),
            told => told.map(drop),
        }
    }

    fn first_asked(&self) -> Result<Account, ClientError> {
        let asked = Asked::get("/api/auth/me");
        let answer = self.http.ask(&self.server, &asked, Some(self.kept.borrow().tokens.bearer()));
        answer?.read(&self.server)
    }

    /// Waits for nothing longer than this, whatever is usual.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { http: self.http.with_patience(patience), ..self }
    }

    /// Logs out: the session ends there, too, and the tokens are forgotten, whether or not the
    /// server can be told. A personal token goes on elsewhere: it is forgotten here.
    pub fn log_out(self) -> Result<(), ClientError> {
        let Some(keeper) = &self.keeper else { return Ok(()) };
        let held = keeper.hold()?;
        let kept = keeper.read()?.unwrap_or_else(|| self.kept.borrow().clone());
        let told = match &kept.tokens {
            Tokens::Personal { .. } => Ok(()),
            Tokens::Session { refresh_token, .. } => self.end(refresh_token),
        };
        keeper.remove()?;
        drop(held);
        told
    }

    /// What the token that counts now makes of something: it goes to the server and to nobody else.
    pub(crate) fn told_token<T>(&self, make: impl FnOnce(&str) -> T) -> T {
        make(self.kept.borrow().tokens.bearer())
    }

    /// Sees to it that there is a token that counts, for whoever was told elsewhere that this one does not: one
    /// that others have got meanwhile, or one that is renewed when the server says so, too.
    pub fn see_to_token(&self) -> Result<(), ClientError> {
        let kept = self.keeper.as_ref().map(Keeper::read).transpose()?.flatten();
        match kept.filter(|kept| kept.tokens != self.kept.borrow().tokens) {
            Some(kept) => {
                self.kept.replace(kept);
                Ok(())
            }
            None => self.account().map(drop),
        }
    }

    /// Which server it is.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The folder in which other things about this server may be kept.
    pub fn folder(folder: &Path, server: &Server) -> PathBuf {
        folder.join(server.file_name())
    }

    /// Asks in the caller's name. An access token that has run out is renewed and the request sent
    /// again: it was not carried out. One that got no answer is sent once more, if that is safe.
    pub(crate) fn ask(&self, asked: &Asked) -> Result<Answer, ClientError> {
        let answer = self.ask_now(asked);
        match answer {
            Err(ClientError::Refused(refusal)) if is_unknown(&refusal) => {
                self.renew(*refusal)?;
                self.ask_now(asked)
            }
            Err(ClientError::Unanswered { .. }) if asked.is_repeatable() => self.ask_now(asked),
            answer => answer,
        }
    }

    fn ask_now(&self, asked: &Asked) -> Result<Answer, ClientError> {
        let kept = self.kept.borrow();
        self.http.ask(&self.server, asked, Some(kept.tokens.bearer()))
    }

    /// Gets the next tokens, or takes those that another process has got meanwhile.
    ///
    /// The server gives the same ones again for half a minute: who crashes between its answer and
    /// the disk loses nothing if `todo` is called again by then, and must log in again else. Before
    /// it is asked the file is written as it is, so that a full disk is found out while the old
    /// token still counts.
    fn renew(&self, refusal: Refusal) -> Result<(), ClientError> {
        let over = || ClientError::SessionOver(self.server.to_string());
        let Some(keeper) = &self.keeper else {
            return Err(ClientError::TokenRefused(self.server.to_string()));
        };
        let _held = keeper.hold()?;
        let kept = keeper.read()?.ok_or_else(|| ClientError::LoggedOut(self.server.to_string()))?;
        if kept.tokens != self.kept.borrow().tokens {
            self.kept.replace(kept);
            return Ok(());
        }
        let Tokens::Session { refresh_token, .. } = &kept.tokens else {
            return Err(ClientError::Refused(Box::new(refusal)));
        };
        keeper.write(&kept)?;
        let asked =
            Asked::post("/api/auth/refresh").json(&json!({ "refresh_token": refresh_token }));
        // Lost on the way, it is sent again: within the half minute it gets the same answer.
        let answer = match self.http.ask(&self.server, &asked, None) {
            Err(ClientError::Unanswered { .. }) => self.http.ask(&self.server, &asked, None),
            answer => answer,
        };
        let answer = answer.map_err(|error| match error {
            ClientError::Refused(refusal) if refusal.status == 401 => over(),
            error => error,
        })?;
        let tokens = session(answer.read(&self.server)?, Some(refresh_token), &self.server)?;
        let next = Kept { tokens, ..kept.clone() };
        keeper.write(&next)?;
        self.kept.replace(next);
        Ok(())
    }
}

/// Whether it was the token that was refused.
fn is_unknown(refusal: &Refusal) -> bool {
    refusal.status == 401 && refusal.code == ErrorCode::Unauthorized
}

/// The tokens of an answer; one that brings no new token for renewal leaves the old one.
fn session(session: Session, old: Option<&Token>, server: &Server) -> Result<Tokens, ClientError> {
    let Session { access_token, refresh_token } = session;
    let refresh_token = refresh_token.or_else(|| old.cloned());
    let missing = || ClientError::strange(server, "it gave no token to stay logged in with");
    Ok(Tokens::Session { access_token, refresh_token: refresh_token.ok_or_else(missing)? })
}
