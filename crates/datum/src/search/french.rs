//! Stems of French words by the Snowball algorithm as PostgreSQL 15 has it (<https://snowballstem.org/algorithms/french/stemmer.html>), which
//! since a version of 2019 holds ë and ï apart from the vowels before them.

/// A word while its endings go. Letters that are no vowels where they stand are capitals: `U` `I` `Y`, and `He` `Hi` for ë and ï.
struct Word {
    letters: Vec<char>,
    /// Where the regions begin that endings must lie in.
    verbal: usize,
    first: usize,
    second: usize,
}

fn is_vowel(c: char) -> bool {
    matches!(
        c,
        'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'â' | 'à' | 'ë' | 'é' | 'ê' | 'è' | 'ï' | 'î' | 'ô' | 'û' | 'ù'
    )
}

/// The stem of a word in lower case.
pub(super) fn stem(word: &str) -> String {
    let mut word = Word::new(word);
    if word.standard() || word.verb_in_i() || word.verb() {
        match word.letters.last() {
            Some('Y') => word.replace(word.letters.len() - 1, "i"),
            Some('ç') => word.replace(word.letters.len() - 1, "c"),
            _ => {}
        }
    } else {
        word.residual();
    }
    word.undouble();
    word.unaccent();
    word.finished()
}

impl Word {
    fn new(word: &str) -> Word {
        let letters = marked(word.chars().collect());
        let end = letters.len();
        let vowel = |at: usize| letters.get(at).is_some_and(|c| is_vowel(*c));
        let past = |from: usize, wanted: bool| (from..end).find(|at| vowel(*at) == wanted).map(|at| at + 1);
        let begins = |start: &str| letters.iter().copied().take(3).eq(start.chars());
        let verbal = if vowel(0) && vowel(1) && end > 2 || ["par", "col", "tap"].into_iter().any(begins) {
            3
        } else {
            past(1, true).unwrap_or(end)
        };
        let region = |from: usize| past(from, true).and_then(|at| past(at, false));
        let first = region(0);
        let second = first.and_then(region);
        Word { verbal, first: first.unwrap_or(end), second: second.unwrap_or(end), letters }
    }

    /// Where an ending begins, if the word has it and it lies behind `limit`.
    fn ending(&self, ending: &str, limit: usize) -> Option<usize> {
        let start = self.letters.len().checked_sub(ending.chars().count())?;
        (start >= limit && self.letters[start..].iter().copied().eq(ending.chars())).then_some(start)
    }

    /// The longest of the endings: where it begins, and which it is.
    fn longest<'a>(&self, endings: &[&'a str], limit: usize) -> Option<(usize, &'a str)> {
        let found = endings.iter().filter_map(|ending| Some((self.ending(ending, limit)?, *ending)));
        found.min_by_key(|(start, _)| *start)
    }

    fn replace(&mut self, start: usize, ending: &str) {
        self.letters.truncate(start);
        self.letters.extend(ending.chars());
    }

    /// Takes an ending away that lies in the second region; else writes another for it.
    fn drop_or(&mut self, start: usize, other: &str) {
        let ending = if start >= self.second { "" } else { other };
        self.replace(start, ending);
    }

    /// Endings of nouns, adjectives and adverbs. Some that are found leave it open whether there is one of a verb.
    fn standard(&mut self) -> bool {
        const ENDINGS: [&str; 43] = [
            "ance",
            "iqUe",
            "isme",
            "able",
            "iste",
            "eux",
            "ances",
            "iqUes",
            "ismes",
            "ables",
            "istes",
            "atrice",
            "ateur",
            "ation",
            "atrices",
            "ateurs",
            "ations",
            "logie",
            "logies",
            "usion",
            "ution",
            "usions",
            "utions",
            "ence",
            "ences",
            "ement",
            "ements",
            "ité",
            "ités",
            "if",
            "ive",
            "ifs",
            "ives",
            "eaux",
            "aux",
            "euse",
            "euses",
            "issement",
            "issements",
            "amment",
            "emment",
            "ment",
            "ments",
        ];
        let Some((start, ending)) = self.longest(&ENDINGS, 0) else { return false };
        let in_second = start >= self.second;
        match ending {
            "eaux" => self.replace(start, "eau"),
            "aux" if start >= self.first => self.replace(start, "al"),
            "euse" | "euses" if in_second => self.replace(start, ""),
            "euse" | "euses" if start >= self.first => self.replace(start, "eux"),
            "issement" | "issements" => {
                let consonant = start > 0 && !is_vowel(self.letters[start - 1]);
                if start < self.first || !consonant {
                    return false;
                }
                self.replace(start, "");
            }
            "amment" | "emment" => {
                if start >= self.verbal {
                    self.replace(start, if ending == "amment" { "ant" } else { "ent" });
                }
                return false;
            }
            "ment" | "ments" => {
                if start > self.verbal && is_vowel(self.letters[start - 1]) {
                    self.replace(start, "");
                }
                return false;
            }
            "ement" | "ements" if start >= self.verbal => {
                self.replace(start, "");
                self.behind_adverb();
            }
            "aux" | "euse" | "euses" | "ement" | "ements" => return false,
            _ if !in_second => return false,
            "logie" | "logies" => self.replace(start, "log"),
            "usion" | "ution" | "usions" | "utions" => self.replace(start, "u"),
            "ence" | "ences" => self.replace(start, "ent"),
            "atrice" | "ateur" | "ation" | "atrices" | "ateurs" | "ations" => {
                self.replace(start, "");
                if let Some(start) = self.ending("ic", 0) {
                    self.drop_or(start, "iqU");
                }
            }
            "ité" | "ités" => {
                self.replace(start, "");
                match self.longest(&["abil", "ic", "iv"], 0) {
                    Some((start, "abil")) => self.drop_or(start, "abl"),
                    Some((start, "ic")) => self.drop_or(start, "iqU"),
                    Some((start, _)) => self.drop_or(start, "iv"),
                    None => {}
                }
            }
            "if" | "ive" | "ifs" | "ives" => {
                self.replace(start, "");
                if let Some(start) = self.ending("at", 0).filter(|start| *start >= self.second) {
                    self.replace(start, "");
                    if let Some(start) = self.ending("ic", 0) {
                        self.drop_or(start, "iqU");
                    }
                }
            }
            _ => self.replace(start, ""),
        }
        true
    }

    /// What stands before the -ement of an adverb.
    fn behind_adverb(&mut self) {
        let Some((start, ending)) = self.longest(&["iqU", "abl", "Ièr", "ièr", "eus", "iv"], 0) else {
            return;
        };
        let in_second = start >= self.second;
        match ending {
            "iv" if in_second => {
                self.replace(start, "");
                if let Some(start) = self.ending("at", 0).filter(|start| *start >= self.second) {
                    self.replace(start, "");
                }
            }
            "eus" if in_second => self.replace(start, ""),
            "eus" if start >= self.first => self.replace(start, "eux"),
            "iqU" | "abl" if in_second => self.replace(start, ""),
            "Ièr" | "ièr" if start >= self.verbal => self.replace(start, "i"),
            _ => {}
        }
    }

    /// Endings of verbs in -ir, behind a consonant.
    fn verb_in_i(&mut self) -> bool {
        const ENDINGS: [&str; 35] = [
            "îmes", "ît", "îtes", "i", "ie", "ies", "ir", "ira", "irai", "iraIent", "irais", "irait", "iras",
            "irent", "irez", "iriez", "irions", "irons", "iront", "is", "issaIent", "issais", "issait",
            "issant", "issante", "issantes", "issants", "isse", "issent", "isses", "issez", "issiez",
            "issions", "issons", "it",
        ];
        let Some((start, _)) = self.longest(&ENDINGS, self.verbal) else { return false };
        let behind_consonant =
            start > self.verbal && !is_vowel(self.letters[start - 1]) && self.letters[start - 1] != 'H';
        if behind_consonant {
            self.replace(start, "");
        }
        behind_consonant
    }

    /// Endings of other verbs.
    fn verb(&mut self) -> bool {
        const WHOLE: [&str; 17] = [
            "é", "ée", "ées", "és", "èrent", "er", "era", "erai", "eraIent", "erais", "erait", "eras",
            "erez", "eriez", "erions", "erons", "eront",
        ];
        const BEHIND_E: [&str; 18] = [
            "âmes", "ât", "âtes", "a", "ai", "aIent", "ais", "ait", "ant", "ante", "antes", "ants", "as",
            "asse", "assent", "asses", "assiez", "assions",
        ];
        let all: Vec<&str> = WHOLE.into_iter().chain(BEHIND_E).chain(["ions", "ez", "iez"]).collect();
        let Some((start, ending)) = self.longest(&all, self.verbal) else { return false };
        if ending == "ions" && start < self.second {
            return false;
        }
        self.replace(start, "");
        if BEHIND_E.contains(&ending)
            && let Some(start) = self.ending("e", self.verbal)
        {
            self.replace(start, "");
        }
        true
    }

    /// What other words end in.
    fn residual(&mut self) {
        if let Some(start) = self.ending("s", 0) {
            let kept = |c: char| matches!(c, 'a' | 'i' | 'o' | 'u' | 'è' | 's');
            let before = self.letters[..start].iter().rev().copied().take(2).collect::<Vec<_>>();
            if before == ['i', 'H'] || before.first().is_some_and(|c| !kept(*c)) {
                self.replace(start, "");
            }
        }
        match self.longest(&["e", "Ière", "ière", "ion", "Ier", "ier"], self.verbal) {
            Some((start, "e")) => self.replace(start, ""),
            Some((start, "ion")) => {
                let behind = start > self.verbal && matches!(self.letters[start - 1], 's' | 't');
                if start >= self.second && behind {
                    self.replace(start, "");
                }
            }
            Some((start, _)) => self.replace(start, "i"),
            None => {}
        }
    }

    fn undouble(&mut self) {
        if self.longest(&["enn", "onn", "ett", "ell", "eill"], 0).is_some() {
            self.letters.pop();
        }
    }

    fn unaccent(&mut self) {
        let end = self.letters.iter().rposition(|c| is_vowel(*c));
        if let Some(at) = end.filter(|at| at + 1 < self.letters.len())
            && matches!(self.letters[at], 'é' | 'è')
        {
            self.letters[at] = 'e';
        }
    }

    /// The letters as they are written.
    fn finished(self) -> String {
        let mut out = String::with_capacity(self.letters.len() + 4);
        let mut letters = self.letters.into_iter().peekable();
        while let Some(c) = letters.next() {
            match c {
                'I' => out.push('i'),
                'U' => out.push('u'),
                'Y' => out.push('y'),
                'H' if letters.next_if_eq(&'e').is_some() => out.push('ë'),
                'H' if letters.next_if_eq(&'i').is_some() => out.push('ï'),
                'H' => {}
                c => out.push(c),
            }
        }
        out
    }
}

/// Marks u and i between vowels, y beside one, u behind q, and ë and ï.
fn marked(mut letters: Vec<char>) -> Vec<char> {
    let mut at = 0;
    while at < letters.len() {
        let vowel = |at: usize| letters.get(at).is_some_and(|c| is_vowel(*c));
        let next = letters.get(at + 1).copied();
        if vowel(at) && matches!(next, Some('u' | 'i')) && vowel(at + 2) {
            letters[at + 1] = if next == Some('u') { 'U' } else { 'I' };
        } else if vowel(at) && next == Some('y') {
            letters[at + 1] = 'Y';
        } else if matches!(letters[at], 'ë' | 'ï') {
            let plain = if letters[at] == 'ë' { 'e' } else { 'i' };
            letters.splice(at..=at, ['H', plain]);
        } else if letters[at] == 'y' && vowel(at + 1) {
            letters[at] = 'Y';
        } else if letters[at] == 'q' && next == Some('u') {
            letters[at + 1] = 'U';
        } else {
            at += 1;
        }
    }
    letters
}
