use super::*;
use std::sync::Arc;
use std::time::Duration;

const SECOND: u64 = 1_000_000;

/// A token every ten seconds, thirty at once.
const BUCKET: Bucket = Bucket { name: "test", limit: 30, per: Duration::from_secs(300), burst: 30 };

#[test]
fn a_rested_bucket_gives_its_burst_and_then_its_rate() {
    let limiter = InMemory::default();
    for taken in 1..=30 {
        let decision = limiter.take_at(&BUCKET, "a", 0);
        assert_eq!((decision.allowed, decision.remaining), (true, 30 - taken));
    }
    let decision = limiter.take_at(&BUCKET, "a", 0);
    assert_eq!((decision.allowed, decision.remaining), (false, 0));
    assert_eq!(decision.retry_after, Duration::from_secs(10));
    assert_eq!(decision.full_after, Duration::from_secs(300));
    assert!(!limiter.take_at(&BUCKET, "a", 10 * SECOND - 1).allowed);
    assert!(limiter.take_at(&BUCKET, "a", 10 * SECOND).allowed);
    assert!(!limiter.take_at(&BUCKET, "a", 10 * SECOND).allowed);
    // Refused attempts take nothing: after the whole window all is there again, and not more than that.
    for _ in 0..100 {
        limiter.take_at(&BUCKET, "a", 11 * SECOND);
    }
    let rested = 10_000 * SECOND;
    assert_eq!((0..100).filter(|_| limiter.take_at(&BUCKET, "a", rested).allowed).count(), 30);
}

#[test]
fn keys_and_buckets_are_apart() {
    let limiter = InMemory::default();
    while limiter.take_at(&BUCKET, "a", 0).allowed {}
    assert!(limiter.take_at(&BUCKET, "b", 0).allowed);
    assert!(limiter.take_at(&Bucket { name: "other", ..BUCKET }, "a", 0).allowed);
}

#[test]
fn a_limit_of_nothing_allows_nothing() {
    let limiter = InMemory::default();
    for bucket in [Bucket { limit: 0, ..BUCKET }, Bucket { burst: 0, ..BUCKET }] {
        let decision = limiter.take_at(&bucket, "a", 0);
        assert!(!decision.allowed);
        assert_eq!(decision.retry_after, Duration::from_secs(300));
    }
    assert!(limiter.is_empty());
}

#[test]
fn a_flood_of_keys_neither_grows_nor_washes_away_an_empty_bucket() {
    let limiter = InMemory::new(1600);
    while limiter.take_at(&BUCKET, "the attacked account", 0).allowed {}
    for number in 0..100_000u64 {
        limiter.take_at(&BUCKET, &format!("flood {number}"), number);
    }
    assert!(limiter.len() <= 1600, "{}", limiter.len());
    assert!(!limiter.take_at(&BUCKET, "the attacked account", SECOND).allowed);
}

#[test]
fn full_buckets_make_room_first_and_then_those_with_the_least_taken() {
    let mut shard: HashMap<u64, u64> =
        (0..100).map(|key| (key, if key < 40 { 5 } else { 100 + key })).collect();
    evict(&mut shard, 100, 10);
    assert!(shard.len() == 60 && (40..100).all(|key| shard.contains_key(&key)));
    let mut shard: HashMap<u64, u64> = (0..100).map(|key| (key, 100 + key)).collect();
    evict(&mut shard, 100, 10);
    assert!(shard.len() == 75 && (25..100).all(|key| shard.contains_key(&key)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_at_once_get_exactly_the_burst() {
    let limiter = Arc::new(InMemory::default());
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let limiter = Arc::clone(&limiter);
            tokio::spawn(async move { limiter.take(&BUCKET, "a").await.map(|decision| decision.allowed) })
        })
        .collect();
    let mut allowed = 0;
    for task in tasks {
        allowed += u32::from(task.await.expect("a task").expect("an answer"));
    }
    assert_eq!(allowed, 30);
}
