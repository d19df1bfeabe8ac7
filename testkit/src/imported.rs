//! Users and API keys as an import from Metabase creates them.

use lambda_http::Request as HttpRequest;
use shared::{
    auth::{
        api_key::ImportedKeyHash,
        metabase_hash::{BcryptCost, BcryptHash},
        password_hash::{self, PasswordHash},
    },
    authorization::Admin,
    domain::{
        ApiKey, ApiKeyName, ApiKeySpec, ApiKeyValidity, AuthMethod, Email, GroupId, Instance,
        NewUser, PersonName, TokenHash, User, UserId, WriteContext,
    },
    http::Call,
    store::{ImportPreparation, ImportedApiKeySecret, ImportedKey, ImportedUser, Store},
};

use crate::{TestApp, app::TABLE};

/// The salt of all imported passwords.
const SALT: &str = "a4d9fe2a-fbd9-44c6-a1a1-de3bf8c3be86";

/// The form in which an imported password is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportedForm {
    /// Metabase's own hash.
    Kept,
    /// A hash of argon2id over Metabase's hash.
    Wrapped,
}

impl TestApp {
    /// Imports a user `<name>@example.com` with a password, hashed with a low cost. Returns the ID.
    pub async fn imported_user(&self, name: &str, password: &str, form: ImportedForm) -> u64 {
        self.imported_user_with_cost(name, (password, 4), form).await
    }

    /// Imports a user with a password that is hashed with a cost.
    pub async fn imported_user_with_cost(
        &self,
        name: &str,
        (password, cost): (&str, u32),
        form: ImportedForm,
    ) -> u64 {
        let admin = Admin::of_operator();
        let store = self.unrecorded_store();
        let id = store.next_user_id(&admin).await.expect("an ID");
        let email = Email::parse(&format!("{name}@example.com")).expect("an address");
        let user = User::new(id, NewUser::with_email(email), self.service().now());
        let kept = PasswordHash::from_metabase(&bcrypt(&format!("{SALT}{password}"), cost), SALT);
        let kept = kept.expect("a hash");
        let password = match form {
            ImportedForm::Kept => kept,
            ImportedForm::Wrapped => password_hash::wrap(&kept).await.expect("a hash"),
        };
        let preparation = ImportPreparation {
            instance: Instance { site_name: None, site_locale: None },
            last_user: None,
            last_group: None,
            cost: BcryptCost::new(cost),
        };
        let context = self.operator_context();
        store.prepare_import(&admin, &preparation, &context).await.expect("a preparation");
        let user = ImportedUser { user, password: Some(password), password_set_at: None };
        store.import_users(&admin, &[user]).await.expect("an import");
        id.get()
    }

    /// Imports an API key in All Users, owned by the first administrator. Returns the ID.
    pub async fn imported_api_key(&self, text: &str) -> u64 {
        let admin = Admin::of_operator();
        let store = self.unrecorded_store();
        let id = store.next_user_id(&admin).await.expect("an ID");
        let owner = store.stored_users(&admin, &[UserId::INSTALLER]).await.expect("a table");
        let now = self.service().now();
        let validity = ApiKeyValidity::of_owner(&owner[&UserId::INSTALLER], now);
        let prefix = text[..7].to_owned();
        let name = ApiKeyName::parse(&format!("Imported {id}")).expect("a name");
        let (group, by) = (GroupId::ALL_USERS, UserId::INSTALLER);
        let spec = ApiKeySpec { name: name.clone(), group, by, now };
        let key = ApiKey {
            id,
            name,
            hash: TokenHash::of_imported_key(&prefix),
            masked: format!("{prefix}{}", "*".repeat(20)),
            created_at: now,
            updated_at: now,
            updated_by: by,
            validity: Some(validity),
        };
        let hash = BcryptHash::parse(&bcrypt(text, 4)).expect("a hash");
        let secret = ImportedApiKeySecret::Metabase { prefix, hash: ImportedKeyHash::Bcrypt(hash) };
        let user = User::for_api_key(id, id.get().into(), &spec);
        let key = ImportedKey { key, user, validity, secret };
        store.import_api_key(&admin, &key).await.expect("an import");
        self.leak_detector.record(text);
        id.get()
    }

    /// Imports users with two groups each. Returns the number of write units.
    pub async fn import_units(&self, users: u64, groups: &[u64]) -> f64 {
        let (store, admin) = (self.unrecorded_store().metered(), Admin::of_operator());
        let now = self.service().now();
        let group = |index: u64| {
            let index = usize::try_from(index).expect("an index") % groups.len();
            GroupId::try_from(groups[index]).expect("a group")
        };
        let user = |number: u64| {
            let email = Email::parse(&format!("person{number}@corp.example")).expect("an address");
            let name = |text: &str| PersonName::parse(&format!("{text} {number}"));
            let new = NewUser {
                first_name: name("First"),
                last_name: name("Last"),
                groups: [group(number * 7), group(number * 7 + 13)].into_iter().collect(),
                ..NewUser::with_email(email)
            };
            let user = User::new(UserId::try_from(1_000 + number).expect("an ID"), new, now);
            let hash = PasswordHash::from_metabase(&bcrypt("x", 4), SALT).expect("a hash");
            ImportedUser { user, password: Some(hash), password_set_at: None }
        };
        let users: Vec<_> = (0..users).map(user).collect();
        store.import_users(&admin, &users).await.expect("an import");
        store.usage().write_units
    }

    /// The stored password hash of an email address.
    pub async fn stored_password(&self, email: &str) -> PasswordHash {
        let email = Email::parse(email).expect("an address");
        let (store, admin) = (self.unrecorded_store(), Admin::of_operator());
        let owners = store.owners(&admin, std::slice::from_ref(&email)).await.expect("a table");
        let id = owners[&email.normalized()];
        let users = store.stored_users(&admin, &[id]).await.expect("a table");
        let mut found = store.with_passwords(&admin, &[users[&id].clone()]).await.expect("a table");
        found.remove(0).password.expect("a password")
    }

    fn unrecorded_store(&self) -> Store {
        Store::new(self.client.clone(), TABLE)
    }

    fn operator_context(&self) -> WriteContext {
        let call = Call::new(self.service().clone(), HttpRequest::default());
        call.write_context(None, AuthMethod::Operator)
    }
}

fn bcrypt(text: &str, cost: u32) -> String {
    let hash = bcrypt::hash_with_salt(text, cost, [7; 16]).expect("a valid cost");
    hash.format_for_version(bcrypt::Version::TwoA)
}
