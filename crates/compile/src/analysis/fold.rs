//! Untyped literals become values while the statement is analysed, so that 22P02 says where.

use super::Analysis;
use crate::bound::{Conversion, Expr, ExprKind};
use crate::mutant::{self, Mutant};
use crate::types::TEXT;
use catalog::lookup::SearchPath;
use catalog::{Catalog, TypeRef};
use datum::{Context, DateOrder, DateStyle, IntervalStyle, StoredValue, TimeZone, TypeInfo, TypeSource, oid};
use sqlstate::Result;
use syntax::ast::Position;

/// A session that is no session: what a literal means must not depend on it.
pub(crate) struct Folding<'a> {
    catalog: &'a Catalog,
    path: &'a SearchPath,
    now: i64,
    zone: TimeZone,
    date_order: DateOrder,
    interval_style: IntervalStyle,
}

impl<'a> Folding<'a> {
    /// A context in UTC.
    pub(crate) fn new(catalog: &'a Catalog, path: &'a SearchPath) -> Folding<'a> {
        Folding {
            catalog,
            path,
            now: 0,
            zone: TimeZone::utc(),
            date_order: DateOrder::Mdy,
            interval_style: IntervalStyle::Postgres,
        }
    }

    /// Another moment in another zone, under other styles.
    fn elsewhere(catalog: &'a Catalog, path: &'a SearchPath, date_order: DateOrder) -> Folding<'a> {
        Folding {
            catalog,
            path,
            now: 40 * 86_400_000_000,
            zone: TimeZone::fixed(7 * 3600).unwrap_or_else(TimeZone::utc),
            date_order,
            interval_style: IntervalStyle::SqlStandard,
        }
    }
}

impl Context for Folding<'_> {
    fn now(&self) -> i64 {
        self.now
    }

    fn time_zone(&self) -> &TimeZone {
        &self.zone
    }

    fn date_style(&self) -> DateStyle {
        DateStyle { order: self.date_order, ..DateStyle::default() }
    }

    fn interval_style(&self) -> IntervalStyle {
        self.interval_style
    }

    fn types(&self) -> &dyn TypeSource {
        self
    }

    fn object_input(&self, type_oid: catalog::Oid, text: &str) -> Result<catalog::Oid> {
        self.catalog.object_input(self.path, type_oid, text)
    }

    fn object_output(&self, type_oid: catalog::Oid, object: catalog::Oid) -> Result<String> {
        Ok(self.catalog.object_output(self.path, type_oid, object))
    }
}

/// Types are named as the search path reaches them.
impl TypeSource for Folding<'_> {
    fn describe(&self, oid: catalog::Oid) -> Option<TypeInfo> {
        let mut info = TypeSource::describe(self.catalog, oid)?;
        match &mut info {
            TypeInfo::Enum { name, .. }
            | TypeInfo::Domain { name, .. }
            | TypeInfo::Array { name, .. }
            | TypeInfo::Composite { name, .. } => *name = self.catalog.format_type_oid(self.path, oid).into(),
        }
        Some(info)
    }
}

impl Analysis<'_> {
    /// The value of an untyped literal as this type. One that depends on the session (`'now'`, a timestamp without its zone) is
    /// converted at each execution.
    pub(crate) fn fold(&self, ty: TypeRef, text: &str, position: Position) -> Result<Expr> {
        if catalog::lookup::is_object_type(ty.oid) {
            let object = self.catalog.object_input(&self.path, ty.oid, text);
            let object = object.map_err(|error| self.located(error, position))?;
            let value = StoredValue::Integer(i64::from(object));
            return Ok(Expr::new(ExprKind::Constant(value), ty).at(position));
        }
        let first = datum::input(ty.oid, ty.modifier, text, &Folding::new(self.catalog, &self.path));
        if depends_on_session(self.catalog, ty) {
            let differs = [DateOrder::Dmy, DateOrder::Ymd].into_iter().any(|order| {
                let elsewhere = Folding::elsewhere(self.catalog, &self.path, order);
                datum::input(ty.oid, ty.modifier, text, &elsewhere) != first
            });
            if differs {
                let literal = Expr::new(ExprKind::Constant(StoredValue::from(text)), TEXT).at(position);
                let kind = ExprKind::Convert { expr: Box::new(literal), by: Conversion::Text };
                return Ok(Expr::new(kind, ty).at(position));
            }
        }
        let value = first.map_err(|error| self.located(error, position))?;
        Ok(Expr::new(ExprKind::Constant(value), ty).at(position))
    }

    pub(crate) fn located(
        &self,
        error: sqlstate::DatabaseError,
        position: Position,
    ) -> sqlstate::DatabaseError {
        if position == 0 || self.stored { error } else { error.at(position) }
    }
}

pub(super) fn depends_on_session(catalog: &Catalog, ty: TypeRef) -> bool {
    if mutant::is(Mutant::ZoneIgnored) {
        return false;
    }
    let base = catalog.base_type(ty).oid;
    let scalar = catalog.element_type(base).unwrap_or(base);
    matches!(scalar, oid::TIMESTAMPTZ | oid::TIMESTAMP | oid::DATE | oid::TIME | oid::TIMETZ | oid::INTERVAL)
        || crate::types::is_composite(catalog, scalar)
}
