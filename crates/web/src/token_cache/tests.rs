use super::*;
use crate::Claims;
use serde_json::Map;
use std::cell::Cell;

fn caller() -> Caller {
    Caller::Anonymous(Claims::new("anon".into(), Map::new()))
}

#[test]
fn a_good_token_is_proven_once_while_it_is_good() {
    let (cache, times) = (TokenCache::default(), Cell::new(0));
    let ask = |now: i64| {
        let prove = || {
            times.set(times.get() + 1);
            if (10..=20).contains(&now) {
                Ok((caller(), (10, 20)))
            } else {
                Err(TokenError::Claim("JWT expired"))
            }
        };
        cache.get_or_prove("token", now, prove).is_ok()
    };
    assert!(ask(10) && ask(20) && ask(15));
    assert_eq!(times.get(), 1);
    assert!(!ask(21) && !ask(9));
    assert_eq!(times.get(), 3, "a refusal is not remembered");
}

#[test]
fn it_is_bounded_and_keeps_what_is_used() {
    let (cache, proven) = (TokenCache::default(), Cell::new(0));
    let ask = |token: &str| {
        let prove = || {
            proven.set(proven.get() + 1);
            Ok((caller(), (0, 10)))
        };
        cache.get_or_prove(token, 5, prove).expect("good");
    };
    ask("used");
    for number in 0..20_000 {
        ask(&number.to_string());
        ask("used");
    }
    assert_eq!(proven.get(), 20_001, "the used one stays");
    let held: usize = cache
        .shards
        .iter()
        .map(|shard| {
            let generations = shard.lock().expect("a part");
            generations.young.len() + generations.old.len()
        })
        .sum();
    assert!(held <= 2 * SHARDS * GENERATION, "{held}");
    proven.set(0);
    let large = "x".repeat(LARGEST + 1);
    ask(&large);
    ask(&large);
    assert_eq!(proven.get(), 2, "a large one is not kept");
}
