//! Writes that a change of a user needs.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Conflict, Key, PasswordChange, Store, StoreError, WriteError,
    audit::{Fields, NewAuditEvent},
    credentials::{credentials_unchanged, earlier_form_check},
    email_changes::{EmailChangeAttempt, email_change_writes},
    expression::Expression,
    idempotency::record_erasure,
    imported_passwords::replacement_write,
    items::{CredentialsItem, DeviceItem, SessionItem, UserItem},
    memberships::membership_writes,
    password_resets::reset_key,
    rate_limits::rate_limit_check,
    write::Write,
};
use crate::{
    auth::{
        device,
        login::Credentials,
        password_hash::PasswordHash,
        reset_token::{ResetGrant, ResetKind},
        session::NewSession,
    },
    authorization::UserAccess,
    domain::{Action, Preconditions, Sharding, User, WriteContext},
};

/// An update of a user: the proof's user and preconditions, the action, and the circumstances.
pub(super) struct UserUpdate<'a> {
    /// The user as read at authentication.
    pub(super) user: &'a User,
    /// The preconditions of the request.
    pub(super) preconditions: Preconditions,
    action: Action,
    context: &'a WriteContext,
    password: Option<&'a PasswordChange<'a>>,
    email_change: Option<&'a EmailChangeAttempt>,
}

impl<'a> UserUpdate<'a> {
    pub(super) fn new(access: &'a UserAccess, action: Action, context: &'a WriteContext) -> Self {
        let preconditions = access.preconditions().clone();
        Self { preconditions, ..Self::from_link(access.user(), action, context) }
    }

    /// An update that a token in an email permits.
    pub(super) fn from_link(user: &'a User, action: Action, context: &'a WriteContext) -> Self {
        let preconditions = Preconditions::default();
        Self { user, preconditions, action, context, password: None, email_change: None }
    }

    /// Adds a new email address of the user's own.
    pub(super) fn with_email_change(self, email_change: Option<&'a EmailChangeAttempt>) -> Self {
        Self { email_change, ..self }
    }

    /// Adds a new password.
    pub(super) fn with_password(self, password: &'a PasswordChange<'a>) -> Self {
        Self { password: Some(password), ..self }
    }

    /// The credentials of a user, if they were read before.
    fn credentials_of(&self, user: &User) -> Option<&Credentials> {
        let read = self.email_change.and_then(|change| change.credentials.as_ref());
        read.filter(|found| found.user == user.id && found.generation == user.generation)
    }

    /// Whether the user keeps the password.
    pub(super) const fn keeps_password(&self) -> bool {
        self.password.is_none()
    }

    fn audit_event(&self, before: &User, after: &User) -> NewAuditEvent {
        let fields = changed_fields(Some(before), after, self.password.is_some());
        let event = NewAuditEvent::on_user(self.action, after.id).with_fields(fields);
        event.with_promotion(Some(before), after)
    }
}

/// The wire names of the fields that a change of a user touches.
pub(super) fn changed_fields(before: Option<&User>, after: &User, password: bool) -> Fields {
    let mut fields = after.changed_fields(before);
    fields.extend(password.then_some("password".into()));
    fields
}

impl Store {
    /// Writes a change of a user. This function alone knows which items depend on a user.
    pub(super) async fn write_user(
        &self,
        update: &UserUpdate<'_>,
        before: &User,
        after: &User,
    ) -> Result<(), WriteError> {
        let password = update.password;
        let mut writes = vec![profile_write(before, after, self.sharding)?];
        writes.extend(self.credentials_writes(update, before, after).await?);
        writes.extend(membership_writes(Some(before), after)?);
        writes.extend(admin_write(Some(before), after));
        writes.extend(count_write(Some(before), after, self.sharding));
        writes.extend(replacement_write(before, after));
        writes.extend(password.map(password_writes).transpose()?.into_iter().flatten());
        let now = update.context.now();
        let email_change = update.email_change.map(|change| email_change_writes(change, now));
        writes.extend(email_change.transpose()?.into_iter().flatten());
        let consumed = password.and_then(|password| password.consumed_reset);
        writes.extend(reset_writes(before, after, consumed));
        writes.extend(record_erasure(before, after, now)?);
        self.commit(writes, update.context, update.audit_event(before, after)).await
    }

    /// The writes to the credentials. They follow the email address of the user.
    async fn credentials_writes(
        &self,
        update: &UserUpdate<'_>,
        before: &User,
        after: &User,
    ) -> Result<Vec<Write>, WriteError> {
        let new_hash = update.password.map(|password| password.hash);
        if before.email.normalized() == after.email.normalized() {
            return Ok(credentials_update(before, after, new_hash).into_iter().collect());
        }
        if after.is_anonymized {
            return credentials_move(before, &CredentialsItem::new(after, None), after);
        }
        let stored = match update.credentials_of(before) {
            Some(stored) => stored.clone(),
            None => self.credentials(&before.email).await?.ok_or(Conflict::StaleCredentials)?,
        };
        let item = CredentialsItem::new(after, new_hash.or(stored.hash.as_ref()));
        let set_at = if new_hash.is_some() { item.password_set_at } else { stored.password_set_at };
        let releases = stored.releases;
        let item = CredentialsItem { password_set_at: set_at, releases, ..item };
        credentials_move(before, &item, after)
    }
}

/// Is true if the profile is the one that was read.
pub(super) fn version_is(user: &User) -> Expression {
    Expression::new("#version = :version").number("version", user.version)
}

/// Replaces the profile if it is the one that was read.
pub(super) fn profile_write(
    before: &User,
    after: &User,
    sharding: Sharding,
) -> Result<Write, StoreError> {
    let write = Write::put(&Key::user(after.id), &UserItem::new(after, sharding))?;
    Ok(write.only_if(version_is(before).or_conflict(Conflict::StaleUser)))
}

/// Copies to the credentials the state, the session generation, the password, and the spelling of
/// the email address.
fn credentials_update(
    before: &User,
    after: &User,
    password: Option<&PasswordHash>,
) -> Option<Write> {
    let is_unchanged = before.is_active == after.is_active
        && before.generation == after.generation
        && before.email == after.email;
    let update = match password {
        None if is_unchanged => return None,
        None => Expression::new("SET #email = :email, #enabled = :enabled, #generation = :after"),
        Some(hash) => Expression::new(
            "SET #email = :email, #enabled = :enabled, #generation = :after, \
             #password_hash = :hash, #password_set_at = :set_at",
        )
        .string("hash", hash.expose())
        .string("set_at", after.updated_at.to_string()),
    };
    let update = update
        .string("email", after.email.as_str())
        .bool("enabled", after.is_active)
        .number("after", after.generation.0);
    let condition = credentials_unchanged(before.id, before.generation);
    Some(Write::update(&Key::credentials(&before.email), update).only_if(condition))
}

/// Moves the credentials to a new email address. The old item must be the one that was read.
fn credentials_move(
    before: &User,
    item: &CredentialsItem,
    after: &User,
) -> Result<Vec<Write>, WriteError> {
    let taken = Conflict::EmailTakenOnUpdate;
    let condition = credentials_unchanged(before.id, before.generation);
    let mut writes = vec![
        Write::create(&Key::credentials(&after.email), item, taken)?,
        Write::delete(&Key::credentials(&before.email)).only_if(condition),
    ];
    writes.extend(earlier_form_check(&after.email, Some(&before.email), taken));
    Ok(writes)
}

/// Updates the set of active administrators, which must not become empty.
pub(super) fn admin_write(before: Option<&User>, after: &User) -> Option<Write> {
    let id = AttributeValue::Ns(vec![after.id.to_string()]);
    let update = |text| Write::update(&Key::admins(), Expression::new(text).value("id", id));
    match (before.is_some_and(User::is_active_admin), after.is_active_admin()) {
        (false, true) => Some(update("ADD #ids :id")),
        (true, false) => {
            let has_others = Expression::new("size(#ids) > :one").number("one", 1);
            Some(update("DELETE #ids :id").only_if(has_others.or_conflict(Conflict::LastAdmin)))
        }
        _ => None,
    }
}

/// Updates the counters of active and inactive users.
pub(super) fn count_write(
    before: Option<&User>,
    after: &User,
    sharding: Sharding,
) -> Option<Write> {
    let update = match (before.map(|user| user.is_active), after.is_active) {
        (None, _) => Expression::new("ADD #active :one"),
        (Some(false), true) => {
            Expression::new("ADD #active :one, #inactive :less").number("less", -1)
        }
        (Some(true), false) => {
            Expression::new("ADD #inactive :one, #active :less").number("less", -1)
        }
        _ => return None,
    };
    Some(Write::update(&sharding.user_count_key(after.id), update.number("one", 1)))
}

/// Creates the session that continues, and checks the rate limit once more: concurrent guesses
/// cannot exceed it, even with the right password.
fn password_writes(password: &PasswordChange<'_>) -> Result<Vec<Write>, StoreError> {
    let Some(new_session) = password.new_session else { return Ok(Vec::new()) };
    let check = password.rate_limits.map(|limits| rate_limit_check(limits, new_session.now));
    Ok(session_writes(new_session)?.into_iter().chain(check).collect())
}

/// Creates a session, and makes its device known.
pub(super) fn session_writes(new_session: &NewSession) -> Result<[Write; 2], StoreError> {
    let NewSession { token, session, device, now } = new_session;
    let device_item = DeviceItem { expires_at: device::expires_at(*now) };
    Ok([
        Write::put(&Key::session(token), &SessionItem::from(session))?,
        Write::put(&Key::device(device), &device_item)?,
    ])
}

/// Deletes the reset token when it is used, or all when the email address changes. A token sent to
/// an old address stays invalid, even if the user gets the address back.
///
/// A new password invalidates all tokens, so others need no deletion.
fn reset_writes(before: &User, after: &User, consumed: Option<&ResetGrant<'_>>) -> Vec<Write> {
    match consumed {
        Some(grant) => {
            let key = reset_key(grant.kind(), after.id);
            let is_unused = Expression::new("#hash = :hash OR #earlier_hash = :hash");
            let is_unused = is_unused.string("hash", grant.hash().as_str());
            vec![Write::delete(&key).only_if(is_unused.or_conflict(Conflict::StaleReset))]
        }
        None if before.email.normalized() != after.email.normalized() => {
            let kinds = [ResetKind::Given, ResetKind::Emailed];
            kinds.map(|kind| Write::delete(&reset_key(kind, after.id))).into()
        }
        None => Vec::new(),
    }
}
