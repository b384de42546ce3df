//! `user`: accounts, by their operator. Passwords come by the terminal or standard input: everybody
//! on a machine can read the command lines of its processes.

use serde::Serialize;
use todo_core::event::{Actor, ActorKind};
use todo_core::{Owner, Timestamp};
use todo_store::Store;
use todo_store::accounts::{By, Email, Farewell, NewUser, Profile};
use uuid::Uuid;

use super::password::asked;
use super::{OperationError, say};
use crate::auth::InviteLink;
use crate::edge::fresh_id;
use crate::post::{self, Text};
use crate::settings::{Settings, UserAct};
use crate::{Clock, Keys, PasswordCost, Passwords, start};

/// Does something about accounts.
pub(super) async fn act(act: UserAct, settings: &Settings) -> Result<(), OperationError> {
    let address = match &act {
        UserAct::List { json } => return list(settings, *json).await,
        UserAct::Invite(email) => return invite(settings, email.as_deref()).await,
        UserAct::Add(email) | UserAct::ResetPassword(email) | UserAct::Delete(email) => email,
    };
    let email = Email::new(address).map_err(OperationError::Field)?;
    let opened = start::prepare(false, settings).await;
    let store = opened.map_err(|error| OperationError::Start(Box::new(error)))?;
    let now = Clock::of_the_machine().now();
    let done = match act {
        UserAct::Add(_) => add(&store, email, now).await,
        UserAct::Delete(_) => delete(&store, &email, now).await,
        UserAct::List { .. } | UserAct::Invite(_) | UserAct::ResetPassword(_) => {
            reset(&store, &email, now).await
        }
    };
    store.close().await;
    done
}

async fn add(store: &Store, email: Email, now: Timestamp) -> Result<(), OperationError> {
    let password = Passwords::new(PasswordCost::default())?.hash(asked().await?).await?;
    let shown = email.as_str().to_owned();
    let owner = Owner(fresh_id(now));
    store
        .create_user(
            &NewUser { owner, email, password, profile: Profile::default() },
            &By::operator(now, fresh_id(now)),
        )
        .await?;
    tracing::info!(target: "security", owner = %owner.0, "an operator made an account");
    say(&format!("{shown}: made"))
}

async fn reset(store: &Store, email: &Email, now: Timestamp) -> Result<(), OperationError> {
    let owner = found(store, email).await?;
    let hash = Passwords::new(PasswordCost::default())?.hash(asked().await?).await?;
    store.reset_password(owner, &hash, &By::operator(now, fresh_id(now))).await?;
    tracing::info!(target: "security", owner = %owner.0, "an operator set a password");
    say(&format!("{}: has another password, and is logged in nowhere", email.as_str()))
}

async fn delete(store: &Store, email: &Email, now: Timestamp) -> Result<(), OperationError> {
    let owner = found(store, email).await?;
    // Operators have no id.
    let actor = Actor { kind: ActorKind::Admin, id: Uuid::nil() };
    let farewell = Farewell { owner, actor, correlation: fresh_id(now), proven: None };
    store.delete_user(&farewell, now).await?;
    tracing::info!(target: "security", owner = %owner.0, "an operator deleted an account");
    say(&format!("{}: deleted", email.as_str()))
}

/// Makes an invitation. It is signed and stored nowhere, so the server need not be stopped; and its
/// link is shown even if it was mailed, for mail gets lost.
async fn invite(settings: &Settings, address: Option<&str>) -> Result<(), OperationError> {
    let email = address.map(Email::new).transpose().map_err(OperationError::Field)?;
    let secret = start::secret(settings);
    let secret = secret.map_err(|error| OperationError::Start(Box::new(error)))?;
    let now = Clock::of_the_machine().now();
    let link = InviteLink::new(email.as_ref(), now);
    let (token, until) = (link.text(&Keys::new(&secret, None)), link.invitation.expires_at);
    // Where the page of it is, only public_url says.
    let shown = match &settings.public_url {
        Some(site) => post::link(site, "invitation", &token),
        None => token,
    };
    say(&shown)?;
    if let (Some(mail), Some(email)) = (&settings.mail, &email) {
        let letter = Text::Invitation(&shown, until).to(email.as_str().to_owned());
        post::send(mail, &letter, now).await?;
        say(&format!("{}: was sent it", email.as_str()))?;
    }
    Ok(())
}

async fn found(store: &Store, email: &Email) -> Result<Owner, OperationError> {
    let known = store.credentials(email).await?;
    let known = known.ok_or_else(|| OperationError::NoAccount(email.as_str().to_owned()))?;
    Ok(known.owner)
}

#[derive(Serialize)]
struct Row<'a> {
    email: &'a str,
    created_at: Timestamp,
    tasks: u64,
}

async fn list(settings: &Settings, json: bool) -> Result<(), OperationError> {
    let accounts = settings.database.accounts().await?;
    let rows = accounts.iter().map(|account| Row {
        email: &account.email,
        created_at: account.created_at,
        tasks: account.tasks,
    });
    if json {
        let rows: Vec<_> = rows.collect();
        let text = serde_json::to_string(&rows).map_err(std::io::Error::from);
        return say(&text.map_err(OperationError::Output)?);
    }
    for Row { email, created_at, tasks } in rows {
        let plural = if tasks == 1 { "" } else { "s" };
        say(&format!("{email}  since {}  {tasks} task{plural}", created_at.utc().date_naive()))?;
    }
    Ok(())
}
