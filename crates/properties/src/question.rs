//! Generates questions: who asks what, and how.

use crate::asked::{Asked, Way};
use crate::dice::Dice;
use crate::expression::Generator;
use crate::forms::FORMS;
use crate::kind::KINDS;
use crate::model::Model;

/// A question, of one form if that is wanted.
pub fn question(model: &Model, dice: &mut Dice, only: Option<&str>) -> Asked {
    let user = dice.below(model.users.len());
    let role = model.users[user].role;
    let way = dice.below(100);
    let mut generator = Generator::new(model, dice, role);
    if let Some(form) = only {
        return generator.form(form, user);
    }
    match way {
        0..14 => {
            let form = *generator.dice.pick(FORMS);
            generator.form(form, user)
        }
        14..46 => {
            let selected = generator.select();
            Asked {
                user,
                way: Way::Sql(selected.text),
                ordered: selected.ordered,
                several_culprits: false,
                writes: false,
            }
        }
        46..64 => generator.write(user),
        64..72 => generator.mistaken(user),
        // The operator has no token.
        _ if role == "postgres" => generator.write(user),
        72..88 => generator.request(user),
        _ => generator.request_write(user),
    }
}

impl Generator<'_> {
    /// What is wrong, or may be for some row: errors must be equal, and none may tell of a row that is hidden.
    fn mistaken(&mut self, user: usize) -> Asked {
        let relation = self.table();
        let alias = self.alias();
        let columns = self.columns(relation, &alias);
        let from = format!("from {} {alias}", relation.name);
        let some = self.dice.pick(&columns).text.clone();
        let text = match self.dice.below(12) {
            0 | 1 => {
                let (one, two) = (*self.dice.pick(KINDS), *self.dice.pick(KINDS));
                let (left, right) = (self.leaf(one, &columns), self.leaf(two, &columns));
                let operator = self
                    .dice
                    .pick(&["+", "-", "*", "/", "||", "=", "<", "~", "@>", "->", "->>", "&&", "%", "like"]);
                format!("select {left} {operator} {right} {from}")
            }
            2 => {
                let (one, two) = (*self.dice.pick(KINDS), *self.dice.pick(KINDS));
                let (left, right) = (self.leaf(one, &columns), self.leaf(two, &columns));
                let form = self.dice.below(4);
                match form {
                    0 => format!("select coalesce({left}, {right}) {from}"),
                    1 => format!("select case when true then {left} else {right} end {from}"),
                    2 => format!("select {left} {from} union select {right} {from}"),
                    _ => format!("select array[{left}, {right}] {from}"),
                }
            }
            3 => {
                let kind = *self.dice.pick(KINDS);
                let value = self.leaf(kind, &columns);
                let function = self.dice.pick(&[
                    "length",
                    "upper",
                    "abs",
                    "sum",
                    "date_trunc",
                    "round",
                    "nosuch",
                    "twice",
                    "in_team",
                    "lower",
                    "max",
                ]);
                format!("select {function}({value}) {from}")
            }
            4 => format!("select {alias}.nosuch {from}"),
            5 => "select * from nosuch".to_owned(),
            6 => format!("select {some}, count(*) {from} group by {}", self.dice.pick(&columns).text),
            // What a policy hides must not divide by zero.
            7 => format!("select {some} {from} where 1 / ({alias}.team - {}) > -5", self.dice.within(1, 5)),
            8 => {
                format!("select {some} {from} where ({})::text::integer > 0", self.dice.pick(&columns).text)
            }
            9 => {
                let (one, two) = (*self.dice.pick(KINDS), *self.dice.pick(KINDS));
                let value =
                    self.column(one, &columns).unwrap_or_else(|| self.dice.pick(&columns).text.clone());
                format!("select ({value})::{} {from}", two.name())
            }
            10 => format!("select {some} {from} where {some}"),
            _ => format!(
                "select {some} {from} order by {} limit {}",
                self.dice.below(4),
                self.dice.pick(&["-1", "'x'", "null", "2.5", "all"])
            ),
        };
        Asked { user, way: Way::Sql(text), ordered: false, several_culprits: true, writes: false }
    }
}
