//! The project's letters, of its settings.

use crate::configuration::Settings;
use crate::project::Project;
use auth::letters::{Custom, Kind, Letters, Settings as LetterSettings};
use mail::{Address, Mailbox};
use std::path::PathBuf;

/// Reads the project's letters.
///
/// # Errors
/// What is wrong with a template or an address, for the operator.
pub fn letters(settings: &Settings, project: &Project) -> Result<Letters, String> {
    let own = [
        (Kind::Confirmation, &settings.letter_confirmation_subject, &settings.letter_confirmation_content),
        (Kind::Invite, &settings.letter_invite_subject, &settings.letter_invite_content),
        (Kind::Recovery, &settings.letter_recovery_subject, &settings.letter_recovery_content),
        (Kind::MagicLink, &settings.letter_magic_link_subject, &settings.letter_magic_link_content),
        (Kind::EmailChange, &settings.letter_email_change_subject, &settings.letter_email_change_content),
        (
            Kind::Reauthentication,
            &settings.letter_reauthentication_subject,
            &settings.letter_reauthentication_content,
        ),
        (
            Kind::PasswordChanged,
            &settings.letter_password_changed_subject,
            &settings.letter_password_changed_content,
        ),
        (Kind::EmailChanged, &settings.letter_email_changed_subject, &settings.letter_email_changed_content),
        (Kind::PhoneChanged, &settings.letter_phone_changed_subject, &settings.letter_phone_changed_content),
        (
            Kind::IdentityLinked,
            &settings.letter_identity_linked_subject,
            &settings.letter_identity_linked_content,
        ),
        (
            Kind::IdentityUnlinked,
            &settings.letter_identity_unlinked_subject,
            &settings.letter_identity_unlinked_content,
        ),
        (
            Kind::MfaFactorEnrolled,
            &settings.letter_mfa_factor_enrolled_subject,
            &settings.letter_mfa_factor_enrolled_content,
        ),
        (
            Kind::MfaFactorUnenrolled,
            &settings.letter_mfa_factor_unenrolled_subject,
            &settings.letter_mfa_factor_unenrolled_content,
        ),
    ];
    let notifications = [
        (Kind::PasswordChanged, settings.letter_password_changed_enabled),
        (Kind::EmailChanged, settings.letter_email_changed_enabled),
        (Kind::PhoneChanged, settings.letter_phone_changed_enabled),
        (Kind::IdentityLinked, settings.letter_identity_linked_enabled),
        (Kind::IdentityUnlinked, settings.letter_identity_unlinked_enabled),
        (Kind::MfaFactorEnrolled, settings.letter_mfa_factor_enrolled_enabled),
        (Kind::MfaFactorUnenrolled, settings.letter_mfa_factor_unenrolled_enabled),
    ];
    let custom = own.into_iter().filter(|(_, subject, content)| subject.is_some() || content.is_some()).map(
        |(kind, subject, content)| (kind, Custom { subject: subject.clone(), content_path: content.clone() }),
    );
    let settings = LetterSettings {
        from: from(settings)?,
        folders: folders(project),
        custom: custom.collect(),
        notifications: notifications.iter().filter(|(_, enabled)| *enabled).map(|(kind, _)| *kind).collect(),
    };
    Letters::load(&settings).map_err(|error| error.to_string())
}

/// Who writes.
fn from(settings: &Settings) -> Result<Mailbox, String> {
    let address = Address::parse(&settings.smtp_admin_email).ok_or_else(|| {
        format!("auth.email.smtp.admin_email: {:?} is no mail address", settings.smtp_admin_email)
    })?;
    Ok(Mailbox::named(address, settings.smtp_sender_name.as_deref().unwrap_or_default()))
}

/// Where templates lie: the Supabase CLI takes their paths from the folder that holds `supabase/`, those of notifications from
/// `supabase/` itself.
fn folders(project: &Project) -> Vec<PathBuf> {
    let mut folders = vec![project.root.clone()];
    if project.folder.file_name().is_some_and(|name| name == "supabase")
        && let Some(parent) = project.folder.parent().filter(|parent| *parent != project.root)
    {
        folders.push(if parent.as_os_str().is_empty() { ".".into() } else { parent.to_owned() });
    }
    if project.folder != project.root {
        folders.push(project.folder.clone());
    }
    folders
}
