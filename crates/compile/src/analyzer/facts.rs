//! What an expression or query names, and how volatile it is.

use crate::analysis::Analysis;
use crate::bound::{Expr, ExprKind, Query};
use crate::program::Bind;
use crate::walk::{self, Descend};
use catalog::builtin::builtins;
use catalog::lookup::FunctionEntry;
use catalog::{ColumnNumber, FIRST_USER_OID, ObjectRef, Oid, Relation, Volatility};
use std::collections::BTreeSet;

/// pg_proc: text || any other type, and the other way round.
const TEXTANYCAT: Oid = 2003;
const ANYTEXTCAT: Oid = 2004;

/// What was found.
pub(super) struct Facts {
    /// The worst of its functions.
    pub(super) volatility: Volatility,
    /// Columns of the row that it is about, by index.
    row_columns: BTreeSet<usize>,
    types: BTreeSet<Oid>,
    functions: BTreeSet<Oid>,
    relations: BTreeSet<Oid>,
}

pub(super) fn of_expression(analysis: &Analysis<'_>, expr: Expr) -> Facts {
    let mut facts = Facts::new();
    walk::visit(&expr, &mut |part| facts.note(analysis, part));
    facts.functions_called(analysis);
    facts
}

pub(super) fn of_query(analysis: &Analysis<'_>, query: Query) -> Facts {
    let mut facts = Facts::new();
    walk::visit_query(&query, &mut |part| facts.note(analysis, part));
    facts.functions_called(analysis);
    facts
}

impl Facts {
    fn new() -> Facts {
        Facts {
            volatility: Volatility::Immutable,
            row_columns: BTreeSet::new(),
            types: BTreeSet::new(),
            functions: BTreeSet::new(),
            relations: BTreeSet::new(),
        }
    }

    fn note(&mut self, analysis: &Analysis<'_>, expr: &Expr) -> Descend {
        match &expr.kind {
            ExprKind::Bind(Bind::New(at) | Bind::Old(at)) => {
                self.row_columns.insert(*at);
            }
            ExprKind::Bind(_) => self.volatility = self.volatility.max(Volatility::Stable),
            ExprKind::Call { function, args } | ExprKind::SetCall { function, args } => {
                self.note_function(analysis, *function, args);
            }
            ExprKind::Operator { operator, args } => {
                if let Some(row) = builtins().operator_by_oid(*operator) {
                    self.note_function(analysis, row.function, args);
                }
            }
            ExprKind::Convert { expr: from, by: crate::bound::Conversion::Text } => {
                let output = analysis.catalog.output_volatility(from.ty.oid);
                let input = analysis.catalog.input_volatility(expr.ty.oid);
                self.volatility = self.volatility.max(output).max(input);
            }
            ExprKind::Constant(value) => {
                if expr.ty.oid == REGCLASS
                    && let datum::StoredValue::Integer(oid) = value
                    && let Ok(oid) = Oid::try_from(*oid)
                    && oid >= FIRST_USER_OID
                {
                    self.relations.insert(oid);
                }
            }
            _ => {}
        }
        let written =
            matches!(expr.kind, ExprKind::Constant(_) | ExprKind::Convert { .. } | ExprKind::Array(_));
        if written && expr.ty.oid >= FIRST_USER_OID {
            self.types.insert(analysis.catalog.element_type(expr.ty.oid).unwrap_or(expr.ty.oid));
        }
        Descend::Into
    }

    fn note_function(&mut self, analysis: &Analysis<'_>, function: Oid, args: &[Expr]) {
        // Written in SQL: PostgreSQL puts the body, `$1 || $2::text`, in their place before it looks.
        if matches!(function, TEXTANYCAT | ANYTEXTCAT) {
            let outputs = args.iter().map(|arg| analysis.catalog.output_volatility(arg.ty.oid));
            self.volatility = outputs.fold(self.volatility, Ord::max);
            return;
        }
        let volatility = match analysis.catalog.function_entry(function) {
            Some(FunctionEntry::Builtin(row)) => row.volatility,
            Some(FunctionEntry::User(row)) => row.volatility,
            None => Volatility::Volatile,
        };
        self.volatility = self.volatility.max(volatility);
    }

    fn functions_called(&mut self, analysis: &Analysis<'_>) {
        let user = |(function, _): &(Oid, Oid)| (*function >= FIRST_USER_OID).then_some(*function);
        self.functions.extend(analysis.functions.iter().filter_map(user));
    }

    /// The columns of the row, by number.
    pub(super) fn row_columns(&self, relation: &Relation) -> Vec<ColumnNumber> {
        let mut numbers: Vec<_> = self
            .row_columns
            .iter()
            .filter_map(|at| relation.columns.get(*at))
            .map(|column| column.number)
            .collect();
        numbers.sort_unstable();
        numbers
    }

    /// Everything of the user's own that is named.
    pub(super) fn depends(&self, analysis: &Analysis<'_>, relation: Option<&Relation>) -> Vec<ObjectRef> {
        let mut found = Vec::new();
        if let Some(relation) = relation {
            let columns = self.row_columns(relation);
            found.extend(columns.into_iter().map(|number| ObjectRef::Column(relation.oid, number)));
        }
        for entry in analysis.required.values() {
            let oid = entry.relation.oid;
            found.push(ObjectRef::Relation(oid));
            if entry.required.whole_row {
                found.extend(
                    entry.relation.columns.iter().map(|column| ObjectRef::Column(oid, column.number)),
                );
            }
            found.extend(entry.required.selected.iter().map(|number| ObjectRef::Column(oid, *number)));
        }
        found.extend(self.relations.iter().map(|oid| ObjectRef::Relation(*oid)));
        found.extend(self.functions.iter().map(|oid| ObjectRef::Function(*oid)));
        found.extend(self.types.iter().map(|oid| ObjectRef::Type(*oid)));
        found.extend(analysis.determining.borrow().iter().map(|oid| ObjectRef::Constraint(*oid)));
        let mut unique = Vec::new();
        for reference in found {
            if !unique.contains(&reference) {
                unique.push(reference);
            }
        }
        unique
    }
}

/// regclass
const REGCLASS: Oid = 2205;
