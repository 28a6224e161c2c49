//! `GET /admin/audit?query=author:…|action:…|type:…&page&per_page`

use super::paging::Numbered;
use crate::State;
use crate::access::Admin;
use crate::administration::{self, AuditQuery};
use crate::error::Result;
use crate::request::{Query, json};
use axum::response::Response;
use http::StatusCode;

/// The path, for links to other pages.
const PATH: &str = "/admin/audit";

pub(in crate::endpoints) async fn audit(
    axum::extract::State(state): axum::extract::State<State>,
    _: Admin,
    query: Query,
) -> Result<Response> {
    let numbered = Numbered::asked(&query)?;
    let Numbered { page, per_page } = numbered;
    let asked = AuditQuery { query: query.get("query"), page, per_page };
    let found = administration::audit_log(&state, &asked).await?;
    let mut response = json(StatusCode::OK, &found.entries)?;
    numbered.describe(&mut response, &state, PATH, &query, found.total);
    Ok(response)
}
