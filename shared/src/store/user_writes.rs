//! What a change of an account writes: derived from what it was and what it becomes.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Conflict, Key, NewSession, PasswordChange, Store, StoreError, WriteError,
    audit_write::{Fields, NewAuditEvent},
    credentials::credentials_unchanged,
    expression::Expression,
    items::{CredentialsItem, SessionItem, UserItem},
    transaction::Transaction,
};
use crate::{
    auth::{password_hash::PasswordHash, reset_token::ResetGrant, token::TokenHash},
    authorization::UserAccess,
    domain::{Action, AuditContext, Preconditions, User},
};

/// A change of an account on its way to the table: whose it is, and what it is called.
pub(super) struct UserUpdate<'a> {
    /// The account as it was read.
    pub(super) user: &'a User,
    /// The states in which the request wants to meet it.
    pub(super) preconditions: Preconditions,
    origin: &'a AuditContext,
    action: Action,
    password: Option<&'a PasswordChange<'a>>,
}

impl<'a> UserUpdate<'a> {
    pub(super) fn new(access: &'a UserAccess, action: Action) -> Self {
        let (user, expected) = access.target_and_preconditions();
        Self {
            user,
            preconditions: expected.clone(),
            origin: access.origin(),
            action,
            password: None,
        }
    }

    /// What whoever has a reset token does.
    pub(super) fn from_reset(grant: &'a ResetGrant<'_>) -> Self {
        let (user, expected) = (grant.user(), Preconditions::default());
        let action = Action::ResetPassword;
        Self { user, preconditions: expected, origin: grant.origin(), action, password: None }
    }

    /// The same with a new password.
    pub(super) fn with_password(self, password: &'a PasswordChange<'a>) -> Self {
        Self { password: Some(password), ..self }
    }

    fn audit_event(&self, before: &User, after: &User) -> NewAuditEvent<'a> {
        let fields = fields(Some(before), after, self.password.is_some());
        NewAuditEvent::on_user(self.origin, self.action, after.id).with_fields(fields)
    }
}

/// What the audit trail tells of a change of an account.
pub(super) fn fields(before: Option<&User>, after: &User, password: bool) -> Fields {
    let mut fields = after.changed_fields(before);
    fields.extend(password.then_some("password".into()));
    fields
}

impl Store {
    /// The one place that knows which items a change of an account touches.
    pub(super) async fn write_user(
        &self,
        edit: &UserUpdate<'_>,
        before: &User,
        after: &User,
    ) -> Result<(), WriteError> {
        let new = edit.password;
        let transaction = self.transaction().put_profile(before, after)?;
        let transaction = if before.email.normalized() == after.email.normalized() {
            transaction.update_credentials(before, after, new.map(|new| new.hash))?
        } else if after.is_anonymized {
            transaction.move_credentials(before, after, None)?
        } else {
            let login = self.credentials(&before.email).await?.ok_or(Conflict::StaleCredentials)?;
            let hash = new.map(|new| new.hash).or(login.hash.as_ref());
            transaction.move_credentials(before, after, hash)?
        };
        transaction
            .memberships(Some(before), after)?
            .update_admins(Some(before), after)?
            .update_counts(Some(before), after)?
            .put_session(new.and_then(|new| new.new_session))?
            .check_rate_limits(new)?
            .delete_reset(before, after, new.and_then(|new| new.consumed_reset))?
            .commit(edit.audit_event(before, after))
            .await
    }
}

/// Holds while the profile of an account is the one that was read.
pub(super) fn version_is(user: &User) -> Expression {
    Expression::new("#version = :version").number("version", user.version)
}

impl Transaction<'_> {
    /// The profile, while it is still the one that was read.
    pub(super) fn put_profile(self, before: &User, after: &User) -> Result<Self, StoreError> {
        let condition = version_is(before).or_conflict(Conflict::StaleUser);
        let item = UserItem::new(after, self.layout());
        self.put(&Key::user(after.id), &item, Some(condition))
    }

    /// The credentials follow the account's state, its generation of sessions, its password, and another
    /// spelling of its address.
    fn update_credentials(
        self,
        before: &User,
        after: &User,
        password: Option<&PasswordHash>,
    ) -> Result<Self, StoreError> {
        let same = before.is_active == after.is_active
            && before.generation == after.generation
            && before.email == after.email;
        let update = match password {
            None if same => return Ok(self),
            None => Expression::new("SET #email = :email, #enabled = :enabled, #generation = :after"),
            Some(hash) => Expression::new(
                "SET #email = :email, #enabled = :enabled, #generation = :after, #password_hash = :hash",
            )
            .string("hash", hash.expose()),
        };
        let update = update
            .string("email", after.email.as_str())
            .bool("enabled", after.is_active)
            .number("after", after.generation.0);
        let unchanged = credentials_unchanged(before.id, before.generation);
        self.update(&Key::credentials(&before.email), update, Some(unchanged))
    }

    /// A new address is a new claim, with the same password unless there is to be none; the old claim must be as it was read.
    fn move_credentials(
        self,
        before: &User,
        after: &User,
        password: Option<&PasswordHash>,
    ) -> Result<Self, StoreError> {
        let claim = CredentialsItem::new(after, password);
        self.create(&Key::credentials(&after.email), &claim, Conflict::EmailTakenOnUpdate)?.delete(
            &Key::credentials(&before.email),
            credentials_unchanged(before.id, before.generation),
        )
    }

    /// The set of active administrators never becomes empty.
    pub(super) fn update_admins(
        self,
        before: Option<&User>,
        after: &User,
    ) -> Result<Self, StoreError> {
        let was = before.is_some_and(User::is_active_admin);
        let (change, condition) = match (was, after.is_active_admin()) {
            (false, true) => (Expression::new("ADD #ids :id"), None),
            (true, false) => {
                let others = Expression::new("size(#ids) > :one").number("one", 1);
                (Expression::new("DELETE #ids :id"), Some(others.or_conflict(Conflict::LastAdmin)))
            }
            _ => return Ok(self),
        };
        let id = AttributeValue::Ns(vec![after.id.to_string()]);
        self.update(&Key::admins(), change.value("id", id), condition)
    }

    pub(super) fn update_counts(
        self,
        before: Option<&User>,
        after: &User,
    ) -> Result<Self, StoreError> {
        let update = match (before.map(|user| user.is_active), after.is_active) {
            (None, _) => Expression::new("ADD #active :one"),
            (Some(false), true) => {
                Expression::new("ADD #active :one, #inactive :less").number("less", -1)
            }
            (Some(true), false) => {
                Expression::new("ADD #inactive :one, #active :less").number("less", -1)
            }
            _ => return Ok(self),
        };
        let tally = self.layout().user_count_key(after.id);
        self.update(&tally, update.number("one", 1), None)
    }

    /// A reset token is spent once; one that was sent to another address is worth nothing, also when the
    /// address comes back.
    fn delete_reset(
        self,
        before: &User,
        after: &User,
        spent: Option<&TokenHash>,
    ) -> Result<Self, StoreError> {
        let condition = match spent {
            Some(hash) => {
                let unspent = Expression::new("#hash = :hash").string("hash", hash.as_str());
                Some(unspent.or_conflict(Conflict::StaleReset))
            }
            None if before.email.normalized() != after.email.normalized() => None,
            None => return Ok(self),
        };
        self.delete(&Key::reset(after.id), condition)
    }

    /// The right password among too many wrong ones is worth nothing, as at a login.
    fn check_rate_limits(self, new: Option<&PasswordChange<'_>>) -> Result<Self, StoreError> {
        match new.and_then(|new| new.rate_limits.zip(new.new_session)) {
            None => Ok(self),
            Some((guesses, opening)) => self.check_rate_limit(guesses, opening.now),
        }
    }

    fn put_session(self, opening: Option<&NewSession>) -> Result<Self, StoreError> {
        match opening {
            None => Ok(self),
            Some(opening) => {
                self.put(&Key::session(&opening.token), &SessionItem::from(&opening.session), None)
            }
        }
    }
}
