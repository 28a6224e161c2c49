//! Matching by a tree, as PostgreSQL's engine does it: the leftmost match; of those the longest, or the shortest; and its parts
//! found by cutting it up from the left, each part as long or as short as it prefers while the rest can still match.
//!
//! What can match where is asked first without groups, a back-reference standing for anything that its group could match.

use super::tree::{Assertion, Node, Prefers};
use super::{Match, Options};
use sqlstate::{DatabaseError, Result};
use std::collections::HashMap;
use std::rc::Rc;

/// How many steps one search may take.
const BUDGET: usize = 4_000_000;

/// What is known of a part: what it prefers, and whether there are groups or back-references in it.
#[derive(Clone, Copy, Default)]
struct Flags {
    longer: bool,
    shorter: bool,
    mixed: bool,
    captures: bool,
    refers: bool,
}

impl Flags {
    fn of(prefers: Option<Prefers>) -> Flags {
        Flags {
            longer: prefers == Some(Prefers::Longer),
            shorter: prefers == Some(Prefers::Shorter),
            ..Flags::default()
        }
    }

    fn joined(self, other: Flags) -> Flags {
        let (longer, shorter) = (self.longer || other.longer, self.shorter || other.shorter);
        Flags {
            longer,
            shorter,
            mixed: self.mixed || other.mixed || (longer && shorter),
            captures: self.captures || other.captures,
            refers: self.refers || other.refers,
        }
    }

    /// Both, with the preference of the first that has one.
    fn combined(self, other: Flags) -> Flags {
        let first = if self.longer || self.shorter { self } else { other };
        Flags { longer: first.longer, shorter: first.shorter, ..self.joined(other) }
    }

    fn is_messy(self) -> bool {
        self.mixed || self.captures || self.refers
    }
}

/// How a part is cut up.
enum Tree {
    /// It is not: nothing in it captures.
    Whole,
    /// In two, the left one first.
    Two { left: Box<Part>, right: Box<Part> },
    /// As one of these.
    Either(Vec<Part>),
    /// Into repetitions.
    Repeat { part: Box<Part>, least: usize, most: usize },
    /// Captured.
    Group { number: usize, part: Box<Part> },
    /// Repetitions of what a group captured.
    Back { number: usize, least: usize, most: usize },
}

/// A part of an expression: what it matches, and how it is cut up.
struct Part {
    node: Rc<Node>,
    flags: Flags,
    tree: Tree,
}

impl Part {
    fn whole(node: Rc<Node>, flags: Flags) -> Part {
        Part { node, flags, tree: Tree::Whole }
    }

    fn of(node: &Rc<Node>) -> Part {
        match &**node {
            Node::Either(branches) => {
                let parts: Vec<Part> = branches.iter().map(Part::of).collect();
                let mut flags = parts.iter().fold(Flags::default(), |flags, part| flags.joined(part.flags));
                (flags.longer, flags.shorter) = (true, false);
                let tree = if flags.is_messy() { Tree::Either(parts) } else { Tree::Whole };
                Part { node: node.clone(), flags, tree }
            }
            Node::Concat(nodes) => Part::branch(nodes),
            _ => Part::branch(std::slice::from_ref(node)),
        }
    }

    /// A branch: plain parts that agree in what they prefer are one part; all else stands by itself.
    fn branch(nodes: &[Rc<Node>]) -> Part {
        let mut flags = Flags::default();
        for (at, node) in nodes.iter().enumerate() {
            if let Node::Assert(_) | Node::Look { .. } | Node::Set(_) = **node {
                continue;
            }
            if let Node::Repeat { node: inner, prefers, .. } = &**node
                && matches!(**inner, Node::Set(_))
            {
                let joined = flags.joined(Flags::of(*prefers));
                if !joined.is_messy() {
                    if !(flags.longer || flags.shorter) {
                        flags = joined;
                    }
                    continue;
                }
            }
            let prefix = Part::whole(concat(&nodes[..at]), flags);
            let part = Part::quantified(node);
            let rest = &nodes[at + 1..];
            let tail = if rest.is_empty() { part } else { Part::two(part, Part::branch(rest)) };
            return if at == 0 { tail } else { Part::two(prefix, tail) };
        }
        Part::whole(concat(nodes), flags)
    }

    fn two(left: Part, right: Part) -> Part {
        let flags = left.flags.combined(right.flags);
        let node = concat(&[left.node.clone(), right.node.clone()]);
        if !flags.captures && !flags.refers {
            return Part::whole(node, flags);
        }
        Part { node, flags, tree: Tree::Two { left: Box::new(left), right: Box::new(right) } }
    }

    /// A part in parentheses, a back-reference, or either of them repeated.
    fn quantified(node: &Rc<Node>) -> Part {
        let Node::Repeat { node: inner, least, most, prefers } = &**node else { return Part::atom(node) };
        let quantifier = Flags::of(*prefers);
        let (least, most) = (*least as usize, most.map_or(usize::MAX, |most| most as usize));
        if most == 0 {
            return Part::whole(node.clone(), Flags::default());
        }
        if let Node::Back { number, .. } = **inner {
            let flags = quantifier.combined(Flags { refers: true, ..Flags::default() });
            return Part { node: node.clone(), flags, tree: Tree::Back { number, least, most } };
        }
        let atom = Part::atom(inner);
        let flags = quantifier.combined(atom.flags);
        let agrees = (!quantifier.longer && !quantifier.shorter)
            || !(atom.flags.longer || atom.flags.shorter || atom.flags.mixed)
            || (!atom.flags.mixed
                && (quantifier.longer, quantifier.shorter) == (atom.flags.longer, atom.flags.shorter));
        if least == 1 && most == 1 && agrees {
            return atom;
        }
        if !atom.flags.captures && !atom.flags.refers {
            return Part::whole(node.clone(), flags);
        }
        if least > 0 && !atom.flags.refers {
            // Only the last repetition is captured: those before it are one part.
            let before = Rc::new(Node::Repeat {
                node: inner.clone(),
                least: least as u32 - 1,
                most: (most != usize::MAX).then(|| most as u32 - 1),
                prefers: *prefers,
            });
            let own = Flags { longer: flags.longer, shorter: flags.shorter, ..Flags::default() };
            let left = Box::new(Part::whole(before, own));
            return Part { node: node.clone(), flags, tree: Tree::Two { left, right: Box::new(atom) } };
        }
        Part { node: node.clone(), flags, tree: Tree::Repeat { part: Box::new(atom), least, most } }
    }

    fn atom(node: &Rc<Node>) -> Part {
        match &**node {
            Node::Group { number, node: inner } => {
                let part = Part::of(inner);
                match number {
                    None => Part { node: node.clone(), ..part },
                    Some(number) => {
                        let flags = Flags { captures: true, ..part.flags };
                        let tree = Tree::Group { number: *number, part: Box::new(part) };
                        Part { node: node.clone(), flags, tree }
                    }
                }
            }
            Node::Back { number, .. } => Part {
                node: node.clone(),
                flags: Flags { refers: true, ..Flags::default() },
                tree: Tree::Back { number: *number, least: 1, most: 1 },
            },
            Node::Repeat { prefers, .. } => Part::whole(node.clone(), Flags::of(*prefers)),
            _ => Part::whole(node.clone(), Flags::default()),
        }
    }
}

fn concat(nodes: &[Rc<Node>]) -> Rc<Node> {
    match nodes {
        [node] => node.clone(),
        nodes => Rc::new(Node::Concat(nodes.to_vec())),
    }
}

/// An expression that is matched by its tree.
pub(super) struct Matcher {
    part: Part,
    groups: usize,
    ignore_case: bool,
}

impl Matcher {
    pub(super) fn compile(pattern: &str, options: Options) -> Result<Matcher> {
        let (node, groups) = super::tree::parse(pattern, options)?;
        let ignore_case = super::translate::prefix(pattern, options)?.1.ignore_case;
        Ok(Matcher { part: Part::of(&node), groups, ignore_case })
    }

    /// How many groups capture.
    pub(super) fn groups(&self) -> usize {
        self.groups
    }

    /// The first match from a position on.
    pub(super) fn find(&self, text: &str, from: usize) -> Result<Option<Match>> {
        let mut offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        offsets.push(text.len());
        let mut search = Search {
            text: text.chars().collect(),
            ends: HashMap::new(),
            captured: vec![None; self.groups + 1],
            ignore_case: self.ignore_case,
            steps: 0,
        };
        let start = offsets.partition_point(|offset| *offset < from);
        for begin in start..offsets.len() {
            let ends = search.ends(&self.part.node, begin)?;
            let mut order: Vec<usize> = ends.to_vec();
            if !self.part.flags.shorter {
                order.reverse();
            }
            for end in order {
                search.captured.fill(None);
                if search.dissect(&self.part, begin, end)? {
                    search.captured[0] = Some((begin, end));
                    let captured = search.captured.iter();
                    return Ok(Some(
                        captured
                            .map(|group| group.map(|(low, high)| (offsets[low], offsets[high])))
                            .collect(),
                    ));
                }
            }
        }
        Ok(None)
    }
}

struct Search {
    text: Vec<char>,
    /// Where a node that begins somewhere can end, in rising order.
    ends: HashMap<(*const Node, usize), Rc<[usize]>>,
    captured: Vec<Option<(usize, usize)>>,
    ignore_case: bool,
    steps: usize,
}

impl Search {
    fn step(&mut self, count: usize) -> Result<()> {
        self.steps += count;
        if self.steps > BUDGET {
            return Err(DatabaseError::unsupported("a regular expression this costly for its text"));
        }
        Ok(())
    }

    fn is_word(&self, at: usize) -> bool {
        self.text.get(at).is_some_and(|c| c.is_alphanumeric() || *c == '_')
    }

    fn holds(&self, assertion: Assertion, at: usize) -> bool {
        let before = at > 0 && self.is_word(at - 1);
        let after = self.is_word(at);
        match assertion {
            Assertion::TextStart => at == 0,
            Assertion::TextEnd => at == self.text.len(),
            Assertion::LineStart => at == 0 || self.text[at - 1] == '\n',
            Assertion::LineEnd => at == self.text.len() || self.text[at] == '\n',
            Assertion::WordStart => !before && after,
            Assertion::WordEnd => before && !after,
            Assertion::WordEdge => before != after,
            Assertion::NoWordEdge => before == after,
        }
    }

    /// Where a node that begins at a place can end.
    fn ends(&mut self, node: &Rc<Node>, begin: usize) -> Result<Rc<[usize]>> {
        let key = (Rc::as_ptr(node), begin);
        if let Some(known) = self.ends.get(&key) {
            return Ok(known.clone());
        }
        self.step(1)?;
        let found = self.find_ends(node, begin)?;
        self.step(found.len())?;
        let found: Rc<[usize]> = found.into();
        self.ends.insert(key, found.clone());
        Ok(found)
    }

    fn find_ends(&mut self, node: &Rc<Node>, begin: usize) -> Result<Vec<usize>> {
        let here = |holds: bool| if holds { vec![begin] } else { Vec::new() };
        Ok(match &**node {
            Node::Set(class) => {
                let mut buffer = [0u8; 4];
                match self.text.get(begin) {
                    Some(c) if class.is_match(c.encode_utf8(&mut buffer)) => vec![begin + 1],
                    _ => Vec::new(),
                }
            }
            Node::Concat(nodes) => {
                let mut places = vec![begin];
                for node in nodes {
                    places = self.all_ends(node, &places)?;
                }
                places
            }
            Node::Either(nodes) => {
                let mut places = Vec::new();
                for node in nodes {
                    places.extend_from_slice(&self.ends(node, begin)?);
                }
                places.sort_unstable();
                places.dedup();
                places
            }
            Node::Repeat { node, least, most, .. } => {
                let mut places = vec![begin];
                for _ in 0..*least {
                    places = self.all_ends(node, &places)?;
                }
                let mut fresh = places.clone();
                let mut count = *least;
                while !fresh.is_empty() && most.is_none_or(|most| count < most) {
                    let next = self.all_ends(node, &fresh)?;
                    fresh = next.into_iter().filter(|at| places.binary_search(at).is_err()).collect();
                    places.extend_from_slice(&fresh);
                    places.sort_unstable();
                    count += 1;
                }
                places
            }
            Node::Group { node, .. } | Node::Back { node, .. } => self.ends(node, begin)?.to_vec(),
            Node::Look { ahead: true, negated, node } => {
                let found = !self.ends(node, begin)?.is_empty();
                here(found != *negated)
            }
            Node::Look { ahead: false, negated, node } => {
                let mut found = false;
                for start in (0..=begin).rev() {
                    found = found || self.ends(node, start)?.binary_search(&begin).is_ok();
                }
                here(found != *negated)
            }
            Node::Assert(assertion) => here(self.holds(*assertion, begin)),
        })
    }

    fn all_ends(&mut self, node: &Rc<Node>, begins: &[usize]) -> Result<Vec<usize>> {
        let mut places = Vec::new();
        for begin in begins {
            places.extend_from_slice(&self.ends(node, *begin)?);
        }
        places.sort_unstable();
        places.dedup();
        Ok(places)
    }

    fn can_span(&mut self, node: &Rc<Node>, begin: usize, end: usize) -> Result<bool> {
        Ok(self.ends(node, begin)?.binary_search(&end).is_ok())
    }

    /// Whether a part matches from one place to another; what its groups captured is kept.
    fn dissect(&mut self, part: &Part, begin: usize, end: usize) -> Result<bool> {
        self.step(1)?;
        match &part.tree {
            Tree::Whole => self.can_span(&part.node, begin, end),
            Tree::Group { number, part } => {
                let matches = self.dissect(part, begin, end)?;
                if matches {
                    self.captured[*number] = Some((begin, end));
                }
                Ok(matches)
            }
            Tree::Either(parts) => {
                for part in parts {
                    if self.can_span(&part.node, begin, end)? && self.dissect(part, begin, end)? {
                        return Ok(true);
                    }
                    forget(part, &mut self.captured);
                }
                Ok(false)
            }
            Tree::Two { left, right } => {
                let ends = self.ends(&left.node, begin)?;
                let mut middles: Vec<usize> = ends.iter().copied().filter(|middle| *middle <= end).collect();
                if !left.flags.shorter {
                    middles.reverse();
                }
                for middle in middles {
                    if !self.can_span(&right.node, middle, end)? {
                        continue;
                    }
                    forget(left, &mut self.captured);
                    forget(right, &mut self.captured);
                    if self.dissect(left, begin, middle)? && self.dissect(right, middle, end)? {
                        return Ok(true);
                    }
                }
                forget(left, &mut self.captured);
                forget(right, &mut self.captured);
                Ok(false)
            }
            Tree::Back { number, least, most } => Ok(self.repeats(*number, *least, *most, begin, end)),
            Tree::Repeat { part, least, most } => {
                let matches = self.repetitions(part, *least, *most, begin, end)?;
                if !matches {
                    forget(part, &mut self.captured);
                }
                Ok(matches)
            }
        }
    }

    /// Whether what a group captured stands there so many times.
    fn repeats(&self, number: usize, least: usize, most: usize, begin: usize, end: usize) -> bool {
        let Some(Some((low, high))) = self.captured.get(number).copied() else { return false };
        let length = high - low;
        if length == 0 {
            return begin == end;
        }
        if begin == end {
            return least == 0;
        }
        let count = (end - begin) / length;
        if !(end - begin).is_multiple_of(length) || count < least || count > most {
            return false;
        }
        let same = |left: char, right: char| {
            left == right || (self.ignore_case && left.to_lowercase().eq(right.to_lowercase()))
        };
        (begin..end).all(|at| same(self.text[at], self.text[low + (at - begin) % length]))
    }

    /// Cuts a span into repetitions: from the left, each as long (or short) as it prefers; none empty that need not be.
    fn repetitions(
        &mut self,
        part: &Part,
        least: usize,
        most: usize,
        begin: usize,
        end: usize,
    ) -> Result<bool> {
        // None at all matches an empty span. One that is empty too is preferred where the longest is, so that its groups captured.
        let none = least == 0 && begin == end;
        if none && part.flags.shorter {
            return Ok(true);
        }
        let least = least.max(1);
        let most = most.min(end - begin).max(least);
        let mut cuts = vec![begin];
        let found = self.repetition(part, least, most, end, &mut cuts)?;
        if !found && none {
            forget(part, &mut self.captured);
        }
        Ok(found || none)
    }

    /// The next repetition, and those after it.
    fn repetition(
        &mut self,
        part: &Part,
        least: usize,
        most: usize,
        end: usize,
        cuts: &mut Vec<usize>,
    ) -> Result<bool> {
        self.step(1)?;
        let number = cuts.len();
        let Some(begin) = cuts.last().copied() else { return Ok(false) };
        let ends = self.ends(&part.node, begin)?;
        let mut places: Vec<usize> = ends.iter().copied().filter(|place| *place <= end).collect();
        if !part.flags.shorter {
            places.reverse();
        }
        for place in places {
            let empty = place == begin;
            if empty && place != end && (number >= least || least - number < end - place) {
                continue;
            }
            if place != end && number >= most {
                continue;
            }
            cuts.push(place);
            let done = if place == end {
                number >= least && self.verify(part, cuts)?
            } else {
                self.repetition(part, least, most, end, cuts)?
            };
            // An empty repetition at the end may have to be followed by more of them.
            let done =
                done || (place == end && number < least && self.repetition(part, least, most, end, cuts)?);
            if done {
                return Ok(true);
            }
            cuts.pop();
        }
        Ok(false)
    }

    fn verify(&mut self, part: &Part, cuts: &[usize]) -> Result<bool> {
        for pair in cuts.windows(2) {
            forget(part, &mut self.captured);
            if !self.dissect(part, pair[0], pair[1])? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// What the groups of a part captured counts no longer.
fn forget(part: &Part, captured: &mut [Option<(usize, usize)>]) {
    match &part.tree {
        Tree::Whole | Tree::Back { .. } => {}
        Tree::Group { number, part } => {
            captured[*number] = None;
            forget(part, captured);
        }
        Tree::Either(parts) => parts.iter().for_each(|part| forget(part, captured)),
        Tree::Two { left, right } => {
            forget(left, captured);
            forget(right, captured);
        }
        Tree::Repeat { part, .. } => forget(part, captured),
    }
}
