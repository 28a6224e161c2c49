//! The states of the default parser (PostgreSQL's `wparser_def.c`): which characters lead from which to which, what is
//! tried first and given up, and which tokens come of it.

use super::tokens::Kind;

/// What a character must be for a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// Anything; the end too.
    Any,
    /// There is none: the text ends.
    End,
    /// This one.
    Is(char),
    AsciiLetter,
    Letter,
    Digit,
    LetterOrDigit,
    /// Neither letter nor digit.
    Other,
    HexDigit,
    Space,
    /// Not a letter, yet it does not end a word.
    Joining,
    /// What may stand in a URL.
    UrlChar,
    /// Within a script or style of HTML.
    Ignoring,
    /// Only a host was asked for; it is no longer.
    OnlyHost,
    /// A host begins here, and is taken.
    HostFollows,
    /// The path of a URL begins here, and is taken.
    UrlPathFollows,
}

/// What a rule does beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Special {
    /// Looks whether the tag begins or ends a script or style.
    Tag,
    /// Goes back to where the token begins, for its host.
    Url,
    /// Goes back to where the token begins, for its parts.
    Back,
    /// Goes back to where the token begins as if nothing had been read.
    Restart,
}

/// What becomes of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// On with the next character.
    Go,
    /// The same, and the state is kept to come back to: its next rule is tried then.
    Push,
    /// Back to the state kept last.
    Pop,
    /// Back to the state kept last, yet with what was read since.
    Merge,
    /// The same character again.
    Again,
}

/// Which of the kept states are forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forget {
    None,
    /// The last.
    Last,
    All,
}

/// A rule: the first of a state whose test holds is followed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) test: Test,
    pub(super) step: Step,
    pub(super) forget: Forget,
    /// The state then, if it is another.
    pub(super) to: Option<State>,
    /// The token that ends here.
    pub(super) kind: Option<Kind>,
    pub(super) special: Option<Special>,
}

impl Rule {
    const fn new(test: Test, step: Step, to: Option<State>) -> Rule {
        Rule { test, step, forget: Forget::None, to, kind: None, special: None }
    }

    const fn clear(mut self) -> Rule {
        self.forget = Forget::Last;
        self
    }

    const fn clear_all(mut self) -> Rule {
        self.forget = Forget::All;
        self
    }

    const fn doing(mut self, special: Special) -> Rule {
        self.special = Some(special);
        self
    }
}

const fn go(test: Test, to: State) -> Rule {
    Rule::new(test, Step::Go, Some(to))
}

const fn stay(test: Test) -> Rule {
    Rule::new(test, Step::Go, None)
}

const fn push(test: Test, to: State) -> Rule {
    Rule::new(test, Step::Push, Some(to))
}

const fn pop(test: Test) -> Rule {
    Rule::new(test, Step::Pop, None)
}

const fn merge(test: Test) -> Rule {
    Rule::new(test, Step::Merge, None)
}

const fn again(test: Test, to: State) -> Rule {
    Rule::new(test, Step::Again, Some(to))
}

const fn found(test: Test, kind: Kind, to: State) -> Rule {
    let mut rule = Rule::new(test, Step::Go, Some(to));
    rule.kind = Some(kind);
    rule
}

/// A state, named by what is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Base,
    NumWord,
    AsciiWord,
    Word,
    UnsignedInt,
    SignedIntFirst,
    SignedInt,
    Space,
    UnsignedDecimalFirst,
    UnsignedDecimal,
    DecimalFirst,
    Decimal,
    SignedVersion,
    SignedVersionSkip,
    VersionFirst,
    Version,
    ExponentFirst,
    ExponentSign,
    Exponent,
    EntityFirst,
    Entity,
    EntityNumberFirst,
    EntityHexFirst,
    EntityNumber,
    EntityHex,
    EntityEnd,
    TagFirst,
    TagDeclaration,
    TagCloseFirst,
    TagName,
    TagSlash,
    Tag,
    TagQuoted,
    TagDoublyQuoted,
    TagEscaped,
    TagEnd,
    CommentFirst,
    CommentLast,
    Comment,
    CloseCommentFirst,
    CloseCommentLast,
    CommentEnd,
    HostFirstDomain,
    HostDomainSecond,
    HostDomain,
    PortFirst,
    Port,
    HostPartFirst,
    Host,
    Email,
    FileFirst,
    FileHome,
    PathFirst,
    PathFirstFirst,
    PathSecond,
    File,
    FileNext,
    UrlPathFirst,
    UrlPathStart,
    UrlPath,
    UrlPathBehindHost,
    ProtocolFirst,
    ProtocolSecond,
    ProtocolEnd,
    HyphenAsciiWordFirst,
    HyphenAsciiWord,
    HyphenWordFirst,
    HyphenWord,
    HyphenNumWordFirst,
    HyphenNumWord,
    HyphenDigits,
    HyphenParts,
    HyphenBetween,
    HyphenWordPart,
    HyphenAsciiWordPart,
    HyphenNumWordPart,
    HyphenUnsignedInt,
}

/// The rules of a state; the last holds for anything.
pub(super) fn rules(state: State) -> &'static [Rule] {
    use Test::{
        Any, AsciiLetter, Digit, End, HexDigit, HostFollows, Ignoring, Is, Joining, Letter, LetterOrDigit,
        OnlyHost, Other, Space, UrlChar, UrlPathFollows,
    };
    match state {
        State::Base => {
            const {
                &[
                    stay(End),
                    push(Is('<'), State::TagFirst),
                    go(Ignoring, State::Space),
                    go(AsciiLetter, State::AsciiWord),
                    go(Letter, State::Word),
                    go(Digit, State::UnsignedInt),
                    push(Is('-'), State::SignedIntFirst),
                    push(Is('+'), State::SignedIntFirst),
                    push(Is('&'), State::EntityFirst),
                    push(Is('~'), State::FileHome),
                    push(Is('/'), State::FileFirst),
                    push(Is('.'), State::PathFirstFirst),
                    go(Any, State::Space),
                ]
            }
        }
        State::NumWord => {
            const {
                &[
                    found(End, Kind::NumWord, State::Base),
                    go(LetterOrDigit, State::NumWord),
                    go(Joining, State::NumWord),
                    push(Is('@'), State::Email),
                    push(Is('/'), State::FileFirst),
                    push(Is('.'), State::FileNext),
                    push(Is('-'), State::HyphenNumWordFirst),
                    found(Any, Kind::NumWord, State::Base),
                ]
            }
        }
        State::AsciiWord => {
            const {
                &[
                    found(End, Kind::AsciiWord, State::Base),
                    stay(AsciiLetter),
                    push(Is('.'), State::HostFirstDomain),
                    push(Is('.'), State::FileNext),
                    push(Is('-'), State::HostPartFirst),
                    push(Is('-'), State::HyphenAsciiWordFirst),
                    push(Is('_'), State::HostPartFirst),
                    push(Is('@'), State::Email),
                    push(Is(':'), State::ProtocolFirst),
                    push(Is('/'), State::FileFirst),
                    push(Digit, State::Host),
                    go(Digit, State::NumWord),
                    go(Letter, State::Word),
                    go(Joining, State::Word),
                    found(Any, Kind::AsciiWord, State::Base),
                ]
            }
        }
        State::Word => {
            const {
                &[
                    found(End, Kind::Word, State::Base),
                    stay(Letter),
                    stay(Joining),
                    go(Digit, State::NumWord),
                    push(Is('-'), State::HyphenWordFirst),
                    found(Any, Kind::Word, State::Base),
                ]
            }
        }
        State::UnsignedInt => {
            const {
                &[
                    found(End, Kind::Uint, State::Base),
                    stay(Digit),
                    push(Is('.'), State::HostFirstDomain),
                    push(Is('.'), State::UnsignedDecimalFirst),
                    push(Is('e'), State::ExponentFirst),
                    push(Is('E'), State::ExponentFirst),
                    push(Is('-'), State::HostPartFirst),
                    push(Is('_'), State::HostPartFirst),
                    push(Is('@'), State::Email),
                    push(AsciiLetter, State::Host),
                    go(Letter, State::NumWord),
                    go(Joining, State::NumWord),
                    push(Is('/'), State::FileFirst),
                    found(Any, Kind::Uint, State::Base),
                ]
            }
        }
        State::SignedIntFirst => const { &[pop(End), go(Digit, State::SignedInt).clear(), pop(Any)] },
        State::SignedInt => {
            const {
                &[
                    found(End, Kind::Int, State::Base),
                    stay(Digit),
                    push(Is('.'), State::DecimalFirst),
                    push(Is('e'), State::ExponentFirst),
                    push(Is('E'), State::ExponentFirst),
                    found(Any, Kind::Int, State::Base),
                ]
            }
        }
        State::Space => {
            const {
                &[
                    found(End, Kind::Blank, State::Base),
                    found(Is('<'), Kind::Blank, State::Base),
                    stay(Ignoring),
                    found(Is('-'), Kind::Blank, State::Base),
                    found(Is('+'), Kind::Blank, State::Base),
                    found(Is('&'), Kind::Blank, State::Base),
                    found(Is('/'), Kind::Blank, State::Base),
                    go(Other, State::Space),
                    found(Any, Kind::Blank, State::Base),
                ]
            }
        }
        State::UnsignedDecimalFirst => {
            const { &[pop(End), go(Digit, State::UnsignedDecimal).clear(), pop(Any)] }
        }
        State::UnsignedDecimal => {
            const {
                &[
                    found(End, Kind::Float, State::Base),
                    go(Digit, State::UnsignedDecimal),
                    push(Is('.'), State::VersionFirst),
                    push(Is('e'), State::ExponentFirst),
                    push(Is('E'), State::ExponentFirst),
                    found(Any, Kind::Float, State::Base),
                ]
            }
        }
        State::DecimalFirst => const { &[pop(End), go(Digit, State::Decimal).clear(), pop(Any)] },
        State::Decimal => {
            const {
                &[
                    found(End, Kind::Float, State::Base),
                    go(Digit, State::Decimal),
                    push(Is('.'), State::SignedVersion),
                    push(Is('e'), State::ExponentFirst),
                    push(Is('E'), State::ExponentFirst),
                    found(Any, Kind::Float, State::Base),
                ]
            }
        }
        State::SignedVersion => {
            const { &[pop(End), again(Digit, State::SignedVersionSkip).doing(Special::Restart), pop(Any)] }
        }
        State::SignedVersionSkip => {
            const { &[pop(End), found(Digit, Kind::Blank, State::UnsignedInt).clear_all(), stay(Any)] }
        }
        State::VersionFirst => const { &[pop(End), go(Digit, State::Version).clear(), pop(Any)] },
        State::Version => {
            const {
                &[
                    found(End, Kind::Version, State::Base),
                    go(Digit, State::Version),
                    push(Is('.'), State::VersionFirst),
                    found(Any, Kind::Version, State::Base),
                ]
            }
        }
        State::ExponentFirst => {
            const {
                &[
                    pop(End),
                    go(Digit, State::Exponent).clear(),
                    go(Is('+'), State::ExponentSign),
                    go(Is('-'), State::ExponentSign),
                    pop(Any),
                ]
            }
        }
        State::ExponentSign => const { &[pop(End), go(Digit, State::Exponent).clear(), pop(Any)] },
        State::Exponent => {
            const {
                &[
                    found(End, Kind::Scientific, State::Base),
                    go(Digit, State::Exponent),
                    found(Any, Kind::Scientific, State::Base),
                ]
            }
        }
        State::EntityFirst => {
            const {
                &[
                    pop(End),
                    go(Is('#'), State::EntityNumberFirst),
                    go(AsciiLetter, State::Entity),
                    go(Is(':'), State::Entity),
                    go(Is('_'), State::Entity),
                    pop(Any),
                ]
            }
        }
        State::Entity => {
            const {
                &[
                    pop(End),
                    go(LetterOrDigit, State::Entity),
                    go(Is(':'), State::Entity),
                    go(Is('_'), State::Entity),
                    go(Is('.'), State::Entity),
                    go(Is('-'), State::Entity),
                    go(Is(';'), State::EntityEnd),
                    pop(Any),
                ]
            }
        }
        State::EntityNumberFirst => {
            const {
                &[
                    pop(End),
                    go(Is('x'), State::EntityHexFirst),
                    go(Is('X'), State::EntityHexFirst),
                    go(Digit, State::EntityNumber),
                    pop(Any),
                ]
            }
        }
        State::EntityHexFirst => const { &[pop(End), go(HexDigit, State::EntityHex), pop(Any)] },
        State::EntityNumber => {
            const { &[pop(End), go(Digit, State::EntityNumber), go(Is(';'), State::EntityEnd), pop(Any)] }
        }
        State::EntityHex => {
            const { &[pop(End), go(HexDigit, State::EntityHex), go(Is(';'), State::EntityEnd), pop(Any)] }
        }
        State::EntityEnd => const { &[found(Any, Kind::Entity, State::Base).clear()] },
        State::TagFirst => {
            const {
                &[
                    pop(End),
                    push(Is('/'), State::TagCloseFirst),
                    push(Is('!'), State::CommentFirst),
                    push(Is('?'), State::TagDeclaration),
                    push(AsciiLetter, State::TagName),
                    push(Is(':'), State::TagName),
                    push(Is('_'), State::TagName),
                    pop(Any),
                ]
            }
        }
        State::TagDeclaration => const { &[pop(End), go(Is('x'), State::Tag), pop(Any)] },
        State::TagCloseFirst => const { &[pop(End), go(AsciiLetter, State::TagName), pop(Any)] },
        State::TagName => {
            const {
                &[
                    pop(End),
                    go(Is('/'), State::TagSlash),
                    go(Is('>'), State::TagEnd).doing(Special::Tag),
                    go(Space, State::Tag).doing(Special::Tag),
                    stay(LetterOrDigit),
                    stay(Is(':')),
                    stay(Is('_')),
                    stay(Is('.')),
                    stay(Is('-')),
                    pop(Any),
                ]
            }
        }
        State::TagSlash => const { &[pop(End), go(Is('>'), State::TagEnd), pop(Any)] },
        State::Tag => {
            const {
                &[
                    pop(End),
                    go(Is('>'), State::TagEnd).doing(Special::Tag),
                    go(Is('\''), State::TagQuoted),
                    go(Is('"'), State::TagDoublyQuoted),
                    stay(AsciiLetter),
                    stay(Digit),
                    stay(Is('=')),
                    stay(Is('-')),
                    stay(Is('_')),
                    stay(Is('#')),
                    stay(Is('/')),
                    stay(Is(':')),
                    stay(Is('.')),
                    stay(Is('&')),
                    stay(Is('?')),
                    stay(Is('%')),
                    stay(Is('~')),
                    stay(Space).doing(Special::Tag),
                    pop(Any),
                ]
            }
        }
        State::TagQuoted => {
            const {
                &[
                    pop(End),
                    push(Is('\\'), State::TagEscaped),
                    go(Is('\''), State::Tag),
                    go(Any, State::TagQuoted),
                ]
            }
        }
        State::TagDoublyQuoted => {
            const {
                &[
                    pop(End),
                    push(Is('\\'), State::TagEscaped),
                    go(Is('"'), State::Tag),
                    go(Any, State::TagDoublyQuoted),
                ]
            }
        }
        State::TagEscaped => const { &[pop(End), merge(Any)] },
        State::TagEnd => const { &[found(Any, Kind::Tag, State::Base).clear_all()] },
        State::CommentFirst => {
            const {
                &[
                    pop(End),
                    go(Is('-'), State::CommentLast),
                    go(Is('D'), State::Tag),
                    go(Is('d'), State::Tag),
                    pop(Any),
                ]
            }
        }
        State::CommentLast => const { &[pop(End), go(Is('-'), State::Comment), pop(Any)] },
        State::Comment => const { &[pop(End), go(Is('-'), State::CloseCommentFirst), stay(Any)] },
        State::CloseCommentFirst => {
            const { &[pop(End), go(Is('-'), State::CloseCommentLast), go(Any, State::Comment)] }
        }
        State::CloseCommentLast => {
            const { &[pop(End), stay(Is('-')), go(Is('>'), State::CommentEnd), go(Any, State::Comment)] }
        }
        State::CommentEnd => const { &[found(Any, Kind::Tag, State::Base).clear_all()] },
        State::HostFirstDomain => {
            const { &[pop(End), go(AsciiLetter, State::HostDomainSecond), go(Digit, State::Host), pop(Any)] }
        }
        State::HostDomainSecond => {
            const {
                &[
                    pop(End),
                    go(AsciiLetter, State::HostDomain),
                    push(Digit, State::Host),
                    push(Is('-'), State::HostPartFirst),
                    push(Is('_'), State::HostPartFirst),
                    push(Is('.'), State::HostFirstDomain),
                    push(Is('@'), State::Email),
                    pop(Any),
                ]
            }
        }
        State::HostDomain => {
            const {
                &[
                    found(End, Kind::Host, State::Base).clear_all(),
                    go(AsciiLetter, State::HostDomain),
                    push(Digit, State::Host),
                    push(Is(':'), State::PortFirst),
                    push(Is('-'), State::HostPartFirst),
                    push(Is('_'), State::HostPartFirst),
                    push(Is('.'), State::HostFirstDomain),
                    push(Is('@'), State::Email),
                    pop(Digit),
                    found(OnlyHost, Kind::Host, State::UrlPathStart).clear_all(),
                    push(Is('/'), State::UrlPathBehindHost),
                    found(Any, Kind::Host, State::Base).clear_all(),
                ]
            }
        }
        State::PortFirst => const { &[pop(End), go(Digit, State::Port), pop(Any)] },
        State::Port => {
            const {
                &[
                    found(End, Kind::Host, State::Base).clear_all(),
                    go(Digit, State::Port),
                    found(OnlyHost, Kind::Host, State::UrlPathStart).clear_all(),
                    push(Is('/'), State::UrlPathBehindHost),
                    found(Any, Kind::Host, State::Base).clear_all(),
                ]
            }
        }
        State::HostPartFirst => {
            const { &[pop(End), go(Digit, State::Host), go(AsciiLetter, State::Host), pop(Any)] }
        }
        State::Host => {
            const {
                &[
                    pop(End),
                    go(Digit, State::Host),
                    go(AsciiLetter, State::Host),
                    push(Is('@'), State::Email),
                    push(Is('.'), State::HostFirstDomain),
                    push(Is('-'), State::HostPartFirst),
                    push(Is('_'), State::HostPartFirst),
                    pop(Any),
                ]
            }
        }
        State::Email => {
            const { &[pop(OnlyHost), found(HostFollows, Kind::Email, State::Base).clear_all(), pop(Any)] }
        }
        State::FileFirst => {
            const {
                &[
                    pop(End),
                    go(AsciiLetter, State::File),
                    go(Digit, State::File),
                    go(Is('.'), State::PathFirst),
                    go(Is('_'), State::File),
                    push(Is('~'), State::FileHome),
                    pop(Any),
                ]
            }
        }
        State::FileHome => {
            const {
                &[
                    pop(End),
                    go(AsciiLetter, State::File),
                    go(Digit, State::File),
                    go(Is('_'), State::File),
                    go(Is('/'), State::FileFirst),
                    pop(Any),
                ]
            }
        }
        State::PathFirst => {
            const {
                &[
                    pop(End),
                    go(AsciiLetter, State::File),
                    go(Digit, State::File),
                    go(Is('_'), State::File),
                    go(Is('.'), State::PathSecond),
                    go(Is('/'), State::FileFirst),
                    pop(Any),
                ]
            }
        }
        State::PathFirstFirst => {
            const { &[pop(End), go(Is('.'), State::PathSecond), go(Is('/'), State::FileFirst), pop(Any)] }
        }
        State::PathSecond => {
            const {
                &[
                    found(End, Kind::File, State::Base).clear(),
                    push(Is('/'), State::FileFirst),
                    found(Is('/'), Kind::File, State::Base).clear(),
                    found(Space, Kind::File, State::Base).clear(),
                    pop(Any),
                ]
            }
        }
        State::File => {
            const {
                &[
                    found(End, Kind::File, State::Base),
                    go(AsciiLetter, State::File),
                    go(Digit, State::File),
                    push(Is('.'), State::FileNext),
                    go(Is('_'), State::File),
                    go(Is('-'), State::File),
                    push(Is('/'), State::FileFirst),
                    found(Any, Kind::File, State::Base),
                ]
            }
        }
        State::FileNext => {
            const {
                &[
                    pop(End),
                    go(AsciiLetter, State::File).clear(),
                    go(Digit, State::File).clear(),
                    go(Is('_'), State::File).clear(),
                    pop(Any),
                ]
            }
        }
        State::UrlPathFirst => const { &[pop(End), go(UrlChar, State::UrlPath), pop(Any)] },
        State::UrlPathStart => const { &[go(Any, State::UrlPath)] },
        State::UrlPath => {
            const {
                &[
                    found(End, Kind::UrlPath, State::Base),
                    go(UrlChar, State::UrlPath),
                    found(Any, Kind::UrlPath, State::Base),
                ]
            }
        }
        State::UrlPathBehindHost => {
            const {
                &[
                    pop(End),
                    found(UrlPathFollows, Kind::Url, State::Base).clear_all().doing(Special::Url),
                    pop(Any),
                ]
            }
        }
        State::ProtocolFirst => const { &[pop(End), go(Is('/'), State::ProtocolSecond), pop(Any)] },
        State::ProtocolSecond => const { &[pop(End), go(Is('/'), State::ProtocolEnd), pop(Any)] },
        State::ProtocolEnd => const { &[found(Any, Kind::Protocol, State::Base).clear_all()] },
        State::HyphenAsciiWordFirst => {
            const {
                &[
                    pop(End),
                    go(AsciiLetter, State::HyphenAsciiWord),
                    go(Letter, State::HyphenWord),
                    go(Digit, State::HyphenDigits),
                    pop(Any),
                ]
            }
        }
        State::HyphenAsciiWord => {
            const {
                &[
                    found(End, Kind::AsciiHyphenated, State::HyphenParts).clear_all().doing(Special::Back),
                    go(AsciiLetter, State::HyphenAsciiWord),
                    go(Letter, State::HyphenWord),
                    go(Joining, State::HyphenWord),
                    go(Digit, State::HyphenNumWord),
                    push(Is('-'), State::HyphenAsciiWordFirst),
                    found(Any, Kind::AsciiHyphenated, State::HyphenParts).clear_all().doing(Special::Back),
                ]
            }
        }
        State::HyphenWordFirst => {
            const { &[pop(End), go(Letter, State::HyphenWord), go(Digit, State::HyphenDigits), pop(Any)] }
        }
        State::HyphenWord => {
            const {
                &[
                    found(End, Kind::Hyphenated, State::HyphenParts).clear_all().doing(Special::Back),
                    go(Letter, State::HyphenWord),
                    go(Joining, State::HyphenWord),
                    go(Digit, State::HyphenNumWord),
                    push(Is('-'), State::HyphenWordFirst),
                    found(Any, Kind::Hyphenated, State::HyphenParts).clear_all().doing(Special::Back),
                ]
            }
        }
        State::HyphenNumWordFirst => {
            const { &[pop(End), go(Letter, State::HyphenNumWord), go(Digit, State::HyphenDigits), pop(Any)] }
        }
        State::HyphenNumWord => {
            const {
                &[
                    found(End, Kind::NumHyphenated, State::HyphenParts).clear_all().doing(Special::Back),
                    go(LetterOrDigit, State::HyphenNumWord),
                    go(Joining, State::HyphenNumWord),
                    push(Is('-'), State::HyphenNumWordFirst),
                    found(Any, Kind::NumHyphenated, State::HyphenParts).clear_all().doing(Special::Back),
                ]
            }
        }
        State::HyphenDigits => {
            const {
                &[
                    pop(End),
                    go(Digit, State::HyphenDigits),
                    go(Letter, State::HyphenNumWord),
                    go(Joining, State::HyphenNumWord),
                    pop(Any),
                ]
            }
        }
        State::HyphenParts => {
            const {
                &[
                    again(End, State::Base),
                    go(AsciiLetter, State::HyphenAsciiWordPart),
                    go(Letter, State::HyphenWordPart),
                    push(Digit, State::HyphenUnsignedInt),
                    push(Is('-'), State::HyphenBetween),
                    again(Any, State::Base),
                ]
            }
        }
        State::HyphenBetween => {
            const {
                &[
                    pop(End),
                    found(LetterOrDigit, Kind::Blank, State::HyphenParts).clear(),
                    found(Joining, Kind::Blank, State::HyphenParts).clear(),
                    pop(Any),
                ]
            }
        }
        State::HyphenWordPart => {
            const {
                &[
                    found(End, Kind::Part, State::Base),
                    go(Letter, State::HyphenWordPart),
                    go(Joining, State::HyphenWordPart),
                    go(Digit, State::HyphenNumWordPart),
                    found(Any, Kind::Part, State::HyphenParts),
                ]
            }
        }
        State::HyphenAsciiWordPart => {
            const {
                &[
                    found(End, Kind::AsciiPart, State::Base),
                    go(AsciiLetter, State::HyphenAsciiWordPart),
                    go(Letter, State::HyphenWordPart),
                    go(Joining, State::HyphenWordPart),
                    go(Digit, State::HyphenNumWordPart),
                    found(Any, Kind::AsciiPart, State::HyphenParts),
                ]
            }
        }
        State::HyphenNumWordPart => {
            const {
                &[
                    found(End, Kind::NumPart, State::Base),
                    go(LetterOrDigit, State::HyphenNumWordPart),
                    go(Joining, State::HyphenNumWordPart),
                    found(Any, Kind::NumPart, State::HyphenParts),
                ]
            }
        }
        State::HyphenUnsignedInt => {
            const {
                &[
                    pop(End),
                    stay(Digit),
                    go(Letter, State::HyphenNumWordPart).clear(),
                    go(Joining, State::HyphenNumWordPart).clear(),
                    pop(Any),
                ]
            }
        }
    }
}
