//! The account of the person who asks: its address, its sessions, its tokens.

use axum::http::Method;
use serde_json::{Value, json};

use super::body::Path;
use super::{Base, Rest};
use crate::http::Asked;

impl<B: Base> Rest<B> {
    /// The server's address.
    pub fn url(&self) -> String {
        self.person.url()
    }

    /// The database that their tasks are in, among others'.
    pub fn database(&self) -> String {
        self.person.database()
    }

    /// The address and the password of their account, which is made if need be.
    ///
    /// # Panics
    /// If it cannot be made.
    pub fn account(&mut self) -> (String, &'static str) {
        self.arrive().expect("an account");
        self.person.account()
    }

    /// Ends all their sessions but the one that this asks in.
    ///
    /// # Panics
    /// If that is refused.
    pub fn end_other_sessions(&mut self) {
        let answer = self.person.ask(Asked::new(Method::DELETE, "/api/auth/sessions"));
        assert!(answer.is_ok_and(|answer| answer.status.is_success()), "the sessions are not over");
    }

    /// How many sessions of theirs there are.
    ///
    /// # Panics
    /// If they cannot be counted.
    pub fn sessions(&mut self) -> usize {
        let told: Value = self.get(Path::new("/api/auth/sessions")).expect("the sessions");
        told["sessions"].as_array().map_or(0, Vec::len)
    }

    /// A personal token of theirs: to `read`, or to `write`.
    ///
    /// # Panics
    /// If it is not given.
    pub fn token(&mut self, scope: &str) -> String {
        let asked = Asked::new(Method::POST, "/api/auth/tokens");
        let asked = asked.json(&json!({ "name": "a terminal", "scope": scope }));
        let made: Value = self.answer(asked).expect("a token");
        made["token"].as_str().unwrap_or_default().to_owned()
    }

    /// Takes every personal token of theirs back.
    ///
    /// # Panics
    /// If that is refused.
    pub fn revoke_tokens(&mut self) {
        let told: Value = self.get(Path::new("/api/auth/tokens")).expect("the tokens");
        for id in
            told["tokens"].as_array().into_iter().flatten().filter_map(|one| one["id"].as_str())
        {
            let asked = Asked::new(Method::DELETE, format!("/api/auth/tokens/{id}"));
            let answer = self.person.ask(asked);
            assert!(answer.is_ok_and(|answer| answer.status.is_success()), "a token is left");
        }
    }
}
