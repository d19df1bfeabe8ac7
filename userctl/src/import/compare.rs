//! The second reading: each user with the groups, compared with the table.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use shared::{
    authorization::Admin,
    domain::{Email, Group, GroupId, GroupName, GroupSet, Instance, User, UserId},
    store::{ImportPreparation, Store},
};

use super::{
    Choices, Kind,
    incoming::{Incoming, IncomingGroup, IncomingKey, IncomingUser, PeopleSource},
    keys::{self, PlannedKey},
    report::Report,
    survey::Survey,
};
use crate::Failure;

/// The number of users that are compared with one read of the table.
const BATCH: usize = 100;

/// What an import writes.
pub(super) struct Plan {
    survey: Survey,
    /// Whether the instance is set up.
    is_set_up: bool,
    /// The users to create, by their ID in the source.
    pub(super) users: BTreeSet<u64>,
    /// The users to create who get a new ID.
    pub(super) renumbered: BTreeSet<u64>,
    /// The users who exist here under another ID.
    pub(super) elsewhere: HashMap<u64, UserId>,
    /// The groups to create.
    pub(super) groups: Vec<Group>,
    /// The group here for each group of the source.
    group_ids: HashMap<u64, GroupId>,
    /// The API keys to create.
    pub(super) keys: Vec<PlannedKey>,
}

impl Plan {
    /// Compares a source with the table.
    pub(super) async fn new(
        source: &dyn PeopleSource,
        survey: Survey,
        store: &Store,
        choices: &Choices,
        report: &mut Report<'_>,
    ) -> Result<Self, Failure> {
        let is_set_up = store.instance().await?.is_some();
        let mut plan = Self {
            survey,
            is_set_up,
            users: BTreeSet::new(),
            renumbered: BTreeSet::new(),
            elsewhere: HashMap::new(),
            groups: Vec::new(),
            group_ids: HashMap::new(),
            keys: Vec::new(),
        };
        plan.compare_groups(store, choices, report).await?;
        plan.compare_users(source, store, choices, report).await?;
        plan.keys = keys::compare(&plan, &plan.survey, store, choices, report).await?;
        if !is_set_up && plan.survey.admins.is_empty() && !plan.users.is_empty() {
            let reason = "the source has no active administrator, so nobody could manage the users";
            report.refuse("", (Kind::User, None), reason)?;
        }
        Ok(plan)
    }

    /// The facts about the whole import for its first write.
    pub(super) fn preparation(&self, instance: Instance) -> ImportPreparation {
        let groups = self.groups.iter().map(|group| group.id).max();
        ImportPreparation {
            instance,
            last_user: self.survey.last_user,
            last_group: self.survey.last_group().max(groups),
            cost: self.survey.cost,
        }
    }

    /// Whether there is nothing to create.
    pub(super) fn is_empty(&self) -> bool {
        self.users.is_empty() && self.groups.is_empty() && self.keys.is_empty()
    }

    async fn compare_groups(
        &mut self,
        store: &Store,
        choices: &Choices,
        report: &mut Report<'_>,
    ) -> Result<(), Failure> {
        let here =
            if self.is_set_up { store.groups(&Admin::of_operator()).await? } else { Vec::new() };
        let mut here = Groups::new(here, self.survey.last_group());
        for (source_id, (place, group)) in &self.survey.groups {
            let (id, name) = match group {
                IncomingGroup::Builtin { here, .. } => {
                    self.group_ids.insert(*source_id, *here);
                    report.same(Kind::Group);
                    continue;
                }
                IncomingGroup::Custom { id, name } => (*id, name),
            };
            match here.place(id, name, choices.options.new_ids) {
                Ok(Placed::New(id)) => {
                    self.group_ids.insert(*source_id, id);
                    self.groups.push(Group::new(id, name.clone()));
                }
                Ok(Placed::Same(same)) => {
                    self.group_ids.insert(*source_id, same);
                    report.same(Kind::Group);
                    if same != id {
                        let note = format!("the group is group {same} here");
                        report.note(place, (Kind::Group, Some(*source_id)), &note)?;
                    }
                }
                Err(reason) => report.refuse(place, (Kind::Group, Some(*source_id)), &reason)?,
            }
        }
        Ok(())
    }

    async fn compare_users(
        &mut self,
        source: &dyn PeopleSource,
        store: &Store,
        choices: &Choices,
        report: &mut Report<'_>,
    ) -> Result<(), Failure> {
        let bar = report.progress(source.size());
        let mut rows = source.rows()?;
        let mut batch = Vec::with_capacity(BATCH);
        while let Some(row) = rows.next()? {
            let Incoming::User(incoming) = row.incoming else { continue };
            if self.survey.is_refused(incoming.user.id) {
                continue;
            }
            batch.push((row.place, self.complete(*incoming)));
            if batch.len() == BATCH {
                self.compare_batch(&mut batch, store, choices, report).await?;
                bar.set_position(rows.position());
            }
        }
        self.compare_batch(&mut batch, store, choices, report).await?;
        bar.finish_and_clear();
        Ok(())
    }

    async fn compare_batch(
        &mut self,
        batch: &mut Vec<(String, IncomingUser)>,
        store: &Store,
        choices: &Choices,
        report: &mut Report<'_>,
    ) -> Result<(), Failure> {
        let here = if self.is_set_up { Here::read(batch, store).await? } else { Here::default() };
        for (place, IncomingUser { user, .. }) in batch.drain(..) {
            let subject = (Kind::User, Some(user.id.get()));
            match here.find(&user, choices.options.new_ids) {
                Found::Nobody if user.groups.count() > GroupSet::MAX => {
                    let reason = format!(
                        "the user has {} groups, and at most {} are possible here",
                        user.groups.count(),
                        GroupSet::MAX
                    );
                    report.refuse(&place, subject, &reason)?;
                }
                Found::Nobody => {
                    self.users.insert(user.id.get());
                }
                Found::IdTaken => {
                    self.users.insert(user.id.get());
                    self.renumbered.insert(user.id.get());
                    report.note(
                        &place,
                        subject,
                        "the ID belongs to another user here; a new one",
                    )?;
                }
                Found::Elsewhere(here) => {
                    self.elsewhere.insert(user.id.get(), here);
                    report.same(Kind::User);
                }
                Found::Same(differences) if differences.is_empty() => report.same(Kind::User),
                Found::Same(differences) => report.differs(&place, subject, &differences)?,
                Found::Conflict(reason) => report.refuse(&place, subject, &reason)?,
            }
        }
        Ok(())
    }

    /// The user with all groups, by their IDs here.
    pub(super) fn complete(&self, incoming: IncomingUser) -> IncomingUser {
        let user = incoming.user;
        let more = self.survey.groups_of(user.id.get());
        let more = more.filter_map(|group| self.group_ids.get(&group).copied());
        let groups = user.groups.iter().chain(more).collect();
        IncomingUser { user: User { groups, ..user }, ..incoming }
    }

    /// An API key of the source, and its place.
    pub(super) fn key(&self, index: usize) -> Option<(&str, &IncomingKey)> {
        self.survey.keys.get(index).map(|(place, key)| (place.as_str(), key))
    }

    /// The group of an API key: that of its user besides All Users.
    pub(super) fn key_groups(&self, user: u64) -> GroupSet {
        let groups = self.survey.groups_of(user);
        groups.filter_map(|group| self.group_ids.get(&group).copied()).collect()
    }
}

/// The groups of the table, and those to create.
struct Groups {
    by_id: BTreeMap<GroupId, String>,
    by_name: HashMap<String, GroupId>,
    last: u64,
}

enum Placed {
    New(GroupId),
    Same(GroupId),
}

impl Groups {
    fn new(here: Vec<Group>, last: Option<GroupId>) -> Self {
        let mut groups = Self { by_id: BTreeMap::new(), by_name: HashMap::new(), last: 2 };
        groups.last = groups.last.max(last.map_or(0, GroupId::get));
        for group in here {
            groups.add(group.id, &group.name);
        }
        groups
    }

    fn add(&mut self, id: GroupId, name: &GroupName) {
        self.last = self.last.max(id.get());
        self.by_id.insert(id, name.as_str().to_owned());
        self.by_name.insert(name.normalized(), id);
    }

    /// Finds the place of a group here.
    fn place(&mut self, id: GroupId, name: &GroupName, new_ids: bool) -> Result<Placed, String> {
        if let Some(same) = self.by_name.get(&name.normalized()) {
            return Ok(Placed::Same(*same));
        }
        let owner = match id.builtin() {
            Some(builtin) => Some(builtin.name()),
            None => self.by_id.get(&id).map(String::as_str),
        };
        let id = match owner {
            None => id,
            Some(_) if new_ids => GroupId::try_from(self.last.saturating_add(1))
                .map_err(|_| "there are no group IDs left".to_owned())?,
            Some(owner) => {
                return Err(format!("the ID belongs to the group {owner} here (--new-ids helps)"));
            }
        };
        self.add(id, name);
        Ok(Placed::New(id))
    }
}

/// The users of the table with the IDs or addresses of a batch.
#[derive(Default)]
struct Here {
    users: HashMap<UserId, User>,
    owners: HashMap<String, UserId>,
}

/// The place of a user of the source in the table.
enum Found {
    /// Neither ID nor address exist.
    Nobody,
    /// The ID belongs to another user, and the user gets a new one.
    IdTaken,
    /// The user exists under another ID.
    Elsewhere(UserId),
    /// The user exists, with the names of fields that differ.
    Same(Vec<&'static str>),
    /// The user cannot be created.
    Conflict(String),
}

impl Here {
    async fn read(batch: &[(String, IncomingUser)], store: &Store) -> Result<Self, Failure> {
        let admin = Admin::of_operator();
        let users = batch.iter().map(|(_, incoming)| &incoming.user);
        let ids: Vec<_> = users.clone().map(|user| user.id).collect();
        let here = store.stored_users(&admin, &ids).await?;
        let is_other = |user: &&User| !here.get(&user.id).is_some_and(|same| is_same(same, user));
        let emails: Vec<Email> = users.filter(is_other).map(|user| user.email.clone()).collect();
        let owners = store.owners(&admin, &emails).await?;
        Ok(Self { users: here, owners })
    }

    fn find(&self, user: &User, new_ids: bool) -> Found {
        let by_id = self.users.get(&user.id);
        if let Some(here) = by_id.filter(|here| is_same(here, user)) {
            return Found::Same(differences(here, user));
        }
        match (self.owners.get(&user.email.normalized()), by_id) {
            (Some(owner), _) if new_ids => Found::Elsewhere(*owner),
            (Some(owner), _) => Found::Conflict(format!(
                "the address belongs to user {owner} here (--new-ids takes them for the same)"
            )),
            (None, Some(_)) if new_ids => Found::IdTaken,
            (None, Some(other)) => Found::Conflict(format!(
                "the ID belongs to {} here (--new-ids gives a new one)",
                other.email.as_str()
            )),
            (None, None) => Found::Nobody,
        }
    }
}

fn is_same(here: &User, user: &User) -> bool {
    here.email.normalized() == user.email.normalized()
}

/// The names of the fields that differ.
fn differences(here: &User, user: &User) -> Vec<&'static str> {
    let fields = [
        ("first_name", here.first_name == user.first_name),
        ("last_name", here.last_name == user.last_name),
        ("is_active", here.is_active == user.is_active),
        ("groups", here.groups == user.groups),
        ("locale", here.locale == user.locale),
        ("login_attributes", here.login_attributes == user.login_attributes),
        ("sso_source", here.sso_source == user.sso_source),
    ];
    fields.into_iter().filter(|(_, is_equal)| !is_equal).map(|(name, _)| name).collect()
}
