//! The methods of items: `.abs()`, `.keyvalue()`, `.datetime()` and the others.

use super::execute::{Evaluation, Found, Status, failure};
use super::item::{Item, document};
use super::moment;
use super::{Method, Node};
use crate::float::{self, Width};
use crate::json::Json;
use crate::numeric::Numeric;
use crate::value::StoredValue;
use sqlstate::{
    INVALID_ARGUMENT_FOR_SQL_JSON_DATETIME_FUNCTION, NON_NUMERIC_SQL_JSON_ITEM, Result,
    SQL_JSON_ARRAY_NOT_FOUND, SQL_JSON_OBJECT_NOT_FOUND,
};
use std::rc::Rc;

impl Evaluation<'_> {
    pub(super) fn method(
        &mut self,
        node: &Node,
        method: Method,
        value: &Item,
        found: Found<'_>,
        each: bool,
    ) -> Result<Status> {
        let name = method.name();
        match method {
            Method::Type => self.next(node, Item::String(value.type_name().into()), found),
            Method::Size => {
                let size = match value {
                    Item::Array(array) => array.parts.len() as i64,
                    _ if self.lax => 1,
                    _ if self.ignores_structure => return Ok(Status::NotFound),
                    _ => {
                        return self.fail(failure(
                            SQL_JSON_ARRAY_NOT_FOUND,
                            format!("jsonpath item method .{name}() can only be applied to an array"),
                        ));
                    }
                };
                self.next(node, Item::Number(Rc::new(Numeric::from(size))), found)
            }
            _ if each => self.each(Some(node), value, found, false),
            Method::Abs | Method::Floor | Method::Ceiling => {
                let Item::Number(number) = value else {
                    return self.fail(failure(
                        NON_NUMERIC_SQL_JSON_ITEM,
                        format!("jsonpath item method .{name}() can only be applied to a numeric value"),
                    ));
                };
                let number = Numeric::clone(number);
                let number = match method {
                    Method::Abs => number.abs(),
                    Method::Floor => number.map(|number| number.floor())?,
                    _ => number.map(|number| number.ceiling())?,
                };
                self.next(node, Item::Number(Rc::new(number)), found)
            }
            Method::Double => self.double(node, value, found),
            Method::KeyValue => self.key_value(node, value, found),
        }
    }

    fn double(&mut self, node: &Node, value: &Item, found: Found<'_>) -> Result<Status> {
        let finite = |text: &str| match float::input(Width::Double, text) {
            Ok(StoredValue::Real(number)) if number.is_finite() => Some(number),
            _ => None,
        };
        match value {
            Item::Number(number) => match finite(&number.to_text()) {
                Some(_) => self.next(node, value.clone(), found),
                None => self.fail(failure(
                    NON_NUMERIC_SQL_JSON_ITEM,
                    "numeric argument of jsonpath item method .double() is out of range for type double precision",
                )),
            },
            Item::String(text) => match finite(text) {
                Some(number) => {
                    self.next(node, Item::Number(Rc::new(Numeric::from_f64(number))), found)
                }
                None => self.fail(failure(
                    NON_NUMERIC_SQL_JSON_ITEM,
                    "string argument of jsonpath item method .double() is not a valid representation of a double precision number",
                )),
            },
            _ => self.fail(failure(
                NON_NUMERIC_SQL_JSON_ITEM,
                "jsonpath item method .double() can only be applied to a string or numeric value",
            )),
        }
    }

    fn key_value(&mut self, node: &Node, value: &Item, mut found: Found<'_>) -> Result<Status> {
        let Item::Object(object) = value else {
            return self.fail(failure(
                SQL_JSON_OBJECT_NOT_FOUND,
                "jsonpath item method .keyvalue() can only be applied to an object",
            ));
        };
        let id = self.base * 10_000_000_000 + object.offset as i64;
        let mut status = Status::NotFound;
        for (key, value) in &object.parts {
            let pair = Json::Object(vec![
                ("id".to_owned(), Json::Number(id.to_string())),
                ("key".to_owned(), Json::String(key.to_string())),
                ("value".to_owned(), value.to_json()),
            ]);
            let pair = document(&pair)?;
            let base = std::mem::replace(&mut self.base, self.last_generated);
            self.last_generated += 1;
            let result = self.next(node, pair, found.as_deref_mut());
            self.base = base;
            status = result?;
            if status == Status::Failed || status == Status::Found && found.is_none() {
                break;
            }
        }
        Ok(status)
    }

    pub(super) fn date_time(
        &mut self,
        node: &Node,
        template: Option<&str>,
        value: &Item,
        found: Found<'_>,
    ) -> Result<Status> {
        let Item::String(text) = value else {
            return self.fail(failure(
                INVALID_ARGUMENT_FOR_SQL_JSON_DATETIME_FUNCTION,
                "jsonpath item method .datetime() can only be applied to a string",
            ));
        };
        let moment = match template {
            Some(template) => match moment::by_template(text, template, self.context) {
                Ok(moment) => moment,
                Err(error) => return self.fail(error),
            },
            None => match moment::recognized(text, self.context) {
                Some(moment) => moment,
                None => {
                    return self.fail(
                        failure(
                            INVALID_ARGUMENT_FOR_SQL_JSON_DATETIME_FUNCTION,
                            format!("datetime format is not recognized: \"{text}\""),
                        )
                        .with_hint("Use a datetime template argument to specify the input data format."),
                    );
                }
            },
        };
        self.next(node, Item::Moment(moment), found)
    }
}
