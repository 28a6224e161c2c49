//! An expression as a tree, for what the engine beneath cannot do: back-references, look-around, and groups whose extent depends
//! on what PostgreSQL prefers.

use super::Options;
use super::translate::{Translator, invalid};
use sqlstate::Result;
use std::rc::Rc;

/// Which of the possible extents is taken first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefers {
    Longer,
    Shorter,
}

/// A place that a match must be at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assertion {
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    WordStart,
    WordEnd,
    WordEdge,
    NoWordEdge,
}

/// A node of an expression.
#[derive(Debug)]
pub(super) enum Node {
    /// A character of a class.
    Set(regex::Regex),
    /// One after the other.
    Concat(Vec<Rc<Node>>),
    /// One of these.
    Either(Vec<Rc<Node>>),
    /// So many times; what a quantifier prefers, if it was one.
    Repeat { node: Rc<Node>, least: u32, most: Option<u32>, prefers: Option<Prefers> },
    /// In parentheses; with a number where it captures.
    Group { number: Option<usize>, node: Rc<Node> },
    /// What a group captured; the group's own node.
    Back { number: usize, node: Rc<Node> },
    /// Whether something stands ahead or behind.
    Look { ahead: bool, negated: bool, node: Rc<Node> },
    /// A place.
    Assert(Assertion),
}

/// An expression as a tree, and how many groups capture.
pub(super) fn parse(pattern: &str, options: Options) -> Result<(Rc<Node>, usize)> {
    let (rest, options) = super::translate::prefix(pattern, options)?;
    let mut parser =
        Parser { text: Translator::new(rest, options), options, groups: Vec::new(), within_look: false };
    if options.quote {
        let mut nodes = Vec::new();
        while let Some(c) = parser.text.next() {
            nodes.push(Rc::new(parser.literal(c)?));
        }
        return Ok((Rc::new(Node::Concat(nodes)), 0));
    }
    let node = parser.alternatives(0)?;
    if !parser.text.rest.is_empty() {
        return Err(invalid("parentheses () not balanced"));
    }
    Ok((node, parser.groups.len()))
}

struct Parser<'a> {
    text: Translator<'a>,
    options: Options,
    /// The groups so far, those that are closed with their node.
    groups: Vec<Option<Rc<Node>>>,
    within_look: bool,
}

/// How deep parentheses may nest.
const MAX_DEPTH: usize = 200;

impl Parser<'_> {
    fn alternatives(&mut self, depth: usize) -> Result<Rc<Node>> {
        if depth > MAX_DEPTH {
            return Err(sqlstate::DatabaseError::unsupported("parentheses nested this deep"));
        }
        let mut branches = vec![self.branch(depth)?];
        while let Some(tail) = self.text.rest.strip_prefix('|') {
            self.text.rest = tail;
            branches.push(self.branch(depth)?);
        }
        Ok(match branches.len() {
            1 => branches.remove(0),
            _ => Rc::new(Node::Either(branches)),
        })
    }

    fn branch(&mut self, depth: usize) -> Result<Rc<Node>> {
        let mut nodes: Vec<Rc<Node>> = Vec::new();
        // Whether the last node can be repeated.
        let mut atom = false;
        while let Some(c) = self.text.rest.chars().next() {
            if c == '|' || (c == ')' && depth > 0) {
                break;
            }
            self.text.next();
            match c {
                '*' | '+' | '?' => {
                    let (least, most) = match c {
                        '*' => (0, None),
                        '+' => (1, None),
                        _ => (0, Some(1)),
                    };
                    self.repeat(&mut nodes, atom, least, most, true)?;
                    atom = false;
                }
                '{' if self.text.rest.starts_with(|c: char| c.is_ascii_digit()) => {
                    let (least, most, ranged) = self.bound()?;
                    self.repeat(&mut nodes, atom, least, most, ranged)?;
                    atom = false;
                }
                c => {
                    if let Some((node, repeatable)) = self.atom(c, depth)? {
                        nodes.push(Rc::new(node));
                        atom = repeatable;
                    }
                }
            }
        }
        Ok(match nodes.len() {
            1 => nodes.remove(0),
            _ => Rc::new(Node::Concat(nodes)),
        })
    }

    fn repeat(
        &mut self,
        nodes: &mut Vec<Rc<Node>>,
        atom: bool,
        least: u32,
        most: Option<u32>,
        ranged: bool,
    ) -> Result<()> {
        let node = nodes.pop().filter(|_| atom).ok_or_else(|| invalid("quantifier operand invalid"))?;
        let mut prefers = Prefers::Longer;
        if let Some(tail) = self.text.rest.strip_prefix('?') {
            self.text.rest = tail;
            prefers = Prefers::Shorter;
        }
        if self.text.rest.starts_with(['*', '+', '?']) {
            return Err(invalid("quantifier operand invalid"));
        }
        // A fixed count prefers nothing.
        nodes.push(Rc::new(Node::Repeat { node, least, most, prefers: ranged.then_some(prefers) }));
        Ok(())
    }

    /// The counts of a bound, and whether it is a range.
    fn bound(&mut self) -> Result<(u32, Option<u32>, bool)> {
        let least = self.text.number()?;
        let (most, ranged) = match self.text.rest.strip_prefix(',') {
            None => (Some(least), false),
            Some(tail) => {
                self.text.rest = tail;
                if tail.starts_with(|c: char| c.is_ascii_digit()) {
                    (Some(self.text.number()?), true)
                } else {
                    (None, true)
                }
            }
        };
        if most.is_some_and(|most| most < least) {
            return Err(invalid("invalid repetition count(s)"));
        }
        match self.text.rest.strip_prefix('}') {
            Some(tail) => self.text.rest = tail,
            None if self.text.rest.is_empty() => return Err(invalid("braces {} not balanced")),
            None => return Err(invalid("invalid repetition count(s)")),
        }
        Ok((least, most, ranged))
    }

    /// What one character begins, and whether it can be repeated; nothing for a comment.
    fn atom(&mut self, c: char, depth: usize) -> Result<Option<(Node, bool)>> {
        let lines = self.options.line_anchors;
        Ok(Some(match c {
            '^' => (Node::Assert(if lines { Assertion::LineStart } else { Assertion::TextStart }), false),
            '$' => (Node::Assert(if lines { Assertion::LineEnd } else { Assertion::TextEnd }), false),
            '.' => (self.class(if self.options.line_classes { r"[^\n]" } else { "(?s:.)" })?, true),
            '(' => return self.group(depth),
            ')' => return Err(invalid("parentheses () not balanced")),
            '[' => {
                for (word, assertion) in [("[:<:]]", Assertion::WordStart), ("[:>:]]", Assertion::WordEnd)] {
                    if let Some(tail) = self.text.rest.strip_prefix(word) {
                        self.text.rest = tail;
                        return Ok(Some((Node::Assert(assertion), false)));
                    }
                }
                self.text.bracket()?;
                let class = std::mem::take(&mut self.text.out);
                (self.class(&class)?, true)
            }
            '\\' => return self.escape().map(Some),
            c if self.options.expanded && c.is_whitespace() => return Ok(None),
            '#' if self.options.expanded => {
                let end = self.text.rest.find('\n').unwrap_or(self.text.rest.len());
                self.text.rest = &self.text.rest[end..];
                return Ok(None);
            }
            c => (self.literal(c)?, true),
        }))
    }

    fn group(&mut self, depth: usize) -> Result<Option<(Node, bool)>> {
        let mut number = None;
        let mut look = None;
        if let Some(tail) = self.text.rest.strip_prefix('?') {
            if let Some(comment) = tail.strip_prefix('#') {
                let end = comment.find(')').ok_or_else(|| invalid("parentheses () not balanced"))?;
                self.text.rest = &comment[end + 1..];
                return Ok(None);
            }
            const KINDS: &[(&str, Option<(bool, bool)>)] = &[
                (":", None),
                ("=", Some((true, false))),
                ("!", Some((true, true))),
                ("<=", Some((false, false))),
                ("<!", Some((false, true))),
            ];
            let kind = KINDS.iter().find(|(word, _)| tail.starts_with(word));
            let (word, found) = kind.ok_or_else(|| invalid("quantifier operand invalid"))?;
            self.text.rest = &tail[word.len()..];
            look = *found;
        } else if !self.within_look {
            // Within look-around nothing captures.
            self.groups.push(None);
            number = Some(self.groups.len());
        }
        let within = self.within_look;
        self.within_look |= look.is_some();
        let node = self.alternatives(depth + 1)?;
        self.within_look = within;
        match self.text.rest.strip_prefix(')') {
            Some(tail) => self.text.rest = tail,
            None => return Err(invalid("parentheses () not balanced")),
        }
        if let Some((ahead, negated)) = look {
            return Ok(Some((Node::Look { ahead, negated, node }, false)));
        }
        if let Some(number) = number
            && let Some(group) = self.groups.get_mut(number - 1)
        {
            *group = Some(node.clone());
        }
        Ok(Some((Node::Group { number, node }, true)))
    }

    fn escape(&mut self) -> Result<(Node, bool)> {
        let wrong = || invalid("invalid escape \\ sequence");
        let c = self.text.next().ok_or_else(wrong)?;
        let assertion = match c {
            'A' => Some(Assertion::TextStart),
            'Z' => Some(Assertion::TextEnd),
            'y' => Some(Assertion::WordEdge),
            'Y' => Some(Assertion::NoWordEdge),
            'm' => Some(Assertion::WordStart),
            'M' => Some(Assertion::WordEnd),
            _ => None,
        };
        if let Some(assertion) = assertion {
            return Ok((Node::Assert(assertion), false));
        }
        if let '1'..='9' = c {
            let more = self.text.rest.bytes().take_while(u8::is_ascii_digit).count();
            let number = format!("{c}{}", &self.text.rest[..more]).parse::<usize>().unwrap_or(usize::MAX);
            if more == 0 || number <= self.groups.len() {
                self.text.rest = &self.text.rest[more..];
                let node = self.groups.get(number - 1).cloned().flatten();
                let node = node.filter(|_| !self.within_look);
                let node = node.ok_or_else(|| invalid("invalid backreference number"))?;
                return Ok((Node::Back { number, node }, true));
            }
        }
        if let '0'..='9' = c {
            let digits =
                self.text.rest.bytes().take(2).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
            let code = u32::from_str_radix(&format!("{c}{}", &self.text.rest[..digits]), 8).ok();
            self.text.rest = &self.text.rest[digits..];
            let c = code.and_then(char::from_u32).ok_or_else(wrong)?;
            return Ok((self.literal(c)?, true));
        }
        if let Some(class) = super::translate::class_escape(c) {
            return Ok((self.class(&class)?, true));
        }
        match self.text.character_escape(c)? {
            Some(c) => Ok((self.literal(c)?, true)),
            None => Err(wrong()),
        }
    }

    fn literal(&self, c: char) -> Result<Node> {
        let mut class = String::new();
        super::translate::push_literal(c, &mut class);
        self.class(&class)
    }

    /// A class as the engine beneath writes it.
    fn class(&self, class: &str) -> Result<Node> {
        let fold = if self.options.ignore_case { "(?i)" } else { "" };
        regex::Regex::new(&format!(r"{fold}\A{class}\z"))
            .map(Node::Set)
            .map_err(|_| sqlstate::DatabaseError::unsupported("this class of a regular expression"))
    }
}
