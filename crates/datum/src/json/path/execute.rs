//! Evaluates a path over a document.

use super::item::{Container, Item, document};
use super::{Binary, Kind, Node, Path};
use crate::context::Context;
use crate::json::Json;
use crate::numeric::Numeric;
use sqlstate::{
    DatabaseError, INVALID_PARAMETER_VALUE, INVALID_SQL_JSON_SUBSCRIPT, Result,
    SINGLETON_SQL_JSON_ITEM_REQUIRED, SQL_JSON_ARRAY_NOT_FOUND, SQL_JSON_MEMBER_NOT_FOUND,
    SQL_JSON_NUMBER_NOT_FOUND, SQL_JSON_OBJECT_NOT_FOUND, STATEMENT_TOO_COMPLEX, UNDEFINED_OBJECT,
};
use std::rc::Rc;

/// How an evaluation went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Found,
    NotFound,
    /// An error that is not to be thrown.
    Failed,
}

/// A truth of three.
pub(super) type Truth = Option<bool>;

/// Where items go; none where only their existence matters.
pub(super) type Found<'a> = Option<&'a mut Vec<Item>>;

/// How deep evaluation may nest.
pub(super) const MAX_DEPTH: usize = 600;

/// What an evaluation stands on.
pub(super) struct Evaluation<'a> {
    pub(super) context: &'a dyn Context,
    pub(super) root: Item,
    pub(super) vars: Option<Item>,
    pub(super) lax: bool,
    pub(super) throws: bool,
    pub(super) zoned: bool,
    pub(super) ignores_structure: bool,
    pub(super) current: Item,
    /// The number of the document that objects are taken from.
    pub(super) base: i64,
    pub(super) last_generated: i64,
    pub(super) innermost_size: i64,
    pub(super) depth: usize,
}

/// Evaluates a path. Whether anything is found; `found` takes all that is.
pub(super) fn evaluate(
    path: &Path,
    value: &Json,
    vars: Option<&Json>,
    options: Options,
    found: Found<'_>,
    context: &dyn Context,
) -> Result<Status> {
    if vars.is_some_and(|vars| !matches!(vars, Json::Object(_))) {
        return Err(DatabaseError::new(INVALID_PARAMETER_VALUE, "\"vars\" argument is not an object")
            .with_detail("Jsonpath parameters should be encoded as key-value pairs of \"vars\" object."));
    }
    let root = document(value)?;
    let mut evaluation = Evaluation {
        context,
        root: root.clone(),
        vars: vars.map(document).transpose()?,
        lax: path.lax,
        throws: !options.silent,
        zoned: options.zoned,
        ignores_structure: path.lax,
        current: root.clone(),
        base: 0,
        last_generated: if vars.is_some() { 2 } else { 1 },
        innermost_size: -1,
        depth: 0,
    };
    if !path.lax && found.is_none() {
        // Strictly, all items must be seen to know that none is an error.
        let mut items = Vec::new();
        let status = evaluation.item(&path.expression, &root, Some(&mut items))?;
        return Ok(match status {
            Status::Failed => status,
            _ if items.is_empty() => Status::NotFound,
            _ => Status::Found,
        });
    }
    evaluation.item(&path.expression, &root, found)
}

/// How a path is evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    /// Errors of the data are passed over.
    pub(super) silent: bool,
    /// The session's time zone may be used.
    pub(super) zoned: bool,
}

pub(super) fn failure(code: sqlstate::SqlState, message: impl Into<String>) -> DatabaseError {
    DatabaseError::new(code, message)
}

impl Evaluation<'_> {
    /// An error of the data: thrown, or a status.
    pub(super) fn fail(&self, error: DatabaseError) -> Result<Status> {
        if self.throws { Err(error) } else { Ok(Status::Failed) }
    }

    pub(super) fn item(&mut self, node: &Node, value: &Item, found: Found<'_>) -> Result<Status> {
        self.step(node, value, found, self.lax)
    }

    /// Goes on behind a step; at the end the value is found.
    pub(super) fn next(&mut self, node: &Node, value: Item, found: Found<'_>) -> Result<Status> {
        if let Some(next) = &node.next {
            return self.item(next, &value, found);
        }
        if let Some(found) = found {
            found.push(value);
        }
        Ok(Status::Found)
    }

    fn step(&mut self, node: &Node, value: &Item, found: Found<'_>, unwrap: bool) -> Result<Status> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(DatabaseError::new(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        self.context.check_interrupt()?;
        let status = self.step_of(node, value, found, unwrap);
        self.depth -= 1;
        status
    }

    fn step_of(&mut self, node: &Node, value: &Item, found: Found<'_>, unwrap: bool) -> Result<Status> {
        // What takes one item is done for each element of an array.
        let each = matches!(value, Item::Array(_)) && unwrap;
        match &node.kind {
            Kind::Binary(operator, left, right) => match operator {
                Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Modulo => {
                    self.arithmetic(node, *operator, left, right, value, found)
                }
                _ => self.truth_item(node, value, found),
            },
            Kind::Not(_) | Kind::IsUnknown(_) | Kind::Exists(_) | Kind::LikeRegex { .. } => {
                self.truth_item(node, value, found)
            }
            Kind::Key(key) => match value {
                Item::Object(object) => match object.parts.iter().find(|(name, _)| **name == **key) {
                    Some((_, value)) => self.next(node, value.clone(), found),
                    None if self.ignores_structure => Ok(Status::NotFound),
                    None => self.fail(failure(
                        SQL_JSON_MEMBER_NOT_FOUND,
                        format!("JSON object does not contain key \"{key}\""),
                    )),
                },
                _ if each => self.each(Some(node), value, found, false),
                _ if self.ignores_structure => Ok(Status::NotFound),
                _ => self.fail(failure(
                    SQL_JSON_MEMBER_NOT_FOUND,
                    "jsonpath member accessor can only be applied to an object",
                )),
            },
            Kind::Root => {
                let base = std::mem::replace(&mut self.base, 0);
                let status = self.next(node, self.root.clone(), found);
                self.base = base;
                status
            }
            Kind::Current => self.next(node, self.current.clone(), found),
            Kind::AnyArray => match value {
                Item::Array(_) => self.each(node.next.as_deref(), value, found, self.lax),
                _ if self.lax => self.next(node, value.clone(), found),
                _ if self.ignores_structure => Ok(Status::NotFound),
                _ => self.fail(failure(
                    SQL_JSON_ARRAY_NOT_FOUND,
                    "jsonpath wildcard array accessor can only be applied to an array",
                )),
            },
            Kind::Subscripts(subscripts) => self.subscripts(node, subscripts, value, found),
            Kind::Last => {
                let last = Numeric::from(self.innermost_size - 1);
                self.next(node, Item::Number(Rc::new(last)), found)
            }
            Kind::AnyKey => match value {
                Item::Object(_) => {
                    let any = Any { first: 1, last: 1, ignores_structure: false, unwrap: self.lax };
                    self.any(node.next.as_deref(), value, found, 1, any)
                }
                _ if each => self.each(Some(node), value, found, false),
                _ if self.ignores_structure => Ok(Status::NotFound),
                _ => self.fail(failure(
                    SQL_JSON_OBJECT_NOT_FOUND,
                    "jsonpath wildcard member accessor can only be applied to an object",
                )),
            },
            Kind::Plus(operand) => self.signed(node, operand, false, value, found),
            Kind::Minus(operand) => self.signed(node, operand, true, value, found),
            Kind::Filter(condition) => {
                if each {
                    return self.each(Some(node), value, found, false);
                }
                let outer = std::mem::replace(&mut self.current, value.clone());
                let truth = self.truth(condition, value);
                self.current = outer;
                if truth? == Some(true) {
                    self.next(node, value.clone(), found)
                } else {
                    Ok(Status::NotFound)
                }
            }
            Kind::Any { first, last } => self.any_level(node, *first, *last, value, found),
            Kind::Null => self.next(node, Item::Null, found),
            Kind::Bool(value) => self.next(node, Item::Bool(*value), found),
            Kind::Number(number) => self.next(node, Item::Number(Rc::new(number.clone())), found),
            Kind::String(text) => self.next(node, Item::String(text.as_str().into()), found),
            Kind::Variable(name) => {
                let (value, base) = self.variable(name)?;
                let outer = std::mem::replace(&mut self.base, base);
                let status = self.next(node, value, found);
                self.base = outer;
                status
            }
            Kind::Method(method) => self.method(node, *method, value, found, each),
            Kind::DateTime(template) => {
                if each {
                    return self.each(Some(node), value, found, false);
                }
                self.date_time(node, template.as_deref(), value, found)
            }
        }
    }

    fn variable(&self, name: &str) -> Result<(Item, i64)> {
        let Some(vars) = &self.vars else { return Ok((Item::Null, self.base)) };
        let value = match vars {
            Item::Object(object) => object.parts.iter().find(|(key, _)| **key == *name),
            _ => None,
        };
        match value {
            Some((_, value)) => Ok((value.clone(), 1)),
            None => Err(failure(UNDEFINED_OBJECT, format!("could not find jsonpath variable \"{name}\""))),
        }
    }

    /// Does a step for each element of an array.
    pub(super) fn each(
        &mut self,
        node: Option<&Node>,
        array: &Item,
        found: Found<'_>,
        unwrap: bool,
    ) -> Result<Status> {
        self.any(node, array, found, 1, Any { first: 1, last: 1, ignores_structure: false, unwrap })
    }

    /// Does a step for the members of a value between two levels.
    fn any(
        &mut self,
        node: Option<&Node>,
        value: &Item,
        mut found: Found<'_>,
        level: u32,
        any: Any,
    ) -> Result<Status> {
        let mut status = Status::NotFound;
        if level > any.last {
            return Ok(status);
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(DatabaseError::new(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        let members: Vec<Item> = match value {
            Item::Array(array) => array.parts.clone(),
            Item::Object(object) => object.parts.iter().map(|(_, value)| value.clone()).collect(),
            _ => Vec::new(),
        };
        for member in &members {
            let container = matches!(member, Item::Array(_) | Item::Object(_));
            let leaf_wanted = any.first == u32::MAX && any.last == u32::MAX && !container;
            if level >= any.first || leaf_wanted {
                match node {
                    Some(node) => {
                        let outer = self.ignores_structure;
                        self.ignores_structure |= any.ignores_structure;
                        let result = self.step(node, member, found.as_deref_mut(), any.unwrap);
                        self.ignores_structure = outer;
                        status = result?;
                    }
                    None => {
                        status = Status::Found;
                        if let Some(found) = found.as_deref_mut() {
                            found.push(member.clone());
                        }
                    }
                }
                if status == Status::Failed || status == Status::Found && found.is_none() {
                    break;
                }
            }
            if level < any.last && container {
                status = self.any(node, member, found.as_deref_mut(), level + 1, any)?;
                if status == Status::Failed || status == Status::Found && found.is_none() {
                    break;
                }
            }
        }
        self.depth -= 1;
        Ok(status)
    }

    /// `.**{first to last}`
    fn any_level(
        &mut self,
        node: &Node,
        first: u32,
        last: u32,
        value: &Item,
        mut found: Found<'_>,
    ) -> Result<Status> {
        let mut status = Status::NotFound;
        if first == 0 {
            let outer = std::mem::replace(&mut self.ignores_structure, true);
            let result = self.next(node, value.clone(), found.as_deref_mut());
            self.ignores_structure = outer;
            status = result?;
            if status == Status::Found && found.is_none() {
                return Ok(status);
            }
        }
        if matches!(value, Item::Array(_) | Item::Object(_)) {
            let any = Any { first, last, ignores_structure: true, unwrap: self.lax };
            status = self.any(node.next.as_deref(), value, found, 1, any)?;
        }
        Ok(status)
    }

    fn subscripts(
        &mut self,
        node: &Node,
        subscripts: &[(Node, Option<Node>)],
        value: &Item,
        mut found: Found<'_>,
    ) -> Result<Status> {
        let elements: Vec<Item> = match value {
            Item::Array(array) => array.parts.clone(),
            other if self.lax => vec![other.clone()],
            _ if self.ignores_structure => return Ok(Status::NotFound),
            _ => {
                return self.fail(failure(
                    SQL_JSON_ARRAY_NOT_FOUND,
                    "jsonpath array accessor can only be applied to an array",
                ));
            }
        };
        let size = elements.len() as i64;
        let outer = std::mem::replace(&mut self.innermost_size, size);
        let mut status = Status::NotFound;
        'all: for (from, to) in subscripts {
            let bounds = self.index(from, value).and_then(|from| match (from, to) {
                (Some(from), Some(to)) => Ok(self.index(to, value)?.map(|to| (from, to))),
                (from, _) => Ok(from.map(|from| (from, from))),
            });
            let Some((from, to)) = bounds? else {
                status = Status::Failed;
                break;
            };
            if !self.ignores_structure && (from < 0 || from > to || to >= size) {
                status = self
                    .fail(failure(INVALID_SQL_JSON_SUBSCRIPT, "jsonpath array subscript is out of bounds"))?;
                break;
            }
            status = Status::NotFound;
            for at in from.max(0)..=to.min(size - 1) {
                let Some(element) = usize::try_from(at).ok().and_then(|at| elements.get(at)) else {
                    continue;
                };
                status = self.next(node, element.clone(), found.as_deref_mut())?;
                if status == Status::Failed || status == Status::Found && found.is_none() {
                    break 'all;
                }
            }
        }
        self.innermost_size = outer;
        Ok(status)
    }

    /// A subscript's number; `None` for an error that is not thrown.
    fn index(&mut self, node: &Node, value: &Item) -> Result<Option<i64>> {
        let mut items = Vec::new();
        if self.item(node, value, Some(&mut items))? == Status::Failed {
            return Ok(None);
        }
        let [Item::Number(number)] = items.as_slice() else {
            self.fail(failure(
                INVALID_SQL_JSON_SUBSCRIPT,
                "jsonpath array subscript is not a single numeric value",
            ))?;
            return Ok(None);
        };
        let whole = match &**number {
            Numeric::Finite(number) => number.clone().truncate(0).to_i64(),
            _ => None,
        };
        match whole.filter(|whole| i32::try_from(*whole).is_ok()) {
            Some(whole) => Ok(Some(whole)),
            None => {
                self.fail(failure(
                    INVALID_SQL_JSON_SUBSCRIPT,
                    "jsonpath array subscript is out of integer range",
                ))?;
                Ok(None)
            }
        }
    }

    /// The items of an expression, arrays unwrapped where that is asked; `None` for an error that is not thrown.
    fn items(&mut self, node: &Node, value: &Item, unwrap: bool) -> Result<Option<Vec<Item>>> {
        let mut items = Vec::new();
        if self.item(node, value, Some(&mut items))? == Status::Failed {
            return Ok(None);
        }
        if !(unwrap && self.lax) {
            return Ok(Some(items));
        }
        let mut unwrapped = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Item::Array(array) => unwrapped.extend(array.parts.iter().cloned()),
                other => unwrapped.push(other),
            }
        }
        Ok(Some(unwrapped))
    }

    /// As `items`, without throwing.
    pub(super) fn items_quietly(
        &mut self,
        node: &Node,
        value: &Item,
        unwrap: bool,
    ) -> Result<Option<Vec<Item>>> {
        let throws = std::mem::replace(&mut self.throws, false);
        let items = self.items(node, value, unwrap);
        self.throws = throws;
        items
    }

    fn arithmetic(
        &mut self,
        node: &Node,
        operator: Binary,
        left: &Node,
        right: &Node,
        value: &Item,
        found: Found<'_>,
    ) -> Result<Status> {
        let Some(left) = self.items(left, value, true)? else { return Ok(Status::Failed) };
        let Some(right) = self.items(right, value, true)? else { return Ok(Status::Failed) };
        let symbol = operator.symbol();
        let not_single = |side: &str| {
            failure(
                SINGLETON_SQL_JSON_ITEM_REQUIRED,
                format!("{side} operand of jsonpath operator {symbol} is not a single numeric value"),
            )
        };
        let [Item::Number(left)] = left.as_slice() else { return self.fail(not_single("left")) };
        let [Item::Number(right)] = right.as_slice() else { return self.fail(not_single("right")) };
        let result = match operator {
            Binary::Add => left.add(right),
            Binary::Subtract => left.subtract(right),
            Binary::Multiply => left.multiply(right),
            Binary::Divide => left.divide(right),
            _ => left.remainder(right),
        };
        match result {
            Ok(number) => self.next(node, Item::Number(Rc::new(number)), found),
            Err(error) => self.fail(error),
        }
    }

    fn signed(
        &mut self,
        node: &Node,
        operand: &Node,
        minus: bool,
        value: &Item,
        mut found: Found<'_>,
    ) -> Result<Status> {
        let Some(items) = self.items(operand, value, true)? else { return Ok(Status::Failed) };
        let mut status = Status::NotFound;
        let shown = found.is_some() || node.next.is_some();
        for item in items {
            let Item::Number(number) = &item else {
                if !shown {
                    continue;
                }
                let sign = if minus { '-' } else { '+' };
                return self.fail(failure(
                    SQL_JSON_NUMBER_NOT_FOUND,
                    format!("operand of unary jsonpath operator {sign} is not a numeric value"),
                ));
            };
            if !shown {
                return Ok(Status::Found);
            }
            let number = Numeric::clone(number);
            let number = if minus { number.negated() } else { number };
            match self.next(node, Item::Number(Rc::new(number)), found.as_deref_mut())? {
                Status::Failed => return Ok(Status::Failed),
                Status::Found if found.is_none() => return Ok(Status::Found),
                Status::Found => status = Status::Found,
                Status::NotFound => {}
            }
        }
        Ok(status)
    }

    /// A condition as an item.
    pub(super) fn truth_item(&mut self, node: &Node, value: &Item, found: Found<'_>) -> Result<Status> {
        let item = match self.truth(node, value)? {
            Some(truth) => Item::Bool(truth),
            None => Item::Null,
        };
        self.next(node, item, found)
    }
}

/// Which members are asked for.
#[derive(Clone, Copy)]
struct Any {
    first: u32,
    last: u32,
    ignores_structure: bool,
    unwrap: bool,
}

/// The items as one array.
pub(super) fn wrapped(items: Vec<Item>) -> Item {
    Item::Array(Rc::new(Container { offset: 0, parts: items }))
}
