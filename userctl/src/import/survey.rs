//! The first reading: all groups, memberships and API keys, and the addresses of all users.
//!
//! A user takes some 100 bytes of memory, and a membership 8, so that the memory hardly grows with
//! the source.

use std::collections::{BTreeMap, HashMap, HashSet};

use sha2::{Digest, Sha256};
use shared::{
    auth::{metabase_hash::BcryptCost, password_hash::PasswordHash},
    domain::{GroupId, UserId},
};

use super::{
    Kind,
    incoming::{Incoming, IncomingGroup, IncomingKey, IncomingUser, PeopleSource, Row},
    report::Report,
};
use crate::Failure;

/// The number of rows between two updates of the progress bar.
const PROGRESS_STEP: u64 = 1_000;

/// The result of the first reading.
#[derive(Default)]
pub(super) struct Survey {
    /// The groups, by their ID in the source, with their places.
    pub(super) groups: BTreeMap<u64, (String, IncomingGroup)>,
    /// User and group of each membership, sorted.
    memberships: Vec<(u32, u32)>,
    /// The API keys with their places.
    pub(super) keys: Vec<(String, IncomingKey)>,
    /// The owner of each address, by the first half of the hash of its normalized form.
    owners: HashMap<u128, u32>,
    /// All users.
    ids: HashSet<u32>,
    /// The users that cannot be imported.
    refused: HashSet<u32>,
    /// The active administrators.
    pub(super) admins: HashSet<u64>,
    /// The highest ID of users and API keys.
    pub(super) last_user: Option<UserId>,
    /// The highest cost of the passwords.
    pub(super) cost: Option<BcryptCost>,
    /// The number of users who manage a group.
    managers: usize,
}

impl Survey {
    /// Reads a source.
    pub(super) fn read(
        source: &dyn PeopleSource,
        report: &mut Report<'_>,
    ) -> Result<Self, Failure> {
        let mut survey = Self::default();
        let bar = report.progress(source.size());
        let mut rows = source.rows()?;
        let mut count: u64 = 0;
        while let Some(row) = rows.next()? {
            survey.add(row, report)?;
            count += 1;
            if count.is_multiple_of(PROGRESS_STEP) {
                bar.set_position(rows.position());
            }
        }
        bar.finish_and_clear();
        survey.finish(report)?;
        Ok(survey)
    }

    fn add(
        &mut self,
        Row { place, incoming }: Row,
        report: &mut Report<'_>,
    ) -> Result<(), Failure> {
        match incoming {
            Incoming::User(user) => self.add_user(&place, &user, report)?,
            Incoming::Group(group) => self.add_group(place, group, report)?,
            Incoming::Membership { user, group, is_manager } => {
                self.managers += usize::from(is_manager);
                self.memberships.extend(u32::try_from(user).ok().zip(u32::try_from(group).ok()));
            }
            Incoming::ApiKey(key) => {
                let id = UserId::try_from(key.user).ok();
                self.last_user = self.last_user.max(id);
                self.keys.push((place, *key));
            }
            Incoming::ServiceUser => {}
            Incoming::Skipped(reason) => report.skipped(reason),
            Incoming::Refused(refused) => {
                let id = refused.id.filter(|_| refused.kind == Kind::User);
                self.refused.extend(id.and_then(|id| u32::try_from(id).ok()));
                report.refuse(&place, (refused.kind, refused.id), &refused.reason)?;
            }
        }
        Ok(())
    }

    fn add_user(
        &mut self,
        place: &str,
        incoming: &IncomingUser,
        report: &mut Report<'_>,
    ) -> Result<(), Failure> {
        let user = &incoming.user;
        let subject = (Kind::User, Some(user.id.get()));
        let Ok(id) = u32::try_from(user.id.get()) else {
            return report.refuse(place, subject, "the ID is greater than 4,294,967,295");
        };
        if !self.ids.insert(id) {
            self.refused.insert(id);
            return report.refuse(place, subject, "the user is in the source twice");
        }
        let owner = *self.owners.entry(address_hash(incoming)).or_insert(id);
        if owner != id {
            self.refused.insert(id);
            let reason = format!("the address is, in another spelling, that of user {owner}, too");
            return report.refuse(place, subject, &reason);
        }
        for note in &incoming.notes {
            report.note(place, subject, note)?;
        }
        self.last_user = self.last_user.max(Some(user.id));
        let cost = incoming.password.as_ref().and_then(PasswordHash::imported_cost);
        self.cost = self.cost.max(cost);
        if user.is_active_admin() {
            self.admins.insert(user.id.get());
        }
        Ok(())
    }

    fn add_group(
        &mut self,
        place: String,
        group: IncomingGroup,
        report: &mut Report<'_>,
    ) -> Result<(), Failure> {
        let id = match &group {
            IncomingGroup::Builtin { id, .. } => *id,
            IncomingGroup::Custom { id, .. } => id.get(),
        };
        match self.groups.entry(id) {
            std::collections::btree_map::Entry::Occupied(_) => {
                report.refuse(&place, (Kind::Group, Some(id)), "the group is in the source twice")
            }
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert((place, group));
                Ok(())
            }
        }
    }

    fn finish(&mut self, report: &mut Report<'_>) -> Result<(), Failure> {
        self.memberships.sort_unstable();
        self.memberships.dedup();
        if self.managers > 0 {
            let reason = format!(
                "{} members manage a group; they stay members, because managers do not exist here",
                self.managers
            );
            report.note("", (Kind::Membership, None), &reason)?;
        }
        Ok(())
    }

    /// The IDs of the groups of a user in the source.
    pub(super) fn groups_of(&self, user: u64) -> impl Iterator<Item = u64> + '_ {
        let user = u32::try_from(user).unwrap_or(u32::MAX);
        let start = self.memberships.partition_point(|(one, _)| *one < user);
        let members = self.memberships.get(start..).unwrap_or_default().iter();
        members.take_while(move |(one, _)| *one == user).map(|(_, group)| u64::from(*group))
    }

    /// Whether a user is in the source.
    pub(super) fn contains(&self, user: u64) -> bool {
        u32::try_from(user).is_ok_and(|id| self.ids.contains(&id))
    }

    /// Whether a user cannot be imported.
    pub(super) fn is_refused(&self, user: UserId) -> bool {
        u32::try_from(user.get()).map_or(true, |id| self.refused.contains(&id))
    }

    /// The highest ID of a group.
    pub(super) fn last_group(&self) -> Option<GroupId> {
        self.groups.keys().next_back().and_then(|id| GroupId::try_from(*id).ok())
    }
}

/// Half of the hash of a normalized address: short, and without collisions in practice.
fn address_hash(incoming: &IncomingUser) -> u128 {
    let hash: [u8; 32] = Sha256::digest(incoming.user.email.normalized()).into();
    hash.first_chunk().map_or(0, |half| u128::from_be_bytes(*half))
}
