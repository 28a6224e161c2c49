use super::*;
use serde_json::json;

const NAMES: &[&str] = &["ConfirmationURL", "Token", "TokenHash", "SiteURL", "Email", "RedirectTo", "Data"];

fn fields() -> Value {
    json!({
        "ConfirmationURL": "https://api.example.com/auth/v1/verify?token=ab&type=signup&redirect_to=https://app.example.com/a b",
        "Token": "012345", "TokenHash": "pkce_ab+c", "SiteURL": "https://app.example.com", "Email": "a+b@example.com",
        "RedirectTo": "https://app.example.com/x?y=1&z=2",
        "Data": {
            "name": "<b>\"O'Neil\" & Söhne</b>", "locale": "de", "age": 18, "vip": true, "no": false, "empty": "",
            "address": {"city": "Wien"}, "tags": ["a", "<b>"], "evil": "javascript:alert(1)", "app": "myapp://x",
            "colour": "#ff0000", "css": "red;background:url(x)", "quoted": "x\" onmouseover=\"alert(1)",
            "big": 1_700_000_000,
        },
    })
}

#[track_caller]
fn check(form: Form, source: &str, expected: &str) {
    let template = Template::read(source, form, NAMES).unwrap_or_else(|error| panic!("{source}: {error}"));
    assert_eq!(template.fill(&fields()), expected, "{source}");
}

#[track_caller]
fn plain(source: &str, expected: &str) {
    check(Form::Plain, source, expected);
}

#[track_caller]
fn html(source: &str, expected: &str) {
    check(Form::Html, source, expected);
}

#[track_caller]
fn refused(source: &str, line: usize, what: &str) {
    match Template::read(source, Form::Html, NAMES) {
        Ok(_) => panic!("{source} is read"),
        Err(error) => {
            assert!(error.line == line && error.what.contains(what), "{source}: {error}");
        }
    }
}

#[test]
fn fields_are_filled_in() {
    plain("{{ .Token }}|{{.Token}}|{{ $.Token }}|{{ .Data.address.city }}", "012345|012345|012345|Wien");
    plain("{{ .Data.missing }}|{{ .Data.missing.deeper }}|{{ .Data.name.deeper }}", "||");
    plain("{{ .Data.age }} {{ .Data.vip }} {{ .Data.big }}", "18 true 1700000000");
    plain("{{ \"a\\\"b\" }}{{ `c\\d` }}{{ 1.5 }}", "a\"bc\\d1.5");
    plain("no action, } and { and }}", "no action, } and { and }}");
    plain("", "");
}

#[test]
fn conditions_are_go_s() {
    plain("{{ if .Data.name }}yes{{ else }}no{{ end }}", "yes");
    plain("{{if .Data.missing}}yes{{else}}no{{end}}", "no");
    for falsy in [".Data.no", ".Data.empty", ".Data.missing", "0", "nil", "false", "\"\""] {
        plain(&format!("{{{{ if {falsy} }}}}yes{{{{ else }}}}no{{{{ end }}}}"), "no");
    }
    plain(
        "{{ if eq .Data.locale \"fr\" }}fr{{ else if eq .Data.locale \"de\" \"at\" }}de{{ else }}en{{ end }}",
        "de",
    );
    plain("{{ if and .Data.vip (not .Data.no) }}a{{ end }}{{ if or .Data.no .Data.empty }}b{{ end }}", "a");
    plain("{{ if ne .Data.locale \"de\" }}a{{ else }}b{{ end }}", "b");
    plain("{{ if eq .Data.missing \"de\" }}a{{ else }}b{{ end }}", "b");
    plain(
        "{{ if gt .Data.age 17 }}a{{ end }}{{ if lt .Data.age 18 }}b{{ end }}{{ if eq .Data.age 18 }}c{{ end }}",
        "ac",
    );
    plain("{{ or .Data.missing .Data.locale }}|{{ and .Data.vip .Data.locale }}", "de|de");
    plain(
        "{{ len .Data.tags }} {{ index .Data.tags 0 }} {{ index .Data \"address\" \"city\" }} {{ print 1 \"x\" }}",
        "2 a Wien 1x",
    );
    plain(
        "{{ .Data.locale | eq \"de\" }} {{ .RedirectTo | urlquery }}",
        "true https%3A%2F%2Fapp.example.com%2Fx%3Fy%3D1%26z%3D2",
    );
    plain("{{ if .Data.vip }}{{ if .Data.no }}a{{ else }}b{{ end }}{{ end }}", "b");
}

#[test]
fn dots_move() {
    plain("{{ with .Data.address }}{{ .city }} {{ $.Token }}{{ end }}", "Wien 012345");
    plain("{{ with .Data.missing }}a{{ else }}b{{ end }}", "b");
    plain(
        "{{ range .Data.tags }}[{{ . }}]{{ end }}{{ range .Data.missing }}a{{ else }}none{{ end }}",
        "[a][<b>]none",
    );
}

#[test]
fn white_space_is_trimmed_where_asked() {
    plain("a \n {{- .Token -}} \n b", "a012345b");
    plain("a {{- /* a }} comment */ -}} b{{/* c */}}d", "abd");
    plain("a {{ /* spaced */ }} b", "a  b");
    plain("{{ -3 }}{{ \"}}\" }}", "-3}}");
}

#[test]
fn values_are_escaped_for_their_place() {
    html("<p>{{ .Data.name }}</p>", "<p>&lt;b&gt;&#34;O&#39;Neil&#34; &amp; Söhne&lt;/b&gt;</p>");
    html("<p title=\"{{ .Data.quoted }}\">", "<p title=\"x&#34; onmouseover=&#34;alert(1)\">");
    html("<p title='{{ .Data.name }}'>", "<p title='&lt;b&gt;&#34;O&#39;Neil&#34; &amp; Söhne&lt;/b&gt;'>");
    html("<p title={{ .Data.quoted }}>", "<p title=x&#34;&#32;onmouseover&#61;&#34;alert(1)>");
    html("<p title={{ .Data.empty }}>", "<p title=ZgotmplZ>");
    html(
        "<title>{{ .Data.name }}</title>{{ .Token }}",
        "<title>&lt;b&gt;&#34;O&#39;Neil&#34; &amp; Söhne&lt;/b&gt;</title>012345",
    );
    html("a < b {{ .Data.locale }} <3", "a < b de <3");
}

#[test]
fn addresses_lead_to_pages_only() {
    html(
        "<a href=\"{{ .ConfirmationURL }}\">",
        "<a href=\"https://api.example.com/auth/v1/verify?token=ab&amp;type=signup&amp;redirect_to=https://app.example.com/a%20b\">",
    );
    html("<a href=\"{{ .Data.evil }}\">", "<a href=\"#ZgotmplZ\">");
    html("<a href='{{ .Data.app }}'>", "<a href='#ZgotmplZ'>");
    html("<img src={{ .Data.evil }}>", "<img src=#ZgotmplZ>");
    html("<a HREF = \"{{ .Data.evil }}\">", "<a HREF = \"#ZgotmplZ\">");
    html(
        "<a href=\"{{ .SiteURL }}/confirm?token_hash={{ .TokenHash }}&next={{ .RedirectTo }}\">",
        "<a href=\"https://app.example.com/confirm?token_hash=pkce_ab%2bc&next=https%3a%2f%2fapp.example.com%2fx%3fy%3d1%26z%3d2\">",
    );
    // Encoded once, whoever does it.
    html(
        "<a href=\"/x?n={{ urlquery .RedirectTo }}\">",
        "<a href=\"/x?n=https%3A%2F%2Fapp.example.com%2Fx%3Fy%3D1%26z%3D2\">",
    );
    html("<a href=\"/{{ .Data.quoted }}\">", "<a href=\"/x%22%20onmouseover=%22alert%281%29\">");
}

#[test]
fn styles_take_plain_values() {
    html("<p style=\"color:{{ .Data.colour }}\">", "<p style=\"color:#ff0000\">");
    html("<p style=\"color:{{ .Data.css }}\">", "<p style=\"color:ZgotmplZ\">");
    html(
        "<style>a { color: {{ .Data.css }} }</style>{{ .Token }}",
        "<style>a { color: ZgotmplZ }</style>012345",
    );
    html(
        "<p style=\"background:url('{{ .SiteURL }}/x.png') {{ .Data.colour }}\">",
        "<p style=\"background:url('https://app.example.com/x.png') #ff0000\">",
    );
    html("<p style=\"background:url({{ .Data.evil }})\">", "<p style=\"background:url(#ZgotmplZ)\">");
}

#[test]
fn comments_are_left_out() {
    html("a<!-- <b> {{ .Token }} \" -->b<!--[if mso]>c<![endif]-->d", "abd");
    html("<!doctype html><p>{{ .Token }}", "<!doctype html><p>012345");
}

#[test]
fn branches_may_differ_in_attributes() {
    html(
        "<p {{ if .Data.vip }}class=\"vip\"{{ end }} id=\"{{ .Token }}\">",
        "<p class=\"vip\" id=\"012345\">",
    );
    html("{{ if .Data.vip }}<b>{{ else }}<i>{{ end }}{{ .Token }}", "<b>012345");
    html(
        "<a href=\"{{ if .Data.no }}{{ .SiteURL }}{{ else }}{{ .RedirectTo }}{{ end }}\">",
        "<a href=\"https://app.example.com/x?y=1&amp;z=2\">",
    );
}

#[test]
fn what_is_not_understood_is_refused_with_its_line() {
    refused("\n\n{{ .ConfirmationUrl }}", 3, "did you mean .ConfirmationURL?");
    refused("{{ .Nope }}", 1, "no variable .Nope");
    refused("{{ if .Nope }}{{ end }}", 1, "no variable .Nope");
    refused("{{ with .Data }}{{ $.Nope }}{{ end }}", 1, "no variable .Nope");
    refused("a\n{{ if .Token }}\nb", 2, "not closed with {{ end }}");
    refused("a\n{{ end }}", 2, "without its beginning");
    refused("a\n{{ else }}", 2, "without its beginning");
    refused("a\n{{ .Token", 2, "not closed with }}");
    refused("{{ }}", 1, "without a value");
    refused("{{ printf \"%s\" .Token }}", 1, "printf is not supported");
    refused("{{ $x := .Token }}", 1, "variables such as $x");
    refused("{{ define \"x\" }}{{ end }}", 1, "define");
    refused("{{ template \"x\" . }}", 1, "template");
    refused("{{ .Token .Email }}", 1, "takes no arguments");
    refused("{{ not }}", 1, "0 arguments");
    refused("{{ (.Token }}", 1, "( is not closed");
    refused("{{ .Token) }}", 1, ") without its (");
    refused("{{ \"a }}", 1, "not closed");
    refused("{{ .Token | }}", 1, "without a value");
    refused("{{ .Data..x }}", 1, "no field");
    refused("{{/* open", 1, "comment");
    refused("<script>var x = {{ .Token }}</script>", 1, "script");
    refused("<p onclick=\"{{ .Token }}\">", 1, "script");
    refused("<p {{ .Token }}=\"x\">", 1, "attribute");
    refused("<p cla{{ .Token }}=\"x\">", 1, "attribute");
    refused("<{{ .Token }}>", 1, "tag");
    refused("<a href=\"x", 1, "ends inside");
    refused("{{ if .Token }}<a href=\"{{ end }}x\">", 1, "different places");
    refused("<a href=\"/x{{ if .Token }}?a=b{{ end }}{{ .Token }}\">", 1, "depends on a condition");
    let deep = "{{ if .Token }}".repeat(60) + &"{{ end }}".repeat(60);
    refused(&deep, 1, "within each other");
    let deep = format!("{{{{ {} .Token {} }}}}", "(".repeat(100_000), ")".repeat(100_000));
    refused(&deep, 1, "within each other");
}

/// What Go's own html/template and text/template (1.19) made of templates with these fields: form, template, result.
#[test]
fn results_are_go_s() {
    let cases: Vec<(String, String, String)> =
        serde_json::from_str(include_str!("recorded.json")).expect("the records");
    assert!(cases.len() > 60);
    for (form, source, expected) in cases {
        match form.as_str() {
            "html" => html(&source, &expected),
            _ => plain(&source, &expected),
        }
    }
}

/// Whatever is thrown at it, it answers.
#[test]
fn no_text_breaks_it() {
    let parts = [
        "{{", "}}", "{{-", "-}}", " ", "\n", ".Token", ".Data.x", "if", "else", "end", "range", "with", "eq",
        "(", ")", "|", "\"", "`", "/*", "*/", "<", ">", "<a href=", "\"", "'", "</", "<style>", "</style>",
        "url(", "<!--", "-->", "ä", "$", "-", "1", "&", "<title>", "<script", "=",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..20_000 {
        let mut source = String::new();
        for _ in 0..12 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            source.push_str(parts[(state % parts.len() as u64) as usize]);
        }
        for form in [Form::Html, Form::Plain] {
            if let Ok(template) = Template::read(&source, form, NAMES) {
                template.fill(&fields());
            }
        }
    }
}
