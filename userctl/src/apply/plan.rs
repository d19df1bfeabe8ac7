//! The steps from the present users to those of the file.

use std::collections::{BTreeSet, HashSet};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use client::{Change, GroupId, NewUser, UserChanges, UserId, UserListItem, normalized_address};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    RowError,
    directory::Directory,
    file::{File, Row},
};

/// The kind of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Action {
    Create,
    Change,
    Reactivate,
    Deactivate,
    Unchanged,
}

impl Action {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change => "change",
            Self::Reactivate => "reactivate",
            Self::Deactivate => "deactivate",
            Self::Unchanged => "unchanged",
        }
    }
}

/// A changed field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct FieldChange {
    pub(super) field: &'static str,
    pub(super) from: String,
    pub(super) to: String,
}

/// The step of one user.
#[derive(Debug)]
pub(super) struct Step {
    /// The line in the file, if the user has one.
    pub(super) line: Option<u64>,
    pub(super) action: Action,
    pub(super) email: String,
    pub(super) id: Option<UserId>,
    pub(super) diff: Vec<FieldChange>,
    pub(super) work: Work,
}

/// The requests of a step.
#[derive(Debug)]
pub(super) enum Work {
    Nothing,
    Create { user: Box<NewUser>, key: String },
    Change { changes: Option<Box<UserChanges>>, active: Option<bool> },
}

/// All steps, in the order of the file, then deactivations.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) errors: Vec<RowError>,
}

impl Plan {
    /// Compares the file with the present users.
    pub(super) fn new(file: File, directory: &Directory, deactivate_missing: bool) -> Self {
        let File { rows, mut errors, digest } = file;
        let listed: HashSet<_> = rows.iter().map(|row| normalized_address(&row.email)).collect();
        let mut steps = Vec::new();
        for row in rows {
            let line = row.line;
            let email = row.email.clone();
            match step(row, directory, &digest) {
                Ok(step) => steps.push(step),
                Err(message) => errors.push(RowError { line, email, message }),
            }
        }
        // An invalid row may be the one of a user who seems to be missing.
        if deactivate_missing && errors.is_empty() {
            let users = directory.users().into_iter().filter(|user| user.is_active);
            let missing = users.filter(|user| {
                user.id != directory.me && !listed.contains(&normalized_address(&user.email))
            });
            steps.extend(missing.map(deactivation));
        }
        errors.sort_by_key(|error| error.line);
        Self { steps, errors }
    }
}

fn deactivation(user: &UserListItem) -> Step {
    Step {
        line: None,
        action: Action::Deactivate,
        email: user.email.clone(),
        id: Some(user.id),
        diff: vec![change("active", "true", "false")],
        work: Work::Change { changes: None, active: Some(false) },
    }
}

fn change(field: &'static str, from: &str, to: &str) -> FieldChange {
    FieldChange { field, from: from.to_owned(), to: to.to_owned() }
}

fn step(row: Row, directory: &Directory, digest: &[u8; 32]) -> Result<Step, String> {
    match directory.user(&row.email) {
        None => creation(row, directory, digest),
        Some(user) => difference(&row, user, directory),
    }
}

/// The groups of a row, with those for all users and for administrators.
fn groups(row: &Row, present: &[GroupId], directory: &Directory) -> Result<Vec<GroupId>, String> {
    let mut ids: BTreeSet<_> = match &row.groups {
        Some(names) => names.iter().map(|name| directory.group(name)).collect::<Result<_, _>>()?,
        None => present.iter().copied().filter(|id| *id != GroupId::ADMINISTRATORS).collect(),
    };
    let was_superuser = present.contains(&GroupId::ADMINISTRATORS);
    let is_named = ids.contains(&GroupId::ADMINISTRATORS);
    if is_named && row.is_superuser == Some(false) {
        return Err("is_superuser is false, but groups contains Administrators".to_owned());
    }
    if is_named || row.is_superuser.unwrap_or(was_superuser) {
        ids.insert(GroupId::ADMINISTRATORS);
    }
    ids.insert(GroupId::ALL_USERS);
    Ok(ids.into_iter().collect())
}

/// The value of a new user.
fn value(text: &Change<String>) -> Option<String> {
    match text {
        Change::Set(text) => Some(text.clone()),
        Change::Keep | Change::Clear => None,
    }
}

fn creation(row: Row, directory: &Directory, digest: &[u8; 32]) -> Result<Step, String> {
    let group_ids = groups(&row, &[], directory)?;
    let (line, email) = (Some(row.line), row.email.clone());
    if row.active == Some(false) {
        let (action, work) = (Action::Unchanged, Work::Nothing);
        return Ok(Step { line, action, email, id: None, diff: Vec::new(), work });
    }
    let sso_source = value(&row.sso_source);
    let names = directory.names(&group_ids);
    let diff = if names.is_empty() { Vec::new() } else { vec![change("groups", "", &names)] };
    let user = NewUser {
        email: row.email,
        first_name: value(&row.first_name),
        last_name: value(&row.last_name),
        locale: value(&row.locale),
        is_invitation: sso_source.is_none(),
        sso_source,
        group_ids: Some(group_ids),
        ..NewUser::default()
    };
    let key = idempotency_key(digest, row.line, &user);
    let work = Work::Create { user: Box::new(user), key };
    Ok(Step { line, action: Action::Create, email, id: None, diff, work })
}

/// The key of a creation: the same for the same row of the same file.
fn idempotency_key(digest: &[u8; 32], line: u64, user: &NewUser) -> String {
    let body = serde_json::to_vec(user).unwrap_or_default();
    let hash = Sha256::new().chain_update(digest).chain_update(line.to_be_bytes());
    let hash = hash.chain_update(body).finalize();
    format!("userctl-apply-{}", BASE64_URL_SAFE_NO_PAD.encode(hash))
}

fn difference(row: &Row, user: &UserListItem, directory: &Directory) -> Result<Step, String> {
    let mut changes = UserChanges::default();
    let mut diff = Vec::new();
    changes.first_name =
        compared("first_name", &row.first_name, user.first_name.as_ref(), &mut diff);
    changes.last_name = compared("last_name", &row.last_name, user.last_name.as_ref(), &mut diff);
    changes.locale = compared("locale", &row.locale, user.locale.as_ref(), &mut diff);
    let mut present = user.group_ids.clone();
    present.sort_unstable();
    let ids = groups(row, &present, directory)?;
    if ids != present {
        diff.push(change("groups", &directory.names(&present), &directory.names(&ids)));
        changes.is_superuser = Some(ids.contains(&GroupId::ADMINISTRATORS));
        changes.group_ids = Some(ids);
    }
    let changes = (!diff.is_empty()).then(|| Box::new(changes));
    let active = row.active.filter(|active| *active != user.is_active);
    if let Some(active) = active {
        diff.push(change("active", &user.is_active.to_string(), &active.to_string()));
    }
    if active == Some(false) && user.id == directory.me {
        return Err("active: you cannot deactivate yourself".to_owned());
    }
    let (line, email, id) = (Some(row.line), user.email.clone(), Some(user.id));
    let action = match active {
        Some(true) => Action::Reactivate,
        Some(false) => Action::Deactivate,
        None if changes.is_some() => Action::Change,
        None => Action::Unchanged,
    };
    let work = match action {
        Action::Unchanged => Work::Nothing,
        _ => Work::Change { changes, active },
    };
    Ok(Step { line, action, email, id, diff, work })
}

/// The change of a text, if it is another one.
fn compared(
    field: &'static str,
    wanted: &Change<String>,
    present: Option<&String>,
    diff: &mut Vec<FieldChange>,
) -> Change<String> {
    let is_same = match wanted {
        Change::Keep => true,
        Change::Clear => present.is_none(),
        Change::Set(text) => present == Some(text),
    };
    if is_same {
        return Change::Keep;
    }
    let to = value(wanted).unwrap_or_default();
    diff.push(change(field, present.map_or("", String::as_str), &to));
    wanted.clone()
}
