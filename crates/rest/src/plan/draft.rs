//! The embedded resources of a request as a tree of names, with what the request says of each.

use crate::error::Refusal;
use crate::query::{Embed, Filter, Logic, OrderTerm, Query, Range, SelectField, SelectItem};

/// A resource of the request: the root or an embed.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    /// How it is embedded; the root is not.
    pub(crate) embed: Option<&'a Embed>,
    pub(crate) fields: Vec<&'a SelectField>,
    pub(crate) children: Vec<Draft<'a>>,
    pub(crate) filters: Vec<&'a Filter>,
    pub(crate) logic: Vec<&'a Logic>,
    pub(crate) order: &'a [OrderTerm],
    pub(crate) range: Range,
    /// The request calls it by its target's name although it has another.
    pub(crate) called_by_target: bool,
}

/// Which of the request's parameters shape the rows of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shaping {
    /// All of them: a read or a call.
    All,
    /// Of a write: those of its embeds, and the order.
    Written,
}

impl<'a> Draft<'a> {
    /// The tree, with each parameter where it belongs.
    /// `by_target` when an embed with a name of its own answers to its target's, too. Of several that name no embed the last
    /// one is refused, and of several orders of one resource the first one counts: PostgREST takes each kind from its end.
    pub(crate) fn new(query: &'a Query, shaping: Shaping, by_target: bool) -> Result<Draft<'a>, Refusal> {
        let mut root = Draft::of(None, &query.select);
        for (path, filter) in query.filters.iter().rev() {
            if shaping == Shaping::All || !path.is_empty() {
                root.at(path, by_target)?.filters.insert(0, filter);
            }
        }
        for (path, terms) in query.order.iter().rev() {
            root.at(path, by_target)?.order = terms;
        }
        // A write has no ranges: not even their paths are looked at.
        for (path, range) in query.ranges.iter().filter(|_| shaping == Shaping::All) {
            root.at(path, by_target)?.range = *range;
        }
        for (path, tree) in query.logic.iter().rev() {
            if shaping == Shaping::All || !path.is_empty() {
                root.at(path, by_target)?.logic.insert(0, tree);
            }
        }
        Ok(root)
    }

    fn of(embed: Option<&'a Embed>, items: &'a [SelectItem]) -> Draft<'a> {
        let mut draft = Draft {
            embed,
            fields: Vec::new(),
            children: Vec::new(),
            filters: Vec::new(),
            logic: Vec::new(),
            order: &[],
            range: Range::ALL,
            called_by_target: false,
        };
        for item in items {
            match item {
                SelectItem::Field(field) => draft.fields.push(field),
                SelectItem::Embed(embed) => draft.children.push(Draft::of(Some(embed), &embed.select)),
            }
        }
        draft
    }

    /// The embed that a path leads to.
    fn at(&mut self, path: &[String], by_target: bool) -> Result<&mut Draft<'a>, Refusal> {
        let Some((name, rest)) = path.split_first() else {
            return Ok(self);
        };
        let target = |child: &Draft<'_>| child.embed.is_some_and(|embed| embed.target == *name);
        let alias = |child: &Draft<'a>| child.embed.and_then(|embed| embed.alias.as_ref());
        let answers = |child: &Draft<'a>| alias(child) == Some(name) || target(child);
        let Some(child) = self.children.iter_mut().find(|child| answers(child)) else {
            return Err(Refusal::NotEmbedded { name: name.clone(), alias: None });
        };
        match alias(child) {
            Some(alias) if alias != name && !by_target => {
                Err(Refusal::NotEmbedded { name: name.clone(), alias: Some(alias.clone()) })
            }
            other => {
                child.called_by_target |= other.is_some_and(|alias| alias != name);
                child.at(rest, by_target)
            }
        }
    }
}
