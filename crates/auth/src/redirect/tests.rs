use super::*;

fn redirects(site: &str, allowed: &[&str]) -> Redirects {
    let allowed: Vec<String> = allowed.iter().map(|&text| text.to_owned()).collect();
    Redirects::new(site, &allowed).expect("a site")
}

#[test]
fn the_site_and_what_is_listed() {
    let redirects = redirects(
        "https://app.example.com",
        &["https://*.preview.example.com/**", "myapp://callback", "http://localhost:5173"],
    );
    for url in [
        "https://app.example.com",
        "https://app.example.com/any/path?x#y",
        "https://one.preview.example.com/a/b.html",
        "myapp://callback",
        "myapp://callback#fragment",
        "https://one.preview.example.com?code=1",
        "http://127.0.0.1:4000/x",
        "http://[::1]:4000/x",
        "http://localhost:5173",
    ] {
        assert!(redirects.allows(url), "{url}");
    }
}

#[test]
fn attack_12_no_other_place() {
    let redirects =
        redirects("https://app.example.com", &["https://*.preview.example.com/**", "myapp://callback"]);
    for url in [
        "",
        "//app.example.com",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.test",
        "https://evil.test/https://app.example.com",
        "https://app.example.com@evil.test",
        "https://evil.test\\@app.example.com",
        "https://evil.test#https://app.example.com",
        "https://user:pass@app.example.com",
        "https://a.b.preview.example.com/",
        "https://preview.example.com/",
        "https://one.preview.example.com.evil.test/",
        "https://evil.test/one.preview.example.com/",
        "https://evil?.preview.example.com/",
        "https://evil#.preview.example.com/",
        "https://evil:1@.preview.example.com/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://169.254.169.254/",
        "http://10.0.0.1/",
        "javascript:alert(1)",
        "data:text/html,x",
        "myapp://callback/other",
        "myapp://other",
        "https://app.example.com\r\nSet-Cookie: a=b",
        " https://app.example.com",
    ] {
        assert!(!redirects.allows(url), "{url}");
    }
}

#[test]
fn a_request_cannot_widen_it() {
    let redirects = redirects("https://app.example.com", &[]);
    let wanted = |asked: Option<&str>, referer: Option<&str>| WantedRedirect {
        asked: asked.map(str::to_owned),
        referer: referer.map(str::to_owned),
    };
    for (asked, referer, chosen) in [
        (None, None, "https://app.example.com"),
        (Some("https://evil.test"), None, "https://app.example.com"),
        (Some("https://evil.test"), Some("https://app.example.com/page"), "https://app.example.com/page"),
        (
            Some("https://app.example.com/here"),
            Some("https://app.example.com/page"),
            "https://app.example.com/here",
        ),
        (None, Some("https://evil.test"), "https://app.example.com"),
    ] {
        assert_eq!(redirects.choose(&wanted(asked, referer)), chosen);
    }
}

#[test]
fn stars_do_not_explode() {
    let text: Vec<char> = "a".repeat(2000).chars().collect();
    let pattern: Vec<char> = format!("{}b", "*a".repeat(50)).chars().collect();
    assert!(!matches(&pattern, &text));
}
