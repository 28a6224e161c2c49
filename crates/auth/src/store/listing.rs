//! Pages of `auth.users`, for administrators.

use super::{Row, Store, users};
use crate::error::{AuthError, Result};
use crate::model::{Timestamp, User};
use database::{Statement, Value};
use uuid::Uuid;

/// Which users, and where the page begins.
#[derive(Clone, Debug)]
pub(crate) struct Selection<'a> {
    pub(crate) audience: &'a str,
    /// Part of the address or of the full name, or a whole id.
    pub(crate) filter: Option<&'a str>,
    pub(crate) order: Order,
    pub(crate) begin: Begin,
    /// How many at most.
    pub(crate) limit: i64,
}

/// By when they were made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest first.
    #[default]
    Descending,
    /// The oldest first.
    Ascending,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Begin {
    /// After so many.
    Offset(i64),
    /// Behind a user.
    After {
        /// When they were made.
        created_at: Timestamp,
        /// Their id.
        id: Uuid,
    },
}

impl Selection<'_> {
    /// The condition and its parameters.
    fn condition(&self) -> (String, Vec<Value>) {
        let mut parameters = vec![self.audience.into()];
        let mut text = "instance_id = '00000000-0000-0000-0000-000000000000' and aud = $1".to_owned();
        if let Some(filter) = self.filter {
            text.push_str(
                " and (email ilike $2 or raw_user_meta_data ->> 'full_name' ilike $2 or id::text = $3)",
            );
            parameters.push(containing(filter).into());
            parameters.push(filter.to_ascii_lowercase().into());
        }
        (text, parameters)
    }

    /// The page: what stands behind `select … from auth.users where`.
    fn page(&self) -> (String, Vec<Value>) {
        // Who has no moment of creation (an import) counts as the oldest, so that every user has a place.
        const MADE: &str = "coalesce(created_at, 'epoch'::timestamptz)";
        let (direction, behind) = match self.order {
            Order::Descending => ("desc", "<"),
            Order::Ascending => ("asc", ">"),
        };
        let (mut text, mut parameters) = self.condition();
        let mut offset = 0;
        match self.begin {
            Begin::Offset(rows) => offset = rows,
            Begin::After { created_at, id } => {
                parameters.push(created_at.to_string().into());
                parameters.push(id.to_string().into());
                let (moment, id) = (parameters.len() - 1, parameters.len());
                text.push_str(&format!(
                    " and ({MADE} {behind} ${moment}::timestamptz or ({MADE} = ${moment}::timestamptz and id {behind} ${id}::uuid))"
                ));
            }
        }
        parameters.push(self.limit.into());
        parameters.push(offset.into());
        let (limit, offset) = (parameters.len() - 1, parameters.len());
        text.push_str(&format!(
            " order by {MADE} {direction}, id {direction} limit ${limit} offset ${offset}"
        ));
        (text, parameters)
    }
}

/// A pattern for what contains a text: nothing in it is a wildcard.
pub(super) fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

impl Store {
    /// A page of users, and how many there are on all pages.
    pub(crate) async fn users(&self, selection: &Selection<'_>) -> Result<(Vec<User>, u64)> {
        let (condition, counted) = selection.condition();
        let (page, parameters) = selection.page();
        let statements = [
            Statement::with(format!("select count(*) from auth.users where {condition}"), counted),
            Statement::with(
                format!(concat!("select ", users::columns!(), " from auth.users u where {}"), page),
                parameters,
            ),
        ];
        let results = self.read(statements).await?;
        let [count, rows] = &results[..] else {
            return Err(AuthError::internal("a page of users is read by two statements"));
        };
        let found = rows.rows.iter().map(|values| users::of_row(values)).collect::<Result<Vec<User>>>()?;
        Ok((found, total(count)?))
    }
}

/// The number that a count gave.
pub(super) fn total(result: &database::ResultSet) -> Result<u64> {
    let values = result.rows.first().ok_or_else(|| AuthError::internal("a count gives a row"))?;
    Ok(u64::try_from(Row::new(values).integer()?).unwrap_or(0))
}
