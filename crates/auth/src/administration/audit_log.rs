//! Pages of the audit log.

use super::AuditEntry;
use super::list::window;
use crate::State;
use crate::error::{AuthError, Result};
use crate::store::audit_log::AuditScope;

/// Which entries.
#[derive(Clone, Debug)]
pub struct AuditQuery<'a> {
    /// `author:…`, `action:…` or `type:…`, and a part of it.
    pub query: Option<&'a str>,
    /// The page, from 1.
    pub page: u64,
    /// How many entries on each.
    pub per_page: u64,
}

/// A page of entries.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// The entries, the newest first.
    pub entries: Vec<AuditEntry>,
    /// How many there are on all pages.
    pub total: u64,
}

/// Reads the audit log.
///
/// # Errors
/// 400 for a page or a scope that cannot be.
pub async fn audit_log(state: &State, query: &AuditQuery<'_>) -> Result<AuditPage> {
    let AuditQuery { query, page, per_page } = *query;
    let (limit, offset) = window(page, per_page)?;
    let query = query.map(scope).transpose()?;
    let (entries, total) = state.store.audit_entries(query, limit, offset).await?;
    Ok(AuditPage { entries, total })
}

fn scope(query: &str) -> Result<(AuditScope, &str)> {
    let scope = query.split_once(':').and_then(|(scope, text)| {
        let scope = match scope {
            "author" => AuditScope::Author,
            "action" => AuditScope::Action,
            "type" => AuditScope::Type,
            _ => return None,
        };
        Some((scope, text))
    });
    scope.ok_or_else(|| AuthError::invalid("Invalid query scope: expected author:…, action:… or type:…"))
}
