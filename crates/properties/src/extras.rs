//! Generates what a schema has beside tables, views and policies: triggers, functions that change rows, further arbiters of ON CONFLICT.

use crate::dice::Dice;
use crate::kind::Kind;
use crate::model::{Relation, Routine};
use crate::schema::Schema;

/// Where triggers and functions write to: all may, and no policy guards it.
pub(crate) const LOG: &str = "log";

/// The table that triggers write to.
pub(crate) fn log(schema: &mut Schema) {
    schema.definitions.push(format!("create table {LOG} (what text, which text, team integer)"));
    schema.definitions.push(format!("grant select, insert, update, delete on {LOG} to clerk"));
    schema.model.others.push(LOG.to_owned());
}

/// Unique indexes that no row can break, so that ON CONFLICT has more to choose from than constraints.
pub(crate) fn arbiters(schema: &mut Schema, dice: &mut Dice, relation: &mut Relation) {
    let name = &relation.name;
    let offered = [
        (
            format!("create unique index on {name} (id, team) where team is not null"),
            "(id, team) where team is not null",
        ),
        (format!("create unique index on {name} (id) where team > 2"), "(id) where team > 2"),
        (format!("create unique index on {name} ((id::text))"), "((id::text))"),
        (format!("create unique index on {name} (id desc, lower(id::text))"), "(lower(id::text), id)"),
    ];
    for (statement, arbiter) in offered {
        if dice.chance(10) {
            schema.definitions.push(statement);
            relation.arbiters.push(arbiter.to_owned());
        }
    }
    if dice.chance(20) {
        relation.arbiters.push(format!("on constraint {name}_pkey"));
    }
}

/// When a trigger fires, for which rows, and the body of its function.
fn trigger(dice: &mut Dice) -> (&'static str, &'static str, &'static str) {
    *dice.pick(&[
        ("before insert or update", "for each row", "new.team := least(new.team, 7); return new;"),
        ("before insert", "for each row", "new.owner := coalesce(new.owner, auth.uid()); return new;"),
        ("before update", "for each row when (new.team is distinct from old.team and new.team > 5)", "return null;"),
        ("before delete", "for each row when (old.team = 1)", "return null;"),
        (
            "before update of team",
            "for each row when (old.team is distinct from new.team)",
            "insert into log values (tg_name, old.id::text, old.team), (tg_when, new.id::text, new.team); return new;",
        ),
        ("after insert", "for each row", "insert into log values (tg_op, new.id::text, new.team); return null;"),
        (
            "after update",
            "for each row when (new.team > 2)",
            "insert into log select tg_op, new.id::text, old.team; update log set team = 0 where which = 'none'; return new;",
        ),
        ("after delete", "for each row", "insert into log values (tg_op, old.id::text, old.team); return null;"),
        (
            "after insert or update or delete",
            "for each statement",
            "insert into log values (tg_op, tg_level, (select count(*)::integer from members)); return null;",
        ),
        (
            "before insert or update or delete",
            "for each statement",
            "insert into log (what, which) values (tg_op, tg_when); return null;",
        ),
        (
            "after update",
            "referencing old table as gone new table as made for each statement",
            "insert into log select 'made', m.id::text, m.team from made m; insert into log select 'gone', count(*)::text, sum(g.team)::integer from gone g; return null;",
        ),
        (
            "after insert",
            "referencing new table as made for each statement",
            "insert into log select 'made', max(m.id::text), count(*)::integer from made m; return null;",
        ),
        (
            "after insert or update",
            "for each row when (new.team = 6)",
            "raise exception 'team % is closed', new.team using errcode = '23514', hint = 'another one'; return null;",
        ),
        (
            "after insert",
            "for each row",
            "update members set level = level + 1 where team = new.team and who = new.owner; return null;",
        ),
    ])
}

/// Triggers of the tables. They are made after the rows.
pub(crate) fn triggers(schema: &mut Schema, dice: &mut Dice) {
    let tables =
        schema.model.relations.iter().filter(|relation| !relation.view && relation.columns[0].name == "id");
    let names: Vec<String> = tables.map(|relation| relation.name.clone()).collect();
    for name in names {
        if !dice.chance(30) {
            continue;
        }
        let relation = schema.model.relations.iter_mut().find(|relation| relation.name == name);
        let mut refers = false;
        if let Some(relation) = relation {
            relation.triggered = true;
            refers = relation.columns.iter().any(|column| column.references.is_some());
        }
        for number in 0..dice.within(1, 2) {
            let (mut when, mut rows, mut body) = trigger(dice);
            // A referential action is a statement, which the embedded engine fires such triggers for only by refusing it.
            while refers && rows.contains("statement") && when != "after insert" {
                (when, rows, body) = trigger(dice);
            }
            let definer = *dice.pick(&["", " security definer"]);
            schema.rows.push(format!(
                "create function {name}_tg{number}() returns trigger language plpgsql{definer} as $$begin {body} end$$"
            ));
            let letter = *dice.pick(&["a", "b"]);
            schema.rows.push(format!(
                "create trigger {letter}{number} {when} on {name} {rows} execute function {name}_tg{number}()"
            ));
        }
    }
}

/// A function: its name, parameters, what it returns, its body.
type Offered = (&'static str, &'static [(&'static str, Kind)], String, String);

/// Functions in SQL that change rows, most with several statements.
pub(crate) fn routines(schema: &mut Schema, dice: &mut Dice) {
    let tables =
        schema.model.relations.iter().filter(|relation| !relation.view && relation.columns[0].name == "id");
    let names: Vec<String> = tables.map(|relation| relation.name.clone()).collect();
    let table = dice.pick(&names).clone();
    let offered: [Offered; 6] = [
        (
            "note",
            &[("s", Kind::Text), ("n", Kind::Int4)],
            "void".to_owned(),
            "insert into log values ('note', s, n); insert into log values ('again', s, n + 1)".to_owned(),
        ),
        (
            "move_team",
            &[("n", Kind::Int4), ("target", Kind::Int4)],
            "integer".to_owned(),
            format!("update {table} set team = target where team = n; select count(*)::integer from {table} x where x.team = target"),
        ),
        (
            "take",
            &[("n", Kind::Int4)],
            format!("setof {table}"),
            format!("insert into log values ('take', 'before', n); select x.* from {table} x where x.team >= n; "),
        ),
        (
            "promote",
            &[("n", Kind::Int4)],
            "table (team integer, level integer)".to_owned(),
            "update members m set level = m.level + 1 where m.team = n and m.level < 5 returning m.team, m.level".to_owned(),
        ),
        (
            "forget",
            &[("n", Kind::Int4)],
            "bigint".to_owned(),
            "delete from log where team = n; select count(*) from log".to_owned(),
        ),
        (
            "last_of",
            &[("n", Kind::Int4)],
            "text".to_owned(),
            format!("with gone as (delete from log where team = n returning which), made as (insert into log values ('last', 'of', n)) select max(which) from gone; select max(x.id::text) from {table} x where x.team <= n"),
        ),
    ];
    for (name, arguments, result, body) in offered {
        if !dice.chance(50) {
            continue;
        }
        let names: Vec<String> =
            arguments.iter().map(|(name, kind)| format!("{name} {}", kind.name())).collect();
        let definer = *dice.pick(&["", " security definer"]);
        schema.definitions.push(format!(
            "create function {name}({}) returns {result} language sql{definer} as $$ {body} $$",
            names.join(", ")
        ));
        schema.model.routines.push(Routine {
            name: name.to_owned(),
            arguments: arguments.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect(),
        });
    }
}

/// A default that is no constant, if there is one for the type.
pub(crate) fn default(dice: &mut Dice, kind: Kind) -> Option<&'static str> {
    let offered: &[&'static str] = match kind {
        Kind::Int4 => &["twice(3)", "(twice(2) + length(label('x')))", "my_level(1)"],
        Kind::Int8 => &["twice(4)", "my_level(2)"],
        Kind::Text => &["label('d', 2)", "lower('ÀB')", "(auth.jwt() ->> 'role')", "current_user"],
        Kind::Varchar => &["label('v')", "substr('abcdef', twice(1))"],
        Kind::Bool => &["in_team(2)", "(auth.uid() is null)"],
        Kind::Uuid => &["auth.uid()"],
        Kind::Jsonb => &["jsonb_build_object('who', auth.uid())", "to_jsonb(twice(5))"],
        Kind::Date => &["('2024-01-31'::date + twice(1))"],
        Kind::TextArray => &["string_to_array(label('a,b'), ',')", "array[label('x'), null]"],
        Kind::Numeric => &["(twice(7) / 4.0)"],
        _ => return None,
    };
    Some(*dice.pick(offered))
}

/// A generated column: its type and expression.
pub(crate) fn generated(dice: &mut Dice) -> (Kind, &'static str) {
    *dice.pick(&[
        (Kind::Int4, "team * 2"),
        (Kind::Int4, "team * 2"),
        (Kind::Int4, "twice(team)"),
        (Kind::Text, "label(owner::text, team)"),
        (Kind::Bool, "team > 3"),
        (Kind::Text, "upper(id::text) || coalesce(team, 0)"),
    ])
}
