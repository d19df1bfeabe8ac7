use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use super::*;
use crate::auth::password_policy::PasswordPolicy;

fn password() -> NewPassword {
    NewPassword::parse("unc0mmonpw", PasswordPolicy::Normal).unwrap()
}

#[tokio::test]
async fn verifies_what_it_hashed() {
    let stored = hash(&password()).await.unwrap();
    let result = |text: &str| {
        let text = SecretString::from(text);
        let stored = stored.clone();
        async move { verify(&text, Some(&stored)).await.unwrap() }
    };
    assert!(stored.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_eq!(result("unc0mmonpw").await, PasswordMatch::Yes);
    assert_eq!(result("unc0mmonpW").await, PasswordMatch::No);
}

#[tokio::test]
async fn the_same_password_is_never_hashed_the_same() {
    let (one, two) = (hash(&password()).await.unwrap(), hash(&password()).await.unwrap());
    assert_ne!(one.expose(), two.expose());
}

#[tokio::test]
async fn detects_outdated_parameters() {
    let mut memory = Vec::new();
    let params = Params::new(64, 1, 1, Some(32)).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let output = digest(&argon2, &"old".into(), &[7; 16], &mut memory).unwrap();
    let old = phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).unwrap(),
        salt: Some(Salt::new(&[7; 16]).unwrap()),
        hash: Some(Output::new(&output).unwrap()),
    };
    let old = PasswordHash::from_stored(old.to_string());
    let result = verify(&"old".into(), Some(&old)).await.unwrap();
    assert_eq!(result, PasswordMatch::YesNeedsRehash);
}

#[tokio::test]
async fn without_a_hash_every_password_is_wrong() {
    assert_eq!(verify(&"x".into(), None).await.unwrap(), PasswordMatch::No);
}

#[tokio::test]
async fn an_unregistered_address_costs_as_much_as_a_wrong_password() {
    let stored = hash(&password()).await.unwrap();
    let time = async |stored: Option<&PasswordHash>| {
        let start = Instant::now();
        verify(&"wrong".into(), stored).await.unwrap();
        start.elapsed()
    };
    let (mut unknown, mut wrong) = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        unknown = unknown.min(time(None).await);
        wrong = wrong.min(time(Some(&stored)).await);
    }
    assert!(unknown * 3 > wrong && wrong * 3 > unknown, "{unknown:?} {wrong:?}");
}

#[tokio::test]
async fn others_are_served_during_a_hash() {
    let served = Cell::new(0);
    let hashed = async {
        hash(&password()).await.unwrap();
        served.get()
    };
    let others = async {
        loop {
            served.set(served.get() + 1);
            task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        meanwhile = hashed => assert!(meanwhile > 0),
        () = others => {}
    }
}

#[tokio::test]
async fn a_malformed_hash_is_an_error_not_a_mismatch() {
    let stored = PasswordHash::from_stored("plain".to_owned());
    assert!(verify(&"plain".into(), Some(&stored)).await.is_err());
    assert!(!format!("{stored:?}").contains("plain"));
}

const COST: u32 = 4;

/// A hash of Metabase of the lowest cost.
fn of_metabase(password: &str) -> PasswordHash {
    let salt = "a4d9fe2a-fbd9-44c6-a1a1-de3bf8c3be86";
    let text = bcrypt::hash_with_salt(format!("{salt}{password}"), COST, [7; 16]).unwrap();
    let text = text.format_for_version(bcrypt::Version::TwoA);
    PasswordHash::from_metabase(&text, salt).unwrap()
}

#[tokio::test]
async fn a_password_of_metabase_matches_and_is_to_be_hashed_again() {
    let kept = of_metabase("old password");
    let wrapped = wrap(&kept).await.unwrap();
    for stored in [&kept, &wrapped] {
        let result = async |text: &str| verify(&text.into(), Some(stored)).await.unwrap();
        assert_eq!(result("old password").await, PasswordMatch::YesNeedsRehash);
        assert_eq!(result("old Password").await, PasswordMatch::No);
        assert_eq!(stored.imported_cost().map(BcryptCost::get), Some(COST));
    }
    assert!(kept.to_metabase().is_some() && wrapped.to_metabase().is_none());
    let (digest, _) = kept.to_metabase().unwrap();
    let digest = digest.expose_secret().rsplit_once('$').unwrap().1[22..].to_owned();
    assert!(!wrapped.expose().contains(&digest), "the digest is gone");
    assert!(!hash(&password()).await.unwrap().is_imported());
}

#[tokio::test]
async fn every_attempt_costs_the_same_while_there_are_passwords_of_metabase() {
    let cost = BcryptCost::new(9);
    let (kept, own) = (of_metabase("old"), hash(&password()).await.unwrap());
    let wrapped = wrap(&kept).await.unwrap();
    let time = async |stored: Option<&PasswordHash>| {
        let start = Instant::now();
        let matched = verify_like(&"wrong".into(), stored, cost).await.unwrap();
        assert_eq!(matched, PasswordMatch::No);
        start.elapsed()
    };
    let mut times = [Duration::MAX; 4];
    for _ in 0..5 {
        for (best, stored) in times.iter_mut().zip([None, Some(&own), Some(&kept), Some(&wrapped)])
        {
            *best = time(stored).await.min(*best);
        }
    }
    let (least, most) = (times.iter().min().unwrap(), times.iter().max().unwrap());
    assert!(*most < *least * 2, "{times:?}");
}
