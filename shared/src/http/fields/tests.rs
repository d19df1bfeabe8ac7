use serde_json::json;

use super::*;
use crate::domain::{Email, PersonName};

/// Reads `object` with `read` and returns the collected errors.
fn errors(object: Value, read: impl FnOnce(&mut Fields<'_>)) -> Value {
    let settings = Settings::default();
    let Value::Object(object) = object else { panic!("an object") };
    let mut fields = Fields::new(object, &settings);
    read(&mut fields);
    Value::Object(fields.errors.as_map().clone())
}

#[test]
fn reports_all_errors_at_once() {
    let reported = errors(json!({"email": "x", "last_name": 7, "locale": ""}), |fields| {
        fields.required::<Email>("email");
        fields.required::<PersonName>("first_name");
        fields.optional::<PersonName>("last_name");
        fields.new_password("password");
    });
    assert_eq!(
        reported,
        json!({
            "email": "value must be a valid email address.",
            "first_name": "value must be a non-blank string.",
            "last_name": "nullable value must be a non-blank string.",
            "password": "password is too common.",
        })
    );
}

#[test]
fn absent_null_and_set_are_distinct() {
    let none = errors(json!({"b": null, "c": "x"}), |fields| {
        assert_eq!(fields.patch::<PersonName>("a"), Change::Keep);
        assert_eq!(fields.patch::<PersonName>("b"), Change::Clear);
        assert!(matches!(fields.patch::<PersonName>("c"), Change::Set(_)));
        assert!(!fields.is_set("b") && fields.is_set("c"));
    });
    assert_eq!(none, json!({}));
}

#[test]
fn errors_of_nested_objects_nest() {
    struct Inner;
    impl FromFields for Inner {
        fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
            fields.required::<Email>("email").map(|_| Self)
        }
    }
    let reported = errors(json!({"prefs": 1}), |fields| {
        fields.nested::<Inner>("user");
        fields.nested::<Inner>("prefs");
    });
    let email = json!({"email": "value must be a valid email address."});
    assert_eq!(reported, json!({"user": email, "prefs": "value must be a map."}));
}

#[test]
fn two_lists_of_groups_must_agree_except_for_all_users() {
    let agree = json!({"group_ids": [2, 2], "user_group_memberships": [{"id": 1}, {"id": 2}]});
    assert_eq!(errors(agree, |fields| assert!(fields.groups().is_some())), json!({}));

    let differ = json!({"group_ids": [], "user_group_memberships": [{"id": 2}]});
    let reported = errors(differ, |fields| drop(fields.groups()));
    assert_eq!(reported.as_object().map(Map::len), Some(2));
}

#[test]
fn groups_are_positive_integers_and_not_too_many() {
    for list in [json!("1"), json!([0]), json!(["1"]), json!([1.5]), json!([-1]), json!([[1]])] {
        let reported = errors(json!({"group_ids": list}), |fields| drop(fields.groups()));
        assert_eq!(reported, json!({"group_ids": "value must be an integer greater than zero."}));
    }
    let many: Vec<u64> = (1..=45).collect();
    let reported = errors(json!({"group_ids": many}), |fields| drop(fields.groups()));
    assert_eq!(reported, json!({"group_ids": "a user can be in at most 44 groups."}));
}
