//! `GET /admin/users?page&per_page&filter&sort`, or `?limit&cursor`.

use super::paging::{Numbered, describe_next, number};
use crate::State;
use crate::access::Admin;
use crate::administration::{self, Cursor, DEFAULT_PER_PAGE, Order, Page, UserQuery};
use crate::error::{AuthError, Result};
use crate::model::User;
use crate::request::{Audience, Query, json};
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;

/// The path, for links to other pages.
const PATH: &str = "/admin/users";

#[derive(Serialize)]
struct Answer {
    users: Vec<User>,
    aud: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pagination: Option<Pagination>,
}

#[derive(Serialize)]
struct Pagination {
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    has_more: bool,
}

pub(in crate::endpoints) async fn list_users(
    axum::extract::State(state): axum::extract::State<State>,
    _: Admin,
    Audience(aud): Audience,
    query: Query,
) -> Result<Response> {
    let by_cursor = query.get("limit").is_some() || query.get("cursor").is_some();
    let by_number = query.get("page").is_some() || query.get("per_page").is_some();
    let order = order(&query)?;
    let numbered = Numbered::asked(&query)?;
    let page = if by_cursor && !by_number {
        let bad = || AuthError::invalid("Bad Pagination Parameters: invalid cursor");
        Page::Cursor {
            limit: number(&query, "limit")?.unwrap_or(DEFAULT_PER_PAGE),
            after: query.get("cursor").map(|text| Cursor::parse(text).ok_or_else(bad)).transpose()?,
        }
    } else {
        Page::Number { page: numbered.page, per_page: numbered.per_page }
    };
    let is_by_cursor = matches!(page, Page::Cursor { .. });
    let asked = UserQuery { audience: Some(&aud), filter: query.get("filter"), order, page };
    let found = administration::users(&state, &asked).await?;
    let next = found.next.map(|cursor| cursor.to_string());
    let pagination = is_by_cursor.then(|| Pagination { next_cursor: next.clone(), has_more: next.is_some() });
    let mut response = json(StatusCode::OK, &Answer { users: found.users, aud: aud.clone(), pagination })?;
    match (is_by_cursor, next) {
        (false, _) => numbered.describe(&mut response, &state, PATH, &query, found.total),
        (true, Some(cursor)) => describe_next(&mut response, &state, PATH, &query, &cursor),
        (true, None) => {}
    }
    Ok(response)
}

fn order(query: &Query) -> Result<Order> {
    let Some(sort) = query.get("sort") else { return Ok(Order::Descending) };
    let (field, direction) = sort.split_once(' ').unwrap_or((sort, "desc"));
    if field != "created_at" {
        return Err(AuthError::invalid("Bad Sort Parameters: users can be sorted by created_at only"));
    }
    match direction.to_ascii_lowercase().as_str() {
        "asc" => Ok(Order::Ascending),
        "desc" => Ok(Order::Descending),
        _ => Err(AuthError::invalid(
            "Bad Sort Parameters: bad direction for sort, only 'asc' and 'desc' allowed",
        )),
    }
}
