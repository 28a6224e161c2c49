//! `to_char`, `to_timestamp`, `to_date`, `to_number`: values by template.

mod input;
mod moments;
mod number_input;
mod number_template;
mod numbers;
mod parse;
pub(crate) mod standard;
mod template;

use crate::registry::Function;

/// All functions here.
pub(crate) static TABLES: &[&[Function]] =
    &[moments::FUNCTIONS, input::FUNCTIONS, numbers::FUNCTIONS, number_input::FUNCTIONS];
