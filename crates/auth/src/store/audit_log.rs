//! Pages of `auth.audit_log_entries`, for administrators.

use super::listing::{containing, total};
use super::{Row, Store};
use crate::error::{AuthError, Result};
use crate::model::Timestamp;
use database::{Statement, Value};
use serde::Serialize;
use uuid::Uuid;

/// An entry of the audit log.
#[derive(Clone, Debug, Serialize)]
pub struct AuditEntry {
    /// Its id.
    pub id: Uuid,
    /// Who did what: `actor_id`, `actor_username`, `action`, `log_type`, `traits` …
    pub payload: serde_json::Value,
    /// When.
    pub created_at: Option<Timestamp>,
    /// From which address.
    pub ip_address: String,
}

/// In which part of an entry a text is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuditScope {
    /// The actor's address or name.
    Author,
    /// The action.
    Action,
    /// The group of actions.
    Type,
}

impl Store {
    /// A page of entries, the newest first, and how many there are on all pages.
    pub(crate) async fn audit_entries(
        &self,
        query: Option<(AuditScope, &str)>,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<AuditEntry>, u64)> {
        let (condition, mut parameters): (_, Vec<Value>) = match query.filter(|(_, text)| !text.is_empty()) {
            None => ("", Vec::new()),
            Some((scope, text)) => {
                let condition = match scope {
                    AuditScope::Author => {
                        " and (payload ->> 'actor_username' ilike $1 or payload ->> 'actor_name' ilike $1)"
                    }
                    AuditScope::Action => " and payload ->> 'action' ilike $1",
                    AuditScope::Type => " and payload ->> 'log_type' ilike $1",
                };
                (condition, vec![containing(text).into()])
            }
        };
        let from = format!(
            "from auth.audit_log_entries where instance_id = '00000000-0000-0000-0000-000000000000'{condition}"
        );
        let count = Statement::with(format!("select count(*) {from}"), parameters.clone());
        let (limited, skipped) = (parameters.len() + 1, parameters.len() + 2);
        parameters.push(limit.into());
        parameters.push(offset.into());
        let page = Statement::with(
            format!(
                "select id, payload, created_at, ip_address {from} order by created_at desc, id desc \
                 limit ${limited} offset ${skipped}"
            ),
            parameters,
        );
        let results = self.read([count, page]).await?;
        let [count, page] = &results[..] else {
            return Err(AuthError::internal("a page of the audit log is read by two statements"));
        };
        let entries = page.rows.iter().map(|values| entry(values)).collect::<Result<_>>()?;
        Ok((entries, total(count)?))
    }
}

fn entry(values: &[Value]) -> Result<AuditEntry> {
    let row = &mut Row::new(values);
    Ok(AuditEntry {
        id: row.uuid()?,
        payload: row.object()?.into(),
        created_at: row.moment()?,
        ip_address: row.text()?,
    })
}
