use super::*;

fn refused(policy: &Policy, password: &str) -> String {
    match policy.check(password, Some("ann.smith@example.com")) {
        Ok(()) => "taken".to_owned(),
        Err(PolicyError::TooLong) => PolicyError::TooLong.message(),
        Err(PolicyError::Weak(weak)) => {
            let reasons: Vec<&str> = weak.reasons.iter().map(|reason| reason.as_str()).collect();
            format!("{}: {}", reasons.join(","), weak.message)
        }
    }
}

fn requiring(text: &str) -> Policy {
    Policy { required: text.parse().expect("sets"), ..Policy::default() }
}

#[test]
fn length_is_counted_in_bytes_as_gotrue_does() {
    let policy = Policy::default();
    assert_eq!(refused(&policy, "abcde"), "length: Password should be at least 6 characters.");
    assert_eq!(refused(&policy, ""), "length: Password should be at least 6 characters.");
    assert_eq!(refused(&policy, "axbycz"), "taken");
    assert_eq!(refused(&policy, "ééé"), "taken");
    assert_eq!(refused(&policy, &"x".repeat(72)), "taken");
    assert_eq!(refused(&policy, &"x".repeat(73)), "Password cannot be longer than 72 characters");
    assert_eq!(refused(&policy, &"é".repeat(37)), "Password cannot be longer than 72 characters");
    let longer = Policy { minimum_length: 12, ..Policy::default() };
    assert_eq!(refused(&longer, "axbyczdwevf"), "length: Password should be at least 12 characters.");
    // As in GoTrue, the setting cannot go below 6.
    let shorter = Policy { minimum_length: 1, ..Policy::default() };
    assert_eq!(refused(&shorter, "abcde"), "length: Password should be at least 6 characters.");
}

#[test]
fn required_characters_are_the_clis_words_and_gotrues_sets() {
    let letters_digits = requiring("letters_digits");
    assert_eq!(
        refused(&letters_digits, "onlyletters"),
        "characters: Password should contain at least one character of each: \
         abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ, 0123456789."
    );
    assert_eq!(refused(&letters_digits, "ONLY4LETTERS"), "taken");
    assert!(refused(&requiring("lower_upper_letters_digits"), "ONLY4LETTERS").starts_with("characters: "));
    assert_eq!(refused(&requiring("lower_upper_letters_digits"), "Only4Letters"), "taken");
    let symbols = requiring("lower_upper_letters_digits_symbols");
    assert!(refused(&symbols, "Only4Letters").starts_with("characters: "));
    for symbol in SYMBOLS.chars() {
        assert_eq!(refused(&symbols, &format!("Only4Letters{symbol}")), "taken");
    }
    let sets = requiring("abc:12\\:3:");
    assert_eq!(sets.required, RequiredCharacters(vec!["abc".into(), "12:3".into()]));
    assert_eq!(refused(&sets, "zzzzzza:"), "taken");
    assert_eq!(
        refused(&sets, "zzz"),
        "length,characters: Password should be at least 6 characters. \
         Password should contain at least one character of each: abc, 12:3."
    );
    assert_eq!(refused(&requiring(""), "onlyletters"), "taken");
    assert_eq!("letter_digits".parse::<RequiredCharacters>(), Err(NotRequiredCharacters));
}

#[test]
fn common_passwords_are_blocked_however_they_are_dressed() {
    let policy = Policy { blocked: BlockList::common(), ..Policy::default() };
    for password in [
        "password",
        "Password",
        "password1",
        "Password123",
        "Password1234!",
        "P@ssw0rd",
        "p4$$w0rd",
        "passw0rd2024",
        "123456",
        "12345678",
        "1234567890",
        "87654321",
        "111111",
        "aaaaaaaa",
        "abcabcabc",
        "12341234",
        "abcdefgh",
        "qwertyuiop",
        "Qwerty123",
        "1qaz2wsx",
        "abc123",
        "abcd1234",
        "12345qwert",
        "iloveyou",
        "iloveyou2",
        "!!dragon!!",
        "monkey99",
        "letmein!",
        "19900412",
        "04121990",
        "31122001",
        "ann.smith",
        "ann.smith1",
        "Ann.Smith2024!",
        "ann.smith@example.com",
        "qwertzuiop",
        "Summer2025!",
        "changeme",
        "trustno1",
        "contraseña1",
    ] {
        let weak = "pwned: Password is known to be weak and easy to guess, please choose a different one.";
        assert_eq!(refused(&policy, password), weak, "{password}");
    }
    for password in [
        "correct horse battery staple",
        "axbyczdwev",
        "dragonfly-lantern",
        "92847193",
        "passwordless-tomorrow",
        "smith-ann-garden",
        "tr0ub4dor&3",
        "dragon739201",
        "xK9!mQ2p",
    ] {
        assert_eq!(refused(&policy, password), "taken", "{password}");
    }
    assert_eq!(refused(&Policy::default(), "password"), "taken");
    // Short names say nothing.
    assert!(policy.check("ab1234zz", Some("ab@example.com")).is_ok());
    assert!(policy.check("ann.smith", None).is_ok());
}

#[test]
fn the_operators_list_is_exact_but_for_case() {
    let lines = ["Acme-Corp\r", "", "geheim"];
    let policy = Policy { blocked: BlockList::nothing().with(lines), ..Policy::default() };
    assert!(refused(&policy, "acme-corp").starts_with("pwned: "));
    assert!(refused(&policy, "GEHEIM").starts_with("pwned: "));
    assert_eq!(refused(&policy, "geheim1"), "taken");
    assert_eq!(refused(&policy, "password"), "taken");
    let both = Policy { blocked: BlockList::common().with(lines), ..Policy::default() };
    assert!(refused(&both, "password").starts_with("pwned: "));
    assert!(refused(&both, "geheim").starts_with("pwned: "));
}

#[test]
fn the_stems_are_sorted_and_in_the_form_in_which_they_are_looked_up() {
    let lines: Vec<&str> = include_str!("common.txt").lines().collect();
    assert!(lines.is_sorted());
    for line in lines {
        assert!(
            line.len() >= 3 && !line.contains(char::is_whitespace) && line.to_lowercase() == line,
            "{line}"
        );
    }
}
