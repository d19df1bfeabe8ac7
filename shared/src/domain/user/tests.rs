use time::OffsetDateTime;

use super::*;
use crate::domain::GroupId;

fn at(seconds: i64) -> Timestamp {
    Timestamp::new(OffsetDateTime::from_unix_timestamp(1_700_000_000 + seconds).unwrap())
}

fn user() -> User {
    let new = NewUser {
        first_name: PersonName::parse("Jane"),
        last_name: PersonName::parse("Doe"),
        ..NewUser::with_email(Email::parse("jane@example.com").unwrap())
    };
    User::new(UserId::try_from(7).unwrap(), new, at(0))
}

fn sso(source: &str) -> User {
    User { sso_source: SsoSource::parse(source), ..user() }
}

#[test]
fn common_name_falls_back_to_the_address() {
    let nameless = User { first_name: None, last_name: None, ..user() };
    assert_eq!(user().common_name(), "Jane Doe");
    assert_eq!(User { first_name: None, ..user() }.common_name(), "Doe");
    assert_eq!(nameless.common_name(), "jane@example.com");
}

#[test]
fn an_empty_patch_changes_nothing() {
    assert_eq!(user().updated(UserPatch::default(), at(9)), Ok(user()));
}

#[test]
fn a_patch_sets_clears_and_stamps() {
    let patch = UserPatch {
        first_name: Change::Set(PersonName::parse("Joan").unwrap()),
        last_name: Change::Clear,
        ..UserPatch::default()
    };
    let after = user().updated(patch, at(9)).unwrap();
    assert_eq!(after.common_name(), "Joan");
    assert_eq!(after.updated_at, at(9));
}

#[test]
fn superuser_and_group_2_are_one_fact() {
    let promote = UserPatch { is_superuser: Some(true), ..UserPatch::default() };
    let admin = user().updated(promote, at(1)).unwrap();
    assert!(admin.groups.contains(GroupId::ADMINISTRATORS));

    let leave = UserPatch { groups: Some(GroupSet::default()), ..UserPatch::default() };
    assert!(!admin.updated(leave.clone(), at(2)).unwrap().is_superuser());

    let contradiction = UserPatch { is_superuser: Some(true), ..leave };
    assert_eq!(admin.updated(contradiction, at(2)), Err(DomainError::SuperuserContradictsGroups));
}

#[test]
fn an_owner_cannot_become_an_admin() {
    let greedy = UserPatch {
        is_superuser: Some(true),
        must_change_password: Some(false),
        login_attributes: Change::Set(LoginAttributes::default()),
        groups: Some(GroupSet::default()),
        ..UserPatch::default()
    };
    assert_eq!(greedy.clone().restrict_to_owner(&user()), Ok(UserPatch::default()));

    let grouped = UserPatch { groups: Some(GroupSet::default().with_admin(true)), ..greedy };
    assert_eq!(grouped.restrict_to_owner(&user()), Err(DomainError::Forbidden));
}

#[test]
fn the_identity_provider_owns_names_and_some_addresses() {
    let rename = |name| UserPatch {
        first_name: Change::Set(PersonName::parse(name).unwrap()),
        ..UserPatch::default()
    };
    assert_eq!(sso("jwt").updated(rename("Joan"), at(1)), Err(DomainError::FirstNameManagedBySso));
    assert_eq!(sso("jwt").updated(rename("Jane"), at(1)), Ok(sso("jwt")));

    let clear = UserPatch { last_name: Change::Clear, ..UserPatch::default() };
    assert_eq!(sso("jwt").updated(clear, at(1)), Err(DomainError::LastNameManagedBySso));

    let moved = UserPatch { email: Email::parse("j@example.com"), ..UserPatch::default() };
    assert_eq!(moved.clone().restrict_to_owner(&sso("google")), Err(DomainError::Forbidden));
    assert_eq!(moved.clone().restrict_to_owner(&sso("jwt")), Ok(moved));
}

#[test]
fn deactivation_ends_sessions_once_and_keeps_the_rest() {
    let admin = User { groups: GroupSet::default().with_admin(true), ..user() };
    let gone = admin.deactivated(at(1));
    assert!(gone.is_superuser() && !gone.is_active_admin());
    assert_ne!(gone.generation, admin.generation);
    assert_eq!(gone.deactivated(at(2)), gone);
    assert_eq!(gone.updated(UserPatch::default(), at(2)), Err(DomainError::NotFound));
    assert_eq!(gone.with_new_password(PasswordSetBy::Admin, at(2)), Err(DomainError::NotFound));
}

#[test]
fn anonymization_leaves_a_number_and_dates() {
    let told = User { must_change_password: true, locale: Locale::parse("es"), ..sso("jwt") };
    let admin = User { groups: GroupSet::default().with_admin(true), ..told };
    let nobody = admin.anonymized(at(1));
    let blank = NewUser::with_email(Email::anonymized(admin.id));
    let expected = User {
        is_active: false,
        is_anonymized: true,
        generation: admin.generation.next(),
        updated_at: at(1),
        ..User::new(admin.id, blank, at(0))
    };
    assert_eq!(nobody, expected);
    assert_eq!(nobody.anonymized(at(2)), nobody);
    assert_eq!(nobody.reactivated(at(2)), Err(DomainError::Anonymized));
    assert_eq!(nobody.updated(UserPatch::default(), at(2)), Err(DomainError::NotFound));
}

#[test]
fn only_the_owners_own_change_is_what_they_were_told_to_do() {
    let told = UserPatch { must_change_password: Some(true), ..UserPatch::default() };
    let told = user().updated(told, at(1)).unwrap();
    assert!(told.must_change_password && told.updated_at == at(1));
    let by = |who| told.with_new_password(who, at(2)).unwrap();
    assert!(by(PasswordSetBy::Admin).must_change_password);
    assert!(!by(PasswordSetBy::Owner).must_change_password);
    assert_eq!(by(PasswordSetBy::Owner).generation, told.generation.next());
}

#[test]
fn reactivation_restores_access_but_not_rights_or_sessions() {
    let admin = User { groups: GroupSet::default().with_admin(true), ..sso("google") };
    let gone = admin.deactivated(at(1));
    let back = gone.reactivated(at(2)).unwrap();
    assert!(back.is_active && !back.is_superuser());
    assert_eq!(back.generation, gone.generation);
    assert_eq!(back.sso_source, None);
    assert_eq!(back.reactivated(at(3)), Err(DomainError::AlreadyActive));
}
