//! Our own letters, for projects that give none. Short, readable without images and in the dark, with a code beside each link
//! for whom the link does not reach.

use super::Kind;

/// What a letter says.
struct Words {
    subject: &'static str,
    heading: &'static str,
    /// What happened; may hold values.
    says: &'static str,
    /// The words on the link, where there is one.
    link: Option<&'static str>,
    /// Whether the code is shown.
    has_code: bool,
    /// What to do when it was not the reader.
    otherwise: &'static str,
}

const IGNORE: &str = "If you did not ask for this, you need not do anything.";
const SECURE: &str =
    "If this was not you, change your password at once and tell whoever runs the site that sent this.";

fn words(kind: Kind) -> Words {
    let asks = |subject, heading, says, link, otherwise| Words {
        subject,
        heading,
        says,
        link: Some(link),
        has_code: true,
        otherwise,
    };
    let tells = |subject, says| Words {
        subject,
        heading: subject,
        says,
        link: None,
        has_code: false,
        otherwise: SECURE,
    };
    match kind {
        Kind::Confirmation => asks(
            "Confirm your e-mail address",
            "Welcome",
            "Please confirm that {{ .Email }} is your address, and your account is ready.",
            "Confirm address",
            "If you did not sign up, you need not do anything: without confirmation there is no account.",
        ),
        Kind::Invite => asks(
            "You are invited",
            "You are invited",
            "Somebody at {{ .SiteURL }} would like you to have an account there.",
            "Accept invitation",
            "If you do not know them, you need not do anything.",
        ),
        Kind::Recovery => asks(
            "Choose a new password",
            "Choose a new password",
            "Somebody, hopefully you, asked for a new password for {{ .Email }}.",
            "Choose password",
            "If you did not ask for this, you need not do anything: your password stays as it is.",
        ),
        Kind::MagicLink => asks(
            "Sign in",
            "Sign in",
            "Here is the way in for {{ .Email }}. It works once, and not for long.",
            "Sign in",
            IGNORE,
        ),
        Kind::EmailChange => asks(
            "Confirm the change of your e-mail address",
            "A new address",
            "Please confirm that the account of {{ .Email }} shall be reached at {{ .NewEmail }} from now on.",
            "Confirm change",
            "If you did not ask for this, do not confirm it: your address stays as it is.",
        ),
        Kind::Reauthentication => Words {
            subject: "Your code is {{ .Token }}",
            heading: "Is it you?",
            says: "Enter this code to go on. It works once, and not for long.",
            link: None,
            has_code: true,
            otherwise: "If you did not ask for this, give the code to nobody and change your password.",
        },
        Kind::PasswordChanged => {
            tells("Your password was changed", "The password of {{ .Email }} was changed just now.")
        }
        Kind::EmailChanged => tells(
            "Your e-mail address was changed",
            "Your account was reached at {{ .OldEmail }}; from now on it is reached at {{ .Email }}.",
        ),
        Kind::PhoneChanged => tells(
            "Your phone number was changed",
            "The phone number of {{ .Email }} was changed{{ if .OldPhone }} from {{ .OldPhone }}{{ end }} to {{ .Phone }}.",
        ),
        Kind::IdentityLinked => tells(
            "A way to sign in was added",
            "From now on {{ .Provider }} signs in to the account of {{ .Email }} too.",
        ),
        Kind::IdentityUnlinked => tells(
            "A way to sign in was removed",
            "{{ .Provider }} no longer signs in to the account of {{ .Email }}.",
        ),
        Kind::MfaFactorEnrolled => tells(
            "A second factor was added",
            "Signing in to your account can be confirmed by {{ .FactorType }} from now on.",
        ),
        Kind::MfaFactorUnenrolled => tells(
            "A second factor was removed",
            "Signing in to your account is no longer confirmed by {{ .FactorType }}.",
        ),
    }
}

/// The subject's template.
pub(super) fn subject(kind: Kind) -> &'static str {
    words(kind).subject
}

/// The text's template.
pub(super) fn text(kind: Kind) -> String {
    let Words { subject: _, heading, says, link, has_code, otherwise } = words(kind);
    let mut text = format!("{heading}\n\n{says}\n\n");
    if let Some(link) = link {
        text.push_str(&format!("{link}:\n{{{{ .ConfirmationURL }}}}\n\n"));
    }
    if has_code {
        let lead = if link.is_some() { "Or enter this code: " } else { "" };
        text.push_str(&format!("{{{{ if .Token }}}}{lead}{{{{ .Token }}}}\n\n{{{{ end }}}}"));
    }
    text.push_str(otherwise);
    text.push('\n');
    text
}

/// The HTML's template.
pub(super) fn html(kind: Kind) -> String {
    let Words { subject: _, heading, says, link, has_code, otherwise } = words(kind);
    let mut main = format!("<h1>{heading}</h1>\n<p>{says}</p>\n");
    if let Some(link) = link {
        main.push_str(&format!(
            "<p><a class=\"button\" href=\"{{{{ .ConfirmationURL }}}}\" style=\"display:inline-block;padding:12px 20px;\
             border-radius:6px;background:#1f4fd8;color:#ffffff;text-decoration:none;font-weight:600\">{link}</a></p>\n"
        ));
    }
    if has_code {
        let lead = if link.is_some() { "<p>Or enter this code:</p>\n" } else { "" };
        main.push_str(&format!(
            "{{{{ if .Token }}}}{lead}<p class=\"code\" style=\"font:600 24px ui-monospace,Menlo,Consolas,monospace;\
             letter-spacing:3px\">{{{{ .Token }}}}</p>\n{{{{ end }}}}"
        ));
    }
    main.push_str(&format!("<p class=\"small\" style=\"font-size:14px\">{otherwise}</p>\n"));
    PAGE.replace("MAIN", &main)
}

const PAGE: &str = "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<meta name=\"color-scheme\" content=\"light dark\">
<meta name=\"supported-color-schemes\" content=\"light dark\">
<title></title>
<style>
:root { color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  body { background: #16181d !important; color: #e8eaf0 !important; }
  .button { background: #7ea2ff !important; color: #10131a !important; }
}
</style>
</head>
<body style=\"margin:0;padding:32px 16px;background:#ffffff;color:#1a1c22;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif\">
<div role=\"article\" style=\"max-width:480px;margin:0 auto\">
MAIN</div>
</body>
</html>
";
