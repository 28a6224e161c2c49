//! Walking a tree, to look or to change: every expression, name and query in it.
//!
//! Implement [`Visit`] (or [`VisitMut`]) with what is of interest; each method's own body walks on into the parts, so an
//! overriding method calls the `walk_…` function of its name unless it wants to stop there. Parts are visited in the order in
//! which they are written, common table expressions before the query that uses them.

macro_rules! visitor {
    ($(#[$doc:meta])* $module:ident, $trait:ident, $($mut:ident)?) => {
        $(#[$doc])*
        pub trait $trait {
            /// A statement, the outermost or one in a CTE, a routine's body or a schema's elements.
            fn statement(&mut self, statement: &$($mut)? Statement) {
                $module::walk_statement(self, statement);
            }

            /// A query, at any depth.
            fn select(&mut self, select: &$($mut)? Select) {
                $module::walk_select(self, select);
            }

            /// A common table expression. Its name hides relations of that name in what follows.
            fn cte(&mut self, cte: &$($mut)? Cte) {
                $module::walk_cte(self, cte);
            }

            /// An item of FROM.
            fn table_ref(&mut self, table: &$($mut)? TableRef) {
                $module::walk_table_ref(self, table);
            }

            /// An expression, at any depth. Column references are [`ExprKind::Column`] and [`ExprKind::Star`].
            fn expr(&mut self, expr: &$($mut)? Expr) {
                $module::walk_expr(self, expr);
            }

            /// A call, also as part of an expression.
            fn call(&mut self, call: &$($mut)? FunctionCall) {
                $module::walk_call(self, call);
            }

            /// The name of a function: of a call, a trigger's.
            fn function_name(&mut self, _name: &$($mut)? Name) {}

            /// The name of a table, view or sequence; in FROM it may be a common table expression's.
            fn relation_name(&mut self, _name: &$($mut)? Name) {}

            /// The name of a collation or operator class.
            fn other_name(&mut self, _name: &$($mut)? Name) {}

            /// A type.
            fn type_name(&mut self, type_name: &$($mut)? TypeName) {
                $module::walk_type_name(self, type_name);
            }

            /// A column that is assigned by INSERT or UPDATE.
            fn column_target(&mut self, target: &$($mut)? ColumnTarget) {
                $module::walk_column_target(self, target);
            }
        }

        #[expect(missing_docs, reason = "each walks the parts of the node that it is named after")]
        pub(crate) mod $module {
            use super::*;

            pub fn walk_statement<V: $trait + ?Sized>(v: &mut V, statement: &$($mut)? Statement) {
                match statement {
                    Statement::Select(select) => v.select(select),
                    Statement::Insert(insert) => walk_insert(v, insert),
                    Statement::Update(update) => walk_update(v, update),
                    Statement::Delete(delete) => walk_delete(v, delete),
                    Statement::Merge(merge) => walk_merge(v, merge),
                    Statement::Explain { statement, .. } => v.statement(statement),
                    Statement::Call(call) => v.call(call),
                    Statement::CreateTable(table) => walk_create_table(v, table),
                    Statement::RefreshMaterializedView { name, .. } => v.relation_name(name),
                    Statement::CreateTableAs { name, query, .. } => {
                        v.relation_name(name);
                        v.select(query);
                    }
                    Statement::AlterTable(alter) => {
                        v.relation_name(&$($mut)? alter.table.name);
                        for action in &$($mut)? alter.actions {
                            walk_alter_action(v, action);
                        }
                    }
                    Statement::CreateIndex(index) => {
                        v.relation_name(&$($mut)? index.table.name);
                        for element in &$($mut)? index.elements {
                            walk_index_element(v, element);
                        }
                        walk_option(v, &$($mut)? index.filter);
                    }
                    Statement::CreateView(view) => {
                        v.relation_name(&$($mut)? view.name);
                        v.select(&$($mut)? view.query);
                    }
                    Statement::CreateSequence { name, options, .. } | Statement::AlterSequence { name, options, .. } => {
                        v.relation_name(name);
                        walk_sequence_options(v, options);
                    }
                    Statement::CreateComposite { columns, .. } => {
                        for (_, type_name) in columns {
                            v.type_name(type_name);
                        }
                    }
                    Statement::CreateDomain { type_name, collation, default, constraints, .. } => {
                        v.type_name(type_name);
                        if let Some(collation) = collation {
                            v.other_name(collation);
                        }
                        walk_option(v, default);
                        for constraint in constraints {
                            walk_option(v, &$($mut)? constraint.check);
                        }
                    }
                    Statement::AlterDomain { action, .. } => match action {
                        AlterDomainAction::Default(default) => walk_option(v, default),
                        AlterDomainAction::Add { constraint, .. } => walk_option(v, &$($mut)? constraint.check),
                        AlterDomainAction::NotNull(_)
                        | AlterDomainAction::Drop { .. }
                        | AlterDomainAction::Validate(_) => {}
                    },
                    Statement::CreateSchema { elements, .. } => {
                        for element in elements {
                            v.statement(element);
                        }
                    }
                    Statement::CreateFunction(function) => {
                        for parameter in &$($mut)? function.parameters {
                            v.type_name(&$($mut)? parameter.type_name);
                            walk_option(v, &$($mut)? parameter.default);
                        }
                        if let Some(returns) = &$($mut)? function.returns {
                            v.type_name(returns);
                        }
                        if let Some(body) = &$($mut)? function.sql_body {
                            for statement in body {
                                v.statement(statement);
                            }
                        }
                    }
                    Statement::CreateTrigger(trigger) => {
                        v.relation_name(&$($mut)? trigger.table);
                        walk_option(v, &$($mut)? trigger.when);
                        v.function_name(&$($mut)? trigger.function);
                    }
                    Statement::CreatePolicy(policy) => {
                        v.relation_name(&$($mut)? policy.table);
                        walk_option(v, &$($mut)? policy.using);
                        walk_option(v, &$($mut)? policy.check);
                    }
                    Statement::AlterPolicy { table, using, check, .. } => {
                        v.relation_name(table);
                        walk_option(v, using);
                        walk_option(v, check);
                    }
                    Statement::Truncate { tables, .. } | Statement::Lock { tables, .. } => {
                        for table in tables {
                            v.relation_name(&$($mut)? table.name);
                        }
                    }
                    Statement::Publication(publication) => match publication {
                        Publication::Create { tables, .. } | Publication::Tables { tables, .. } => {
                            for table in tables {
                                v.relation_name(table);
                            }
                        }
                        Publication::Options { .. } => {}
                    },
                    Statement::Copy(copy) => {
                        if let Some(table) = &$($mut)? copy.table {
                            v.relation_name(table);
                        }
                        if let Some(query) = &$($mut)? copy.query {
                            v.select(query);
                        }
                    }
                    Statement::Session(session) => match &$($mut)? **session {
                        SessionStatement::Prepare { statement, .. } => v.statement(statement),
                        SessionStatement::Execute { arguments, .. } => walk_list(v, arguments),
                        SessionStatement::Declare { query, .. } => v.select(query),
                        SessionStatement::Deallocate { .. }
                        | SessionStatement::Fetch { .. }
                        | SessionStatement::Close { .. }
                        | SessionStatement::DiscardSequences => {}
                    },
                    // These name objects in ways that differ by kind, and hold no expressions.
                    Statement::Rename(_)
                    | Statement::SetSchema { .. }
                    | Statement::OwnerTo { .. }
                    | Statement::CreateEnum { .. }
                    | Statement::AlterEnumAdd { .. }
                    | Statement::AlterEnumRename { .. }
                    | Statement::CreateExtension { .. }
                    | Statement::AlterFunction { .. }
                    | Statement::CreateRole { .. }
                    | Statement::AlterRole { .. }
                    | Statement::AlterRoleSet { .. }
                    | Statement::AlterDatabaseSet { .. }
                    | Statement::Grant(_)
                    | Statement::GrantRole { .. }
                    | Statement::AlterDefaultPrivileges { .. }
                    | Statement::Comment { .. }
                    | Statement::Drop(_)
                    | Statement::Do { .. }
                    | Statement::Set(_)
                    | Statement::Show(_)
                    | Statement::Transaction(_)
                    | Statement::SetConstraints { .. }
                    | Statement::Maintenance { .. }
                    | Statement::DropOwned { .. }
                    | Statement::ReassignOwned { .. }
                    | Statement::Notify { .. }
                    | Statement::Listen { .. }
                    | Statement::Unsupported { .. } => {}
                }
            }

            fn walk_option<V: $trait + ?Sized>(v: &mut V, expr: &$($mut)? Option<Expr>) {
                if let Some(expr) = expr {
                    v.expr(expr);
                }
            }

            fn walk_list<V: $trait + ?Sized>(v: &mut V, list: &$($mut)? Vec<Expr>) {
                for expr in list {
                    v.expr(expr);
                }
            }

            fn walk_sequence_options<V: $trait + ?Sized>(v: &mut V, options: &$($mut)? Vec<SequenceOption>) {
                for option in options {
                    if let SequenceOption::As(type_name) = option {
                        v.type_name(type_name);
                    }
                }
            }

            fn walk_create_table<V: $trait + ?Sized>(v: &mut V, table: &$($mut)? CreateTable) {
                v.relation_name(&$($mut)? table.name);
                for element in &$($mut)? table.elements {
                    match element {
                        TableElement::Column(column) => walk_column(v, column),
                        TableElement::Constraint(constraint) => walk_constraint(v, constraint),
                        TableElement::Like { table, .. } => v.relation_name(table),
                    }
                }
                for name in &$($mut)? table.inherits {
                    v.relation_name(name);
                }
            }

            fn walk_column<V: $trait + ?Sized>(v: &mut V, column: &$($mut)? ColumnDefinition) {
                v.type_name(&$($mut)? column.type_name);
                if let Some(collation) = &$($mut)? column.collation {
                    v.other_name(collation);
                }
                for constraint in &$($mut)? column.constraints {
                    walk_constraint(v, constraint);
                }
            }

            fn walk_constraint<V: $trait + ?Sized>(v: &mut V, constraint: &$($mut)? Constraint) {
                match &$($mut)? constraint.kind {
                    ConstraintKind::Default(expr) | ConstraintKind::Generated(expr) | ConstraintKind::Check(expr) => {
                        v.expr(expr);
                    }
                    ConstraintKind::Identity { options, .. } => walk_sequence_options(v, options),
                    ConstraintKind::ForeignKey { table, .. } => v.relation_name(table),
                    ConstraintKind::Null
                    | ConstraintKind::NotNull
                    | ConstraintKind::PrimaryKey { .. }
                    | ConstraintKind::Unique { .. }
                    | ConstraintKind::Exclude => {}
                }
            }

            fn walk_alter_action<V: $trait + ?Sized>(v: &mut V, action: &$($mut)? AlterTableAction) {
                match action {
                    AlterTableAction::AddColumn { column, .. } => walk_column(v, column),
                    AlterTableAction::AlterType { type_name, collation, using, .. } => {
                        v.type_name(type_name);
                        if let Some(collation) = collation {
                            v.other_name(collation);
                        }
                        walk_option(v, using);
                    }
                    AlterTableAction::ColumnDefault { default, .. } => walk_option(v, default),
                    AlterTableAction::AddConstraint(constraint) => walk_constraint(v, constraint),
                    AlterTableAction::AddIdentity { options, .. }
                    | AlterTableAction::SetIdentity { options, .. } => walk_sequence_options(v, options),
                    _ => {}
                }
            }

            fn walk_index_element<V: $trait + ?Sized>(v: &mut V, element: &$($mut)? IndexElement) {
                v.expr(&$($mut)? element.expr);
                if let Some(name) = &$($mut)? element.collation {
                    v.other_name(name);
                }
                if let Some(name) = &$($mut)? element.operator_class {
                    v.other_name(name);
                }
            }

            // ------------------------------------------------------------------------------- queries

            fn walk_with<V: $trait + ?Sized>(v: &mut V, with: &$($mut)? Option<With>) {
                if let Some(with) = with {
                    for cte in &$($mut)? with.ctes {
                        v.cte(cte);
                    }
                }
            }

            pub fn walk_cte<V: $trait + ?Sized>(v: &mut V, cte: &$($mut)? Cte) {
                v.statement(&$($mut)? cte.statement);
                if let Some(cycle) = &$($mut)? cte.cycle
                    && let Some((value, default)) = &$($mut)? cycle.values
                {
                    v.expr(value);
                    v.expr(default);
                }
            }

            pub fn walk_select<V: $trait + ?Sized>(v: &mut V, select: &$($mut)? Select) {
                walk_with(v, &$($mut)? select.with);
                match &$($mut)? select.body {
                    QueryBody::Select(core) => walk_core(v, core),
                    QueryBody::Values(rows) => {
                        for row in rows {
                            walk_list(v, row);
                        }
                    }
                    QueryBody::SetOperation { left, right, .. } => {
                        v.select(left);
                        v.select(right);
                    }
                }
                walk_order_by(v, &$($mut)? select.order_by);
                walk_option(v, &$($mut)? select.limit);
                walk_option(v, &$($mut)? select.offset);
            }

            fn walk_core<V: $trait + ?Sized>(v: &mut V, core: &$($mut)? SelectCore) {
                if let Some(Distinct::On(list)) = &$($mut)? core.distinct {
                    walk_list(v, list);
                }
                walk_targets(v, &$($mut)? core.targets);
                if let Some(crate::ast::IntoTable { name, .. }) = &$($mut)? core.into {
                    v.relation_name(name);
                }
                for table in &$($mut)? core.from {
                    v.table_ref(table);
                }
                walk_option(v, &$($mut)? core.filter);
                for item in &$($mut)? core.group_by {
                    walk_group_by(v, item);
                }
                walk_option(v, &$($mut)? core.having);
                for (_, spec) in &$($mut)? core.windows {
                    walk_window(v, spec);
                }
            }

            fn walk_targets<V: $trait + ?Sized>(v: &mut V, targets: &$($mut)? Vec<Target>) {
                for target in targets {
                    v.expr(&$($mut)? target.expr);
                }
            }

            fn walk_group_by<V: $trait + ?Sized>(v: &mut V, item: &$($mut)? GroupBy) {
                match item {
                    GroupBy::Expr(expr) => v.expr(expr),
                    GroupBy::Empty => {}
                    GroupBy::Rollup(list) | GroupBy::Cube(list) => walk_list(v, list),
                    GroupBy::Sets(sets) => {
                        for set in sets {
                            walk_group_by(v, set);
                        }
                    }
                }
            }

            fn walk_order_by<V: $trait + ?Sized>(v: &mut V, items: &$($mut)? Vec<OrderBy>) {
                for item in items {
                    v.expr(&$($mut)? item.expr);
                }
            }

            fn walk_window<V: $trait + ?Sized>(v: &mut V, spec: &$($mut)? WindowSpec) {
                walk_list(v, &$($mut)? spec.partition_by);
                walk_order_by(v, &$($mut)? spec.order_by);
                if let Some(frame) = &$($mut)? spec.frame {
                    walk_bound(v, &$($mut)? frame.start);
                    if let Some(end) = &$($mut)? frame.end {
                        walk_bound(v, end);
                    }
                }
            }

            fn walk_bound<V: $trait + ?Sized>(v: &mut V, bound: &$($mut)? FrameBound) {
                match bound {
                    FrameBound::Preceding(expr) | FrameBound::Following(expr) => v.expr(expr),
                    FrameBound::UnboundedPreceding | FrameBound::CurrentRow | FrameBound::UnboundedFollowing => {}
                }
            }

            pub fn walk_table_ref<V: $trait + ?Sized>(v: &mut V, table: &$($mut)? TableRef) {
                match table {
                    TableRef::Relation { name, .. } => v.relation_name(&$($mut)? name.name),
                    TableRef::Subquery { query, .. } => v.select(query),
                    TableRef::Function { functions, .. } => {
                        for function in functions {
                            v.expr(&$($mut)? function.call);
                            for (_, type_name) in &$($mut)? function.columns {
                                v.type_name(type_name);
                            }
                        }
                    }
                    TableRef::Join { left, right, condition, .. } => {
                        v.table_ref(left);
                        v.table_ref(right);
                        if let JoinCondition::On(expr) = condition {
                            v.expr(expr);
                        }
                    }
                }
            }

            // ---------------------------------------------------------------------- data modification

            fn walk_insert<V: $trait + ?Sized>(v: &mut V, insert: &$($mut)? Insert) {
                walk_with(v, &$($mut)? insert.with);
                v.relation_name(&$($mut)? insert.table);
                for target in &$($mut)? insert.columns {
                    v.column_target(target);
                }
                if let Some(source) = &$($mut)? insert.source {
                    v.select(source);
                }
                if let Some(conflict) = &$($mut)? insert.on_conflict {
                    if let Some(ConflictTarget::Index { elements, filter }) = &$($mut)? conflict.target {
                        for element in elements {
                            walk_index_element(v, element);
                        }
                        walk_option(v, filter);
                    }
                    if let Some(update) = &$($mut)? conflict.update {
                        walk_assignments(v, &$($mut)? update.assignments);
                        walk_option(v, &$($mut)? update.filter);
                    }
                }
                walk_targets(v, &$($mut)? insert.returning);
            }

            pub fn walk_column_target<V: $trait + ?Sized>(v: &mut V, target: &$($mut)? ColumnTarget) {
                for step in &$($mut)? target.indirection {
                    if let Indirection::Subscript(subscript) = step {
                        walk_subscript(v, subscript);
                    }
                }
            }

            fn walk_subscript<V: $trait + ?Sized>(v: &mut V, subscript: &$($mut)? Subscript) {
                match subscript {
                    Subscript::Index(index) => v.expr(index),
                    Subscript::Slice(low, high) => {
                        walk_option(v, low);
                        walk_option(v, high);
                    }
                }
            }

            fn walk_assignments<V: $trait + ?Sized>(v: &mut V, assignments: &$($mut)? Vec<Assignment>) {
                for assignment in assignments {
                    match assignment {
                        Assignment::Column(target, value) => {
                            v.column_target(target);
                            v.expr(value);
                        }
                        Assignment::Row(targets, value) => {
                            for target in targets {
                                v.column_target(target);
                            }
                            v.expr(value);
                        }
                    }
                }
            }

            fn walk_update<V: $trait + ?Sized>(v: &mut V, update: &$($mut)? Update) {
                walk_with(v, &$($mut)? update.with);
                v.relation_name(&$($mut)? update.table.name);
                walk_assignments(v, &$($mut)? update.assignments);
                for table in &$($mut)? update.from {
                    v.table_ref(table);
                }
                walk_option(v, &$($mut)? update.filter);
                walk_targets(v, &$($mut)? update.returning);
            }

            fn walk_delete<V: $trait + ?Sized>(v: &mut V, delete: &$($mut)? Delete) {
                walk_with(v, &$($mut)? delete.with);
                v.relation_name(&$($mut)? delete.table.name);
                for table in &$($mut)? delete.using {
                    v.table_ref(table);
                }
                walk_option(v, &$($mut)? delete.filter);
                walk_targets(v, &$($mut)? delete.returning);
            }

            fn walk_merge<V: $trait + ?Sized>(v: &mut V, merge: &$($mut)? Merge) {
                walk_with(v, &$($mut)? merge.with);
                v.relation_name(&$($mut)? merge.table.name);
                v.table_ref(&$($mut)? merge.source);
                v.expr(&$($mut)? merge.condition);
                for clause in &$($mut)? merge.clauses {
                    walk_option(v, &$($mut)? clause.condition);
                    match &$($mut)? clause.action {
                        MergeAction::Nothing | MergeAction::Delete => {}
                        MergeAction::Update(assignments) => walk_assignments(v, assignments),
                        MergeAction::Insert { columns, values, .. } => {
                            for target in columns {
                                v.column_target(target);
                            }
                            if let Some(list) = values {
                                walk_list(v, list);
                            }
                        }
                    }
                }
            }

            // ---------------------------------------------------------------------------- expressions

            pub fn walk_type_name<V: $trait + ?Sized>(v: &mut V, type_name: &$($mut)? TypeName) {
                walk_list(v, &$($mut)? type_name.modifiers);
            }

            pub fn walk_call<V: $trait + ?Sized>(v: &mut V, call: &$($mut)? FunctionCall) {
                v.function_name(&$($mut)? call.name);
                for argument in &$($mut)? call.args {
                    v.expr(&$($mut)? argument.value);
                }
                walk_order_by(v, &$($mut)? call.order_by);
                walk_order_by(v, &$($mut)? call.within_group);
                if let Some(filter) = &$($mut)? call.filter {
                    v.expr(filter);
                }
                if let Some(Over::Spec(spec)) = &$($mut)? call.over {
                    walk_window(v, spec);
                }
            }

            pub fn walk_expr<V: $trait + ?Sized>(v: &mut V, expr: &$($mut)? Expr) {
                use ExprKind as K;
                match &$($mut)? expr.kind {
                    K::Number(_)
                    | K::String(_)
                    | K::BitString(_)
                    | K::Boolean(_)
                    | K::Null
                    | K::Parameter(_)
                    | K::Column(_)
                    | K::Star(_)
                    | K::ValueFunction { .. }
                    | K::Default
                    | K::Unsupported(_) => {}
                    K::FieldStar(expr)
                    | K::Field(expr, _)
                    | K::Unary { operand: expr, .. }
                    | K::Not(expr)
                    | K::IsNull { expr, .. }
                    | K::IsBoolean { expr, .. }
                    | K::IsOther { expr, .. }
                    | K::Extract { from: expr, .. } => v.expr(expr),
                    K::Collate { expr, collation } => {
                        v.expr(expr);
                        v.other_name(collation);
                    }
                    K::Subscript(expr, subscripts) => {
                        v.expr(expr);
                        for subscript in subscripts {
                            walk_subscript(v, subscript);
                        }
                    }
                    K::Binary { left, right, .. }
                    | K::IsDistinct { left, right, .. }
                    | K::AnyArray { left, array: right, .. }
                    | K::NullIf(left, right)
                    | K::AtTimeZone { expr: left, zone: right } => {
                        v.expr(left);
                        v.expr(right);
                    }
                    K::And(list)
                    | K::Or(list)
                    | K::Array(list)
                    | K::Row { fields: list, .. }
                    | K::Coalesce(list)
                    | K::Greatest(list)
                    | K::Least(list)
                    | K::Grouping(list) => walk_list(v, list),
                    K::Like { expr, pattern, escape, .. } => {
                        v.expr(expr);
                        v.expr(pattern);
                        if let Some(escape) = escape {
                            v.expr(escape);
                        }
                    }
                    K::Between { expr, low, high, .. } => {
                        v.expr(expr);
                        v.expr(low);
                        v.expr(high);
                    }
                    K::InList { expr, list, .. } => {
                        v.expr(expr);
                        walk_list(v, list);
                    }
                    K::InSubquery { expr, query, .. } | K::AnySubquery { left: expr, query, .. } => {
                        v.expr(expr);
                        v.select(query);
                    }
                    K::Exists(query) | K::Subquery(query) | K::ArraySubquery(query) => v.select(query),
                    K::Call(call) => v.call(call),
                    K::Cast { expr, type_name } => {
                        v.expr(expr);
                        v.type_name(type_name);
                    }
                    K::TypedLiteral { type_name, .. } => v.type_name(type_name),
                    K::Case { operand, arms, otherwise } => {
                        if let Some(operand) = operand {
                            v.expr(operand);
                        }
                        for (condition, value) in arms {
                            v.expr(condition);
                            v.expr(value);
                        }
                        if let Some(otherwise) = otherwise {
                            v.expr(otherwise);
                        }
                    }
                }
            }
        }
    };
}

use crate::ast::*;

visitor!(
    /// Looks at a tree.
    look,
    Visit,
);
visitor!(
    /// Changes a tree.
    change,
    VisitMut,
    mut
);

pub use change::{
    walk_call as walk_call_mut, walk_column_target as walk_column_target_mut, walk_cte as walk_cte_mut,
    walk_expr as walk_expr_mut, walk_select as walk_select_mut, walk_statement as walk_statement_mut,
    walk_table_ref as walk_table_ref_mut, walk_type_name as walk_type_name_mut,
};
pub use look::{
    walk_call, walk_column_target, walk_cte, walk_expr, walk_select, walk_statement, walk_table_ref,
    walk_type_name,
};
