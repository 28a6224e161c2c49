//! The names that PostgreSQL gives to what the user left unnamed: makeObjectName and its callers.

use super::context::Ddl;
use crate::Oid;
use syntax::ast::{Expr, ExprKind, QueryBody, Select, ValueFunction};

/// The longest name in bytes.
const LONGEST: usize = 63;

/// `name1_name2_label` in at most 63 bytes: the longer of the two names is cut.
pub(super) fn object_name(name1: &str, name2: Option<&str>, label: &str) -> String {
    let overhead = name2.map_or(0, |_| 1) + if label.is_empty() { 0 } else { label.len() + 1 };
    let available = LONGEST.saturating_sub(overhead);
    let (mut first, mut second) = (name1.len(), name2.map_or(0, str::len));
    while first + second > available {
        match first > second {
            true => first -= 1,
            false => second -= 1,
        }
    }
    let mut name = clip(name1, first).to_owned();
    if let Some(name2) = name2 {
        name.push('_');
        name.push_str(clip(name2, second));
    }
    if !label.is_empty() {
        name.push('_');
        name.push_str(label);
    }
    name
}

/// The text cut to so many bytes, at a character's end.
pub(super) fn clip(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes.min(text.len()))]
}

/// Column names joined by `_`, as far as they may matter: ChooseIndexNameAddition.
pub(super) fn addition<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let mut joined = String::new();
    for name in names {
        if !joined.is_empty() {
            joined.push('_');
        }
        joined.push_str(name);
        if joined.len() > LONGEST {
            joined.truncate(clip(&joined, LONGEST).len());
            break;
        }
    }
    joined
}

impl Ddl<'_> {
    /// A name that no relation of the schema has (and, for a constraint's index, no constraint): ChooseRelationName.
    pub(super) fn choose_relation_name(
        &self,
        schema: Oid,
        name1: &str,
        name2: Option<&str>,
        label: &str,
        for_constraint: bool,
    ) -> String {
        self.first_free(name1, name2, label, |name| {
            self.relation_exists(schema, name) || (for_constraint && self.constraint_in_schema(schema, name))
        })
    }

    /// A name that no constraint of the schema has, nor those: ChooseConstraintName.
    pub(super) fn choose_constraint_name(
        &self,
        schema: Oid,
        name1: &str,
        name2: Option<&str>,
        label: &str,
        others: &[String],
    ) -> String {
        self.first_free(name1, name2, label, |name| {
            others.iter().any(|other| other == name) || self.constraint_in_schema(schema, name)
        })
    }

    fn first_free(
        &self,
        name1: &str,
        name2: Option<&str>,
        label: &str,
        taken: impl Fn(&str) -> bool,
    ) -> String {
        let mut name = object_name(name1, name2, label);
        let mut pass = 0;
        while taken(&name) {
            pass += 1;
            name = object_name(name1, name2, &format!("{label}{pass}"));
        }
        name
    }

    fn constraint_in_schema(&self, schema: Oid, name: &str) -> bool {
        let mut relations = self.catalog.relations.values().filter(|relation| relation.schema == schema);
        relations.any(|relation| relation.constraints.iter().any(|constraint| constraint.name == name))
            || self.catalog.types.values().filter(|row| row.schema == schema).any(|row| match &row.kind {
                crate::TypeKind::Domain { checks, .. } => checks.iter().any(|check| check.name == name),
                crate::TypeKind::Enum { .. }
                | crate::TypeKind::Composite { .. }
                | crate::TypeKind::Array { .. }
                | crate::TypeKind::Other { .. } => false,
            })
    }

    /// The name of a type's array type: `_name`, with more `_` before it while that is taken.
    pub(super) fn array_type_name(&self, schema: Oid, name: &str) -> String {
        let mut prefix = "_".to_owned();
        loop {
            let candidate = format!("{prefix}{}", clip(name, LONGEST - prefix.len()));
            if self.catalog.type_in(schema, &candidate).is_none() || prefix.len() == LONGEST {
                return candidate;
            }
            prefix.push('_');
        }
    }
}

/// The name of an expression as an output column, when it has one: FigureIndexColname.
pub(super) fn expression_name(expr: &Expr) -> Option<String> {
    figure(expr).map(|(name, _)| name)
}

/// The name and how sure it is: 2 is sure, 1 a fallback that an outer name beats.
fn figure(expr: &Expr) -> Option<(String, u8)> {
    let sure = |name: &str| Some((name.to_owned(), 2));
    match &expr.kind {
        ExprKind::Column(parts) => parts.last().map(|name| (name.clone(), 2)),
        ExprKind::Field(_, name) => sure(name),
        ExprKind::Subscript(inner, _) => figure(inner),
        ExprKind::Call(call) => call.name.parts.last().map(|name| (name.clone(), 2)),
        ExprKind::NullIf(..) => sure("nullif"),
        ExprKind::Cast { expr, type_name } => match figure(expr) {
            Some((name, 2)) => Some((name, 2)),
            weak => type_name.name.parts.last().map(|name| (name.clone(), 1)).or(weak),
        },
        ExprKind::TypedLiteral { type_name, .. } => type_name.name.parts.last().map(|name| (name.clone(), 1)),
        ExprKind::Collate { expr, .. } => figure(expr),
        ExprKind::Case { otherwise, .. } => match otherwise.as_deref().and_then(figure) {
            Some((name, 2)) => Some((name, 2)),
            _ => Some(("case".to_owned(), 1)),
        },
        ExprKind::Boolean(_) => Some(("bool".to_owned(), 1)),
        ExprKind::Array(_) | ExprKind::ArraySubquery(_) => sure("array"),
        ExprKind::Row { .. } => sure("row"),
        ExprKind::Coalesce(_) => sure("coalesce"),
        ExprKind::Greatest(_) => sure("greatest"),
        ExprKind::Least(_) => sure("least"),
        ExprKind::Grouping(_) => sure("grouping"),
        ExprKind::Extract { .. } => sure("extract"),
        ExprKind::AtTimeZone { .. } => sure("timezone"),
        ExprKind::Exists(_) => sure("exists"),
        ExprKind::Subquery(query) => subquery_name(query),
        ExprKind::ValueFunction { name, .. } => sure(value_function_name(*name)),
        ExprKind::Number(_)
        | ExprKind::String(_)
        | ExprKind::BitString(_)
        | ExprKind::Null
        | ExprKind::Parameter(_)
        | ExprKind::Star(_)
        | ExprKind::FieldStar(_)
        | ExprKind::Unary { .. }
        | ExprKind::Binary { .. }
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Not(_)
        | ExprKind::IsNull { .. }
        | ExprKind::IsBoolean { .. }
        | ExprKind::IsDistinct { .. }
        | ExprKind::IsOther { .. }
        | ExprKind::Like { .. }
        | ExprKind::Between { .. }
        | ExprKind::InList { .. }
        | ExprKind::InSubquery { .. }
        | ExprKind::AnyArray { .. }
        | ExprKind::AnySubquery { .. }
        | ExprKind::Default
        | ExprKind::Unsupported(_) => None,
    }
}

fn subquery_name(query: &Select) -> Option<(String, u8)> {
    let QueryBody::Select(core) = &query.body else { return None };
    let target = core.targets.first()?;
    match &target.alias {
        Some(alias) => Some((alias.clone(), 2)),
        None => figure(&target.expr),
    }
}

fn value_function_name(name: ValueFunction) -> &'static str {
    match name {
        ValueFunction::CurrentDate => "current_date",
        ValueFunction::CurrentTime => "current_time",
        ValueFunction::CurrentTimestamp => "current_timestamp",
        ValueFunction::LocalTime => "localtime",
        ValueFunction::LocalTimestamp => "localtimestamp",
        ValueFunction::CurrentRole => "current_role",
        ValueFunction::CurrentUser => "current_user",
        ValueFunction::SessionUser => "session_user",
        ValueFunction::User => "user",
        ValueFunction::CurrentCatalog => "current_catalog",
        ValueFunction::CurrentSchema => "current_schema",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_as_postgresql_cuts_them() {
        let long = "a_table_with_quite_a_long_name_that_goes_on_and_on";
        let column = "a_column_with_quite_a_long_name_too";
        // As `create table a_table_… (a_column_… int check (…))` names it.
        let name = object_name(long, Some(column), "check");
        assert_eq!(name, "a_table_with_quite_a_long_na_a_column_with_quite_a_long_n_check");
        assert_eq!(object_name("t", None, "pkey"), "t_pkey");
        assert_eq!(object_name("t", Some("a_b"), "key1"), "t_a_b_key1");
        let umlauts = "ä".repeat(40);
        assert_eq!(object_name(&umlauts, None, "pkey"), format!("{}_pkey", "ä".repeat(29)));
    }
}
