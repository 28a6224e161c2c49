//! COPY FROM on the embedded engine: the rows that psql sent, or those of a file of the tests.

use crate::answer::Answer;
use crate::expected::Exchange;
use crate::found::answer;
use embedded::Conversation;
use syntax::ast::Copy;

/// Runs a COPY FROM with its rows; `None` for every other COPY.
pub(crate) async fn run(
    conversation: &mut Conversation,
    text: &str,
    copy: &Copy,
    exchange: &Exchange,
) -> Option<Answer> {
    if !copy.from {
        return None;
    }
    if copy.standard {
        return Some(answer(&conversation.say_with_rows(text, Some(&lines(&exchange.rows))).await));
    }
    // A file is the server's to read, which the embedded engine does not do: its rows come as a client's.
    let (statement, content) = file(text)?;
    Some(answer(&conversation.say_with_rows(&statement, Some(&content)).await))
}

fn lines(rows: &[String]) -> String {
    rows.iter().flat_map(|row| [row.as_str(), "\n"]).collect()
}

/// The statement with STDIN in place of the file that it names, and what stands in the file.
fn file(text: &str) -> Option<(String, String)> {
    let start = text.find('\'')?;
    let end = start + 1 + text[start + 1..].find('\'')?;
    let content = std::fs::read_to_string(&text[start + 1..end]).ok()?;
    Some((format!("{}STDIN{}", &text[..start], &text[end + 1..]), content))
}
