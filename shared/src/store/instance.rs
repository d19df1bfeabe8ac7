//! The instance: its public attributes, and its setup.

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    audit::NewAuditEvent,
    batch_get::LoadedItems,
    expression::Expression,
    items::{
        AdminsItem, CounterItem, CredentialsItem, GroupItem, InstanceItem, UserCountItem, UserItem,
    },
    rate_limits::{RateLimitQuery, rate_limit_check},
    user_writes::{changed_fields, session_writes},
    write::Write,
};
use crate::{
    auth::{password_hash::PasswordHash, session::NewSession},
    authorization::{Admin, SetupGrant},
    domain::{
        Action, BuiltinGroup, GroupId, Instance, InstanceSetting, Locale, NewUser, RateLimit,
        RateLimits, SessionGeneration, Sharding, SiteName, User, WriteContext,
    },
};

/// The setup of an instance.
#[derive(Debug)]
pub struct SetupRequest {
    /// The first administrator.
    pub admin: NewUser,
    /// The password of the first administrator.
    pub password: PasswordHash,
    /// The public attributes of the instance.
    pub instance: Instance,
}

impl Store {
    /// Reads the public attributes of the instance; `None` before it is set up.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn instance(&self) -> Result<Option<Instance>, StoreError> {
        self.read(vec![Key::instance()]).await?.take_instance()
    }

    /// Reads the instance, and the rate limit of guesses of the setup token.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn setup_attempt(
        &self,
        client_ip: &str,
    ) -> Result<(Option<Instance>, RateLimits), StoreError> {
        let limits = RateLimitQuery::per_network(RateLimit::SETUP_PER_NETWORK, client_ip);
        let mut items = self.read(limits.keys().chain([Key::instance()]).collect()).await?;
        let rate_limits = items.take_rate_limits(limits, SessionGeneration::default())?;
        Ok((items.take_instance()?, rate_limits))
    }

    /// Changes a setting of the instance.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn update_setting(
        &self,
        _: &Admin,
        setting: InstanceSetting,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let (name, value) = match setting {
            InstanceSetting::SiteName(name) => ("site_name", name.map(String::from)),
            InstanceSetting::SiteLocale(locale) => {
                ("site_locale", locale.map(|locale| locale.as_str().to_owned()))
            }
        };
        let update = match value {
            Some(value) => Expression::new(format!("SET #{name} = :value")).string("value", value),
            None => Expression::new(format!("REMOVE #{name}")),
        };
        let event = NewAuditEvent::new(Action::UpdateSetting, None);
        let event = event.with_fields(vec![name.replace('_', "-").into()]);
        let writes = vec![Write::update(&Key::instance(), update)];
        self.commit(writes, context, event).await
    }

    /// Sets the instance up: creates the first administrator with a session, the builtin groups,
    /// and all counters, in one transaction.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::AlreadySetUp`], and [`Conflict::RateLimited`] if concurrent attempts
    /// have exhausted the rate limit.
    pub async fn set_up(
        &self,
        grant: &SetupGrant<'_>,
        request: SetupRequest,
        new_session: &NewSession,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let now = context.now();
        let admin = User::first_admin(request.admin, now);
        let taken = Conflict::AlreadySetUp;
        let profile = UserItem::new(&admin, self.sharding);
        let credentials = CredentialsItem::new(&admin, Some(&request.password));
        let instance = InstanceItem::new(request.instance, now);
        let mut writes = vec![
            Write::create(&Key::instance(), &instance, taken)?,
            Write::create(&Key::user(admin.id), &profile, taken)?,
            Write::create(&Key::credentials(&admin.email), &credentials, taken)?,
        ];
        writes.extend(counter_creations(&admin, self.sharding)?);
        writes.extend(builtin_group_creations()?);
        writes.extend(session_writes(new_session)?);
        writes.push(rate_limit_check(grant.rate_limits(), now));
        let event = NewAuditEvent::on_user(Action::Setup, admin.id).with_promotion(None, &admin);
        let event = event.with_fields(changed_fields(None, &admin, true));
        self.commit(writes, context, event).await
    }
}

impl LoadedItems {
    pub(crate) fn take_instance(&mut self) -> Result<Option<Instance>, StoreError> {
        let item: Option<InstanceItem> = self.take("instance", &Key::instance())?;
        Ok(item.map(|item| Instance {
            site_name: item.site_name.map(SiteName::from_stored),
            site_locale: item.site_locale.map(Locale::from_stored),
        }))
    }
}

/// The counters and the set of administrators, with the first administrator in them.
fn counter_creations(admin: &User, sharding: Sharding) -> Result<[Write; 3], StoreError> {
    let (id, taken) = (admin.id.get(), Conflict::AlreadySetUp);
    let counts = UserCountItem { active: 1, inactive: 0 };
    Ok([
        Write::create(&Key::admins(), &AdminsItem { ids: vec![id] }, taken)?,
        Write::create(&Key::user_counter(), &CounterItem { last: id }, taken)?,
        Write::create(&sharding.user_count_key(admin.id), &counts, taken)?,
    ])
}

fn builtin_group_creations() -> Result<Vec<Write>, StoreError> {
    let taken = Conflict::AlreadySetUp;
    let last = CounterItem { last: GroupId::ADMINISTRATORS.get() };
    let counter = Write::create(&Key::group_counter(), &last, taken);
    std::iter::once(counter).chain(builtin_groups(taken)).collect()
}

/// The creation of the builtin groups.
pub(super) fn builtin_groups(taken: Conflict) -> impl Iterator<Item = Result<Write, StoreError>> {
    BuiltinGroup::ALL.into_iter().map(move |group| {
        let item = GroupItem::new(group.id(), group.name());
        Write::create(&Key::group(group.id()), &item, taken)
    })
}
