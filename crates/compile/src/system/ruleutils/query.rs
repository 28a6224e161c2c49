//! Queries, get_query_def.

use super::{Implicit, Named, Own, Writer, unsupported};
use crate::bound::{Body, Core, Distinct, ExprKind, From, Query, Range, RangeKind, Sort};
use catalog::lookup::quote_identifier;
use datum::StoredValue;
use sqlstate::Result;
use syntax::ast::JoinKind;

/// How far the clauses of a query stand in.
pub(super) const STANDARD: isize = 8;

/// The bytes of a name (NAMEDATALEN less its end).
const MOST_OF_A_NAME: usize = 63;

impl Writer<'_, '_> {
    /// A query within an expression.
    pub(super) fn subquery(&mut self, query: &Query) -> Result<()> {
        let (indent, prefix) = (self.indent, self.prefix);
        let outside: Vec<_> = self.ranges.keys().copied().collect();
        self.prefix = true;
        let written = self.query(query, None);
        self.indent = indent;
        self.prefix = prefix;
        self.ranges.retain(|range, _| outside.contains(range));
        written
    }

    /// A query; `names` are the columns of the view that it is.
    pub(super) fn query(&mut self, query: &Query, names: Option<&[String]>) -> Result<()> {
        if !query.ctes.is_empty() || query.with_ties {
            return Err(unsupported("WITH"));
        }
        let Body::Core(core) = &query.body else { return Err(unsupported("a set operation")) };
        // PostgreSQL 15 counts OLD and NEW among a view's ranges, so that its columns always have their tables.
        if names.is_some() || count_ranges(&core.from) != 1 {
            self.prefix = true;
        }
        core.from.iter().try_for_each(|item| self.name_ranges(item))?;
        self.indent += STANDARD.unsigned_abs();
        self.push(" SELECT");
        match &core.distinct {
            None => {}
            Some(Distinct::All) => self.push(" DISTINCT"),
            Some(Distinct::On(_)) => return Err(unsupported("DISTINCT ON")),
        }
        self.targets(query, core, names)?;
        self.write_from(core)?;
        if let Some(filter) = &core.filter {
            self.keyword(" WHERE ", -STANDARD, STANDARD, 1);
            self.expr(filter, Implicit::Hidden)?;
        }
        if !core.group_by.is_empty() {
            if core.grouping_sets.len() > 1 {
                return Err(unsupported("GROUPING SETS"));
            }
            self.keyword(" GROUP BY ", -STANDARD, STANDARD, 1);
            for (at, key) in core.group_by.iter().enumerate() {
                if at > 0 {
                    self.push(", ");
                }
                self.sort_key(core, key)?;
            }
        }
        if let Some(having) = &core.having {
            self.keyword(" HAVING ", -STANDARD, STANDARD, 0);
            self.expr(having, Implicit::Hidden)?;
        }
        if !core.windows.is_empty() {
            return Err(unsupported("window functions"));
        }
        self.order_and_limit(query, core)
    }

    fn order_and_limit(&mut self, query: &Query, core: &Core) -> Result<()> {
        if !query.order_by.is_empty() {
            self.keyword(" ORDER BY ", -STANDARD, STANDARD, 1);
            for (at, Sort { target, descending, nulls_first }) in query.order_by.iter().enumerate() {
                if at > 0 {
                    self.push(", ");
                }
                let target = core.targets.get(*target).ok_or_else(|| unsupported("a sort key"))?;
                self.sort_key(core, &target.expr)?;
                self.direction(*descending, *nulls_first);
            }
        }
        if let Some(offset) = &query.offset {
            self.keyword(" OFFSET ", -STANDARD, STANDARD, 0);
            self.plain_count(offset)?;
        }
        if let Some(limit) = &query.limit {
            self.keyword(" LIMIT ", -STANDARD, STANDARD, 0);
            self.plain_count(limit)?;
        }
        Ok(())
    }

    /// A count of LIMIT or OFFSET, without the conversion to int8 that it got.
    fn plain_count(&mut self, expr: &crate::bound::Expr) -> Result<()> {
        match &expr.kind {
            ExprKind::Constant(StoredValue::Integer(number)) if *number >= 0 => {
                self.push(&number.to_string());
                Ok(())
            }
            _ => self.expr(expr, Implicit::Hidden),
        }
    }

    /// A key of ORDER BY or GROUP BY: a constant is written with its type, an expression that is no column in parentheses.
    fn sort_key(&mut self, _: &Core, expr: &crate::bound::Expr) -> Result<()> {
        match &expr.kind {
            ExprKind::Constant(StoredValue::Integer(_)) => Err(unsupported("a constant as a sort key")),
            ExprKind::Column { .. } | ExprKind::Bind(_) => self.expr(expr, Implicit::Shown),
            _ => {
                // get_rule_sortgroupclause: parentheses for what is neither a call nor an operation, which have their own.
                let bare = matches!(expr.kind, ExprKind::Call { .. } | ExprKind::Aggregate(_));
                if !bare {
                    self.push("(");
                }
                self.expr(expr, Implicit::Shown)?;
                if !bare {
                    self.push(")");
                }
                Ok(())
            }
        }
    }

    fn targets(&mut self, query: &Query, core: &Core, names: Option<&[String]>) -> Result<()> {
        for (at, target) in core.targets.iter().take(query.columns.len()).enumerate() {
            self.push(if at == 0 { " " } else { ", " });
            let before = std::mem::take(&mut self.out);
            let column = match &target.expr.kind {
                ExprKind::Column { range, column } => {
                    self.ranges.get(range).and_then(|named| named.columns.get(*column)).cloned()
                }
                _ => None,
            };
            let written = self.expr(&target.expr, Implicit::Shown);
            let mut text = std::mem::replace(&mut self.out, before);
            written?;
            let name = names.and_then(|names| names.get(at)).unwrap_or(&target.name);
            let shown = column.as_deref().unwrap_or("?column?");
            if shown != name.as_str() {
                text.push_str(&format!(" AS {}", quote_identifier(name)));
            }
            if text.starts_with('\n') {
                let kept = self.out.trim_end_matches(' ').len();
                self.out.truncate(kept);
            } else if at > 0 {
                self.keyword("", -STANDARD, STANDARD, 4);
            }
            self.push(&text);
        }
        Ok(())
    }

    fn write_from(&mut self, core: &Core) -> Result<()> {
        for (at, item) in core.from.iter().enumerate() {
            if at == 0 {
                self.keyword(" FROM ", -STANDARD, STANDARD, 2);
                self.write_from_item(item)?;
                continue;
            }
            self.push(", ");
            let before = std::mem::take(&mut self.out);
            let written = self.write_from_item(item);
            let text = std::mem::replace(&mut self.out, before);
            written?;
            self.keyword("", -STANDARD, STANDARD, 4);
            self.push(&text);
        }
        Ok(())
    }

    fn write_from_item(&mut self, item: &From) -> Result<()> {
        match item {
            From::Range(range) => self.range(range),
            From::Join { kind, left, right, condition } => {
                self.push("(");
                self.write_from_item(left)?;
                match (kind, condition) {
                    (JoinKind::Inner, None) => self.keyword(" CROSS JOIN ", -STANDARD, STANDARD, 4),
                    (JoinKind::Inner, Some(_)) => self.keyword(" JOIN ", -STANDARD, STANDARD, 4),
                    (JoinKind::Left, _) => self.keyword(" LEFT JOIN ", -STANDARD, STANDARD, 4),
                    (JoinKind::Right, _) => self.keyword(" RIGHT JOIN ", -STANDARD, STANDARD, 4),
                    (JoinKind::Full, _) => self.keyword(" FULL JOIN ", -STANDARD, STANDARD, 4),
                }
                self.write_from_item(right)?;
                if let Some(condition) = condition {
                    self.push(" ON (");
                    self.expr(condition, Implicit::Hidden)?;
                    self.push(")");
                }
                self.push(")");
                Ok(())
            }
        }
    }

    fn range(&mut self, range: &Range) -> Result<()> {
        match &range.kind {
            RangeKind::Relation(entry) => {
                let relation = &entry.relation;
                let viewer = self.viewer;
                let name = viewer.catalog.object_output(&viewer.path, datum::oid::REGCLASS, relation.oid);
                self.push(&name);
                let alias = self.name_of_range(range);
                if alias != relation.name {
                    self.push(&format!(" {}", quote_identifier(&alias)));
                }
                let renamed =
                    relation.columns.iter().zip(&range.columns).any(|(own, here)| own.name != here.name);
                if renamed { Err(unsupported("renamed columns of a table")) } else { Ok(()) }
            }
            RangeKind::Subquery { query, lateral } => {
                self.push(if *lateral { "LATERAL (" } else { "(" });
                self.subquery(query)?;
                let alias = format!(") {}", quote_identifier(&self.name_of_range(range)));
                self.push(&alias);
                let renamed =
                    query.columns.iter().zip(&range.columns).any(|(own, here)| own.name != here.name);
                if renamed {
                    let names: Vec<String> =
                        range.columns.iter().map(|column| quote_identifier(&column.name)).collect();
                    self.push(&format!("({})", names.join(", ")));
                }
                Ok(())
            }
            RangeKind::Cte(_)
            | RangeKind::Function { .. }
            | RangeKind::Values(_)
            | RangeKind::Buffer(_)
            | RangeKind::System(_) => Err(unsupported("what this query reads")),
        }
    }

    /// The name that a range is written with (set_rtable_names): its own, with a number where that stands for another already.
    fn free_name(&self, name: &str) -> String {
        let taken = |name: &str| {
            self.ranges.values().any(|named| named.alias == name)
                || match self.own {
                    Own::Row(table) => table.name == name,
                    Own::Trigger(_) => matches!(name, "old" | "new"),
                    Own::Nothing => false,
                }
        };
        if !taken(name) {
            return name.to_owned();
        }
        let mut number = 0_u32;
        loop {
            number += 1;
            let suffix = format!("_{number}");
            let mut end = name.len().min(MOST_OF_A_NAME - suffix.len());
            while !name.is_char_boundary(end) {
                end -= 1;
            }
            let numbered = format!("{}{suffix}", &name[..end]);
            if !taken(&numbered) {
                return numbered;
            }
        }
    }

    fn name_of_range(&self, range: &Range) -> String {
        self.ranges.get(&range.id).map_or_else(|| range.alias.clone(), |named| named.alias.clone())
    }

    fn name_ranges(&mut self, item: &From) -> Result<()> {
        match item {
            From::Range(range) => {
                let alias = self.free_name(&range.alias);
                let columns = range.columns.iter().map(|column| column.name.clone()).collect();
                self.ranges.insert(range.id, Named { alias, columns });
                Ok(())
            }
            From::Join { left, right, .. } => {
                self.name_ranges(left)?;
                self.name_ranges(right)
            }
        }
    }
}

fn count_ranges(items: &[From]) -> usize {
    fn count(item: &From) -> usize {
        match item {
            From::Range(_) => 1,
            From::Join { left, right, .. } => count(left) + count(right) + 1,
        }
    }
    items.iter().map(count).sum()
}
