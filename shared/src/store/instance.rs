//! The instance: set up once, and named.

use super::{
    Conflict, Key, NewSession, RateLimits, Store, StoreError, WriteError,
    audit_write::NewAuditEvent,
    batch_get::LoadedItems,
    items::{
        AdminsItem, CounterItem, CredentialsItem, GroupItem, InstanceItem, SessionItem,
        UserCountItem, UserItem,
    },
    rate_limits::RateLimitQuery,
    transaction::Transaction,
    user_writes::fields,
};
use crate::{
    auth::password_hash::PasswordHash,
    authorization::SetupGrant,
    domain::{Action, BuiltinGroup, GroupId, Locale, NewUser, RateLimit, SiteName, User},
};

/// An instance that is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its name.
    pub site_name: Option<SiteName>,
    /// Its language.
    pub site_locale: Option<Locale>,
}

/// What an instance is set up with.
#[derive(Debug)]
pub struct SetupRequest {
    /// The first administrator.
    pub admin: NewUser,
    /// The administrator's password.
    pub password: PasswordHash,
    /// The name and the language.
    pub instance: Instance,
}

impl Store {
    /// The instance, if it is set up.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn instance(&self) -> Result<Option<Instance>, StoreError> {
        self.read(vec![Key::instance()]).await?.take_instance()
    }

    /// The instance, if it is set up, and how often a source has guessed the setup token.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn setup_attempt(
        &self,
        source: &str,
    ) -> Result<(Option<Instance>, RateLimits), StoreError> {
        let watched = RateLimitQuery::new(RateLimit::SETUP_PER_IP, source);
        let mut found = self.read(watched.keys().chain([Key::instance()]).collect()).await?;
        Ok((found.take_instance()?, found.take_rate_limits(watched)?))
    }

    /// Sets the instance up, in one transaction: the two groups that always exist, the first
    /// administrator with number 1, and a session.
    ///
    /// # Errors
    ///
    /// [`Conflict::AlreadySetUp`]; [`Conflict::Throttled`] when too many guesses of the token came first.
    pub async fn set_up(
        &self,
        grant: &SetupGrant<'_>,
        installation: SetupRequest,
        opening: &NewSession,
    ) -> Result<(), WriteError> {
        let now = opening.now;
        let admin = User::first_admin(installation.admin, now);
        let taken = Conflict::AlreadySetUp;
        let login = CredentialsItem::new(&admin, Some(&installation.password));
        let deed = NewAuditEvent::on_user(grant.origin(), Action::Setup, admin.id);
        self.transaction()
            .create(&Key::instance(), &InstanceItem::new(installation.instance, now), taken)?
            .create(&Key::user(admin.id), &UserItem::new(&admin, self.sharding), taken)?
            .create(&Key::credentials(&admin.email), &login, taken)?
            .create_counters(&admin, taken)?
            .create_builtin_groups(taken)?
            .put(&Key::session(&opening.token), &SessionItem::from(&opening.session), None)?
            .check_rate_limit(grant.rate_limits(), now)?
            .commit(deed.with_fields(fields(None, &admin, true)))
            .await
    }
}

impl LoadedItems {
    fn take_instance(&mut self) -> Result<Option<Instance>, StoreError> {
        let item: Option<InstanceItem> = self.take("instance", &Key::instance())?;
        Ok(item.map(|item| Instance {
            site_name: item.site_name.map(SiteName::from_stored),
            site_locale: item.site_locale.map(Locale::from_stored),
        }))
    }
}

impl Transaction<'_> {
    /// What counts accounts and administrators, at one.
    fn create_counters(self, admin: &User, taken: Conflict) -> Result<Self, StoreError> {
        let id = admin.id.get();
        let tally = self.layout().user_count_key(admin.id);
        self.create(&Key::admins(), &AdminsItem { ids: vec![id] }, taken)?
            .create(&Key::user_counter(), &CounterItem { last: id }, taken)?
            .create(&tally, &UserCountItem { active: 1, inactive: 0 }, taken)
    }

    /// The groups that always exist; others are numbered after them.
    fn create_builtin_groups(self, taken: Conflict) -> Result<Self, StoreError> {
        let last = CounterItem { last: GroupId::ADMINISTRATORS.get() };
        let transaction = self.create(&Key::group_counter(), &last, taken)?;
        BuiltinGroup::ALL.into_iter().try_fold(transaction, |transaction, magic| {
            let group = GroupItem::new(magic.id(), magic.name());
            transaction.create(&Key::group(magic.id()), &group, taken)
        })
    }
}
