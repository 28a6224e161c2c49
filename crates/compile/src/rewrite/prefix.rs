//! LIKE with a known beginning: the range of texts that begin so stands beside it, so that an index is used. Texts sort by their bytes,
//! and the comparisons are leakproof: they may be asked before the policies.

use crate::bound::{Conversion, Core, Expr, ExprKind};
use crate::stored::BOOLEAN;
use catalog::builtin::builtins;
use datum::{StoredValue, oid};

/// `text >= text` and `text < text`.
const AT_LEAST: catalog::Oid = 667;
const BELOW: catalog::Oid = 664;

/// Puts ranges beside the LIKEs that WHERE demands.
pub(super) fn add_ranges(core: &mut Core) {
    let Some(filter) = &mut core.filter else { return };
    let terms = match &filter.kind {
        ExprKind::And(terms) => terms.as_slice(),
        _ => std::slice::from_ref(&*filter),
    };
    let ranges: Vec<Expr> = terms.iter().flat_map(range).collect();
    if ranges.is_empty() {
        return;
    }
    let mut all = match std::mem::replace(&mut filter.kind, ExprKind::And(Vec::new())) {
        ExprKind::And(terms) => terms,
        kind => vec![Expr { kind, ..filter.clone() }],
    };
    all.extend(ranges);
    filter.kind = ExprKind::And(all);
}

/// What follows for a column from `column LIKE 'beginning%'`.
fn range(term: &Expr) -> Vec<Expr> {
    let ExprKind::Operator { operator, args } = &term.kind else { return Vec::new() };
    let like = builtins()
        .operator_by_oid(*operator)
        .and_then(|operator| builtins().function_by_oid(operator.function))
        .is_some_and(|function| function.source == "textlike");
    let [column, pattern] = args.as_slice() else { return Vec::new() };
    let ExprKind::Constant(StoredValue::Text(pattern)) = &pattern.kind else { return Vec::new() };
    let is_column = match &column.kind {
        ExprKind::Column { .. } => column.ty.oid == oid::TEXT,
        ExprKind::Convert { expr, by: Conversion::Relabel } => {
            matches!(expr.kind, ExprKind::Column { .. }) && matches!(expr.ty.oid, oid::TEXT | oid::VARCHAR)
        }
        _ => false,
    };
    let beginning = beginning(pattern);
    if !like || !is_column || beginning.is_empty() {
        return Vec::new();
    }
    let compare = |operator, text: String| {
        let text = Expr::new(ExprKind::Constant(StoredValue::Text(text)), crate::types::plain(oid::TEXT));
        Expr::new(ExprKind::Operator { operator, args: vec![column.clone(), text] }, BOOLEAN)
    };
    let mut found = vec![compare(AT_LEAST, beginning.clone())];
    found.extend(end(&beginning).map(|end| compare(BELOW, end)));
    found
}

/// What every text that matches begins with.
fn beginning(pattern: &str) -> String {
    let mut found = String::new();
    let mut signs = pattern.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '%' | '_' => break,
            '\\' => match signs.next() {
                Some(escaped) => found.push(escaped),
                None => break,
            },
            sign => found.push(sign),
        }
    }
    found
}

/// The first text behind all that begin so.
fn end(beginning: &str) -> Option<String> {
    let mut signs: Vec<char> = beginning.chars().collect();
    while let Some(last) = signs.pop() {
        let next = match last {
            '\u{D7FF}' => Some('\u{E000}'),
            last => char::from_u32(last as u32 + 1),
        };
        if let Some(next) = next {
            signs.push(next);
            return Some(signs.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_end_at_the_first_wildcard() {
        assert_eq!(beginning("abc%d"), "abc");
        assert_eq!(beginning("a\\%b_"), "a%b");
        assert_eq!(beginning("%a"), "");
        assert_eq!(end("abc").as_deref(), Some("abd"));
        assert_eq!(end("a\u{10FFFF}").as_deref(), Some("b"));
        assert_eq!(end("\u{10FFFF}"), None);
        assert_eq!(end("\u{D7FF}").as_deref(), Some("\u{E000}"));
    }
}
