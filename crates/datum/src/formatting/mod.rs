//! `to_char`, `to_timestamp`, `to_date`, `to_number`: values by template.

mod moments;
mod numbers;
mod parse;
mod template;

use crate::registry::Function;

/// All functions here.
pub(crate) static TABLES: &[&[Function]] = &[moments::FUNCTIONS, parse::FUNCTIONS, numbers::FUNCTIONS];
