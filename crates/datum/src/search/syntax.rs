//! The languages that a tsquery is written in, and how what they mean becomes a tree.

use super::letters::{is_alphabetic, is_space};
use super::query::{Item, MAX_DEPTH, Operand, Operator, Query, too_deep};
use super::word::{self, Form, is_operator};
use super::{LAST_POSITION, MAX_BYTES};
use sqlstate::{
    DatabaseError, INTERNAL_ERROR, INVALID_PARAMETER_VALUE, PROGRAM_LIMIT_EXCEEDED, Result, SYNTAX_ERROR,
};

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// `to_tsquery`, and the type's text form.
    Standard,
    /// A stored tsquery: distances may be greater.
    Stored,
    /// `plainto_tsquery`, `phraseto_tsquery`: one operand, the whole text.
    Plain,
    /// `websearch_to_tsquery`
    Web,
}

/// A node before its operands' places are known, and before stop words are gone.
#[derive(Clone, Debug)]
enum Node {
    Value(Operand),
    /// What a stop word leaves.
    Stop,
    Operator(Operator, i16),
}

/// Operands and operators in the order in which they are known: an operator comes behind its operands.
#[derive(Default)]
pub(super) struct Polish {
    nodes: Vec<Node>,
}

impl Polish {
    /// A lexeme.
    pub(super) fn value(&mut self, operand: Operand) {
        self.nodes.push(Node::Value(operand));
    }

    /// A stop word.
    pub(super) fn stop(&mut self) {
        self.nodes.push(Node::Stop);
    }

    /// An operator upon what was pushed last.
    pub(super) fn operator(&mut self, operator: Operator, distance: i16) {
        let distance = if operator == Operator::Phrase { distance } else { 0 };
        self.nodes.push(Node::Operator(operator, distance));
    }
}

/// What is done with an operand.
pub(super) type Push<'a> = dyn FnMut(Operand, &mut Polish) -> Result<()> + 'a;

/// 54000 for a word that is too long.
pub(super) fn word_too_long(whole: &str) -> DatabaseError {
    DatabaseError::new(PROGRAM_LIMIT_EXCEEDED, format!("word is too long in tsquery: \"{whole}\""))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Waiting {
    FirstOperand,
    Operand,
    Operator,
}

enum Token {
    Value(Operand),
    Operator(Operator, i16),
    Open,
    Close,
    Broken,
    End,
}

/// A text read as a query.
struct Reader<'a> {
    whole: &'a str,
    language: Language,
    at: usize,
    /// Open parentheses.
    nested: i64,
    waiting: Waiting,
}

/// As many operators wait for their right operand at most.
const MAX_WAITING: usize = 32;
/// As deep parentheses are nested at most.
const MAX_NESTING: usize = 1000;

/// Reads a query; `push` turns each operand into nodes.
pub(super) fn parse(whole: &str, language: Language, push: &mut Push<'_>) -> Result<Query> {
    let mut reader = Reader { whole, language, at: 0, nested: 0, waiting: Waiting::FirstOperand };
    let mut polish = Polish::default();
    reader.expression(&mut polish, push, 0)?;
    let mut bytes = 0;
    for node in &polish.nodes {
        if let Node::Value(operand) = node {
            if bytes >= MAX_BYTES {
                return Err(too_big(whole));
            }
            bytes += operand.word.len() + 1;
        }
    }
    tree(polish)
}

fn too_big(whole: &str) -> DatabaseError {
    DatabaseError::new(PROGRAM_LIMIT_EXCEEDED, format!("value is too big in tsquery: \"{whole}\""))
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.whole[self.at..]
    }

    fn broken(&self) -> DatabaseError {
        DatabaseError::new(SYNTAX_ERROR, format!("syntax error in tsquery: \"{}\"", self.whole))
    }

    fn expression(&mut self, polish: &mut Polish, push: &mut Push<'_>, depth: usize) -> Result<()> {
        if depth > MAX_NESTING {
            return Err(DatabaseError::unsupported("a tsquery nested this deep"));
        }
        let mut waiting: Vec<(Operator, i16)> = Vec::new();
        loop {
            match self.token(polish)? {
                Token::Value(operand) => push(operand, polish)?,
                Token::Operator(operator, distance) => {
                    release(&mut waiting, operator, polish);
                    if waiting.len() == MAX_WAITING {
                        return Err(DatabaseError::new(INTERNAL_ERROR, "tsquery stack too small"));
                    }
                    waiting.push((operator, distance));
                }
                Token::Open => self.expression(polish, push, depth + 1)?,
                Token::Close | Token::End => break,
                Token::Broken => return Err(self.broken()),
            }
        }
        release(&mut waiting, Operator::Or, polish);
        Ok(())
    }

    fn token(&mut self, polish: &mut Polish) -> Result<Token> {
        match self.language {
            Language::Standard | Language::Stored => self.standard(),
            Language::Plain => Ok(self.plain()),
            Language::Web => self.web(polish),
        }
    }

    fn plain(&mut self) -> Token {
        if self.rest().is_empty() {
            return Token::End;
        }
        let word = self.rest().to_owned();
        self.at = self.whole.len();
        Token::Value(Operand { word, weights: 0, prefix: false })
    }

    fn standard(&mut self) -> Result<Token> {
        loop {
            let c = self.rest().chars().next();
            if self.waiting == Waiting::Operator {
                match c {
                    Some('&') => return Ok(self.operator(Operator::And)),
                    Some('|') => return Ok(self.operator(Operator::Or)),
                    Some('<') => {
                        return Ok(match self.phrase()? {
                            Some(distance) => {
                                self.waiting = Waiting::Operand;
                                Token::Operator(Operator::Phrase, distance)
                            }
                            None => Token::Broken,
                        });
                    }
                    Some(')') => {
                        self.at += 1;
                        self.nested -= 1;
                        return Ok(if self.nested < 0 { Token::Broken } else { Token::Close });
                    }
                    None => return Ok(if self.nested == 0 { Token::End } else { Token::Broken }),
                    Some(c) if !is_space(c) => return Ok(Token::Broken),
                    Some(_) => {}
                }
            } else {
                match c {
                    Some('!') => return Ok(self.operator(Operator::Not)),
                    Some('(') => {
                        self.at += 1;
                        self.waiting = Waiting::Operand;
                        self.nested += 1;
                        return Ok(Token::Open);
                    }
                    Some(':') => return Err(self.broken()),
                    Some(c) if is_space(c) => {}
                    _ => {
                        return match word::next(self.whole, self.at, Form::Query)? {
                            Some(word) => {
                                self.at = word.end;
                                let (weights, prefix) = self.modifiers();
                                self.waiting = Waiting::Operator;
                                Ok(Token::Value(Operand { word: word.text, weights, prefix }))
                            }
                            None if self.waiting == Waiting::FirstOperand => Ok(Token::End),
                            None => Err(DatabaseError::new(
                                SYNTAX_ERROR,
                                format!("no operand in tsquery: \"{}\"", self.whole),
                            )),
                        };
                    }
                }
            }
            self.at += c.map_or(0, char::len_utf8);
        }
    }

    /// An operator of one character.
    fn operator(&mut self, operator: Operator) -> Token {
        self.at += 1;
        self.waiting = Waiting::Operand;
        Token::Operator(operator, 0)
    }

    /// `:AB*` behind a word.
    fn modifiers(&mut self) -> (u8, bool) {
        let (mut weights, mut prefix) = (0, false);
        if self.rest().starts_with(':') {
            self.at += 1;
            while let Some(c) = self.rest().chars().next() {
                match c {
                    'a' | 'A' => weights |= 8,
                    'b' | 'B' => weights |= 4,
                    'c' | 'C' => weights |= 2,
                    'd' | 'D' => weights |= 1,
                    '*' => prefix = true,
                    _ => break,
                }
                self.at += 1;
            }
        }
        (weights, prefix)
    }

    /// `<->` or `<N>`, where something follows; else nothing is read.
    fn phrase(&mut self) -> Result<Option<i16>> {
        let rest = &self.rest()[1..];
        let (distance, length) = if rest.starts_with('-') {
            (1, 1)
        } else {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return Ok(None);
            }
            let number = rest[..digits].parse::<i64>().unwrap_or(i64::MAX);
            let distance = match i16::try_from(number) {
                Ok(distance) if self.language == Language::Stored => distance,
                _ => distance(number)?,
            };
            (distance, digits)
        };
        // Nothing behind it: the text ends before the operator does.
        let closed = rest[length..].starts_with('>') && rest.len() > length + 1;
        if closed {
            self.at += length + 2;
        }
        Ok(closed.then_some(distance))
    }

    fn web(&mut self, polish: &mut Polish) -> Result<Token> {
        loop {
            let c = self.rest().chars().next();
            if self.waiting == Waiting::Operator {
                match c {
                    None => return Ok(Token::End),
                    Some(_) if self.is_or() => {
                        self.at += 2;
                        self.waiting = Waiting::Operand;
                        return Ok(Token::Operator(Operator::Or, 0));
                    }
                    Some(c) if is_operator(c) => {
                        self.at += 1;
                        continue;
                    }
                    Some(c) if !is_space(c) => {
                        self.waiting = Waiting::Operand;
                        return Ok(Token::Operator(Operator::And, 0));
                    }
                    Some(_) => {}
                }
            } else {
                match c {
                    Some('-') => return Ok(self.operator(Operator::Not)),
                    Some('"') => {
                        self.at += 1;
                        let end = self.rest().find('"');
                        let word = self.rest()[..end.unwrap_or(self.rest().len())].to_owned();
                        self.at += word.len() + usize::from(end.is_some());
                        self.waiting = Waiting::Operator;
                        return Ok(Token::Value(Operand { word, weights: 0, prefix: false }));
                    }
                    Some(c) if is_operator(c) => {
                        self.at += 1;
                        self.waiting = Waiting::Operand;
                        continue;
                    }
                    Some(c) if is_space(c) => {}
                    _ => {
                        return Ok(match word::next(self.whole, self.at, Form::Web)? {
                            Some(word) => {
                                self.at = word.end;
                                self.waiting = Waiting::Operator;
                                Token::Value(Operand { word: word.text, weights: 0, prefix: false })
                            }
                            None if self.waiting == Waiting::FirstOperand => Token::End,
                            None => {
                                // An operator has no operand.
                                polish.stop();
                                Token::End
                            }
                        });
                    }
                }
            }
            self.at += c.map_or(0, char::len_utf8);
        }
    }

    /// Whether here is the word OR with something behind it.
    fn is_or(&self) -> bool {
        let rest = self.rest();
        if !rest.get(..2).is_some_and(|word| word.eq_ignore_ascii_case("or")) {
            return false;
        }
        let mut behind = rest[2..].chars();
        match behind.next() {
            None => return false,
            Some(c) if matches!(c, '-' | '_') || c.is_ascii_digit() || is_alphabetic(c) => return false,
            Some(_) => {}
        }
        behind.any(|c| !is_space(c))
    }
}

/// 22023 for a distance that cannot be.
pub(super) fn distance(number: i64) -> Result<i16> {
    match i16::try_from(number) {
        Ok(distance) if (0..=LAST_POSITION as i16 + 1).contains(&distance) => Ok(distance),
        _ => Err(DatabaseError::new(
            INVALID_PARAMETER_VALUE,
            format!(
                "distance in phrase operator must be an integer value between zero and {} inclusive",
                LAST_POSITION + 1
            ),
        )),
    }
}

/// Lets go what binds at least as tight as the operator that comes.
fn release(waiting: &mut Vec<(Operator, i16)>, coming: Operator, polish: &mut Polish) {
    while let Some((operator, distance)) = waiting.last().copied() {
        // NOT takes what is right of it.
        let stays = if coming == Operator::Not {
            coming.priority() >= operator.priority()
        } else {
            coming.priority() > operator.priority()
        };
        if stays {
            break;
        }
        waiting.pop();
        polish.operator(operator, distance);
    }
}

/// A node of the tree that is being made; operands are places among the nodes.
enum Made {
    Value(Operand),
    Not(usize),
    Pair { operator: Operator, distance: i16, left: usize, right: usize },
}

/// What a subtree without its stop words is, and how much further away they leave what stands left and right of it.
#[derive(Clone, Copy)]
struct Cleaned {
    /// Its root; none if nothing is left.
    root: Option<usize>,
    left: i16,
    right: i16,
    depth: usize,
}

/// Makes the tree and takes out stop words, whose places count in the distances of phrases.
fn tree(polish: Polish) -> Result<Query> {
    let mut made: Vec<Made> = Vec::new();
    let mut stack: Vec<Cleaned> = Vec::new();
    for node in polish.nodes {
        let cleaned = match node {
            Node::Value(operand) => {
                made.push(Made::Value(operand));
                Cleaned { root: Some(made.len() - 1), left: 0, right: 0, depth: 1 }
            }
            Node::Stop => Cleaned { root: None, left: 0, right: 0, depth: 0 },
            Node::Operator(Operator::Not, _) => {
                let operand = stack.pop().ok_or_else(malformed)?;
                let root = operand.root.map(|root| {
                    made.push(Made::Not(root));
                    made.len() - 1
                });
                Cleaned { root, depth: operand.depth + 1, ..operand }
            }
            Node::Operator(operator, distance) => {
                let right = stack.pop().ok_or_else(malformed)?;
                let left = stack.pop().ok_or_else(malformed)?;
                combine(left, right, operator, distance, &mut made)?
            }
        };
        if cleaned.depth > MAX_DEPTH {
            return Err(too_deep());
        }
        stack.push(cleaned);
    }
    let Some(root) = stack.pop() else { return Ok(Query::default()) };
    if !stack.is_empty() {
        return Err(malformed());
    }
    let mut items = Vec::with_capacity(made.len());
    if let Some(root) = root.root {
        flatten(root, &made, &mut items);
    }
    Query::of(items)
}

fn malformed() -> DatabaseError {
    DatabaseError::new(INTERNAL_ERROR, "malformed tsquery: operand not found")
}

fn flatten(at: usize, made: &[Made], items: &mut Vec<Item>) {
    match &made[at] {
        Made::Value(operand) => items.push(Item::Value(operand.clone())),
        Made::Not(operand) => {
            items.push(Item::Operator { operator: Operator::Not, distance: 0, left: 1 });
            flatten(*operand, made, items);
        }
        Made::Pair { operator, distance, left, right } => {
            let start = items.len();
            items.push(Item::Operator { operator: *operator, distance: *distance, left: 0 });
            flatten(*right, made, items);
            let offset = items.len() - start;
            if let Item::Operator { left, .. } = &mut items[start] {
                *left = offset;
            }
            flatten(*left, made, items);
        }
    }
}

/// The sum of distances; more than there is room for is refused.
fn sum(distances: [i16; 3]) -> Result<i16> {
    let sum: i32 = distances.iter().map(|distance| i32::from(*distance)).sum();
    i16::try_from(sum).map_err(|_| DatabaseError::unsupported("a distance in a tsquery this long"))
}

fn combine(
    left: Cleaned,
    right: Cleaned,
    operator: Operator,
    distance: i16,
    made: &mut Vec<Made>,
) -> Result<Cleaned> {
    let phrase = operator == Operator::Phrase;
    let depth = left.depth.max(right.depth) + 1;
    Ok(match (left.root, right.root) {
        (None, None) => {
            let gap =
                if phrase { sum([left.left, distance, right.left])? } else { left.left.max(right.left) };
            Cleaned { root: None, left: gap, right: gap, depth }
        }
        (None, Some(_)) if phrase => Cleaned { left: sum([left.left, distance, right.left])?, ..right },
        (None, Some(_)) => right,
        (Some(_), None) if phrase => Cleaned { right: sum([left.right, distance, right.right])?, ..left },
        (Some(_), None) => left,
        (Some(left_root), Some(right_root)) => {
            let distance = if phrase { sum([distance, left.right, right.left])? } else { 0 };
            made.push(Made::Pair { operator, distance, left: left_root, right: right_root });
            let root = Some(made.len() - 1);
            match phrase {
                true => Cleaned { root, left: left.left, right: right.right, depth },
                false => Cleaned { root, left: 0, right: 0, depth },
            }
        }
    })
}
