//! What a change of an account writes: derived from what it was and what it becomes.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Conflict, Key, Opening, Replacement, Store, StoreError, WriteError,
    audit::{Deed, Fields},
    expression::Expression,
    items::{LoginItem, SessionItem, UserItem},
    logins::unchanged_claim,
    transaction::Transaction,
};
use crate::{
    auth::{hash::PasswordHash, reset::ResetGrant, token::TokenHash},
    domain::{Action, Expected, Origin, User},
    permissions::Access,
};

/// A change of an account on its way to the table: whose it is, and what it is called.
pub(super) struct Edit<'a> {
    /// The account as it was read.
    pub(super) user: &'a User,
    /// The states in which the request wants to meet it.
    pub(super) expected: Expected,
    origin: &'a Origin,
    action: Action,
    password: Option<&'a Replacement<'a>>,
}

impl<'a> Edit<'a> {
    pub(super) fn new(access: &'a Access, action: Action) -> Self {
        let (user, expected) = access.known();
        Self { user, expected: expected.clone(), origin: access.origin(), action, password: None }
    }

    /// What whoever has a reset token does.
    pub(super) fn by_reset(grant: &'a ResetGrant<'_>) -> Self {
        let (user, expected) = (grant.user(), Expected::default());
        let action = Action::ResetPassword;
        Self { user, expected, origin: grant.origin(), action, password: None }
    }

    /// The same with a new password.
    pub(super) fn with(self, password: &'a Replacement<'a>) -> Self {
        Self { password: Some(password), ..self }
    }

    fn deed(&self, before: &User, after: &User) -> Deed<'a> {
        let fields = fields(Some(before), after, self.password.is_some());
        Deed::to_user(self.origin, self.action, after.id).changing(fields)
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
    pub(super) async fn save(
        &self,
        edit: &Edit<'_>,
        before: &User,
        after: &User,
    ) -> Result<(), WriteError> {
        let new = edit.password;
        let transaction = self.transaction().profile(before, after)?;
        let transaction = if before.email.key() == after.email.key() {
            transaction.login(before, after, new.map(|new| new.hash))?
        } else if after.is_anonymized {
            transaction.move_login(before, after, None)?
        } else {
            let login = self.login(&before.email).await?.ok_or(Conflict::StaleLogin)?;
            let hash = new.map(|new| new.hash).or(login.hash.as_ref());
            transaction.move_login(before, after, hash)?
        };
        transaction
            .memberships(Some(before), after)?
            .admins(Some(before), after)?
            .tally(Some(before), after)?
            .session(new.and_then(|new| new.session))?
            .guessed(new)?
            .reset(before, after, new.and_then(|new| new.spends))?
            .commit(edit.deed(before, after))
            .await
    }
}

/// Holds while the profile of an account is the one that was read.
pub(super) fn unchanged(user: &User) -> Expression {
    Expression::new("#version = :version").number("version", user.version)
}

impl Transaction<'_> {
    /// The profile, while it is still the one that was read.
    pub(super) fn profile(self, before: &User, after: &User) -> Result<Self, StoreError> {
        let condition = unchanged(before).guards_against(Conflict::StaleUser);
        let item = UserItem::new(after, self.layout());
        self.put(&Key::user(after.id), &item, Some(condition))
    }

    /// The credentials follow the account's state, its generation of sessions, its password, and another
    /// spelling of its address.
    fn login(
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
            .text("hash", hash.expose()),
        };
        let update = update
            .text("email", after.email.as_str())
            .flag("enabled", after.is_active)
            .number("after", after.generation.0);
        let unchanged = unchanged_claim(before.id, before.generation);
        self.update(&Key::login(&before.email), update, Some(unchanged))
    }

    /// A new address is a new claim, with the same password unless there is to be none; the old claim must be as it was read.
    fn move_login(
        self,
        before: &User,
        after: &User,
        password: Option<&PasswordHash>,
    ) -> Result<Self, StoreError> {
        let claim = LoginItem::new(after, password);
        self.create(&Key::login(&after.email), &claim, Conflict::EmailOfAnother)?
            .delete(&Key::login(&before.email), unchanged_claim(before.id, before.generation))
    }

    /// The set of active administrators never becomes empty.
    pub(super) fn admins(self, before: Option<&User>, after: &User) -> Result<Self, StoreError> {
        let was = before.is_some_and(User::is_active_admin);
        let (change, condition) = match (was, after.is_active_admin()) {
            (false, true) => (Expression::new("ADD #ids :id"), None),
            (true, false) => {
                let others = Expression::new("size(#ids) > :one").number("one", 1);
                (
                    Expression::new("DELETE #ids :id"),
                    Some(others.guards_against(Conflict::LastAdmin)),
                )
            }
            _ => return Ok(self),
        };
        let id = AttributeValue::Ns(vec![after.id.to_string()]);
        self.update(&Key::admins(), change.value("id", id), condition)
    }

    pub(super) fn tally(self, before: Option<&User>, after: &User) -> Result<Self, StoreError> {
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
        let tally = self.layout().tally(after.id);
        self.update(&tally, update.number("one", 1), None)
    }

    /// A reset token is spent once; one that was sent to another address is worth nothing, also when the
    /// address comes back.
    fn reset(
        self,
        before: &User,
        after: &User,
        spent: Option<&TokenHash>,
    ) -> Result<Self, StoreError> {
        let condition = match spent {
            Some(hash) => {
                let unspent = Expression::new("#hash = :hash").text("hash", hash.as_str());
                Some(unspent.guards_against(Conflict::StaleReset))
            }
            None if before.email.key() != after.email.key() => None,
            None => return Ok(self),
        };
        self.delete(&Key::reset(after.id), condition)
    }

    /// The right password among too many wrong ones is worth nothing, as at a login.
    fn guessed(self, new: Option<&Replacement<'_>>) -> Result<Self, StoreError> {
        match new.and_then(|new| new.guesses.zip(new.session)) {
            None => Ok(self),
            Some((guesses, opening)) => self.throttle(guesses, opening.now),
        }
    }

    fn session(self, opening: Option<&Opening>) -> Result<Self, StoreError> {
        match opening {
            None => Ok(self),
            Some(opening) => {
                self.put(&Key::session(&opening.token), &SessionItem::from(&opening.session), None)
            }
        }
    }
}
