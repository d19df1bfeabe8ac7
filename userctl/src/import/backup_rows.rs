//! Users, groups and API keys of a backup, checked like those of a request.

use shared::{
    auth::{api_key::ImportedKeyHash, metabase_hash::BcryptHash, password_hash::PasswordHash},
    domain::{
        ApiKeyName, Email, GroupId, GroupName, GroupSet, Locale, LoginAttributes, NewUser,
        PersonName, SsoSource, TokenHash, User, UserId,
    },
};

use super::incoming::{Incoming, IncomingGroup, IncomingKey, IncomingSecret, IncomingUser, OwnKey};
use crate::jsonl::{ApiKeyLine, GroupLine, SecretLine, UserLine};

/// The number of characters by which Metabase finds an API key.
const PREFIX_LENGTH: usize = 7;

/// The maximum length of a masked key in characters.
const MAX_MASKED: usize = 64;

/// The maximum size of the login attributes of a user in bytes, as of a request.
const MAX_ATTRIBUTES: usize = 60_000;

pub(super) fn group(line: &GroupLine) -> Result<Incoming, String> {
    let id = GroupId::try_from(line.id).map_err(|error| format!("the ID is {error}"))?;
    if id.builtin().is_some() {
        return Ok(Incoming::Group(IncomingGroup::Builtin { id: line.id, here: id }));
    }
    let name = GroupName::parse(&line.name).filter(|name| !name.is_builtin());
    let name = name.ok_or("the name is reserved, too long, or has invisible characters")?;
    Ok(Incoming::Group(IncomingGroup::Custom { id, name }))
}

pub(super) fn user(line: UserLine) -> Result<Incoming, String> {
    let id = UserId::try_from(line.id).map_err(|error| format!("the ID is {error}"))?;
    if line.is_anonymized && line.is_active {
        return Err("an anonymized user cannot be active".to_owned());
    }
    let password = line.password_hash.map(PasswordHash::from_backup).transpose();
    let password = password.map_err(|error| format!("the password hash is invalid: {error}"))?;
    let new = NewUser {
        first_name: name("first name", line.first_name.as_deref())?,
        last_name: name("last name", line.last_name.as_deref())?,
        groups: GroupSet::default().with_admin(line.is_superuser),
        locale: parsed("locale", line.locale.as_deref(), Locale::parse)?,
        login_attributes: line.login_attributes.map(attributes).transpose()?,
        sso_source: parsed("SSO source", line.sso_source.as_deref(), SsoSource::parse)?,
        must_change_password: line.must_change_password,
        ..NewUser::with_email(email(&line.email, line.is_anonymized)?)
    };
    let user = User {
        is_active: line.is_active,
        is_anonymized: line.is_anonymized,
        is_qbnewb: line.is_qbnewb,
        is_datasetnewb: line.is_datasetnewb,
        date_joined: line.date_joined,
        updated_at: line.updated_at,
        first_login: line.first_login,
        last_login: line.last_login,
        ..User::new(id, new, line.date_joined)
    };
    let password_set_at = line.password_set_at;
    let notes = Vec::new();
    Ok(Incoming::User(Box::new(IncomingUser { user, password, password_set_at, notes })))
}

/// The address of a user. Only an anonymized user has a reserved one.
fn email(text: &str, is_anonymized: bool) -> Result<Email, String> {
    let email = Email::parse(text).ok_or("the email address is invalid")?;
    match (email.is_reserved(), is_anonymized) {
        (true, false) => Err("the domain of the email address is reserved".to_owned()),
        (false, true) => Err("an anonymized user cannot have an email address".to_owned()),
        _ => Ok(email),
    }
}

fn name(field: &str, text: Option<&str>) -> Result<Option<PersonName>, String> {
    let max = PersonName::MAX_CHARS;
    let parse = |text| {
        PersonName::parse(text).ok_or_else(|| {
            format!("the {field} is empty, has more than {max} characters, or invisible ones")
        })
    };
    text.map(parse).transpose()
}

fn parsed<T>(
    field: &str,
    text: Option<&str>,
    parse: fn(&str) -> Option<T>,
) -> Result<Option<T>, String> {
    text.map(|text| parse(text).ok_or_else(|| format!("the {field} is invalid"))).transpose()
}

fn attributes(
    attributes: std::collections::BTreeMap<String, String>,
) -> Result<LoginAttributes, String> {
    let size = |(name, value): (&String, &String)| name.len().saturating_add(value.len());
    if attributes.iter().map(size).sum::<usize>() > MAX_ATTRIBUTES {
        return Err(format!("the login attributes have more than {MAX_ATTRIBUTES} bytes"));
    }
    Ok(LoginAttributes::parse(attributes)?)
}

pub(super) fn api_key(line: ApiKeyLine, with_hashes: bool) -> Result<Incoming, String> {
    if !with_hashes {
        return Ok(Incoming::Skipped("an API key without its hash (export --with-hashes)"));
    }
    let secret = secret(line.secret.ok_or("the API key has no secret")?)?;
    let name = ApiKeyName::parse(&line.name).ok_or("the name is too long, or not visible")?;
    let is_masked = line.masked.chars().count() <= MAX_MASKED
        && line.masked.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_masked {
        return Err("the masked key is too long, or not in ASCII".to_owned());
    }
    UserId::try_from(line.owner).map_err(|error| format!("the owner is {error}"))?;
    Ok(Incoming::ApiKey(Box::new(IncomingKey {
        user: line.id,
        name,
        secret,
        creator: Some(line.owner),
        created_at: Some(line.created_at),
        updated_at: Some(line.updated_at),
        own: Some(OwnKey {
            masked: line.masked,
            updated_by: line.updated_by,
            issued_at: line.issued_at,
            expires_at: line.expires_at,
            is_revoked: line.is_revoked,
        }),
    })))
}

fn secret(line: SecretLine) -> Result<IncomingSecret, String> {
    let known = |hash: &str| {
        TokenHash::parse(hash).ok_or_else(|| "the hash of the API key is invalid".to_owned())
    };
    Ok(match line {
        SecretLine::Sha256 { hash } => IncomingSecret::Own(known(&hash)?),
        SecretLine::MetabaseBcrypt { prefix, hash } => {
            let hash = BcryptHash::parse(&hash);
            let hash = hash.map_err(|error| format!("the hash of the API key: {error}"))?;
            let hash = ImportedKeyHash::Bcrypt(hash);
            IncomingSecret::Metabase { prefix: checked_prefix(prefix)?, hash }
        }
        SecretLine::MetabaseSha256 { prefix, hash } => {
            let hash = ImportedKeyHash::Known(known(&hash)?);
            IncomingSecret::Metabase { prefix: checked_prefix(prefix)?, hash }
        }
    })
}

pub(super) fn checked_prefix(prefix: String) -> Result<String, String> {
    let is_prefix =
        prefix.len() == PREFIX_LENGTH && prefix.bytes().all(|byte| byte.is_ascii_graphic());
    if is_prefix {
        return Ok(prefix);
    }
    Err("the prefix of the key has not seven ASCII characters".to_owned())
}
