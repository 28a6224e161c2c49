//! Near names, for hints: sets of names searched by the pieces that they share, then by how many letters differ.

use std::collections::BTreeMap;

/// The sizes of the pieces, the larger tried first.
const GRAM_SIZES: [usize; 2] = [3, 2];
/// How many candidates are looked at closely.
const CANDIDATES_MAX: usize = 50;

/// Names that can be searched for near ones.
#[derive(Debug, Default)]
pub(crate) struct FuzzySet {
    names: Vec<(String, String)>,
}

impl FuzzySet {
    /// A set of these names; case is folded, the first of equal ones stays.
    pub(crate) fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> FuzzySet {
        let mut sorted: Vec<&str> = names.into_iter().collect();
        sorted.sort_unstable();
        let mut set = FuzzySet::default();
        for name in sorted {
            let key = name.to_lowercase();
            if !set.names.iter().any(|(other, _)| *other == key) {
                set.names.push((key, name.to_owned()));
            }
        }
        set
    }

    /// The nearest name whose likeness (0 to 1) is at least this.
    pub(crate) fn nearest(&self, text: &str, likeness: f64) -> Option<&str> {
        self.matches(text, likeness).first().map(|(_, name)| *name)
    }

    /// The near names, nearest first, with their likeness.
    pub(crate) fn matches(&self, text: &str, likeness: f64) -> Vec<(f64, &str)> {
        let key = text.to_lowercase();
        if let Some((_, name)) = self.names.iter().find(|(other, _)| *other == key) {
            return vec![(1.0, name)];
        }
        GRAM_SIZES
            .iter()
            .map(|size| self.matches_by(&key, *size, likeness))
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    fn matches_by(&self, key: &str, size: usize, likeness: f64) -> Vec<(f64, &str)> {
        let wanted = grams(key, size);
        let mut candidates: Vec<(f64, &(String, String))> = self
            .names
            .iter()
            .filter_map(|entry| {
                let shared = cosine(&wanted, &grams(&entry.0, size));
                (shared > 0.0).then_some((shared, entry))
            })
            .collect();
        candidates.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut found: Vec<(f64, &str)> = candidates
            .into_iter()
            .take(CANDIDATES_MAX)
            .map(|(_, entry)| (closeness(key, &entry.0), entry.1.as_str()))
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.retain(|(score, _)| *score >= likeness);
        found
    }
}

/// How often each piece of this size occurs in a name between hyphens.
fn grams(text: &str, size: usize) -> BTreeMap<Vec<char>, f64> {
    let word = |c: &char| c.is_alphanumeric() || c.is_whitespace() || *c == ',';
    let chars: Vec<char> =
        std::iter::once('-').chain(text.chars().filter(word)).chain(std::iter::once('-')).collect();
    let mut counts = BTreeMap::new();
    for piece in chars.windows(size) {
        *counts.entry(piece.to_vec()).or_insert(0.0) += 1.0;
    }
    counts
}

fn cosine(a: &BTreeMap<Vec<char>, f64>, b: &BTreeMap<Vec<char>, f64>) -> f64 {
    let dot: f64 = a.iter().map(|(piece, count)| count * b.get(piece).copied().unwrap_or(0.0)).sum();
    let norm =
        |counts: &BTreeMap<Vec<char>, f64>| counts.values().map(|count| count * count).sum::<f64>().sqrt();
    let norms = norm(a) * norm(b);
    if norms == 0.0 { 0.0 } else { dot / norms }
}

/// One minus the share of letters that differ.
fn closeness(a: &str, b: &str) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let longest = a.len().max(b.len());
    if longest == 0 {
        return 1.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "names are short")]
    let share = edit_distance(&a, &b) as f64 / longest as f64;
    1.0 - share
}

/// How many letters must be changed, put in or left out to make one of the other.
pub(crate) fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// PostgreSQL's suggestion for a column that does not exist: the nearest names, at most two, or none when more are as near.
pub(crate) fn column_suggestion<'a>(name: &str, columns: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    const FAR: usize = 4;
    let wanted: Vec<char> = name.chars().collect();
    let mut nearest = FAR;
    let mut found: Vec<&str> = Vec::new();
    for column in columns {
        let letters: Vec<char> = column.chars().collect();
        let distance = edit_distance(&letters, &wanted);
        if distance > wanted.len() / 2 {
            continue;
        }
        if distance < nearest {
            nearest = distance;
            found = vec![column];
        } else if distance == nearest {
            match found.len() {
                2 => {
                    // Too many are as near: only a nearer one will do.
                    nearest -= 1;
                    found.clear();
                }
                _ => found.push(column),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found() {
        let set = FuzzySet::new(["films", "directors", "roles"]);
        assert_eq!(set.nearest("film", 0.33), Some("films"));
        assert_eq!(set.nearest("FILMS", 0.75), Some("films"));
        assert_eq!(set.nearest("role", 0.75), Some("roles"));
        assert_eq!(set.nearest("noclosealternative", 0.33), None);
        let lists = FuzzySet::new(["(name, param, val)", "(attr, id)"]);
        assert_eq!(lists.nearest("(id)", 0.33), Some("(attr, id)"));
        assert_eq!(lists.nearest("(nam, pqaram, vall)", 0.33), Some("(name, param, val)"));
    }

    #[test]
    fn suggestions_are_postgresqls() {
        let columns = ["id", "name", "named", "client_id"];
        assert_eq!(column_suggestion("nam", columns.into_iter()), ["name"]);
        assert_eq!(column_suggestion("client_i", columns.into_iter()), ["client_id"]);
        assert!(column_suggestion("zzzz", columns.into_iter()).is_empty());
    }
}
