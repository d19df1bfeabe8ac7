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
fn common_name_falls_back_to_the_email_address() {
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
    let privileged = UserPatch {
        is_superuser: Some(true),
        must_change_password: Some(false),
        login_attributes: Change::Set(LoginAttributes::default()),
        groups: Some(GroupSet::default()),
        ..UserPatch::default()
    };
    assert_eq!(privileged.clone().restrict_to_owner(&user()), Ok(UserPatch::default()));

    let promoted = UserPatch { groups: Some(GroupSet::default().with_admin(true)), ..privileged };
    assert_eq!(promoted.restrict_to_owner(&user()), Err(DomainError::Forbidden));
}

#[test]
fn the_identity_provider_manages_names_and_some_email_addresses() {
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
    let deactivated = admin.deactivated(at(1));
    assert!(deactivated.is_superuser() && !deactivated.is_active_admin());
    assert_ne!(deactivated.generation, admin.generation);
    assert_eq!(deactivated.deactivated(at(2)), deactivated);
    assert_eq!(deactivated.updated(UserPatch::default(), at(2)), Err(DomainError::NotFound));
    assert_eq!(
        deactivated.with_new_password(PasswordSetBy::Admin, at(2)),
        Err(DomainError::NotFound)
    );
}

#[test]
fn anonymization_leaves_the_id_and_dates() {
    let named = User { must_change_password: true, locale: Locale::parse("es"), ..sso("jwt") };
    let admin = User { groups: GroupSet::default().with_admin(true), ..named };
    let anonymized = admin.anonymized(at(1));
    let blank = NewUser::with_email(Email::anonymized(admin.id));
    let expected = User {
        is_active: false,
        is_anonymized: true,
        generation: admin.generation.next(),
        updated_at: at(1),
        ..User::new(admin.id, blank, at(0))
    };
    assert_eq!(anonymized, expected);
    assert_eq!(anonymized.anonymized(at(2)), anonymized);
    assert_eq!(anonymized.reactivated(at(2)), Err(DomainError::Anonymized));
    assert_eq!(anonymized.updated(UserPatch::default(), at(2)), Err(DomainError::NotFound));
}

#[test]
fn only_the_user_completes_a_required_password_change() {
    let require = UserPatch { must_change_password: Some(true), ..UserPatch::default() };
    let before = user().updated(require, at(1)).unwrap();
    assert!(before.must_change_password && before.updated_at == at(1));
    let after = |set_by| before.with_new_password(set_by, at(2)).unwrap();
    assert!(after(PasswordSetBy::Admin).must_change_password);
    assert!(!after(PasswordSetBy::Owner).must_change_password);
    assert_eq!(after(PasswordSetBy::Owner).generation, before.generation.next());
}

#[test]
fn reactivation_restores_access_but_not_rights_or_sessions() {
    let admin = User { groups: GroupSet::default().with_admin(true), ..sso("google") };
    let deactivated = admin.deactivated(at(1));
    let back = deactivated.reactivated(at(2)).unwrap();
    assert!(back.is_active && !back.is_superuser());
    assert_eq!(back.generation, deactivated.generation);
    assert_eq!(back.sso_source, None);
    assert_eq!(back.reactivated(at(3)), Err(DomainError::AlreadyActive));
}
