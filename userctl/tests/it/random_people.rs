//! Random people, groups and API keys, written to a table by the store.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use fastrand::Rng;
use secrecy::ExposeSecret;
use shared::{
    auth::{
        api_key::{ImportedKeyHash, NewApiKeySecret},
        metabase_hash::{BcryptCost, BcryptHash},
        password_hash::{self, PasswordHash},
    },
    authorization::Admin,
    aws,
    domain::{
        ApiKey, ApiKeyName, ApiKeySpec, ApiKeyValidity, ApiKeyWithUser, Email, Group, GroupId,
        GroupName, Instance, Locale, LoginAttributes, NewUser, PersonName, SiteName, SsoSource,
        Timestamp, TokenHash, User, UserId,
    },
    operator,
    store::{
        ImportPreparation, ImportedApiKeySecret, ImportedKey, ImportedUser, Store, client_config,
    },
};
use testkit::TestApp;

/// Names that break formats.
const NAMES: [&str; 20] = [
    "Ada",
    "O'Neil",
    "=SUM(A1)",
    "-1",
    "+49",
    "@home",
    "Zoë",
    "e\u{301}",
    "שלום עולם",
    "张伟",
    "🙂 smile",
    "a,b;c|d",
    "\"quoted\"",
    "back\\slash\\",
    "\\N",
    "NULL",
    "'); DROP TABLE core_user; --",
    "`tick` $$ $_$",
    "{\"a\": 1}",
    "می\u{200c}خواهم",
];

/// The ID of the first random user.
pub(crate) const FIRST: u64 = 1_000;
/// The ID of the first random group.
const FIRST_GROUP: u64 = 50;

/// The store of a service, without its recorders and faults.
pub(crate) fn store(app: &TestApp) -> Store {
    let config = client_config(&aws::local(app.endpoint())).build();
    Store::new(Client::from_conf(config), "users")
}

/// A source of random values.
pub(crate) struct Dice(pub(crate) Rng);

impl Dice {
    fn one<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.0.usize(..values.len())].clone()
    }

    fn name(&mut self) -> Option<PersonName> {
        let text = format!("{} {}", self.one(&NAMES), self.one(&NAMES));
        self.0.bool().then(|| PersonName::parse(&text).unwrap())
    }

    fn time(&mut self) -> Timestamp {
        let microseconds = self.0.i64(1_000_000_000_000_000..1_750_000_000_000_000);
        Timestamp::from_epoch_microseconds(microseconds).unwrap()
    }

    fn user(&mut self, id: u64, groups: &[GroupId]) -> User {
        let number = self.0.u32(..);
        let domain = self.one(&["example.com", "bücher.example", "EXAMPLE.org"]);
        let email = Email::parse(&format!("u{number:x}.{id}+x'y@{domain}")).unwrap();
        let attributes = BTreeMap::from([
            ("pl\\ant".to_owned(), "7'\"\n\r\t".to_owned()),
            (self.one(&NAMES).to_owned(), self.one(&NAMES).to_owned()),
        ]);
        let attributes = attributes.into_iter().filter(|(name, _)| !name.starts_with('@'));
        let attributes = LoginAttributes::parse(attributes.collect()).unwrap();
        let is_active = self.0.u8(..5) > 0;
        let groups = groups.iter().copied().filter(|_| self.0.u8(..4) == 0).collect();
        let sources = ["google", "saml"].map(|source| SsoSource::parse(source).unwrap());
        let new = NewUser {
            first_name: self.name(),
            last_name: self.name(),
            groups,
            locale: self.one(&["", "de", "pt-BR"]).parse_locale(),
            login_attributes: self.0.bool().then_some(attributes),
            sso_source: (self.0.u8(..6) == 0).then(|| self.one(&sources)),
            must_change_password: self.0.u8(..6) == 0,
            ..NewUser::with_email(email)
        };
        let id = UserId::try_from(id).unwrap();
        User {
            is_active,
            is_qbnewb: self.0.bool(),
            is_datasetnewb: self.0.bool(),
            updated_at: self.time(),
            first_login: self.0.bool().then(|| self.time()),
            last_login: self.0.bool().then(|| self.time()),
            ..User::new(id, new, self.time())
        }
    }
}

trait ParseLocale {
    fn parse_locale(&self) -> Option<Locale>;
}

impl ParseLocale for &str {
    fn parse_locale(&self) -> Option<Locale> {
        Locale::parse(self)
    }
}

/// A hash in the form of Metabase.
fn kept() -> PasswordHash {
    let hash = password_hash::unusable_for_metabase().unwrap();
    PasswordHash::from_metabase(hash.expose_secret(), "a4d9fe2a-fbd9").unwrap()
}

/// Writes random groups, users and API keys. The first random user is an active administrator, and
/// the second one is anonymized.
pub(crate) async fn fill(store: &Store, dice: &mut Dice, count: u64) {
    let admin = Admin::of_operator();
    let preparation = ImportPreparation {
        instance: Instance {
            site_name: SiteName::parse("Café"), site_locale: Locale::parse("fr")
        },
        last_user: UserId::try_from(FIRST + count + 10).ok(),
        last_group: GroupId::try_from(FIRST_GROUP + 10).ok(),
        cost: BcryptCost::new(10),
    };
    let context = operator::write_context(dice.time());
    store.prepare_import(&admin, &preparation, &context).await.unwrap();
    let groups: Vec<_> = (FIRST_GROUP..).zip(NAMES.iter().step_by(3)).map(group).collect();
    store.import_groups(&admin, &groups).await.unwrap();
    let groups: Vec<_> = groups.iter().map(|group| group.id).collect();
    let people = people(dice, &groups, count).await;
    store.import_users(&admin, &people).await.unwrap();
    let forms = [Form::Own, Form::Bcrypt, Form::Known, Form::Revoked];
    for (id, form) in (FIRST + count + 1..).zip(forms) {
        let (id, group) = (UserId::try_from(id).unwrap(), dice.one(&groups));
        let key = key(dice, id, (&people[0].user, group), form);
        store.import_api_key(&admin, &key).await.unwrap();
    }
}

fn group((id, name): (u64, &&str)) -> Group {
    let name = GroupName::parse(&format!("{name} {id}")).unwrap();
    Group::new(GroupId::try_from(id).unwrap(), name)
}

async fn people(dice: &mut Dice, groups: &[GroupId], count: u64) -> Vec<ImportedUser> {
    let groups = [&[GroupId::ADMINISTRATORS], groups].concat();
    let passwords = [
        None,
        Some(kept()),
        Some(password_hash::wrap(&kept()).await.unwrap()),
        Some(password_hash::of_random().await.unwrap()),
    ];
    let person = |id| {
        let mut user = dice.user(id, &groups);
        if id == FIRST {
            user.groups = user.groups.with_admin(true);
            (user.is_active, user.must_change_password) = (true, false);
        }
        if id == FIRST + 1 {
            user = user.anonymized(dice.time());
        }
        let password = dice.one(&passwords).filter(|_| !user.is_anonymized);
        let password_set_at = password.is_some().then(|| dice.time());
        ImportedUser { user, password, password_set_at }
    };
    (FIRST..FIRST + count).map(person).collect()
}

/// The form of an API key.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Own,
    Bcrypt,
    Known,
    Revoked,
}

fn key(dice: &mut Dice, id: UserId, (owner, group): (&User, GroupId), form: Form) -> ImportedKey {
    let name = ApiKeyName::parse(&format!("{} {id}", dice.one(&NAMES))).unwrap();
    let spec = ApiKeySpec { name, group, by: owner.id, now: dice.time() };
    let validity = ApiKeyValidity::of_owner(owner, dice.time());
    let validity = if form == Form::Revoked { validity.revoked() } else { validity };
    let expires_at = (form == Form::Own).then(|| Timestamp::parse("2999-01-01").unwrap());
    let validity = ApiKeyValidity { expires_at, ..validity };
    let new = NewApiKeySecret::generate(id, validity).unwrap();
    let ApiKeyWithUser { key, user } = ApiKeyWithUser::new(spec, &new).unwrap();
    let prefix = format!("mb_{:04}", id.get() % 10_000);
    let hash = match form {
        Form::Own | Form::Revoked => {
            return ImportedKey { key, user, validity, secret: ImportedApiKeySecret::Own };
        }
        Form::Bcrypt => {
            let hash = password_hash::unusable_for_metabase().unwrap();
            ImportedKeyHash::Bcrypt(BcryptHash::parse(hash.expose_secret()).unwrap())
        }
        Form::Known => ImportedKeyHash::Known(key.hash),
    };
    let key = ApiKey { hash: TokenHash::of_imported_key(&prefix), updated_at: dice.time(), ..key };
    let secret = ImportedApiKeySecret::Metabase { prefix, hash };
    ImportedKey { key, user, validity, secret }
}
