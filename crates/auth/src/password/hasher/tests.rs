use super::*;
use std::sync::mpsc;

/// Cheap, so that tests are quick; everything else as in earnest.
const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };
const CHEAP_KIND: &str = "argon2id v=19 m=64,t=1,p=1";

/// GoTrue's own example (internal/crypto/password_test.go), for `mytestpassword`.
const FIREBASE: &str = "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=ou9tdYTGyYm8kuR6Dt0Bp0kDuAYoXrK16mbZO4yGwAn3oLspjnN0/c41v8xZnO1n14J3MjKj1b2g6AUCAlFwMw==$C0sHCg9ek77hsg==$zKVTMvnWVw5BBOZNUdnsalx4c4c7y/w7IS5p6Ut2+CfEFFlz37J9huyQfov4iizN8dbjvEJlM5tQaJP84+hfTw==";

fn hasher() -> Hasher {
    let options = HasherOptions { cost: CHEAP, threads: 2, queue: 64 };
    Hasher::new(options).expect("a cost")
}

fn counts(kinds: &[(&str, u64)]) -> BTreeMap<String, u64> {
    kinds.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect()
}

#[tokio::test]
async fn a_hash_is_its_passwords_and_no_others() {
    let hasher = hasher();
    let hash = hasher.hash("correct horse").await.expect("a hash");
    assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
    assert!(accepts(&hash));
    let other = hasher.hash("correct horse").await.expect("a hash");
    assert_ne!(hash, other, "the salt is new each time");
    let verified = hasher.verify("correct horse", Some(&hash)).await.expect("an answer");
    assert_eq!(verified, Verified { matches: true, rehash: None, unusable: None });
    for wrong in ["correct horsf", "correct horse ", "Correct horse", ""] {
        let verified = hasher.verify(wrong, Some(&hash)).await.expect("an answer");
        assert_eq!(verified, Verified { matches: false, rehash: None, unusable: None }, "{wrong:?}");
    }
}

#[tokio::test]
async fn the_default_cost_is_the_one_that_owasp_recommends() {
    let hasher = Hasher::new(HasherOptions::default()).expect("a cost");
    let hash = hasher.hash("correct horse").await.expect("a hash");
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert!(hasher.verify("correct horse", Some(&hash)).await.expect("an answer").matches);
}

/// Made by other implementations (argon2-cffi, bcrypt, GoTrue's example).
#[tokio::test]
async fn imported_hashes_are_checked_and_made_anew() {
    let imported = [
        (
            "correct horse",
            "$argon2d$v=19$m=64,t=2,p=2$c2FsdHNhbHRzYWx0c2FsdA$q8GmWt1VhoIHx6jP1k9sV3hz6bB9V2QssUGRU1eOj/k",
        ),
        (
            "correct horse",
            "$argon2i$v=19$m=64,t=2,p=2$c2FsdHNhbHRzYWx0c2FsdA$Um2tQKSMO+0XrtzC+8oOj5XIfVYiz90GkcRUBruZJKQ",
        ),
        (
            "correct horse",
            "$argon2id$v=19$m=64,t=2,p=2$c2FsdHNhbHRzYWx0c2FsdA$Sh1LF6dsajp2YjljvL/T0Tk68lSWQP232iGGbb+Qa5Y",
        ),
        (
            "correct horse",
            "$argon2id$v=16$m=64,t=2,p=2$c2FsdHNhbHRzYWx0c2FsdA$OrIO9kv58jSieDMEmxvApFv6nWFEesfbEW39oUwQGqw",
        ),
        ("test", "$argon2i$v=19$m=16,t=2,p=1$bGJRWThNOHJJTVBSdHl2dQ$NfEnUOuUpb7F2fQkgFUG4g"),
        (
            "test",
            "$argon2id$v=19$m=32,t=3,p=2$SFVpOWJ0eXhjRzVkdGN1RQ$RXnb8rh7LaDcn07xsssqqulZYXOM/EUCEFMVcAcyYVk",
        ),
        // Takes more memory than our own: the other lane.
        (
            "wide memory",
            "$argon2id$v=19$m=40960,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$S7E3yrRX9+7oG4M5dlLqjJ7njlTZdMj5Y5GmOu6SpeU",
        ),
        ("correct horse", "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"),
        ("correct horse", "$2a$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"),
        ("correct horse", "$2y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"),
        ("pässwörd", "$2a$04$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC"),
        ("mytestpassword", FIREBASE),
    ];
    let hasher = hasher();
    for (password, hash) in imported {
        assert!(accepts(hash), "{hash}");
        let verified = hasher.verify(password, Some(hash)).await.expect("an answer");
        assert!(verified.matches, "{hash}");
        let rehash = verified.rehash.expect("a new hash");
        assert!(rehash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{rehash}");
        let again = hasher.verify(password, Some(&rehash)).await.expect("an answer");
        assert_eq!((again.matches, again.rehash), (true, None));
        let wrong = hasher.verify("mytestpasswore", Some(hash)).await.expect("an answer");
        assert_eq!(wrong, Verified { matches: false, rehash: None, unusable: None }, "{hash}");
    }
    let other_hash = FIREBASE.replace("zKVT", "zKVU");
    assert!(!hasher.verify("mytestpassword", Some(&other_hash)).await.expect("an answer").matches);
}

#[tokio::test]
async fn bcrypt_sees_72_bytes_and_is_kept_when_more_was_typed() {
    const X72: &str = "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i";
    let hasher = hasher();
    let whole = hasher.verify(&"x".repeat(72), Some(X72)).await.expect("an answer");
    assert_eq!((whole.matches, whole.rehash.is_some()), (true, true));
    let longer = hasher.verify(&"x".repeat(80), Some(X72)).await.expect("an answer");
    assert_eq!((longer.matches, longer.rehash.is_some()), (true, false));
    assert!(!hasher.verify(&"x".repeat(71), Some(X72)).await.expect("an answer").matches);
}

#[tokio::test]
async fn unknown_user_no_password_and_wrong_password_compute_the_same() {
    let stored = hasher().hash("correct horse").await.expect("a hash");
    // The second password is not in NFC: two forms of it are tried, whoever it is for.
    for (password, computed) in [("wrong", 1), ("e\u{301}te\u{301} wrong", 2)] {
        for stored in [None, Some(""), Some(stored.as_str())] {
            let hasher = hasher();
            let verified = hasher.verify(password, stored).await.expect("an answer");
            assert_eq!(verified, Verified { matches: false, rehash: None, unusable: None });
            assert_eq!(hasher.computed(), counts(&[(CHEAP_KIND, computed)]), "{stored:?}");
        }
    }
}

#[tokio::test]
async fn a_hash_that_cannot_be_used_takes_as_long_and_is_told() {
    let cases = [
        (
            "$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$S7E3yrRX9+7oG4M5dlLqjJ7njlTZdMj5Y5GmOu6SpeU",
            Unusable::TooExpensive,
        ),
        (
            "$argon2id$v=19$m=65536,t=17,p=1$c2FsdHNhbHRzYWx0c2FsdA$S7E3yrRX9+7oG4M5dlLqjJ7njlTZdMj5Y5GmOu6SpeU",
            Unusable::TooExpensive,
        ),
        (
            "$argon2id$v=19$m=65536,t=1,p=17$c2FsdHNhbHRzYWx0c2FsdA$S7E3yrRX9+7oG4M5dlLqjJ7njlTZdMj5Y5GmOu6SpeU",
            Unusable::TooExpensive,
        ),
        (
            "$argon2id$v=19$m=99999999999,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$S7E3yrRX9+7oG4M5dlLqjJ7njlTZdMj5Y5GmOu6SpeU",
            Unusable::TooExpensive,
        ),
        (
            "$argon2id$v=19$m=64,t=1,p=1$c2FsdA$S7E3yrRX9+7oG4M5dlLqjJ7njlTZdMj5Y5GmOu6SpeU",
            Unusable::Malformed,
        ),
        ("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$S7E3", Unusable::Malformed),
        (
            "$argon2id$v=19$m=64,t=1,p=1,data=aGVsbG8$c2FsdHNhbHRzYWx0c2FsdA$S7E3yrRX9+7oG4M5dlLqjJ7njlTZdMj5Y5GmOu6SpeU",
            Unusable::Malformed,
        ),
        (
            "$argon2id$v=20$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$S7E3yrRX9+7oG4M5dlLqjJ7njlTZdMj5Y5GmOu6SpeU",
            Unusable::Malformed,
        ),
        ("$2b$31$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", Unusable::TooExpensive),
        ("$2b$03$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", Unusable::Malformed),
        ("$2b$+4$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", Unusable::Malformed),
        ("$2x$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e", Unusable::Malformed),
        ("$2b$04$tooshort", Unusable::Malformed),
        (
            "$fbscrypt$v=1,n=24,r=8,p=1,ss=Bw==,sk=ou9tdYTGyYm8kuR6Dt0BpA==$C0sHCg9ek77hsg==$zKVTMvnWVw5BBOZNUdnsag==",
            Unusable::TooExpensive,
        ),
        (
            "$fbscrypt$v=1,n=14,r=4294967295,p=1,ss=Bw==,sk=ou9tdYTGyYm8kuR6Dt0BpA==$C0sHCg9ek77hsg==$zKVTMvnWVw5BBOZNUdnsag==",
            Unusable::TooExpensive,
        ),
        (
            "$fbscrypt$v=1,n=14,r=8,p=99999,ss=Bw==,sk=ou9tdYTGyYm8kuR6Dt0BpA==$C0sHCg9ek77hsg==$zKVTMvnWVw5BBOZNUdnsag==",
            Unusable::TooExpensive,
        ),
        (
            "$fbscrypt$v=2,n=14,r=8,p=1,ss=Bw==,sk=ou9tdYTGyYm8kuR6Dt0BpA==$C0sHCg9ek77hsg==$zKVTMvnWVw5BBOZNUdnsag==",
            Unusable::Malformed,
        ),
        ("$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==$C0sHCg9ek77hsg==$zKVTMvnWVw5BBOZNUdnsag==", Unusable::Malformed),
        ("$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=$C0sHCg9ek77hsg==$", Unusable::Malformed),
        ("$scrypt$ln=14,r=8,p=1$c2FsdA$aGFzaA", Unusable::Malformed),
        ("correct horse", Unusable::Malformed),
        ("$", Unusable::Malformed),
        ("$$$$$$$$", Unusable::Malformed),
    ];
    for (hash, why) in cases {
        assert!(!accepts(hash), "{hash}");
        let hasher = hasher();
        let verified = hasher.verify("correct horse", Some(hash)).await.expect("an answer");
        assert_eq!(verified, Verified { matches: false, rehash: None, unusable: Some(why) }, "{hash}");
        assert_eq!(hasher.computed(), counts(&[(CHEAP_KIND, 1)]), "{hash}");
    }
}

#[tokio::test]
async fn a_password_is_the_same_in_both_unicode_forms() {
    let (composed, decomposed) = ("été-2024", "e\u{301}te\u{301}-2024");
    let hasher = hasher();
    for (set, typed) in [(composed, decomposed), (decomposed, composed), (decomposed, decomposed)] {
        let hash = hasher.hash(set).await.expect("a hash");
        let verified = hasher.verify(typed, Some(&hash)).await.expect("an answer");
        assert_eq!(verified, Verified { matches: true, rehash: None, unusable: None });
    }
    // Imported: made of the decomposed form as it came in, at our own cost.
    let imported =
        "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$AZMXwoPucYVZgNeTi11De7oeVy14xRZfKjAreocIqKQ";
    let verified = hasher.verify(decomposed, Some(imported)).await.expect("an answer");
    assert!(verified.matches);
    let rehash = verified.rehash.expect("a hash of the normal form");
    assert!(hasher.verify(composed, Some(&rehash)).await.expect("an answer").matches);
    // Compatibility forms stay apart.
    let hash = hasher.hash("ﬁre").await.expect("a hash");
    assert!(!hasher.verify("fire", Some(&hash)).await.expect("an answer").matches);
}

#[tokio::test]
async fn another_cost_is_hashed_anew() {
    let old = hasher().hash("correct horse").await.expect("a hash");
    let options = HasherOptions { cost: Cost { passes: 2, ..CHEAP }, threads: 1, queue: 8 };
    let hasher = Hasher::new(options).expect("a cost");
    let verified = hasher.verify("correct horse", Some(&old)).await.expect("an answer");
    assert!(verified.matches);
    assert!(verified.rehash.expect("a new hash").starts_with("$argon2id$v=19$m=64,t=2,p=1$"));
}

#[tokio::test]
async fn an_overlong_password_is_nobodys() {
    let hasher = hasher();
    let long = "x".repeat(LONGEST + 1);
    let hash = hasher.hash(&long).await.expect("a hash");
    assert!(!hasher.verify(&long, Some(&hash)).await.expect("an answer").matches);
    assert_eq!(hasher.computed(), counts(&[(CHEAP_KIND, 2)]));
}

#[test]
fn a_cost_beyond_what_is_checked_is_refused() {
    for cost in [
        Cost { memory_kib: 0, ..CHEAP },
        Cost { passes: 0, ..CHEAP },
        Cost { lanes: 0, ..CHEAP },
        Cost { memory_kib: 15, lanes: 2, ..CHEAP },
        Cost { memory_kib: 512 * 1024, ..CHEAP },
        Cost { passes: u32::MAX, memory_kib: 8, ..CHEAP },
        Cost { lanes: u32::MAX, ..CHEAP },
    ] {
        assert!(Hasher::new(HasherOptions { cost, threads: 1, queue: 1 }).is_err(), "{cost:?}");
    }
}

#[tokio::test]
async fn a_full_queue_says_when_to_come_back() {
    let hasher = Hasher::new(HasherOptions { cost: CHEAP, threads: 1, queue: 3 }).expect("a cost");
    let (release, released) = mpsc::channel::<()>();
    let (begin, begun) = mpsc::channel();
    let blocking = move |_: &mut Vec<Block>| {
        let _ = begin.send(());
        let _ = released.recv();
    };
    hasher.usual.submit(Box::new(blocking)).expect("room");
    begun.recv().expect("a thread");
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.verify("correct horse", None).await })
        })
        .collect();
    while hasher.usual.waiting() < 3 {
        tokio::task::yield_now().await;
    }
    for _ in 0..100 {
        let busy = hasher.hash("one too many").await.expect_err("no room");
        assert!(busy.retry_after >= Duration::from_secs(1));
        assert!(hasher.verify("one too many", None).await.is_err());
    }
    // Who went away is not computed for.
    waiting[0].abort();
    while !waiting[0].is_finished() {
        tokio::task::yield_now().await;
    }
    release.send(()).expect("a thread that waits");
    for task in waiting.into_iter().skip(1) {
        assert!(!task.await.expect("a task").expect("an answer").matches);
    }
    assert_eq!(hasher.computed(), counts(&[(CHEAP_KIND, 2)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_sign_ins_runs_on_as_many_threads_as_allowed() {
    let hasher = Hasher::new(HasherOptions { cost: CHEAP, threads: 2, queue: 1000 }).expect("a cost");
    let storm: Vec<_> = (0..1000)
        .map(|_| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.verify("correct horse", None).await })
        })
        .collect();
    for task in storm {
        assert!(task.await.expect("a task").is_ok());
    }
    assert!(hasher.usual.threads() <= 2);
    assert_eq!(hasher.computed(), counts(&[(CHEAP_KIND, 1000)]));
}

/// The most memory that this process has had, in KiB. Tests run in a process each.
#[cfg(target_os = "linux")]
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the process's status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn memory_is_flat_under_a_storm_of_a_thousand_sign_ins() {
    let cost = Cost { memory_kib: 4 * 1024, ..CHEAP };
    let hasher = Hasher::new(HasherOptions { cost, threads: 2, queue: 1000 }).expect("a cost");
    hasher.verify("correct horse", None).await.expect("an answer");
    let before = peak_kib();
    let storm: Vec<_> = (0..1000)
        .map(|_| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.verify("correct horse", None).await })
        })
        .collect();
    for task in storm {
        assert!(task.await.expect("a task").is_ok());
    }
    let grown = peak_kib() - before;
    assert!(grown < 12 * 1024, "{grown} KiB for the second thread's 4096 and the queue");
}

#[tokio::test]
async fn a_panicking_job_takes_no_thread_with_it() {
    let hasher = Hasher::new(HasherOptions { cost: CHEAP, threads: 1, queue: 8 }).expect("a cost");
    let failed = run(&hasher.usual, |_| -> bool { panic!("a defect") }).await;
    assert!(failed.is_err());
    assert!(hasher.hash("correct horse").await.is_ok());
}

#[test]
fn what_is_printed_for_debugging_holds_no_hash() {
    let verified = Verified { matches: true, rehash: Some("$argon2id$secret".into()), unusable: None };
    assert!(!format!("{verified:?} {:?}", hasher()).contains("$argon2id"));
}

/// The parser takes whatever comes without panicking, and accepts only what it can check.
#[test]
fn parsing_survives_mutations() {
    let seeds = [
        FIREBASE,
        "$argon2id$v=19$m=64,t=2,p=2$c2FsdHNhbHRzYWx0c2FsdA$Sh1LF6dsajp2YjljvL/T0Tk68lSWQP232iGGbb+Qa5Y",
        "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
    ];
    for seed in seeds {
        for at in 0..seed.len() {
            for with in ["", "$", ",", "=", "9", "é", "\0", "99999999999999999999"] {
                let mutated = format!("{}{with}{}", &seed[..at], &seed[at + 1..]);
                let _ = accepts(&mutated);
                let _ = accepts(&seed[..at]);
            }
        }
    }
}
