//! Pages of users.

use crate::State;
use crate::error::{AuthError, Result};
use crate::model::{Timestamp, User};
pub use crate::store::listing::Order;
use crate::store::listing::{Begin, Selection};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use uuid::Uuid;

/// How many entries a page has unless it is said.
pub(crate) const DEFAULT_PER_PAGE: u64 = 50;

/// The most entries of a page.
pub(crate) const MOST_PER_PAGE: u64 = 10_000;

/// Which page.
#[derive(Clone, Debug)]
pub enum Page {
    /// The n-th of so many users each, from 1.
    Number {
        /// Its number.
        page: u64,
        /// How many on each.
        per_page: u64,
    },
    /// So many users, behind another page's end.
    Cursor {
        /// How many.
        limit: u64,
        /// The other page's end; the first page without.
        after: Option<Cursor>,
    },
}

/// The end of a page: opaque to who asks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cursor {
    created_at: Timestamp,
    id: Uuid,
}

impl Cursor {
    /// Reads a cursor's text.
    pub(crate) fn parse(text: &str) -> Option<Cursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let value: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        let created_at = Timestamp::read(value["created_at"].as_str()?)?;
        let id: Uuid = value["id"].as_str()?.parse().ok()?;
        (!id.is_nil()).then_some(Cursor { created_at, id })
    }

    fn behind(user: &User) -> Cursor {
        Cursor { created_at: user.created_at.unwrap_or(Timestamp::EPOCH), id: user.id }
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let json = json!({"created_at": self.created_at, "id": self.id}).to_string();
        f.write_str(&URL_SAFE_NO_PAD.encode(json))
    }
}

/// Which users.
#[derive(Clone, Debug)]
pub struct UserQuery<'a> {
    /// Of which audience; the accounts' own when absent.
    pub audience: Option<&'a str>,
    /// Part of the address or of the full name, or a whole id.
    pub filter: Option<&'a str>,
    /// The order, by when they were made.
    pub order: Order,
    /// Which page.
    pub page: Page,
}

/// A page of users.
#[derive(Clone, Debug)]
pub struct UserPage {
    /// The users.
    pub users: Vec<User>,
    /// How many there are on all pages.
    pub total: u64,
    /// The end of this page, when there are users behind it and it was asked for by cursor.
    pub next: Option<Cursor>,
}

/// Lists users.
///
/// # Errors
/// 400 for a page that cannot be.
pub async fn users(state: &State, query: &UserQuery<'_>) -> Result<UserPage> {
    let UserQuery { audience, filter, order, ref page } = *query;
    let audience = audience.unwrap_or(&state.settings.audience);
    let (begin, limit, wanted) = match *page {
        Page::Number { page, per_page } => {
            let (limit, offset) = window(page, per_page)?;
            (Begin::Offset(offset), limit, None)
        }
        Page::Cursor { limit, after } => {
            let (limit, _) = window(1, limit)?;
            let begin =
                after.map_or(Begin::Offset(0), |Cursor { created_at, id }| Begin::After { created_at, id });
            (begin, limit + 1, usize::try_from(limit).ok())
        }
    };
    let selection = Selection { audience, filter, order, begin, limit };
    let (mut users, total) = state.store.users(&selection).await?;
    let mut next = None;
    if let Some(wanted) = wanted
        && users.len() > wanted
    {
        users.truncate(wanted);
        next = users.last().map(Cursor::behind);
    }
    Ok(UserPage { users, total, next })
}

/// LIMIT and OFFSET of a page.
///
/// # Errors
/// 400 for a page that cannot be.
pub(super) fn window(page: u64, per_page: u64) -> Result<(i64, i64)> {
    if !(1..=MOST_PER_PAGE).contains(&per_page) {
        return Err(AuthError::invalid(format!(
            "Bad Pagination Parameters: a page has 1 to {MOST_PER_PAGE} entries"
        )));
    }
    let offset = page.saturating_sub(1).saturating_mul(per_page);
    Ok((i64::try_from(per_page).unwrap_or(i64::MAX), i64::try_from(offset).unwrap_or(i64::MAX)))
}
