//! Conditions: a truth of three from sequences of items.

use super::execute::{Evaluation, MAX_DEPTH, Status, Truth};
use super::item::Item;
use super::{Binary, Kind, Node};
use crate::regexp;
use sqlstate::{DatabaseError, Result, STATEMENT_TOO_COMPLEX};

impl Evaluation<'_> {
    pub(super) fn truth(&mut self, node: &Node, value: &Item) -> Result<Truth> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(DatabaseError::new(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        let truth = self.truth_of(node, value);
        self.depth -= 1;
        truth
    }

    fn truth_of(&mut self, node: &Node, value: &Item) -> Result<Truth> {
        Ok(match &node.kind {
            Kind::Binary(Binary::And, left, right) => {
                let first = self.truth(left, value)?;
                if first == Some(false) {
                    return Ok(first);
                }
                let second = self.truth(right, value)?;
                if second == Some(true) { first } else { second }
            }
            Kind::Binary(Binary::Or, left, right) => {
                let first = self.truth(left, value)?;
                if first == Some(true) {
                    return Ok(first);
                }
                let second = self.truth(right, value)?;
                if second == Some(false) { first } else { second }
            }
            Kind::Not(inner) => self.truth(inner, value)?.map(|truth| !truth),
            Kind::IsUnknown(inner) => Some(self.truth(inner, value)?.is_none()),
            Kind::Exists(inner) => {
                let throws = std::mem::replace(&mut self.throws, false);
                let mut items = Vec::new();
                let found = if self.lax { None } else { Some(&mut items) };
                let status = self.item(inner, value, found);
                self.throws = throws;
                match status? {
                    Status::Failed => None,
                    status if self.lax => Some(status == Status::Found),
                    _ => Some(!items.is_empty()),
                }
            }
            Kind::Binary(Binary::StartsWith, left, right) => {
                let Some(right) = self.operands(left, Some((right, false)), value)? else { return Ok(None) };
                self.predicate(right, |_, whole, initial| {
                    Ok(match (whole, initial) {
                        (Item::String(whole), Some(Item::String(initial))) => {
                            Some(whole.starts_with(&**initial))
                        }
                        _ => None,
                    })
                })?
            }
            Kind::Binary(operator, left, right) => {
                let operator = *operator;
                let Some(operands) = self.operands(left, Some((right, true)), value)? else {
                    return Ok(None);
                };
                self.predicate(operands, |evaluation, left, right| match right {
                    Some(right) => evaluation.compare(operator, left, right),
                    None => Ok(None),
                })?
            }
            Kind::LikeRegex { expression, pattern, flags } => {
                let regex = regexp::compile(pattern, flags.options())?;
                let Some(operands) = self.operands(expression, None, value)? else { return Ok(None) };
                self.predicate(operands, |_, text, _| {
                    Ok(match text {
                        Item::String(text) => Some(regex.is_match(text)?),
                        _ => None,
                    })
                })?
            }
            _ => return Err(DatabaseError::internal("a path's condition that is none")),
        })
    }

    /// The items of a predicate's operands; `None` for an error within them.
    #[expect(clippy::type_complexity, reason = "two lists, the second where there is one")]
    fn operands(
        &mut self,
        left: &Node,
        right: Option<(&Node, bool)>,
        value: &Item,
    ) -> Result<Option<(Vec<Item>, Option<Vec<Item>>)>> {
        let Some(left) = self.items_quietly(left, value, true)? else { return Ok(None) };
        let Some((right, unwrap)) = right else { return Ok(Some((left, None))) };
        Ok(self.items_quietly(right, value, unwrap)?.map(|right| (left, Some(right))))
    }

    /// Whether any pair satisfies a test. Strictly, all pairs are looked at: one that is unknown makes all so.
    fn predicate(
        &mut self,
        (left, right): (Vec<Item>, Option<Vec<Item>>),
        test: impl Fn(&mut Self, &Item, Option<&Item>) -> Result<Truth>,
    ) -> Result<Truth> {
        let (mut unknown, mut satisfied) = (false, false);
        for left in &left {
            let single = [None];
            let pairs: Box<dyn Iterator<Item = Option<&Item>>> = match &right {
                Some(right) => Box::new(right.iter().map(Some)),
                None => Box::new(single.into_iter()),
            };
            for right in pairs {
                match test(self, left, right)? {
                    None if !self.lax => return Ok(None),
                    None => unknown = true,
                    Some(true) if self.lax => return Ok(Some(true)),
                    Some(true) => satisfied = true,
                    Some(false) => {}
                }
            }
        }
        Ok(if satisfied {
            Some(true)
        } else if unknown {
            None
        } else {
            Some(false)
        })
    }

    fn compare(&self, operator: Binary, left: &Item, right: &Item) -> Result<Truth> {
        let order = match (left, right) {
            (Item::Null, Item::Null) => std::cmp::Ordering::Equal,
            // A null is unequal to all else, and neither less nor greater.
            (Item::Null, _) | (_, Item::Null) => return Ok(Some(operator == Binary::NotEqual)),
            (Item::Bool(left), Item::Bool(right)) => left.cmp(right),
            (Item::Number(left), Item::Number(right)) => left.compare(right),
            (Item::String(left), Item::String(right)) => left.cmp(right),
            (Item::Moment(left), Item::Moment(right)) => {
                match left.compare(*right, self.zoned, self.context)? {
                    Some(order) => order,
                    None => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(match operator {
            Binary::Equal => order.is_eq(),
            Binary::NotEqual => order.is_ne(),
            Binary::Less => order.is_lt(),
            Binary::Greater => order.is_gt(),
            Binary::LessOrEqual => order.is_le(),
            _ => order.is_ge(),
        }))
    }
}
