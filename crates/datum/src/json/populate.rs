//! Rows from JSON: `json_populate_record`, `json_to_record`, their sets, and jsonb's.
//!
//! A document is looked up as it stands: in jsonb's canonical text as in json's own.

use super::parse;
use super::scan::{self, Kind as JsonKind};
use crate::array::{self, Array};
use crate::composite;
use crate::context::{Context, Field, TypeInfo};
use crate::oid;
use crate::registry::{Call, Function, Rows, SetFunction, stable};
use crate::syntax::shape;
use crate::types::{self, Kind};
use crate::value::{Oid, Stored, StoredValue};
use sqlstate::{
    DATATYPE_MISMATCH, DatabaseError, INVALID_PARAMETER_VALUE, INVALID_TEXT_REPRESENTATION, Result,
    STATEMENT_TOO_COMPLEX,
};

/// How deep types may nest in each other.
const MAX_DEPTH: usize = 100;
/// As many columns as a set of rows may have.
pub(crate) const MANY_COLUMNS: usize = 300;

/// What is filled, and from what.
struct Filling<'a> {
    context: &'a dyn Context,
    /// Keys are unique.
    jsonb: bool,
    depth: usize,
}

impl Filling<'_> {
    /// The fields of a row, those that the document does not name as in the base row.
    fn fields(
        &mut self,
        types: &[Field],
        base: Option<Vec<StoredValue>>,
        object: &str,
    ) -> Result<Vec<StoredValue>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(DatabaseError::new(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        let mut values = Vec::with_capacity(types.len());
        for (at, field) in types.iter().enumerate() {
            let found = scan::field(object, &field.name, self.jsonb);
            let default = base.as_ref().map(|base| base.get(at).cloned().unwrap_or_default());
            values.push(match (found, default) {
                (None, Some(default)) => default,
                (found, default) => {
                    let default = default.filter(|default| !default.is_null());
                    self.value(field.oid, field.typmod, Some(&field.name), default, found)?
                }
            });
        }
        self.depth -= 1;
        Ok(values)
    }

    /// A value of a type.
    fn value(
        &mut self,
        ty: Oid,
        typmod: i32,
        name: Option<&str>,
        default: Option<StoredValue>,
        text: Option<&str>,
    ) -> Result<StoredValue> {
        let text = text.filter(|text| scan::kind(text) != JsonKind::Null);
        if oid::name_of(ty).is_none()
            && let Some(TypeInfo::Domain { base, typmod, .. }) = self.context.types().describe(ty)
        {
            let value = match text {
                Some(text) => self.value(base, typmod, name, default, Some(text))?,
                None => StoredValue::Null,
            };
            self.context.check_domain(ty, value.borrow())?;
            return Ok(value);
        }
        let Some(text) = text else { return Ok(StoredValue::Null) };
        let is_string = scan::kind(text) == JsonKind::String;
        match types::kind(ty, self.context.types())? {
            Kind::Array(element) if !is_string => self.array(element, typmod, name, text),
            Kind::Composite { fields } if !is_string => {
                let base = match default {
                    Some(StoredValue::Text(base)) => Some(composite::fields(&base, &fields, self.context)?),
                    _ => None,
                };
                let values = self.composite(&fields, base, text)?;
                composite::stored(&values, &fields, self.context)
            }
            Kind::Base(oid::JSON | oid::JSONB) => types::input(ty, typmod, text.trim(), self.context),
            _ if is_string => types::input(ty, typmod, &scan::unquote(text), self.context),
            _ => types::input(ty, typmod, text, self.context),
        }
    }

    fn composite(
        &mut self,
        fields: &[Field],
        base: Option<Vec<StoredValue>>,
        text: &str,
    ) -> Result<Vec<StoredValue>> {
        let refused = |what: &str| {
            DatabaseError::new(INVALID_PARAMETER_VALUE, format!("cannot call populate_composite on {what}"))
        };
        match scan::kind(text) {
            JsonKind::Object => {}
            JsonKind::Array => return Err(refused("an array")),
            _ => return Err(refused("a scalar")),
        }
        if base.is_some() && scan::pairs(text).next().is_none() {
            return Ok(base.unwrap_or_default());
        }
        self.fields(fields, base, text)
    }

    fn array(&mut self, element: Oid, typmod: i32, name: Option<&str>, text: &str) -> Result<StoredValue> {
        let mut state = Dimensions { name, ..Dimensions::default() };
        self.dimension(&mut state, element, typmod, text, 1)?;
        let encoding = types::encoding(element, self.context.types())?;
        if state.elements.is_empty() {
            return Array::default().to_stored(encoding);
        }
        let mut lengths: Vec<usize> = state.lengths.iter().map(|length| length.unwrap_or(0)).collect();
        if let (Some(first), Some(size)) = (lengths.first_mut(), state.sizes.first()) {
            *first = *size;
        }
        if lengths.len() > 6 {
            return Err(array::too_many_dimensions(lengths.len()));
        }
        Array { lengths, lower: Vec::new(), elements: state.elements }.to_stored(encoding)
    }

    /// The elements of an array at a depth from 1.
    fn dimension(
        &mut self,
        state: &mut Dimensions<'_>,
        element: Oid,
        typmod: i32,
        text: &str,
        depth: usize,
    ) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(DatabaseError::new(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        if scan::kind(text) != JsonKind::Array {
            return Err(state.expected_array(depth - 1));
        }
        let first = scan::elements(text).next();
        if state.lengths.is_empty() && first.is_none_or(|first| scan::kind(first) != JsonKind::Array) {
            state.lengths = vec![None; depth];
            state.sizes = vec![0; depth];
        }
        for part in scan::elements(text) {
            if !state.lengths.is_empty() && depth >= state.lengths.len() {
                let value = self.value(element, typmod, None, None, Some(part))?;
                state.elements.push(value);
                state.sizes[depth - 1] += 1;
            } else {
                self.dimension(state, element, typmod, part, depth + 1)?;
                state.close(depth)?;
            }
        }
        Ok(())
    }
}

/// An array as its dimensions become known.
#[derive(Default)]
struct Dimensions<'a> {
    name: Option<&'a str>,
    lengths: Vec<Option<usize>>,
    sizes: Vec<usize>,
    elements: Vec<StoredValue>,
}

impl Dimensions<'_> {
    /// "expected JSON array" at a depth.
    fn expected_array(&self, depth: usize) -> DatabaseError {
        let error = DatabaseError::new(INVALID_TEXT_REPRESENTATION, "expected JSON array");
        let indices: String = self.sizes.iter().take(depth).map(|size| format!("[{size}]")).collect();
        match (depth, self.name) {
            (0, None) => error,
            (0, Some(name)) => error.with_hint(format!("See the value of key \"{name}\".")),
            (_, None) => error.with_hint(format!("See the array element {indices}.")),
            (_, Some(name)) => error.with_hint(format!("See the array element {indices} of key \"{name}\".")),
        }
    }

    /// The sub-array at a depth has ended.
    fn close(&mut self, depth: usize) -> Result<()> {
        let (Some(length), Some(size)) = (self.lengths.get_mut(depth), self.sizes.get_mut(depth)) else {
            return Ok(());
        };
        if *length.get_or_insert(*size) != *size {
            return Err(DatabaseError::new(INVALID_TEXT_REPRESENTATION, "malformed JSON array")
                .with_detail("Multidimensional arrays must have sub-arrays with matching dimensions."));
        }
        *size = 0;
        self.sizes[depth - 1] += 1;
        Ok(())
    }
}

/// The row type of the first argument, and the domain over it if it is one.
fn row_type(call: &Call<'_>, function: &str) -> Result<(std::sync::Arc<[Field]>, Option<Oid>)> {
    let ty = call.type_of(0)?;
    if ty == oid::RECORD {
        return Err(DatabaseError::unsupported(format_args!("{function} of a record without a type")));
    }
    match types::kind(ty, call.context.types())? {
        Kind::Composite { fields } => {
            let domain = matches!(call.context.types().describe(ty), Some(TypeInfo::Domain { .. }));
            Ok((fields, domain.then_some(ty)))
        }
        _ => Err(DatabaseError::new(
            DATATYPE_MISMATCH,
            format!("first argument of {function} must be a row type"),
        )),
    }
}

fn base_row(call: &Call<'_>, fields: &[Field]) -> Result<Option<Vec<StoredValue>>> {
    match call.stored(0) {
        Stored::Text(base) => composite::fields(base, fields, call.context).map(Some),
        _ => Ok(None),
    }
}

fn populate_record(call: &Call<'_>, function: &str, jsonb: bool) -> Result<StoredValue> {
    let (fields, domain) = row_type(call, function)?;
    if call.is_null(1) {
        return Ok(call.stored(0).to_owned());
    }
    if !jsonb {
        parse::escapes(call.text(1)?)?;
    }
    let mut filling = Filling { context: call.context, jsonb, depth: 0 };
    let base = base_row(call, &fields)?;
    let values = filling.composite(&fields, base, call.text(1)?)?;
    let row = composite::stored(&values, &fields, call.context)?;
    if let Some(domain) = domain {
        call.context.check_domain(domain, row.borrow())?;
    }
    Ok(row)
}

/// Rows from an array of objects.
fn rows_of(
    fields: &[Field],
    base: Option<Vec<StoredValue>>,
    text: &str,
    function: &str,
    jsonb: bool,
    context: &dyn Context,
) -> Result<Rows> {
    let refused = |message: String| DatabaseError::new(INVALID_PARAMETER_VALUE, message);
    match scan::kind(text) {
        JsonKind::Array => {}
        JsonKind::Object if !jsonb => return Err(refused(format!("cannot call {function} on an object"))),
        _ if !jsonb => return Err(refused(format!("cannot call {function} on a scalar"))),
        _ => return Err(refused(format!("cannot call {function} on a non-array"))),
    }
    let mut filling = Filling { context, jsonb, depth: 0 };
    let mut rows = Vec::new();
    for element in scan::elements(text) {
        if scan::kind(element) != JsonKind::Object {
            return Err(refused(format!("argument of {function} must be an array of objects")));
        }
        let row = match &base {
            Some(base) if scan::pairs(element).next().is_none() => base.clone(),
            base => filling.fields(fields, base.clone(), element)?,
        };
        rows.push(Ok(row));
    }
    Ok(Box::new(rows.into_iter()))
}

fn populate_recordset(call: &Call<'_>, function: &str, jsonb: bool) -> Result<Rows> {
    let (fields, domain) = row_type(call, function)?;
    if domain.is_some() {
        return Err(DatabaseError::unsupported(format_args!("{function} of a domain")));
    }
    if call.is_null(1) {
        return Ok(Box::new(std::iter::empty()));
    }
    rows_of(&fields, base_row(call, &fields)?, call.text(1)?, function, jsonb, call.context)
}

/// `json_to_record` and kin: the shape of the row, the function's name, the document, the fields of a base row if there is
/// one.
fn to_record(call: &mut Call<'_>) -> Result<Rows> {
    let (fields, function) = (shape(call.text(0)?)?, call.text(1)?);
    let jsonb = function.starts_with("jsonb");
    let set = function.ends_with("set");
    let base: Option<Vec<StoredValue>> =
        (call.count() > 3).then(|| call.arguments.iter().skip(3).map(Stored::to_owned).collect());
    if call.is_null(2) {
        let row = base.unwrap_or_else(|| vec![StoredValue::Null; fields.len()]);
        let rows = if set { Vec::new() } else { vec![Ok(row)] };
        return Ok(Box::new(rows.into_iter()));
    }
    let text = call.text(2)?;
    if !jsonb {
        parse::escapes(text)?;
    }
    if set {
        return rows_of(&fields, base, text, function, jsonb, call.context);
    }
    let mut filling = Filling { context: call.context, jsonb, depth: 0 };
    let row = filling.composite(&fields, base, text)?;
    Ok(Box::new(std::iter::once(Ok(row))))
}

/// The fields of a row as columns.
fn row_fields(call: &mut Call<'_>) -> Result<Rows> {
    let Kind::Composite { fields } = types::kind(call.type_of(0)?, call.context.types())? else {
        return Err(DatabaseError::internal("fields of what is no row"));
    };
    let row = match call.stored(0) {
        Stored::Text(row) => composite::fields(row, &fields, call.context)?,
        _ => vec![StoredValue::Null; fields.len()],
    };
    Ok(Box::new(std::iter::once(Ok(row))))
}

pub(crate) static FUNCTIONS: &[Function] = &[
    stable("json_populate_record", |call| populate_record(call, "json_populate_record", false))
        .typed()
        .lenient(),
    stable("jsonb_populate_record", |call| populate_record(call, "jsonb_populate_record", true))
        .typed()
        .lenient(),
];

pub(crate) static SET_FUNCTIONS: &[SetFunction] = &[
    SetFunction::immutable("json_populate_recordset", MANY_COLUMNS, |call| {
        populate_recordset(call, "json_populate_recordset", false)
    })
    .typed()
    .lenient()
    .stable(),
    SetFunction::immutable("jsonb_populate_recordset", MANY_COLUMNS, |call| {
        populate_recordset(call, "jsonb_populate_recordset", true)
    })
    .typed()
    .lenient()
    .stable(),
    SetFunction::immutable("json_record_columns", MANY_COLUMNS, to_record).lenient().stable(),
    SetFunction::immutable("row_fields", MANY_COLUMNS, row_fields).typed().lenient(),
];
