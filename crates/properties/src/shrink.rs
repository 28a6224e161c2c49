//! Makes what differs small: leaves out tokens, brackets and lists of a statement as long as the engines still differ.

/// A statement's pieces: words, numbers, strings, names, single signs.
pub(crate) fn tokens(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let first = bytes[at];
        if first.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        if first == b'\'' || first == b'"' {
            at += 1;
            // A doubled quote stands for itself.
            while at < bytes.len() && (bytes[at] != first || bytes.get(at + 1) == Some(&first)) {
                at += if bytes[at] == first { 2 } else { 1 };
            }
            at = (at + 1).min(bytes.len());
        } else if first.is_ascii_alphanumeric() || first == b'_' || first >= 0x80 {
            while at < bytes.len()
                && (bytes[at].is_ascii_alphanumeric() || b"_.".contains(&bytes[at]) || bytes[at] >= 0x80)
            {
                at += 1;
            }
        } else if b"(),[];".contains(&first) {
            at += 1;
        } else {
            while at < bytes.len() && b"+-*/<>=~!@#%^&|`?:.$\\{}".contains(&bytes[at]) {
                at += 1;
            }
            at = at.max(start + 1);
        }
        found.push(&text[start..at]);
    }
    found
}

/// Where the bracket that opens here closes.
pub(crate) fn closing(tokens: &[&str], open: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match *token {
            "(" | "[" => depth += 1,
            ")" | "]" => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Smaller statements to try, the boldest first.
pub fn smaller(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let join = |parts: &[&str]| parts.join(" ");
    let mut found = Vec::new();
    // A bracket for what is around it, or for something plain.
    for open in 0..tokens.len() {
        if tokens[open] != "(" {
            continue;
        }
        let Some(close) = closing(&tokens, open) else { continue };
        let (before, inside, after) = (&tokens[..open], &tokens[open + 1..close], &tokens[close + 1..]);
        if inside.first() == Some(&"select") && before.is_empty() {
            found.push(join(inside));
        }
        for plain in ["true", "null", "1", "'a'"] {
            if inside.len() > 1 {
                found.push([join(before), plain.to_owned(), join(after)].join(" "));
                if let Some((_, before)) = before.split_last() {
                    found.push([join(before), plain.to_owned(), join(after)].join(" "));
                }
            }
        }
        found.push([join(before), join(inside), join(after)].join(" "));
        if let Some((_, before)) = before.split_last() {
            found.push([join(before), join(inside), join(after)].join(" "));
        }
    }
    // Runs of tokens, the longest first; a bracket only whole.
    let mut length = tokens.len() / 2;
    while length > 0 {
        for start in 0..tokens.len().saturating_sub(length - 1) {
            let run = &tokens[start..start + length];
            let depth = run.iter().try_fold(0_i32, |depth, token| {
                let depth = depth + i32::from(*token == "(" || *token == "[")
                    - i32::from(*token == ")" || *token == "]");
                (depth >= 0).then_some(depth)
            });
            if depth == Some(0) {
                found.push(
                    [join(&tokens[..start]), join(&tokens[start + length..])].join(" ").trim().to_owned(),
                );
            }
        }
        length = if length > 8 { length / 2 } else { length - 1 };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_is_smaller_and_keeps_brackets() {
        let text = "select count(*) from (select a1.x from t a1 where (a1.x > 'it') and true) b";
        let tried = smaller(text);
        assert!(tried.iter().any(|text| text.contains("select") && !text.contains("where")));
        for text in tried {
            let count = |sign| text.matches(sign).count();
            assert_eq!(count('('), count(')'), "{text}");
        }
    }
}
