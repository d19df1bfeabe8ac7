//! Users of an import, as many as fit into one transaction.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use super::ImportedUser;
use crate::{
    authorization::Admin,
    domain::{GroupId, Sharding, User},
    store::{
        Conflict, Key, Store, StoreError, WriteError,
        credentials::earlier_form_check,
        expression::Expression,
        items::{CredentialsItem, MemberItem, UserItem},
        write::Write,
    },
};

/// The maximum number of writes in a transaction of DynamoDB.
const MAX_WRITES: usize = 100;

/// The number of writes that a transaction has at most besides those of users and groups: the
/// administrators, the imported passwords, and the user counts in four shards.
const COUNTER_WRITES: usize = 6;

impl Store {
    /// Creates users with their IDs, in as few transactions as possible.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::UserIdTaken`], [`Conflict::EmailTaken`] or [`Conflict::UnknownGroup`].
    /// Then some of the users may exist.
    pub async fn import_users(&self, _: &Admin, users: &[ImportedUser]) -> Result<(), WriteError> {
        let mut batch = Batch::default();
        for user in users {
            if !batch.has_room(user) {
                self.commit_unaudited(std::mem::take(&mut batch).writes(self.sharding)?).await?;
            }
            batch.push(user);
        }
        if batch.users.is_empty() {
            return Ok(());
        }
        self.commit_unaudited(batch.writes(self.sharding)?).await
    }
}

/// Users to create in one transaction.
#[derive(Default)]
struct Batch<'a> {
    users: Vec<&'a ImportedUser>,
    groups: BTreeSet<GroupId>,
    /// The number of writes of users.
    writes: usize,
}

impl<'a> Batch<'a> {
    fn has_room(&self, user: &ImportedUser) -> bool {
        let groups = self.groups.len() + user.user.groups.custom().count();
        self.writes + own_writes(user) + groups + COUNTER_WRITES <= MAX_WRITES
    }

    fn push(&mut self, user: &'a ImportedUser) {
        self.writes += own_writes(user);
        self.groups.extend(user.user.groups.custom());
        self.users.push(user);
    }

    fn writes(self, sharding: Sharding) -> Result<Vec<Write>, StoreError> {
        let mut writes = Vec::with_capacity(MAX_WRITES);
        for user in &self.users {
            writes.extend(user_writes(user, sharding)?);
        }
        writes.extend(self.groups.iter().map(|group| self.member_count(*group)));
        writes.extend(self.user_counts(sharding));
        writes.extend(self.admins());
        writes.extend(self.imported_passwords());
        Ok(writes)
    }

    /// Adds the active members to the count of a group.
    fn member_count(&self, group: GroupId) -> Write {
        let is_counted = |user: &&&ImportedUser| {
            user.user.is_active_person() && user.user.groups.contains(group)
        };
        let count = self.users.iter().filter(is_counted).count();
        let update = Expression::new("ADD #members :count, #revision :one")
            .number("count", count)
            .number("one", 1);
        let exists = Expression::new("#is_closing = :no").bool("no", false);
        Write::update(&Key::group(group), update)
            .only_if(exists.or_conflict(Conflict::UnknownGroup(group)))
    }

    fn user_counts(&self, sharding: Sharding) -> impl Iterator<Item = Write> {
        let mut counts: HashMap<Key, [usize; 2]> = HashMap::new();
        for user in self.users.iter().map(|user| &user.user) {
            let [active, inactive] = counts.entry(sharding.user_count_key(user.id)).or_default();
            *(if user.is_active { active } else { inactive }) += 1;
        }
        counts.into_iter().map(|(key, [active, inactive])| {
            let update = Expression::new("ADD #active :active, #inactive :inactive");
            let update = update.number("active", active).number("inactive", inactive);
            Write::update(&key, update)
        })
    }

    fn admins(&self) -> Option<Write> {
        let admins = self.users.iter().map(|user| &user.user).filter(|user| user.is_active_admin());
        let ids: Vec<_> = admins.map(|user| user.id.to_string()).collect();
        let update =
            || Expression::new("ADD #ids :ids").value("ids", AttributeValue::Ns(ids.clone()));
        (!ids.is_empty()).then(|| Write::update(&Key::admins(), update()))
    }

    fn imported_passwords(&self) -> Option<Write> {
        let count = self.users.iter().filter(|user| has_imported_password(user)).count();
        let update = || Expression::new("ADD #remaining :count").number("count", count);
        (count > 0).then(|| Write::update(&Key::imported_passwords(), update()))
    }
}

fn has_imported_password(user: &ImportedUser) -> bool {
    user.password.as_ref().is_some_and(crate::auth::password_hash::PasswordHash::is_imported)
}

/// The number of writes of a user, without those of the groups: profile, credentials, the check of
/// the earlier form of the address, and the member items.
fn own_writes(ImportedUser { user, .. }: &ImportedUser) -> usize {
    2 + usize::from(user.email.earlier_form().is_some()) + user.groups.custom().count()
}

fn user_writes(imported: &ImportedUser, sharding: Sharding) -> Result<Vec<Write>, StoreError> {
    let has_imported_password = has_imported_password(imported);
    let user = User { has_imported_password, ..imported.user.clone() };
    let credentials = CredentialsItem {
        password_set_at: imported.password_set_at,
        ..CredentialsItem::new(&user, imported.password.as_ref())
    };
    let profile = UserItem::new(&user, sharding);
    let taken = Conflict::EmailTaken;
    let mut writes = vec![
        Write::create(&Key::user(user.id), &profile, Conflict::UserIdTaken)?,
        Write::create(&Key::credentials(&user.email), &credentials, taken)?,
    ];
    writes.extend(earlier_form_check(&user.email, None, taken));
    for group in user.groups.custom() {
        let member = MemberItem { user_id: user.id.get() };
        writes.push(Write::put(&Key::member(group, user.id), &member)?);
    }
    Ok(writes)
}
