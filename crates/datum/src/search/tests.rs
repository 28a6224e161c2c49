//! What a recorded statement cannot show: that no text makes anything panic or run on without end, and PostgreSQL's sort.

use super::config::CONFIGURATIONS;
use super::query::Query;
use super::tokens::Tokens;
use super::vector::Vector;
use super::{compare_queries, order};

/// Texts of what means something to the parsers, drawn by a generator of our own.
fn texts(count: usize) -> impl Iterator<Item = String> {
    const PIECES: [&str; 40] = [
        "a", "the", "cats", "é", "ж", "日", "\u{301}", "1", "2.5", "-3", "1e5", ".", "-", "_", "@", "/", ":",
        "<", ">", "&", ";", "#", "'", "\"", "\\", "|", "!", "(", ")", "<->", "<2>", " ", "\n", "*",
        "http://", "<script>", "<!--", "-->", "=", ",",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    std::iter::repeat_with(move || {
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as usize
        };
        let length = next() % 30;
        (0..length).map(|_| PIECES[next() % PIECES.len()]).collect()
    })
    .take(count)
}

#[test]
fn tokens_are_parts_of_the_text_in_its_order() {
    for text in texts(20_000) {
        let mut tokens = Tokens::new(&text);
        let mut count = 0;
        while let Ok(Some((_, token))) = tokens.next() {
            assert!(!token.is_empty() && text.contains(token), "{text:?}: {token:?}");
            count += 1;
            // Parts of a token come behind it.
            assert!(count <= 4 * text.len(), "{text:?}");
        }
    }
}

#[test]
fn what_is_read_is_written_so_that_it_reads_the_same() {
    for text in texts(50_000) {
        if let Ok(vector) = Vector::input(&text) {
            assert_eq!(Vector::stored(&vector.to_text()).expect("stored"), vector, "{text:?}");
        }
        if let Ok(query) = Query::input(&text) {
            let stored = query.to_stored();
            assert_eq!(Query::stored(&stored).expect("stored"), query, "{text:?}");
            assert!(compare_queries(&stored, &stored).is_eq());
        }
    }
}

#[test]
fn deep_queries_are_refused() {
    let long = vec!["a"; 200_000].join("&");
    assert!(Query::input(&long).is_err());
    assert!(Query::input(&format!("{}a", "(".repeat(100_000))).is_err());
    let wide = format!("({})", vec!["a&b&c"; 500].join(")|("));
    assert_eq!(Query::input(&wide).expect("a query").items.len(), 2999);
}

#[test]
fn configurations_have_numbers_of_their_own() {
    let mut oids: Vec<u32> = CONFIGURATIONS.iter().map(|(_, oid)| *oid).collect();
    oids.sort_unstable();
    oids.dedup();
    assert_eq!(oids.len(), CONFIGURATIONS.len());
}

#[test]
fn sorting_orders() {
    for count in [0usize, 1, 2, 6, 7, 8, 40, 41, 100, 1000] {
        let mut items: Vec<(usize, usize)> = (0..count).map(|at| (at * 7919 % 13, at)).collect();
        order::sort(&mut items, &|left: &(usize, usize), right: &(usize, usize)| left.0.cmp(&right.0));
        assert!(items.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{count}");
        let mut places: Vec<usize> = items.iter().map(|item| item.1).collect();
        places.sort_unstable();
        assert!(places.iter().copied().eq(0..count), "{count}");
    }
}
