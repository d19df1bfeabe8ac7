//! `userctl export jsonl`: a backup.

use std::{
    collections::{HashMap, HashSet},
    io::Write,
    path::Path,
};

use shared::{
    auth::api_key::ImportedKeyHash,
    authorization::Admin,
    domain::{Group, GroupId, LoginAttributes, PersonName, SsoSource, User, UserId},
    store::{
        ExportedCredentials, ImportedApiKeySecret, ImportedKey, ImportedUser, Store, StoreError,
    },
};

use super::{each_page, file::Destination, report::Report};
use crate::{
    Failure,
    jsonl::{ApiKeyLine, EndLine, FORMAT, GroupLine, Header, Line, SecretLine, UserLine},
    store::now,
};

/// Writes a backup.
pub(super) async fn run(
    store: &Store,
    path: Option<&Path>,
    with_hashes: bool,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let admin = Admin::of_operator();
    let mut file = Destination::open(path)?;
    let instance = store.instance().await?;
    let (site_name, site_locale) = instance.map_or((None, None), |instance| {
        (instance.site_name.map(String::from), instance.site_locale)
    });
    let site_locale = site_locale.map(|locale| locale.as_str().to_owned());
    let header = Header { format: FORMAT, created_at: now(), with_hashes, site_name, site_locale };
    write(&mut file, &Line::Export(header))?;
    let groups = store.groups(&admin).await?;
    for group in &groups {
        write(&mut file, &Line::Group(group_line(group)))?;
    }
    let known: HashSet<_> = groups.iter().map(|group| group.id).collect();
    let credentials =
        if with_hashes { ExportedCredentials::WithHashes } else { ExportedCredentials::None };
    let mut users: u64 = 0;
    each_page(store, credentials, report, async |page, _| {
        for exported in page {
            users += 1;
            write(&mut file, &Line::User(Box::new(user_line(exported, &known))))?;
        }
        Ok(())
    })
    .await?;
    let keys = write_keys(store, &mut file, with_hashes, report).await?;
    let [groups, api_keys] = [groups.len(), keys].map(|n| u64::try_from(n).unwrap_or(u64::MAX));
    write(&mut file, &Line::End(EndLine { groups, users, api_keys }))?;
    report.count("groups", usize::try_from(groups).unwrap_or(usize::MAX));
    report.count("users", usize::try_from(users).unwrap_or(usize::MAX));
    report.count("API keys", keys);
    file.finish()
}

fn write(file: &mut Destination, line: &Line) -> Result<(), Failure> {
    serde_json::to_writer(&mut *file, line)?;
    Ok(file.write_all(b"\n")?)
}

fn group_line(group: &Group) -> GroupLine {
    let builtin = group.id.builtin();
    GroupLine {
        id: group.id.get(),
        name: group.name.as_str().to_owned(),
        magic_group_type: builtin.map(|builtin| builtin.kind().to_owned()),
    }
}

/// The line of a user. A group that is just being deleted is left out.
fn user_line(exported: ImportedUser, known: &HashSet<GroupId>) -> UserLine {
    let ImportedUser { user, password, password_set_at } = exported;
    let name = |name: &Option<PersonName>| name.as_ref().map(|name| name.as_str().to_owned());
    UserLine {
        id: user.id.get(),
        email: user.email.as_str().to_owned(),
        first_name: name(&user.first_name),
        last_name: name(&user.last_name),
        is_active: user.is_active,
        is_superuser: user.is_superuser(),
        groups: user.groups.iter().filter(|id| known.contains(id)).map(GroupId::get).collect(),
        locale: user.locale.map(|locale| locale.as_str().to_owned()),
        login_attributes: user.login_attributes.as_ref().map(LoginAttributes::as_map).cloned(),
        sso_source: user.sso_source.as_ref().map(SsoSource::as_str).map(str::to_owned),
        must_change_password: user.must_change_password,
        is_qbnewb: user.is_qbnewb,
        is_datasetnewb: user.is_datasetnewb,
        is_anonymized: user.is_anonymized,
        date_joined: user.date_joined,
        updated_at: user.updated_at,
        first_login: user.first_login,
        last_login: user.last_login,
        password_hash: password.map(|password| password.expose().to_owned()),
        password_set_at,
    }
}

async fn write_keys(
    store: &Store,
    file: &mut Destination,
    with_hashes: bool,
    report: &mut Report<'_>,
) -> Result<usize, Failure> {
    let keys = keys(store, report).await?;
    let owners = owners(store, &keys).await?;
    for exported in &keys {
        let owner = owners.get(&exported.validity.owner);
        let is_revoked = owner.is_none_or(|user| user.generation != exported.validity.generation);
        let line = key_line(exported, is_revoked, with_hashes);
        write(file, &Line::ApiKey(Box::new(line)))?;
    }
    Ok(keys.len())
}

/// Reads the API keys with their hashes, and notes those of version 0.1.0.
pub(super) async fn keys(
    store: &Store,
    report: &mut Report<'_>,
) -> Result<Vec<ImportedKey>, StoreError> {
    let admin = Admin::of_operator();
    let keys = store.keys_with_secrets(&admin).await?;
    let found: HashSet<_> = keys.iter().map(|exported| exported.key.id).collect();
    for key in store.api_keys(&admin).await?.keys {
        if !found.contains(&key.id) {
            report.note(
                "API key of version 0.1.0, which is invalid until its rotation",
                key.id.get(),
            );
        }
    }
    Ok(keys)
}

/// Reads the owners of API keys.
pub(super) async fn owners(
    store: &Store,
    keys: &[ImportedKey],
) -> Result<HashMap<UserId, User>, StoreError> {
    let owners: HashSet<_> = keys.iter().map(|exported| exported.validity.owner).collect();
    let owners: Vec<_> = owners.into_iter().collect();
    store.stored_users(&Admin::of_operator(), &owners).await
}

fn key_line(exported: &ImportedKey, is_revoked: bool, with_hashes: bool) -> ApiKeyLine {
    let ImportedKey { key, user, validity, secret } = exported;
    ApiKeyLine {
        id: key.id.get(),
        name: key.name.as_str().to_owned(),
        group_id: user.groups.api_key_group().get(),
        owner: validity.owner.get(),
        updated_by: key.updated_by.get(),
        created_at: key.created_at,
        updated_at: key.updated_at,
        issued_at: validity.issued_at,
        expires_at: validity.expires_at,
        is_revoked,
        masked: key.masked.clone(),
        secret: with_hashes.then(|| secret_line(secret, key.hash.as_str())),
    }
}

fn secret_line(secret: &ImportedApiKeySecret, hash: &str) -> SecretLine {
    match secret {
        ImportedApiKeySecret::Own => SecretLine::Sha256 { hash: hash.to_owned() },
        ImportedApiKeySecret::Metabase { prefix, hash } => {
            let prefix = prefix.clone();
            match hash {
                ImportedKeyHash::Bcrypt(hash) => {
                    SecretLine::MetabaseBcrypt { prefix, hash: hash.expose().to_owned() }
                }
                ImportedKeyHash::Known(hash) => {
                    SecretLine::MetabaseSha256 { prefix, hash: hash.as_str().to_owned() }
                }
            }
        }
    }
}
