use serde_json::json;

use super::*;
use crate::domain::{Email, PersonName};

/// Reads `object` with `read` and gives the errors that were remembered.
fn errors(object: Value, read: impl FnOnce(&mut Fields<'_>)) -> Value {
    let settings = Settings::default();
    let Value::Object(object) = object else { panic!("an object") };
    let mut form = Fields::new(object, &settings);
    read(&mut form);
    Value::Object(form.errors.as_map().clone())
}

#[test]
fn tells_all_mistakes_at_once() {
    let told = errors(json!({"email": "x", "last_name": 7, "locale": ""}), |form| {
        form.required::<Email>("email");
        form.required::<PersonName>("first_name");
        form.optional::<PersonName>("last_name");
        form.new_password("password");
    });
    assert_eq!(
        told,
        json!({
            "email": "value must be a valid email address.",
            "first_name": "value must be a non-blank string.",
            "last_name": "nullable value must be a non-blank string.",
            "password": "password is too common.",
        })
    );
}

#[test]
fn absent_null_and_set_are_three_things() {
    let none = errors(json!({"b": null, "c": "x"}), |form| {
        assert_eq!(form.patch::<PersonName>("a"), Change::Keep);
        assert_eq!(form.patch::<PersonName>("b"), Change::Clear);
        assert!(matches!(form.patch::<PersonName>("c"), Change::Set(_)));
        assert!(!form.is_set("b") && form.is_set("c"));
    });
    assert_eq!(none, json!({}));
}

#[test]
fn nested_mistakes_nest() {
    struct Inner;
    impl FromFields for Inner {
        fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
            form.required::<Email>("email").map(|_| Self)
        }
    }
    let told = errors(json!({"prefs": 1}), |form| {
        form.nested::<Inner>("user");
        form.nested::<Inner>("prefs");
    });
    let email = json!({"email": "value must be a valid email address."});
    assert_eq!(told, json!({"user": email, "prefs": "value must be a map."}));
}

#[test]
fn two_lists_of_groups_must_agree_but_for_all_users() {
    let agree = json!({"group_ids": [2, 2], "user_group_memberships": [{"id": 1}, {"id": 2}]});
    assert_eq!(errors(agree, |form| assert!(form.groups().is_some())), json!({}));

    let differ = json!({"group_ids": [], "user_group_memberships": [{"id": 2}]});
    let told = errors(differ, |form| drop(form.groups()));
    assert_eq!(told.as_object().map(Map::len), Some(2));
}

#[test]
fn groups_are_positive_integers_and_not_too_many() {
    for list in [json!("1"), json!([0]), json!(["1"]), json!([1.5]), json!([-1]), json!([[1]])] {
        let told = errors(json!({"group_ids": list}), |form| drop(form.groups()));
        assert_eq!(told, json!({"group_ids": "value must be an integer greater than zero."}));
    }
    let many: Vec<u64> = (1..=45).collect();
    let told = errors(json!({"group_ids": many}), |form| drop(form.groups()));
    assert_eq!(told, json!({"group_ids": "an account can be in 44 groups at most."}));
}
