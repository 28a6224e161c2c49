//! SQL as a type: text of this program, quoted names, bound values. There is no way to put a client's text into it.

use crate::model::TypeName;
use crate::plan::Cast;
use database::{Expectation, Statement, Value};

/// A piece of SQL with its parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sql {
    text: String,
    parameters: Vec<Value>,
    /// Places of the parameters that may be used again.
    reusable: Vec<usize>,
}

impl Sql {
    /// Text of this program.
    pub(crate) fn raw(&mut self, text: &'static str) -> &mut Sql {
        self.text.push_str(text);
        self
    }

    /// A name, quoted.
    pub(crate) fn name(&mut self, name: &str) -> &mut Sql {
        self.text.push('"');
        for c in name.chars() {
            // A zero byte is in no name; the reader of requests refuses it too.
            match c {
                '\0' => {}
                '"' => self.text.push_str("\"\""),
                c => self.text.push(c),
            }
        }
        self.text.push('"');
        self
    }

    /// `"qualifier"."name"`
    pub(crate) fn qualified(&mut self, qualifier: &str, name: &str) -> &mut Sql {
        self.name(qualifier).raw(".").name(name)
    }

    /// A type of the catalog.
    pub(crate) fn type_name(&mut self, name: &TypeName) -> &mut Sql {
        self.text.push_str(name.as_sql());
        self
    }

    /// A type that a client named: a word of the grammar, else a quoted name.
    pub(crate) fn cast_target(&mut self, cast: &Cast) -> &mut Sql {
        match cast {
            Cast::Standard(name) => self.raw(name),
            Cast::Named(name) => self.name(name),
        }
    }

    /// A number.
    pub(crate) fn number(&mut self, number: i64) -> &mut Sql {
        self.text.push_str(&number.to_string());
        self
    }

    /// A parameter.
    pub(crate) fn bind(&mut self, value: Value) -> &mut Sql {
        self.parameters.push(value);
        self.placeholder(self.parameters.len())
    }

    /// A parameter that stands for itself wherever the same text occurs again, so that the database sees equal expressions.
    pub(crate) fn bind_once(&mut self, text: &str) -> &mut Sql {
        let known = self.reusable.iter().copied().find(|at| self.parameters[*at].as_str() == Some(text));
        match known {
            Some(at) => self.placeholder(at + 1),
            None => {
                self.reusable.push(self.parameters.len());
                self.bind(Value::from(text))
            }
        }
    }

    fn placeholder(&mut self, number: usize) -> &mut Sql {
        self.text.push('$');
        self.text.push_str(&number.to_string());
        self
    }

    /// How many parameters it has.
    pub(crate) fn parameter_count(&self) -> usize {
        self.parameters.len()
    }

    /// The statement.
    pub(crate) fn into_statement(self, expectation: Expectation) -> Statement {
        Statement { text: self.text.into(), parameters: self.parameters, expectation, rows: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attack 33: whatever a name holds, it stays a name.
    #[test]
    fn attack_33_names_stay_names() {
        let mut sql = Sql::default();
        sql.raw("SELECT ").name("a\"; DROP TABLE t; --\0").raw(" = ").bind(Value::from("' OR 1=1"));
        let statement = sql.into_statement(Expectation::Any);
        assert_eq!(&*statement.text, "SELECT \"a\"\"; DROP TABLE t; --\" = $1");
    }
}
