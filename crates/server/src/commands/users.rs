//! `bedplate users …`

use super::{at, complain, print};
use crate::app::accounts;
use crate::cli::{NAME, Place, Users};
use crate::configuration::Settings;
use crate::keys::{Keyring, load_or_make};
use crate::open::{Access, Owned};
use crate::project::Project;
use crate::psql;
use crate::serve::Failure;
use crate::system;
use crate::users::{self, ListedUser, UserAnswer, UserRefusal, UserRequest};
use database::{Column, ResultSet, Value};
use serde_json::json;
use std::io::{self, IsTerminal as _, Read as _};
use std::process::ExitCode;
use std::sync::Arc;

/// The most bytes that are read for a password: more than any may have.
const LONGEST_INPUT: u64 = 64 << 10;

pub(super) async fn users(action: Users) -> Result<ExitCode, Failure> {
    let mut as_json = false;
    let (request, place) = match action {
        Users::List { filter, page, per_page, json, place } => {
            as_json = json;
            (UserRequest::List { filter, page, per_page }, place)
        }
        Users::Create { email, invite: true, place, password_stdin: _, confirm: _ } => {
            (UserRequest::Invite { email }, place)
        }
        Users::Create { email, password_stdin, confirm, place, invite: false } => {
            let password = if password_stdin { Some(first_line()?) } else { None };
            (UserRequest::Create { email, password, confirmed: confirm }, place)
        }
        Users::SetPassword { user, place } => {
            (UserRequest::SetPassword { user, password: password()? }, place)
        }
        Users::Ban { user, duration, place } => (UserRequest::Ban { user, duration }, place),
        Users::Unban { user, place } => (UserRequest::Unban { user }, place),
        Users::Delete { user, soft, place } => (UserRequest::Delete { user, soft }, place),
        Users::Link { email, kind, new_email, redirect_to, place } => {
            (UserRequest::Link { email, kind: kind.as_str().to_owned(), new_email, redirect_to }, place)
        }
    };
    match ask(request, &place).await? {
        Ok(answer) => {
            print(&shown(&answer, as_json))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(refusal) => {
            complain(&format!("{NAME}: {refusal}\n"))?;
            if let Some(hint) = hint(&refusal) {
                complain(&format!("HINT:  {hint}\n"))?;
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Asks a running owner, else does it here.
async fn ask(request: UserRequest, place: &Place) -> Result<Result<UserAnswer, UserRefusal>, Failure> {
    let (project, configuration, folder) = at(place)?;
    let access = Access::open(&configuration, &folder).await?;
    let answered = match &access {
        Access::Remote(client) => client.users(request).await.map_err(Failure::from),
        Access::Owned(owned) => match open(owned, &project, &configuration.settings).await {
            Ok(accounts) => Ok(users::answer(&accounts, request).await),
            Err(failure) => Err(failure),
        },
    };
    access.close().await?;
    answered
}

/// The accounts of a database that this process owns.
async fn open(owned: &Owned, project: &Project, settings: &Settings) -> Result<auth::State, Failure> {
    system::upgrade(&*owned.database).await?;
    let sealing_key = owned.sealing_key(settings)?;
    let keys = load_or_make(&owned.database, &sealing_key, settings).await?;
    let shared = Arc::new(settings.clone());
    let database = Arc::clone(&owned.database);
    let keyring =
        Keyring::open(database, sealing_key, keys, shared, &project.folder, web::Limits::default()).await?;
    let url = format!("http://127.0.0.1:{}", settings.api_port);
    // The server's queue looks for jobs when it starts.
    let waker = jobs::Waker::default();
    let database = Arc::clone(&owned.database);
    let doors = keyring.doors().clone();
    Ok(accounts::state(settings, project, database, keyring.project(), doors, waker, &url)?)
}

/// A password from whoever sits there, typed twice, or the first line of what is piped in.
fn password() -> Result<String, Failure> {
    if !io::stdin().is_terminal() {
        return first_line();
    }
    let typed = rpassword::prompt_password("New password: ")?;
    if rpassword::prompt_password("Again: ")? != typed {
        return Err("the two are not the same; nothing was changed".into());
    }
    Ok(typed)
}

fn first_line() -> Result<String, Failure> {
    let mut text = String::new();
    io::stdin().take(LONGEST_INPUT).read_to_string(&mut text)?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        Some(_) | None => Err("standard input has no password in its first line".into()),
    }
}

fn shown(answer: &UserAnswer, as_json: bool) -> String {
    match answer {
        UserAnswer::Page { users, total } if as_json => {
            format!("{}\n", json!({"users": users, "total": total}))
        }
        UserAnswer::Page { users, total } => table(users, *total),
        UserAnswer::User(user) => format!("{}\n", line(user)),
        UserAnswer::Deleted { id } => format!("{id} deleted\n"),
        UserAnswer::Link { user: _, kind: _, link } => format!("{link}\n"),
    }
}

/// What is to be known of one user.
fn line(user: &ListedUser) -> String {
    let mut text = format!("{} {}", user.id, known_as(user));
    if user.confirmed_at.is_none() {
        text.push_str(", not confirmed");
    }
    if let Some(until) = &user.banned_until {
        text.push_str(&format!(", banned until {until}"));
    }
    text
}

fn known_as(user: &ListedUser) -> String {
    match (&user.deleted_at, &user.email, &user.phone) {
        (Some(_), _, _) => "(deleted)".to_owned(),
        (None, Some(email), _) => email.clone(),
        (None, None, Some(phone)) => format!("+{phone}"),
        (None, None, None) => "(anonymous)".to_owned(),
    }
}

fn table(users: &[ListedUser], total: u64) -> String {
    let columns = ["id", "user", "created", "last sign-in", "confirmed", "banned until", "providers"];
    let text = |text: &Option<String>| Value::from(text.as_deref().unwrap_or("").get(..19).unwrap_or(""));
    let rows = users.iter().map(|user| {
        vec![
            user.id.as_str().into(),
            known_as(user).into(),
            text(&user.created_at),
            text(&user.last_sign_in_at),
            if user.confirmed_at.is_some() { "yes" } else { "no" }.into(),
            text(&user.banned_until),
            user.providers.join(", ").into(),
        ]
    });
    let table = psql::table(&ResultSet {
        columns: columns
            .iter()
            .map(|name| Column { name: (*name).into(), type_oid: 25, type_name: "text".into() })
            .collect(),
        rows: rows.collect(),
    });
    let shown = users.len() as u64;
    if shown < total { format!("{}Of {total} users; --page shows others.\n", table) } else { table }
}

fn hint(refusal: &UserRefusal) -> Option<&'static str> {
    match refusal.code.as_str() {
        "user_not_found" => Some("`bedplate users list --filter TEXT` shows who there is."),
        "email_exists" => Some("`bedplate users list --filter EMAIL` shows who has the address."),
        "weak_password" => {
            Some("auth.minimum_password_length and auth.password_requirements say what is asked for.")
        }
        "conflict" if refusal.status == 409 => {
            Some("Delete those rows first, let their foreign key say ON DELETE CASCADE, or use --soft.")
        }
        _ => None,
    }
}
