//! FROM: parse_clause.c's transformFromClauseItem.

use super::scope::KnownRange;
use super::{Analysis, Item, ItemColumn, Place, Resolved, RowShape, Scope};
use crate::bound::{
    Expr, ExprKind, From, OutputColumn, Query, Range, RangeColumn, RangeKind, RelationRange, Required,
};
use crate::walk::{Descend, visit_query};
use catalog::builtin::SystemRelation;
use catalog::{Privileges, Relation, RelationKind, TypeRef};
use datum::oid;
use sqlstate::{
    AMBIGUOUS_COLUMN, DUPLICATE_ALIAS, DatabaseError, INVALID_COLUMN_REFERENCE, Result, SYNTAX_ERROR,
    UNDEFINED_COLUMN, WRONG_OBJECT_TYPE,
};
use std::sync::Arc;
use syntax::ast::{self, Alias, JoinCondition, JoinKind, Position, TableRef};

/// An item of FROM, analysed: the tree, what it makes visible, and its columns for `*` and USING.
pub(super) struct Part {
    from: From,
    items: Vec<Item>,
    columns: Vec<ItemColumn>,
}

impl Analysis<'_> {
    /// Analyses FROM (or USING) items and makes them visible in the scope.
    pub fn from_items(&mut self, scope: &mut Scope<'_>, items: &[TableRef]) -> Result<Vec<From>> {
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            let part = self.item_of_from(scope, item)?;
            check_conflicts(&scope.items, &part.items)?;
            scope.items.extend(part.items);
            list.push(part.from);
        }
        Ok(list)
    }

    fn item_of_from(&mut self, scope: &mut Scope<'_>, item: &TableRef) -> Result<Part> {
        self.nested(|analysis| match item {
            TableRef::Relation { name, alias, sample } => {
                if *sample {
                    return Err(DatabaseError::unsupported("TABLESAMPLE").at(name.name.position));
                }
                analysis.named_range(scope, &name.name, alias.as_ref())
            }
            TableRef::Subquery { lateral, query, alias, position } => {
                analysis.subquery_range(scope, *lateral, query, alias.as_ref(), *position)
            }
            TableRef::Function { functions, ordinality, alias, .. } => {
                analysis.function_range(scope, functions, *ordinality, alias.as_ref())
            }
            TableRef::Join { kind, left, right, condition, alias, position } => {
                analysis.join(scope, *kind, left, right, condition, alias.as_ref(), *position)
            }
        })
    }

    /// A range over a relation for the current role; nothing is read of it yet. [`Analysis::show`] makes it visible.
    pub fn relation_range(
        &mut self,
        relation: &Arc<Relation>,
        alias: Option<&Alias>,
        privileges: Privileges,
    ) -> Result<Range> {
        match relation.kind {
            RelationKind::Table
            | RelationKind::View
            | RelationKind::MaterializedView
            | RelationKind::PartitionedTable => {}
            RelationKind::Composite => {
                return Err(DatabaseError::new(
                    WRONG_OBJECT_TYPE,
                    format!("cannot open relation \"{}\"", relation.name),
                )
                .with_detail("This operation is not supported for composite types."));
            }
            RelationKind::Sequence | RelationKind::ForeignTable => {
                return Err(DatabaseError::unsupported(format_args!("reading \"{}\"", relation.name)));
            }
        }
        let columns = relation.columns.iter();
        let mut columns: Vec<RangeColumn> = columns
            .map(|column| RangeColumn {
                name: column.name.clone(),
                ty: column.type_ref,
                not_null: column.not_null && relation.kind == RelationKind::Table,
            })
            .collect();
        let id = self.new_range();
        let shape = RowShape {
            row_type: if relation.row_type == 0 { oid::RECORD } else { relation.row_type },
            is_scalar: false,
            names: columns.iter().map(|column| column.name.clone()).collect(),
            types: columns.iter().map(|column| column.ty).collect(),
            records: std::collections::BTreeMap::new(),
        };
        self.rows.insert(id, shape);
        rename_columns(&mut columns, alias)?;
        let required = Required { privileges, ..Required::default() };
        let entry =
            RelationRange { relation: relation.clone(), filters: Vec::new(), check_as: self.role, required };
        self.required.insert(id, entry.clone());
        self.tell(format!("r{}", id.0), || match alias {
            Some(alias) if alias.name != relation.name => format!("{} {}", relation.name, alias.name),
            _ => relation.name.clone(),
        });
        Ok(Range {
            id,
            alias: alias.map_or_else(|| relation.name.clone(), |alias| alias.name.clone()),
            columns,
            nullable: false,
            kind: RangeKind::Relation(entry),
        })
    }

    /// Makes a range visible, by its alias and by its columns.
    pub fn show(&mut self, scope: &mut Scope<'_>, range: &Range, schema: Option<&str>) -> Item {
        let item = self.know(scope, range, schema);
        scope.items.push(item.clone());
        item
    }

    /// The item of a range; it is known to hints, and not visible yet.
    fn know(&mut self, scope: &mut Scope<'_>, range: &Range, schema: Option<&str>) -> Item {
        let relation = match &range.kind {
            RangeKind::Relation(entry) => Some(entry.relation.clone()),
            _ => None,
        };
        scope.known.push(KnownRange {
            id: range.id,
            alias: range.alias.clone(),
            relation: relation.as_ref().map(|relation| relation.name.clone()),
            columns: range.columns.iter().map(|column| column.name.clone()).collect(),
        });
        let columns = range.columns.iter().enumerate().map(|(at, column)| ItemColumn {
            name: column.name.clone(),
            expr: Expr::new(ExprKind::Column { range: range.id, column: at }, column.ty),
            number: relation.as_ref().map(|relation| relation.columns[at].number),
        });
        Item {
            name: range.alias.clone(),
            schema: schema.map(str::to_owned),
            range: Some(range.id),
            columns: columns.collect(),
            relation_visible: true,
            columns_visible: true,
            beyond: false,
        }
    }

    /// A range as an item of FROM.
    pub(super) fn part(&mut self, scope: &mut Scope<'_>, range: Range, schema: Option<&str>) -> Part {
        let item = self.know(scope, &range, schema);
        Part { from: From::Range(Box::new(range)), columns: item.columns.clone(), items: vec![item] }
    }

    fn named_range(
        &mut self,
        scope: &mut Scope<'_>,
        name: &ast::Name,
        alias: Option<&Alias>,
    ) -> Result<Part> {
        if let [only] = name.parts.as_slice()
            && let Some(cte) = find_cte(scope, only)
        {
            if cte.silent {
                let message = format!("WITH query \"{only}\" does not have a RETURNING clause");
                return Err(DatabaseError::new(sqlstate::FEATURE_NOT_SUPPORTED, message).at(name.position));
            }
            *self.cte_references.entry(cte.id).or_insert(0) += 1;
            let columns: Vec<RangeColumn> = cte.columns.iter().map(range_column).collect();
            let alias_name = alias.map_or_else(|| cte.name.clone(), |alias| alias.name.clone());
            let range = self.anonymous_range(alias_name, columns, alias, RangeKind::Cte(cte.id))?;
            return Ok(self.part(scope, range, None));
        }
        if let [only] = name.parts.as_slice()
            && let Some(table) = self.transitions.iter().find(|table| table.name == *only).cloned()
        {
            let alias_name = alias.map_or(table.name, |alias| alias.name.clone());
            let kind = RangeKind::Buffer(table.buffer);
            let range = self.anonymous_range(alias_name, table.columns, alias, kind)?;
            return Ok(self.part(scope, range, None));
        }
        if let Some(relation) = self.system_relation(name)? {
            return self.system_range(scope, relation, alias);
        }
        let relation = self.find_relation(name).map_err(|error| hint_at_with(scope, name, error))?;
        self.resolved.push((name.position, Resolved::Relation(relation.oid)));
        let range = self
            .relation_range(&relation, alias, Privileges::SELECT)
            .map_err(|error| self.located(error, name.position))?;
        let schema = self.catalog.schemas.get(&relation.schema).map(|schema| schema.name.clone());
        let schema = schema.filter(|_| alias.is_none());
        Ok(self.part(scope, range, schema.as_deref()))
    }

    /// The table or view of pg_catalog or information_schema that a name means; one that there are no rows for is refused.
    fn system_relation(&self, name: &ast::Name) -> Result<Option<&'static SystemRelation>> {
        let relations = catalog::builtin::builtins();
        let found = match name.parts.as_slice() {
            [schema, name] => relations.system_relation(schema, name),
            [name] => {
                let mut schemas = self.path.schemas();
                let found = schemas.find_map(|schema| {
                    if self.catalog.relation(schema, name).is_some() {
                        return Some(None);
                    }
                    let schema = self.catalog.schemas.get(&schema)?;
                    relations.system_relation(&schema.name, name).map(Some)
                });
                found.flatten()
            }
            _ => None,
        };
        match found {
            Some(relation) if !crate::system::is_known(relation) => {
                let what = format_args!("{}.{}", relation.schema, relation.name).to_string();
                Err(DatabaseError::unsupported(what).at(name.position))
            }
            found => Ok(found),
        }
    }

    fn system_range(
        &mut self,
        scope: &mut Scope<'_>,
        relation: &'static SystemRelation,
        alias: Option<&Alias>,
    ) -> Result<Part> {
        let columns = relation.columns.iter().map(|column| RangeColumn {
            name: column.name.to_owned(),
            ty: TypeRef { oid: column.type_oid, modifier: column.modifier },
            not_null: column.not_null,
        });
        let name = alias.map_or_else(|| relation.name.to_owned(), |alias| alias.name.clone());
        let kind = RangeKind::System(relation);
        let range = self.anonymous_range(name, columns.collect(), alias, kind)?;
        let schema = alias.is_none().then_some(relation.schema);
        Ok(self.part(scope, range, schema))
    }

    /// A range that is no relation.
    pub(crate) fn anonymous_range(
        &mut self,
        name: String,
        mut columns: Vec<RangeColumn>,
        alias: Option<&Alias>,
        kind: RangeKind,
    ) -> Result<Range> {
        rename_columns(&mut columns, alias)?;
        let id = self.new_range();
        let shape = RowShape {
            row_type: oid::RECORD,
            is_scalar: false,
            names: columns.iter().map(|column| column.name.clone()).collect(),
            types: columns.iter().map(|column| column.ty).collect(),
            records: std::collections::BTreeMap::new(),
        };
        self.rows.insert(id, shape);
        self.tell(format!("r{}", id.0), || name.clone());
        Ok(Range { id, alias: name, columns, nullable: false, kind })
    }

    /// A sub-query in FROM.
    pub(super) fn subquery_range(
        &mut self,
        scope: &mut Scope<'_>,
        lateral: bool,
        query: &ast::Select,
        alias: Option<&Alias>,
        position: Position,
    ) -> Result<Part> {
        let Some(alias) = alias else {
            let values = matches!(query.body, ast::QueryBody::Values(_));
            let (what, example) =
                if values { ("VALUES", "(VALUES ...)") } else { ("subquery", "(SELECT ...)") };
            return Err(DatabaseError::new(SYNTAX_ERROR, format!("{what} in FROM must have an alias"))
                .with_hint(format!("For example, FROM {example} [AS] foo."))
                .at(position));
        };
        let hidden = std::mem::replace(&mut scope.items_hidden, !lateral);
        let around = scope.subquery_place.replace(Some(Place::FromSubquery));
        let query = self.query(Some(scope), query);
        scope.subquery_place.set(around);
        scope.items_hidden = hidden;
        let query = query?;
        let columns = query.columns.iter().map(range_column).collect();
        let lateral = lateral && reads_beside(scope, &query);
        let mut records = std::collections::BTreeMap::new();
        for (at, column) in query.columns.iter().enumerate() {
            if column.ty.oid == oid::RECORD
                && let Some(shape) = self.row_shape(&super::set_operation::column_value(&query, at))
            {
                records.insert(at, shape);
            }
        }
        let kind = RangeKind::Subquery { query: Box::new(query), lateral };
        let range = self.anonymous_range(alias.name.clone(), columns, Some(alias), kind)?;
        if let Some(shape) = self.rows.get_mut(&range.id) {
            shape.records = records;
        }
        Ok(self.part(scope, range, None))
    }

    #[expect(clippy::too_many_arguments, reason = "a join has this many parts")]
    fn join(
        &mut self,
        scope: &mut Scope<'_>,
        kind: JoinKind,
        left: &TableRef,
        right: &TableRef,
        condition: &JoinCondition,
        alias: Option<&Alias>,
        position: Position,
    ) -> Result<Part> {
        let before = scope.items.len();
        let mut first = self.item_of_from(scope, left)?;
        // The left side is visible to what is LATERAL on the right, unless it may be missing there.
        let mut visible = first.items.clone();
        let beyond = matches!(kind, JoinKind::Right | JoinKind::Full);
        visible.iter_mut().for_each(|item| item.beyond |= beyond);
        scope.items.extend(visible);
        let second = self.item_of_from(scope, right);
        scope.items.truncate(before);
        let mut second = second?;
        check_conflicts(&first.items, &second.items)?;
        match kind {
            JoinKind::Inner => {}
            JoinKind::Left => make_nullable(&mut second.from),
            JoinKind::Right => make_nullable(&mut first.from),
            JoinKind::Full => {
                make_nullable(&mut first.from);
                make_nullable(&mut second.from);
            }
        }
        let using: Option<Vec<String>> = match condition {
            JoinCondition::None | JoinCondition::On(_) => None,
            JoinCondition::Using(columns, _) => Some(columns.clone()),
            JoinCondition::Natural => {
                let names = first.columns.iter().map(|column| &column.name);
                let common = names.filter(|name| second.columns.iter().any(|other| other.name == **name));
                Some(common.cloned().collect())
            }
        };
        let mut columns = Vec::new();
        let mut bound = None;
        match using {
            Some(names) => {
                let mut tests = Vec::new();
                for name in &names {
                    let (merged, test) = self.merge_column(kind, name, &first, &second)?;
                    columns.push(merged);
                    tests.push(test);
                }
                let rest = |column: &&ItemColumn| !names.contains(&column.name);
                columns.extend(first.columns.iter().filter(rest).cloned());
                columns.extend(second.columns.iter().filter(rest).cloned());
                if !tests.is_empty() {
                    bound = Some(Expr::all(tests));
                }
            }
            None => {
                columns.extend(first.columns.iter().cloned());
                columns.extend(second.columns.iter().cloned());
                if let JoinCondition::On(condition) = condition {
                    let mut items = first.items.clone();
                    items.extend(second.items.iter().cloned());
                    let outside = std::mem::replace(&mut scope.items, items);
                    let test = self.expression(scope, Place::JoinOn, condition);
                    scope.items = outside;
                    bound = Some(self.coerce_to_boolean(test?, "JOIN/ON")?);
                }
            }
        }
        let mut items = Vec::new();
        if alias.is_none() {
            items.append(&mut first.items);
            items.append(&mut second.items);
            items.iter_mut().for_each(|item| item.columns_visible = false);
        }
        if let Some(alias) = alias {
            rename_items(&mut columns, alias, position)?;
        }
        if let JoinCondition::Using(names, Some(using_alias)) = condition
            && alias.is_none()
        {
            // The merged columns under a name of their own; they stay visible as they were.
            let merged = Item {
                name: using_alias.clone(),
                schema: None,
                range: None,
                columns: columns[..names.len()].to_vec(),
                relation_visible: true,
                columns_visible: false,
                beyond: false,
            };
            check_conflicts(&items, std::slice::from_ref(&merged))?;
            items.push(merged);
        }
        items.push(Item {
            name: alias.map_or_else(String::new, |alias| alias.name.clone()),
            schema: None,
            range: None,
            columns: columns.clone(),
            relation_visible: alias.is_some(),
            columns_visible: true,
            beyond: false,
        });
        let from =
            From::Join { kind, left: Box::new(first.from), right: Box::new(second.from), condition: bound };
        Ok(Part { from, items, columns })
    }

    /// A column of USING: what stands for it, and the test that joins.
    fn merge_column(
        &mut self,
        kind: JoinKind,
        name: &str,
        left: &Part,
        right: &Part,
    ) -> Result<(ItemColumn, Expr)> {
        let first = using_column(&left.columns, name, "left")?;
        let second = using_column(&right.columns, name, "right")?;
        let (a, b) = (first.expr.clone(), second.expr.clone());
        self.mark_read(&a);
        self.mark_read(&b);
        let (a, b) = (a.at(0), b.at(0));
        let (common, mut sides) = self.coerce_all_to_common(vec![a.clone(), b.clone()], "JOIN/USING")?;
        let equals = super::operation::operator_name("=");
        let test = self.operation(&equals, a, b, 0)?;
        let (b, a) = match (sides.pop(), sides.pop()) {
            (Some(b), Some(a)) => (b, a),
            _ => return Err(DatabaseError::internal("a join without sides")),
        };
        let modifier = if a.ty.modifier == b.ty.modifier { a.ty.modifier } else { -1 };
        let same = |expr: &Expr, column: &ItemColumn| *expr == column.expr;
        let (expr, number) = match kind {
            JoinKind::Inner | JoinKind::Left if same(&a, first) => (a, first.number),
            JoinKind::Right if same(&b, second) => (b, second.number),
            JoinKind::Inner | JoinKind::Left => (a, None),
            JoinKind::Right => (b, None),
            JoinKind::Full => {
                let ty = TypeRef { oid: common, modifier };
                (Expr::new(ExprKind::Coalesce(vec![a, b]), ty), None)
            }
        };
        Ok((ItemColumn { name: name.to_owned(), expr, number }, test))
    }
}

/// Whether a sub-query reads a range that stands beside it in FROM.
fn reads_beside(scope: &Scope<'_>, query: &Query) -> bool {
    let mut found = false;
    visit_query(query, &mut |part| {
        if let ExprKind::Column { range, .. } | ExprKind::WholeRow(range) = part.kind {
            found = found || scope.known.iter().any(|known| known.id == range);
        }
        if found { Descend::Over } else { Descend::Into }
    });
    found
}

fn using_column<'c>(columns: &'c [ItemColumn], name: &str, side: &str) -> Result<&'c ItemColumn> {
    let mut matching = columns.iter().filter(|column| column.name == name);
    let Some(found) = matching.next() else {
        return Err(DatabaseError::new(
            UNDEFINED_COLUMN,
            format!("column \"{name}\" specified in USING clause does not exist in {side} table"),
        ));
    };
    if matching.next().is_some() {
        return Err(DatabaseError::new(
            AMBIGUOUS_COLUMN,
            format!("common column name \"{name}\" appears more than once in {side} table"),
        ));
    }
    Ok(found)
}

fn range_column(column: &OutputColumn) -> RangeColumn {
    RangeColumn { name: column.name.clone(), ty: column.ty, not_null: false }
}

/// The column aliases of `AS t (a, b)`.
fn rename_columns(columns: &mut [RangeColumn], alias: Option<&Alias>) -> Result<()> {
    let Some(alias) = alias else { return Ok(()) };
    if alias.columns.len() > columns.len() {
        return Err(too_many_aliases(&alias.name, columns.len(), alias.columns.len()));
    }
    for (column, name) in columns.iter_mut().zip(&alias.columns) {
        column.name.clone_from(name);
    }
    Ok(())
}

fn rename_items(columns: &mut [ItemColumn], alias: &Alias, position: Position) -> Result<()> {
    if alias.columns.len() > columns.len() {
        let (have, given) = (columns.len(), alias.columns.len());
        return Err(DatabaseError::new(
            INVALID_COLUMN_REFERENCE,
            format!(
                "join expression \"{}\" has {have} columns available but {given} columns specified",
                alias.name
            ),
        )
        .at(position));
    }
    for (column, name) in columns.iter_mut().zip(&alias.columns) {
        column.name.clone_from(name);
    }
    Ok(())
}

fn too_many_aliases(name: &str, have: usize, given: usize) -> DatabaseError {
    DatabaseError::new(
        INVALID_COLUMN_REFERENCE,
        format!("table \"{name}\" has {have} columns available but {given} columns specified"),
    )
}

/// All ranges of a side that an outer join may leave out.
fn make_nullable(from: &mut From) {
    match from {
        From::Range(range) => range.nullable = true,
        From::Join { left, right, .. } => {
            make_nullable(left);
            make_nullable(right);
        }
    }
}

/// checkNameSpaceConflicts
fn check_conflicts(before: &[Item], added: &[Item]) -> Result<()> {
    let visible = |item: &&Item| item.relation_visible;
    for item in added.iter().filter(visible) {
        let same = before.iter().filter(visible).find(|other| {
            // Two relations of one name in different schemas may stand side by side.
            other.name == item.name
                && (other.schema == item.schema || other.schema.is_none() || item.schema.is_none())
        });
        if same.is_some() {
            return Err(DatabaseError::new(
                DUPLICATE_ALIAS,
                format!("table name \"{}\" specified more than once", item.name),
            ));
        }
    }
    Ok(())
}

/// A relation that is not there may be one of WITH that comes later.
fn hint_at_with(scope: &Scope<'_>, name: &ast::Name, error: DatabaseError) -> DatabaseError {
    let mut level = Some(scope);
    while let Some(scope) = level {
        if error.code() == sqlstate::UNDEFINED_TABLE
            && let [only] = name.parts.as_slice()
            && scope.future_ctes.contains(only)
        {
            return error
                .with_detail(format!(
                    "There is a WITH item named \"{only}\", but it cannot be referenced from this part of the query."
                ))
                .with_hint("Use WITH RECURSIVE, or re-order the WITH items to remove forward references.");
        }
        level = scope.parent;
    }
    error
}

fn find_cte(scope: &Scope<'_>, name: &str) -> Option<super::VisibleCte> {
    let mut level = Some(scope);
    while let Some(scope) = level {
        if let Some(cte) = scope.ctes.iter().rev().find(|cte| cte.name == name) {
            return Some(cte.clone());
        }
        level = scope.parent;
    }
    None
}
