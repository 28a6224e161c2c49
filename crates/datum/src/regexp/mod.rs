//! PostgreSQL's regular expressions: its advanced syntax translated, its longest matches kept.
//!
//! The engine beneath prefers the first alternative, PostgreSQL the longest match (or the shortest, for a
//! non-greedy expression). Whether a text matches is the same; where a match ends may differ. So where the
//! extent matters and the expression leaves room for a difference, the longest (shortest) end is searched for
//! too. What the engine beneath does not have (back-references, look-around), and groups whose extent could be another, are
//! matched by a tree of the expression, which is slower.

mod dissect;
mod functions;
mod translate;
mod tree;

pub(crate) use functions::{FUNCTIONS, SET_FUNCTIONS, substring};

use dissect::Matcher;
use regex_automata::nfa::thompson::{self, pikevm::PikeVM};
use regex_automata::{Anchored, Input, MatchKind, util::syntax};
use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, Result};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use translate::{Preference, Translated, translate};

/// How an expression is read: the options letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Options {
    /// `i`.
    ignore_case: bool,
    /// `n`, `m`, `p`: `.` and `[^…]` do not match a line feed.
    line_classes: bool,
    /// `n`, `m`, `w`: `^` and `$` match at lines.
    line_anchors: bool,
    /// `x`: white space and comments are ignored.
    expanded: bool,
    /// `q`: a literal.
    quote: bool,
    /// `g`: every match; for the functions that know it.
    pub(crate) global: bool,
}

impl Options {
    /// The options of a flags argument.
    pub(crate) fn parse(letters: &str) -> Result<Options> {
        let mut options = Options::default();
        for letter in letters.chars() {
            options.apply(letter)?;
        }
        Ok(options)
    }

    /// The options of jsonpath's `like_regex`, whose points do not match line feeds unless told.
    pub(crate) fn of_path(ignore_case: bool, dot_all: bool, multi_line: bool, quote: bool) -> Options {
        Options {
            ignore_case,
            line_classes: !quote && !dot_all,
            line_anchors: !quote && multi_line,
            quote,
            ..Options::default()
        }
    }

    fn apply(&mut self, letter: char) -> Result<()> {
        match letter {
            'g' => self.global = true,
            'i' => self.ignore_case = true,
            'c' => self.ignore_case = false,
            'm' | 'n' => (self.line_classes, self.line_anchors) = (true, true),
            'p' => (self.line_classes, self.line_anchors) = (true, false),
            'w' => (self.line_classes, self.line_anchors) = (false, true),
            's' => (self.line_classes, self.line_anchors) = (false, false),
            't' => self.expanded = false,
            'x' => self.expanded = true,
            'q' => self.quote = true,
            'b' | 'e' => {
                return Err(DatabaseError::unsupported(
                    "a regular expression of another syntax than advanced",
                ));
            }
            other => {
                return Err(DatabaseError::new(
                    INVALID_PARAMETER_VALUE,
                    format!("invalid regular expression option: \"{other}\""),
                ));
            }
        }
        Ok(())
    }
}

/// Where a match stands, in bytes: the whole first, then its groups.
pub(crate) type Match = Vec<Option<(usize, usize)>>;

/// A compiled expression.
pub(crate) struct Expression {
    pattern: String,
    options: Options,
    /// The engine beneath, where it can do it.
    plain: Option<Plain>,
    /// The tree, made where it is needed.
    tree: OnceCell<Matcher>,
}

struct Plain {
    regex: regex::Regex,
    translated: Translated,
    /// Finds the longest (or shortest) end of a match, where the engine's may be another.
    ends: Option<(PikeVM, RefCell<thompson::pikevm::Cache>)>,
}

/// Texts longer than this are not cut up by a tree: it looks at each start by itself.
const MAX_TREE_TEXT: usize = 4096;

impl Expression {
    /// Whether the text matches anywhere.
    pub(crate) fn is_match(&self, text: &str) -> Result<bool> {
        match &self.plain {
            Some(plain) => Ok(plain.regex.is_match(text)),
            None => Ok(self.tree()?.find(text, 0)?.is_some()),
        }
    }

    /// How many groups capture.
    pub(crate) fn groups(&self) -> Result<usize> {
        match &self.plain {
            Some(plain) => Ok(plain.regex.captures_len() - 1),
            None => Ok(self.tree()?.groups()),
        }
    }

    fn tree(&self) -> Result<&Matcher> {
        if let Some(tree) = self.tree.get() {
            return Ok(tree);
        }
        let tree = Matcher::compile(&self.pattern, self.options)?;
        Ok(self.tree.get_or_init(|| tree))
    }

    /// The first match from a position on.
    pub(crate) fn find(&self, text: &str, from: usize) -> Result<Option<Match>> {
        let Some(plain) = &self.plain else { return self.tree()?.find(text, from) };
        let preference = plain.translated.preference;
        let groups = plain.regex.captures_len() > 1;
        if preference == Preference::Mixed || (groups && preference != Preference::Same) {
            if !plain.regex.is_match_at(text, from) {
                return Ok(None);
            }
            if text.len() <= MAX_TREE_TEXT {
                return self.tree()?.find(text, from);
            }
        }
        plain.find(text, from)
    }
}

impl Plain {
    fn find(&self, text: &str, from: usize) -> Result<Option<Match>> {
        let Some(captures) = self.regex.captures_at(text, from) else { return Ok(None) };
        if self.translated.preference == Preference::Mixed {
            return Err(DatabaseError::unsupported(
                "the extent of a match of a regular expression with greedy and non-greedy parts",
            ));
        }
        let mut groups: Match =
            captures.iter().map(|group| group.map(|group| (group.start(), group.end()))).collect();
        let Some((machine, cache)) = &self.ends else { return Ok(Some(groups)) };
        let Some(Some((start, end))) = groups.first().copied() else { return Ok(None) };
        let input = Input::new(text)
            .range(start..)
            .anchored(Anchored::Yes)
            .earliest(self.translated.preference == Preference::Shortest);
        let wanted = machine.find(&mut cache.borrow_mut(), input).map(|found| found.end());
        if groups.len() > 1 {
            return Err(DatabaseError::unsupported("the groups of a regular expression in a text this long"));
        }
        if let Some(wanted) = wanted
            && wanted != end
        {
            groups[0] = Some((start, wanted));
        }
        Ok(Some(groups))
    }

    fn compile(pattern: &str, translated: Translated) -> Result<Plain> {
        let refused = || DatabaseError::unsupported(format_args!("the regular expression \"{pattern}\""));
        let regex = regex::Regex::new(&translated.pattern).map_err(|_| refused())?;
        let ends = if matches!(translated.preference, Preference::Same | Preference::Mixed) {
            None
        } else {
            let machine = PikeVM::builder()
                .syntax(syntax::Config::new())
                .thompson(thompson::Config::new().nfa_size_limit(Some(10 << 20)))
                .configure(PikeVM::config().match_kind(MatchKind::All))
                .build(&translated.pattern)
                .map_err(|_| refused())?;
            let cache = RefCell::new(machine.create_cache());
            Some((machine, cache))
        };
        Ok(Plain { regex, translated, ends })
    }
}

impl Expression {
    fn compile(pattern: &str, options: Options) -> Result<Expression> {
        let plain = match translate(pattern, options) {
            Ok(translated) => Some(Plain::compile(pattern, translated)?),
            Err(error) if error.code() == sqlstate::FEATURE_NOT_SUPPORTED => None,
            Err(error) => return Err(error),
        };
        let expression = Expression { pattern: pattern.to_owned(), options, plain, tree: OnceCell::new() };
        if expression.plain.is_none() {
            expression.tree()?;
        }
        Ok(expression)
    }
}

thread_local! {
    /// Compiled expressions: a statement applies the same one to every row.
    static COMPILED: RefCell<HashMap<(String, Options), Rc<Expression>>> = RefCell::new(HashMap::new());
}

/// How many expressions a thread keeps.
const MAX_COMPILED: usize = 256;

/// The compiled expression.
pub(crate) fn compile(pattern: &str, options: Options) -> Result<Rc<Expression>> {
    let key = (pattern.to_owned(), options);
    if let Some(known) = COMPILED.with_borrow(|compiled| compiled.get(&key).cloned()) {
        return Ok(known);
    }
    let expression = Rc::new(Expression::compile(pattern, options)?);
    COMPILED.with_borrow_mut(|compiled| {
        if compiled.len() >= MAX_COMPILED {
            compiled.clear();
        }
        compiled.insert(key, expression.clone());
    });
    Ok(expression)
}
