//! What an expression or a query may be put into (templates.txt), by kind of place.

use crate::dice::Dice;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static SECTIONS: LazyLock<BTreeMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut names: Vec<&str> = Vec::new();
    for line in
        include_str!("templates.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        match line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((list, _)) => names = list.split(" | ").collect(),
            None => names.iter().for_each(|name| found.entry(name).or_default().push(line)),
        }
    }
    found
});

/// One of a section.
pub(super) fn pick(dice: &mut Dice, section: &str) -> &'static str {
    SECTIONS.get(section).map_or("{x}", |lines| lines[dice.below(lines.len())])
}

/// One for a value of a type, by the type's name.
pub(super) fn of_type(dice: &mut Dice, type_name: &str) -> &'static str {
    let base = type_name.split('(').next().unwrap_or_default().trim();
    let section = match SECTIONS.contains_key(base) {
        true => base,
        false if base.ends_with("[]") => "array",
        false => "other",
    };
    pick(dice, section)
}
