//! Which relationship an embed means.

use crate::error::{Refusal, near_relationship};
use crate::model::{Cardinality, ColumnPairs, Door, Model, Relationship};
use crate::query::Embed;
use std::sync::Arc;

/// Finds it: the target is named by the relation, the foreign key's constraint, or its one column; a hint narrows it.
pub(crate) fn find(
    model: &Model,
    door: &Door,
    schema: &str,
    origin: (u32, &str),
    embed: &Embed,
) -> Result<Arc<Relationship>, Refusal> {
    let candidates: Vec<Arc<Relationship>> = model
        .relationships_of(origin.0)
        .iter()
        .filter(|one| one.target.schema == schema && door.shows_all_of(one))
        .filter(|one| is_meant(one, &embed.target, embed.hint.as_deref()))
        .cloned()
        .collect();
    match <[_; 1]>::try_from(candidates) {
        Ok([one]) => Ok(one),
        Err(candidates) if candidates.is_empty() => Err(Refusal::NoRelationship {
            origin: origin.1.to_owned(),
            target: embed.target.clone(),
            hint: embed.hint.clone(),
            schema: schema.to_owned(),
            suggestion: near_relationship(model, door, schema, origin.1, &embed.target),
        }),
        Err(candidates) => Err(Refusal::AmbiguousRelationship {
            origin: origin.1.to_owned(),
            target: embed.target.clone(),
            candidates,
        }),
    }
}

fn is_meant(one: &Relationship, target: &str, hint: Option<&str>) -> bool {
    if let Cardinality::Computed { function, .. } = &one.cardinality {
        return target == function;
    }
    let named = target == one.target.name;
    let to_many = matches!(one.cardinality, Cardinality::OneToMany { .. });
    match (one.is_self(), hint) {
        // Of a relation's two relationships to itself, its name means the many, the column the one.
        (true, None) => {
            named && to_many
                || own_column(one) == Some(target) && matches!(one.cardinality, Cardinality::ManyToOne { .. })
        }
        (true, Some(hint)) => named && to_many && other_column(one) == Some(hint),
        (false, None) => {
            named
                || !one.target.is_view && (constraint(one) == Some(target) || own_column(one) == Some(target))
        }
        (false, Some(hint)) => {
            named
                && (constraint(one) == Some(hint)
                    || own_column(one) == Some(hint)
                    || other_column(one) == Some(hint)
                    || junction(one) == Some(hint))
        }
    }
}

fn key(one: &Relationship) -> Option<(&str, &ColumnPairs)> {
    match &one.cardinality {
        Cardinality::ManyToOne { constraint, columns }
        | Cardinality::OneToMany { constraint, columns }
        | Cardinality::OneToOne { constraint, columns, .. } => Some((constraint, columns)),
        Cardinality::ManyToMany(_) | Cardinality::Computed { .. } => None,
    }
}

fn constraint(one: &Relationship) -> Option<&str> {
    key(one).map(|(constraint, _)| constraint)
}

fn own_column(one: &Relationship) -> Option<&str> {
    match key(one)?.1.as_slice() {
        [(own, _)] => Some(own),
        _ => None,
    }
}

fn other_column(one: &Relationship) -> Option<&str> {
    match key(one)?.1.as_slice() {
        [(_, other)] => Some(other),
        _ => None,
    }
}

fn junction(one: &Relationship) -> Option<&str> {
    match &one.cardinality {
        Cardinality::ManyToMany(junction) => Some(&junction.table.name),
        _ => None,
    }
}
