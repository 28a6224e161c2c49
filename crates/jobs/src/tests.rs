use super::*;
use serde_json::json;
use std::time::Duration;

#[test]
fn identifiers_are_uuids_of_version_7() {
    let id = JobId::new().to_string();
    assert_eq!((id.len(), &id[14..15]), (36, "7"));
    assert_eq!(JobId::parse(&id).expect("an identifier").to_string(), id);
    for text in ["", "x", "01938f6e00007000800000000000000a", "{01938f6e-0000-7000-8000-00000000000a}"] {
        assert!(JobId::parse(text).is_none(), "{text}");
    }
}

#[test]
fn a_job_does_not_show_its_payload() {
    let job = Job::new("mail", json!({"token": "hush"}));
    assert!(!format!("{job:?}").contains("hush"));
}

#[test]
fn pauses_double_up_to_a_bound_and_are_spread() {
    let retry = Retry {
        most_attempts: 9,
        first_pause: Duration::from_secs(1),
        longest_pause: Duration::from_secs(60),
    };
    let bounds: Vec<u64> = (1..=8).map(|attempts| retry.bound(attempts).as_secs()).collect();
    assert_eq!(bounds, [1, 2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(retry.bound(u32::MAX).as_secs(), 60);
    let pauses: Vec<Duration> = (0..100).map(|_| retry.pause(7)).collect();
    assert!(pauses.iter().all(|pause| *pause <= Duration::from_secs(60)));
    let low = pauses.iter().filter(|pause| **pause < Duration::from_secs(30)).count();
    assert!((10..=90).contains(&low), "{low} of 100 below the middle");
}
