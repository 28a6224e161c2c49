//! Window functions and their windows: transformWindowFuncCall, transformWindowDefinitions.

use super::aggregate::{CallClauses, aggregate_parts, contains_set_call, first_of};
use super::{Analysis, Place, Scope};
use crate::bound::{Aggregate, Expr, ExprKind, Frame, FrameBound, Window};
use crate::types::{INT8, plain};
use catalog::builtin::CastContext;
use catalog::{Oid, TypeRef};
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, Result, UNDEFINED_OBJECT, WINDOWING_ERROR};
use syntax::ast::{self, Over, Position, WindowSpec};

impl Analysis<'_> {
    #[expect(clippy::too_many_arguments, reason = "a call over a window has this many parts")]
    pub(crate) fn window_call(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        function: Oid,
        args: Vec<Expr>,
        ty: TypeRef,
        clauses: &CallClauses<'_>,
        position: Position,
    ) -> Result<Expr> {
        let refuse = |message: &str| Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message).at(position));
        if clauses.distinct {
            return refuse("DISTINCT is not implemented for window functions");
        }
        if !clauses.order_by.is_empty() {
            return refuse("aggregate ORDER BY is not implemented for window functions");
        }
        if clauses.filter.is_some() {
            return refuse("FILTER is not implemented for non-aggregate window functions");
        }
        let Some(over) = clauses.over else {
            return Err(DatabaseError::internal("a window function without OVER"));
        };
        if args.iter().any(contains_set_call) {
            return refuse("window function calls cannot contain set-returning function calls");
        }
        let aggregate = Aggregate {
            function,
            direct: Vec::new(),
            args,
            distinct: false,
            order_by: Vec::new(),
            filter: None,
        };
        self.over(scope, place, aggregate, over, ty, position)
    }

    /// A function over a window.
    pub(crate) fn over(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        aggregate: Aggregate,
        over: &Over,
        ty: TypeRef,
        position: Position,
    ) -> Result<Expr> {
        for part in aggregate_parts(&aggregate) {
            if let Some(inner) = first_of(part, |kind| matches!(kind, ExprKind::Window { .. })) {
                return Err(
                    DatabaseError::new(WINDOWING_ERROR, "window function calls cannot be nested").at(inner)
                );
            }
        }
        if let Some(message) = place.refuses_windows() {
            return Err(DatabaseError::new(WINDOWING_ERROR, message).at(position));
        }
        let spec = match over {
            Over::Named(name) => self.window_named(scope, name, position)?,
            Over::Spec(spec) => spec.clone(),
        };
        let window = self.window(scope, &spec, position)?;
        let at = match scope.windows.iter().position(|known| *known == window) {
            Some(at) => at,
            None => {
                scope.windows.push(window);
                scope.windows.len() - 1
            }
        };
        let kind = ExprKind::Window { aggregate: Box::new(aggregate), window: at };
        Ok(Expr::new(kind, ty).at(position))
    }

    fn window_named(&self, scope: &Scope<'_>, name: &str, position: Position) -> Result<WindowSpec> {
        let found = scope.window_definitions.iter().find(|(known, _)| known == name);
        found.map(|(_, spec)| spec.clone()).ok_or_else(|| {
            DatabaseError::new(UNDEFINED_OBJECT, format!("window \"{name}\" does not exist")).at(position)
        })
    }

    /// WINDOW's names are there once.
    pub(crate) fn check_window_names(&self, windows: &[(String, WindowSpec)]) -> Result<()> {
        for (at, (name, _)) in windows.iter().enumerate() {
            if windows[..at].iter().any(|(other, _)| other == name) {
                return Err(DatabaseError::new(
                    WINDOWING_ERROR,
                    format!("window \"{name}\" is already defined"),
                ));
            }
        }
        Ok(())
    }

    /// WINDOW's definitions that no function is over: they must be right all the same.
    pub(crate) fn unused_windows(
        &mut self,
        scope: &mut Scope<'_>,
        windows: &[(String, WindowSpec)],
    ) -> Result<()> {
        for (_, spec) in windows {
            self.window(scope, spec, 0)?;
        }
        Ok(())
    }

    fn window(&mut self, scope: &mut Scope<'_>, spec: &WindowSpec, position: Position) -> Result<Window> {
        let mut spec = spec.clone();
        if let Some(base) = spec.base.take() {
            let base_spec = self.window_named(scope, &base, position)?;
            let refuse = |message: String| Err(DatabaseError::new(WINDOWING_ERROR, message).at(position));
            if !spec.partition_by.is_empty() {
                return refuse(format!("cannot override PARTITION BY clause of window \"{base}\""));
            }
            if !spec.order_by.is_empty() && !base_spec.order_by.is_empty() {
                return refuse(format!("cannot override ORDER BY clause of window \"{base}\""));
            }
            if base_spec.frame.is_some() {
                let message = format!("cannot copy window \"{base}\" because it has a frame clause");
                let mut error = DatabaseError::new(WINDOWING_ERROR, message);
                if spec.order_by.is_empty() && spec.frame.is_none() {
                    error = error.with_hint("Omit the parentheses in this OVER clause.");
                }
                return Err(error.at(position));
            }
            spec.partition_by = base_spec.partition_by;
            if spec.order_by.is_empty() {
                spec.order_by = base_spec.order_by;
            }
        }
        let mut partition_by = Vec::with_capacity(spec.partition_by.len());
        for expr in &spec.partition_by {
            let bound = self.expression(scope, Place::WindowPartition, expr)?;
            let bound = self.resolve_unknown(bound)?;
            self.equality_operator(bound.ty.oid).map_err(|error| self.located(error, expr.position))?;
            partition_by.push(bound);
        }
        let order_by = self.sort_keys(scope, Place::WindowOrder, &spec.order_by)?;
        let frame = match &spec.frame {
            Some(frame) => Some(self.frame(
                scope,
                frame,
                order_by.first().map(|key| key.expr.ty),
                order_by.len(),
                position,
            )?),
            None => None,
        };
        Ok(Window { partition_by, order_by, frame })
    }

    fn frame(
        &mut self,
        scope: &mut Scope<'_>,
        frame: &ast::WindowFrame,
        sorted_by: Option<TypeRef>,
        keys: usize,
        position: Position,
    ) -> Result<Frame> {
        use ast::FrameBound::{CurrentRow, Following, Preceding, UnboundedFollowing, UnboundedPreceding};
        let end = frame.end.clone().unwrap_or(CurrentRow);
        let wrong = |message: &str| Err(DatabaseError::new(WINDOWING_ERROR, message).at(position));
        match (&frame.start, &end) {
            (UnboundedFollowing, _) => return wrong("frame start cannot be UNBOUNDED FOLLOWING"),
            (_, UnboundedPreceding) => return wrong("frame end cannot be UNBOUNDED PRECEDING"),
            (CurrentRow, Preceding(_)) => {
                return wrong("frame starting from current row cannot have preceding rows");
            }
            (Following(_), Preceding(_)) => {
                return wrong("frame starting from following row cannot have preceding rows");
            }
            (Following(_), CurrentRow) => {
                return wrong("frame starting from following row cannot end with current row");
            }
            _ => {}
        }
        if frame.unit == "GROUPS" && keys == 0 {
            return wrong("GROUPS mode requires an ORDER BY clause");
        }
        let offset = |bound: &ast::FrameBound| matches!(bound, Preceding(_) | Following(_));
        if frame.unit == "RANGE" && (offset(&frame.start) || offset(&end)) && keys != 1 {
            return wrong("RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column");
        }
        let place = match frame.unit {
            "ROWS" => Place::WindowFrameRows,
            "GROUPS" => Place::WindowFrameGroups,
            _ => Place::WindowFrameRange,
        };
        Ok(Frame {
            unit: frame.unit,
            start: self.frame_bound(scope, place, &frame.start, sorted_by)?,
            end: self.frame_bound(scope, place, &end, sorted_by)?,
            exclude: frame.exclude,
        })
    }

    fn frame_bound(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        bound: &ast::FrameBound,
        key: Option<TypeRef>,
    ) -> Result<FrameBound> {
        Ok(match bound {
            ast::FrameBound::UnboundedPreceding => FrameBound::UnboundedPreceding,
            ast::FrameBound::UnboundedFollowing => FrameBound::UnboundedFollowing,
            ast::FrameBound::CurrentRow => FrameBound::CurrentRow,
            ast::FrameBound::Preceding(expr) => {
                FrameBound::Preceding(self.frame_offset(scope, place, expr, key)?)
            }
            ast::FrameBound::Following(expr) => {
                FrameBound::Following(self.frame_offset(scope, place, expr, key)?)
            }
        })
    }

    fn frame_offset(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        expr: &ast::Expr,
        key: Option<TypeRef>,
    ) -> Result<Expr> {
        let bound = self.expression(scope, place, expr)?;
        let position = bound.position;
        if let (Place::WindowFrameRange, Some(key)) = (place, key) {
            let bound = self.range_offset(bound, key, position)?;
            return self.constant_offset(bound, "RANGE");
        }
        let construct = match place {
            Place::WindowFrameRows => "ROWS",
            Place::WindowFrameGroups => "GROUPS",
            _ => "RANGE",
        };
        let source = bound.ty.oid;
        let bound = self.coerce_to_target(bound, INT8, CastContext::Assignment)?.ok_or_else(|| {
            DatabaseError::new(
                sqlstate::DATATYPE_MISMATCH,
                format!(
                    "argument of {construct} must be type bigint, not type {}",
                    self.type_name(plain(source).oid)
                ),
            )
            .at(position)
        })?;
        let mut bound = self.constant_offset(bound, construct)?;
        if let Some(value) = self.constant(&bound, None)? {
            bound.kind = ExprKind::Constant(value);
        }
        let mut plain = &bound;
        while let ExprKind::Convert { expr, .. } = &plain.kind {
            plain = expr;
        }
        match plain.kind {
            ExprKind::Constant(_) | ExprKind::Parameter(_) => Ok(bound),
            // SQLite takes no other for a number.
            _ => Err(DatabaseError::unsupported("a frame offset that is computed").at(position)),
        }
    }

    /// An offset reads no column, and is neither NULL nor negative.
    fn constant_offset(&self, bound: Expr, construct: &str) -> Result<Expr> {
        if let Some(position) = first_of(&bound, |kind| matches!(kind, ExprKind::Column { .. })) {
            return Err(DatabaseError::new(
                sqlstate::INVALID_COLUMN_REFERENCE,
                format!("argument of {construct} must not contain variables"),
            )
            .at(position));
        }
        Ok(bound)
    }
}
