//! Aggregates that keep their rows: arrays, strings, JSON.

use super::{Accumulator, Aggregate, argument, plain, typed, unexpected};
use crate::array::{Array, encode, push_bounds, split_bounds};
use crate::context::Context;
use crate::json::{parse, push_string};
use crate::oid;
use crate::syntax::push_row;
use crate::types::{self, element_of, encoding};
use crate::value::{Oid, Stored, StoredValue};
use sqlstate::{
    ARRAY_SUBSCRIPT_ERROR, DatabaseError, INVALID_PARAMETER_VALUE, NULL_VALUE_NOT_ALLOWED, Result,
};
use std::collections::VecDeque;

/// Rows written one after the other, of which the oldest can be dropped.
#[derive(Default)]
struct Pieces {
    text: String,
    /// Where each row's own text starts, after what separates it from the row before.
    starts: VecDeque<usize>,
}

impl Pieces {
    fn begin(&mut self, separator: &str) {
        if !self.starts.is_empty() {
            self.text.push_str(separator);
        }
        self.starts.push_back(self.text.len());
    }

    fn drop_first(&mut self) {
        self.starts.pop_front();
        if self.starts.is_empty() {
            self.text.clear();
        }
    }

    /// All rows between brackets; `None` for no row.
    fn joined(&self, open: &str, close: &str) -> Option<String> {
        let start = *self.starts.front()?;
        Some([open, &self.text[start..], close].concat())
    }
}

/// The types of a signature.
fn signature(arguments: &[Stored<'_>]) -> Result<(Oid, Oid)> {
    let Stored::Text(text) = argument(arguments, 0) else {
        return Err(DatabaseError::internal("a typed aggregate was called without its signature"));
    };
    let mut parts = text.split(',').map(|part| part.trim().parse::<Oid>());
    match (parts.next(), parts.next()) {
        (Some(Ok(first)), Some(Ok(second))) => Ok((first, second)),
        _ => Err(DatabaseError::internal(format_args!("signature '{text}'"))),
    }
}

/// What stands between rows of json_agg and how each is written.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Json,
    Jsonb,
}

/// json_agg and jsonb_agg.
struct JsonArray {
    form: Form,
    /// Rows come as shape and fields.
    rows: bool,
    pieces: Pieces,
    structured: Option<bool>,
}

impl JsonArray {
    fn boxed(form: Form, rows: bool) -> Box<dyn Accumulator> {
        Box::new(JsonArray { form, rows, pieces: Pieces::default(), structured: None })
    }

    /// json_agg puts a line feed before objects and arrays of SQL's, not before NULLs.
    fn separator(
        &mut self,
        arguments: &[Stored<'_>],
        ty: Oid,
        context: &dyn Context,
    ) -> Result<&'static str> {
        let null = argument(arguments, usize::from(!self.rows)).is_null();
        if self.form == Form::Jsonb || null {
            return Ok(", ");
        }
        if self.structured.is_none() {
            let structured = self.rows
                || matches!(
                    types::kind(ty, context.types())?,
                    types::Kind::Array(_) | types::Kind::Composite { .. }
                );
            self.structured = Some(structured);
        }
        Ok(if self.structured == Some(true) { ", \n " } else { ", " })
    }

    fn write(&mut self, arguments: &[Stored<'_>], context: &dyn Context, ty: Oid) -> Result<()> {
        let out = &mut self.pieces.text;
        let start = out.len();
        if self.rows {
            if !push_row(arguments, context, out)? {
                out.push_str("null");
            }
        } else {
            types::json_output(ty, -1, argument(arguments, 1), context, out)?;
        }
        // jsonb's own text is copied; what else becomes jsonb is written anew.
        if self.form == Form::Jsonb && (self.rows || ty != oid::JSONB) {
            let canonical = parse::parse(&out[start..])?.to_text();
            out.truncate(start);
            out.push_str(&canonical);
        }
        Ok(())
    }
}

impl Accumulator for JsonArray {
    fn step(&mut self, arguments: &[Stored<'_>], context: &dyn Context) -> Result<()> {
        let ty = if self.rows { 0 } else { signature(arguments)?.0 };
        let separator = self.separator(arguments, ty, context)?;
        self.pieces.begin(separator);
        self.write(arguments, context, ty)
    }
    fn inverse(&mut self, _: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.pieces.drop_first();
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        Ok(self.pieces.joined("[", "]").into())
    }
}

/// json_object_agg and jsonb_object_agg.
struct JsonObject {
    form: Form,
    pieces: Pieces,
}

impl Accumulator for JsonObject {
    fn step(&mut self, arguments: &[Stored<'_>], context: &dyn Context) -> Result<()> {
        let (key_type, value_type) = signature(arguments)?;
        let key = argument(arguments, 1);
        if key.is_null() {
            return Err(DatabaseError::new(INVALID_PARAMETER_VALUE, "field name must not be null"));
        }
        self.pieces.begin(", ");
        let text = crate::json::build::key(key_type, key, context)?;
        push_string(&text, &mut self.pieces.text);
        self.pieces.text.push_str(" : ");
        types::json_output(value_type, -1, argument(arguments, 2), context, &mut self.pieces.text)
    }
    fn inverse(&mut self, _: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.pieces.drop_first();
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        match (self.form, self.pieces.joined("{ ", " }")) {
            (_, None) => Ok(StoredValue::Null),
            (Form::Json, Some(text)) => Ok(text.into()),
            (Form::Jsonb, Some(text)) => Ok(parse::parse(&text)?.to_text().into()),
        }
    }
}

/// array_agg of elements.
#[derive(Default)]
struct ArrayOf {
    pieces: Pieces,
}

impl Accumulator for ArrayOf {
    fn step(&mut self, arguments: &[Stored<'_>], context: &dyn Context) -> Result<()> {
        let (element, _) = signature(arguments)?;
        self.pieces.begin(",");
        encode(argument(arguments, 1), encoding(element, context.types())?, &mut self.pieces.text)
    }
    fn inverse(&mut self, _: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.pieces.drop_first();
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        Ok(self.pieces.joined("[", "]").into())
    }
}

/// array_agg of arrays: one dimension more.
#[derive(Default)]
struct ArrayOfArrays {
    /// The lengths and first subscripts of each row's array.
    shape: Option<(Vec<usize>, Vec<i64>)>,
    pieces: Pieces,
}

impl Accumulator for ArrayOfArrays {
    fn step(&mut self, arguments: &[Stored<'_>], context: &dyn Context) -> Result<()> {
        let (ty, _) = signature(arguments)?;
        let text = match argument(arguments, 1) {
            Stored::Null => {
                return Err(DatabaseError::new(NULL_VALUE_NOT_ALLOWED, "cannot accumulate null arrays"));
            }
            Stored::Text(text) => text,
            other => return Err(unexpected(other)),
        };
        let encoding = encoding(element_of(ty, context.types())?, context.types())?;
        let array = Array::stored(text, encoding)?;
        let shape = (array.lengths, array.lower);
        if shape.0.is_empty() {
            return Err(DatabaseError::new(ARRAY_SUBSCRIPT_ERROR, "cannot accumulate empty arrays"));
        }
        match &self.shape {
            Some(known) if *known != shape => {
                return Err(DatabaseError::new(
                    ARRAY_SUBSCRIPT_ERROR,
                    "cannot accumulate arrays of different dimensionality",
                ));
            }
            _ => self.shape = Some(shape),
        }
        self.pieces.begin(",");
        self.pieces.text.push_str(split_bounds(text).1);
        Ok(())
    }
    fn inverse(&mut self, _: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.pieces.drop_first();
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        let mut open = String::new();
        if let Some((_, lower)) = &self.shape
            && !lower.is_empty()
        {
            open.push_str("1,");
            push_bounds(lower, &mut open);
        }
        open.push('[');
        Ok(self.pieces.joined(&open, "]").into())
    }
}

/// string_agg of text.
#[derive(Default)]
struct Texts {
    pieces: Pieces,
}

impl Accumulator for Texts {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        match (argument(arguments, 0), argument(arguments, 1)) {
            (Stored::Null, _) => {}
            (Stored::Text(text), separator) => {
                self.pieces.begin(if let Stored::Text(separator) = separator { separator } else { "" });
                self.pieces.text.push_str(text);
            }
            (other, _) => return Err(unexpected(other)),
        }
        Ok(())
    }
    fn inverse(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        if !argument(arguments, 0).is_null() {
            self.pieces.drop_first();
        }
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        Ok(self.pieces.joined("", "").into())
    }
}

/// string_agg of bytea.
#[derive(Default)]
struct Bytes {
    bytes: Option<Vec<u8>>,
}

impl Accumulator for Bytes {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        let Stored::Blob(value) = argument(arguments, 0) else { return Ok(()) };
        match (&mut self.bytes, argument(arguments, 1)) {
            (None, _) => self.bytes = Some(value.to_vec()),
            (Some(bytes), separator) => {
                if let Stored::Blob(separator) = separator {
                    bytes.extend_from_slice(separator);
                }
                bytes.extend_from_slice(value);
            }
        }
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        Ok(self.bytes.clone().into())
    }
}

pub(super) static AGGREGATES: &[Aggregate] = &[
    typed("json_agg_anyelement", || JsonArray::boxed(Form::Json, false)),
    typed("jsonb_agg_anyelement", || JsonArray::boxed(Form::Jsonb, false)),
    plain("json_agg_shape", || JsonArray::boxed(Form::Json, true)),
    plain("jsonb_agg_shape", || JsonArray::boxed(Form::Jsonb, true)),
    typed("json_object_agg_any_any", || Box::new(JsonObject { form: Form::Json, pieces: Pieces::default() })),
    typed("jsonb_object_agg_any_any", || {
        Box::new(JsonObject { form: Form::Jsonb, pieces: Pieces::default() })
    }),
    typed("array_agg_anynonarray", || Box::new(ArrayOf::default())),
    typed("array_agg_anyarray", || Box::new(ArrayOfArrays::default())),
    plain("string_agg_text_text", || Box::new(Texts::default())),
    plain("string_agg_bytea_bytea", || Box::new(Bytes::default())),
];
