//! Generates policies.

use crate::dice::Dice;
use crate::expression::{Generator, Known};
use crate::kind::Kind;
use crate::model::Model;

/// A policy that might be made.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The table's number.
    pub table: usize,
    /// USING's or WITH CHECK's condition, over the table's columns.
    pub condition: String,
    /// Everything else of the statement, with `{}` where the condition belongs.
    pub statement: String,
    /// The roles it is for.
    pub roles: Vec<&'static str>,
}

/// A condition over the columns of a table.
fn condition(model: &Model, dice: &mut Dice, table: usize, own: bool) -> String {
    let relation = &model.relations[table];
    let name = &relation.name;
    let known: Vec<Known> = relation
        .columns
        .iter()
        .map(|column| Known::new(format!("{name}.{}", column.name), column.kind))
        .collect();
    let members = name == "members";
    let shapes = if members { 3 } else { 12 };
    match dice.below(shapes) {
        0 if members => "who = auth.uid()".to_owned(),
        1 if members => "level > 0".to_owned(),
        2 if members => "team < 3 or who = (select auth.uid())".to_owned(),
        0 => "auth.uid() = owner".to_owned(),
        1 => "(select auth.uid()) = owner".to_owned(),
        2 => format!("exists (select 1 from members m where m.team = {name}.team and m.who = auth.uid())"),
        3 => format!(
            "team in (select m.team from members m where m.who = auth.uid() and m.level > {})",
            dice.below(2)
        ),
        4 => "in_team(team)".to_owned(),
        5 => "team in (select my_teams())".to_owned(),
        6 => "owner = auth.uid() or exists (select 1 from members m where m.team = t.team)"
            .replace("t.team", &format!("{name}.team")),
        7 => "(auth.jwt() ->> 'team')::integer = team".to_owned(),
        8 => format!("my_level(team) >= {} or owner is null", dice.within(1, 2)),
        _ => {
            let mut generator = Generator::new(model, dice, "postgres");
            generator.nesting = 1;
            // Only what stands before, so that no policy asks itself.
            generator.readable = if own { table + 1 } else { table };
            generator.mentions_sets = generator.readable > 1 && !members;
            let depth = generator.dice.within(0, 2);
            let text = generator.predicate(&known, depth);
            if generator.dice.chance(30) && known.iter().any(|known| known.kind == Kind::Uuid) {
                format!("owner = auth.uid() or ({text})")
            } else {
                text
            }
        }
    }
}

/// Policies that might be made for a table.
pub fn candidates(model: &Model, dice: &mut Dice, table: usize) -> Vec<Policy> {
    let name = &model.relations[table].name;
    let mut found = Vec::new();
    for number in 0..dice.within(2, 6) {
        let command = *dice.pick(&["all", "all", "select", "select", "insert", "update", "delete"]);
        let permissive = found.is_empty() || dice.chance(72);
        let (to, roles): (&str, Vec<&'static str>) = match dice.below(6) {
            0 | 1 => ("", vec!["anon", "authenticated", "clerk"]),
            2 | 3 => (" to authenticated", vec!["authenticated"]),
            4 => (" to anon, authenticated", vec!["anon", "authenticated"]),
            _ => (" to clerk, authenticated", vec!["clerk", "authenticated"]),
        };
        let own = matches!(command, "insert" | "update" | "delete") && dice.chance(10);
        let first = condition(model, dice, table, own);
        let with_check = matches!(command, "all" | "update") && dice.chance(40);
        let second = with_check.then(|| condition(model, dice, table, false));
        let clause = match (command, second) {
            ("insert", _) => "with check ({})".to_owned(),
            (_, Some(second)) => format!("using ({{}}) with check ({second})"),
            (_, None) => "using ({})".to_owned(),
        };
        let kind = if permissive { "" } else { " as restrictive" };
        let statement =
            format!("create policy \"p{number} {command}\" on {name}{kind} for {command}{to} {clause}");
        found.push(Policy { table, condition: first, statement, roles });
    }
    found
}
