//! `apply`.

use serde_json::{Value, json};
use testkit::ADMIN_EMAIL;

use crate::program::{Run, World};

const PEOPLE: &str = "email,first_name,last_name,groups,locale,is_superuser,active\n\
    grace@example.com,Grace,Hopper,Analysts,de,false,true\n\
    \"alan@example.com\",\"Alan \"\"Al\"\"\",\"Turing, OBE\",Analysts; Readers,,,\n\
    joan@example.com,Joan,Clarke,,,true,\n\
    gone@example.com,Gone,Away,,,,false\n";

fn summary(run: &Run) -> Value {
    run.json_lines().pop().unwrap()["summary"].take()
}

/// A world with the groups Analysts and Readers.
async fn world() -> World {
    let world = World::new().await;
    world.app.group("Analysts").await;
    world.app.group("Readers").await;
    world
}

#[tokio::test]
async fn a_dry_run_shows_differences_and_changes_nothing() {
    let world = world().await;
    world.app.user_with_session("grace").await;
    let file = world.file("people.csv", PEOPLE);
    let run = world.run(&["apply", &file, "--dry-run", "--json"]).await.expect(0);
    let lines = run.json_lines();
    let grace = json!({
        "line": 2, "action": "change", "email": "grace@example.com", "id": 2, "result": "planned",
        "changes": [
            { "field": "first_name", "from": "grace", "to": "Grace" },
            { "field": "last_name", "from": "Test", "to": "Hopper" },
            { "field": "locale", "from": "", "to": "de" },
            { "field": "groups", "from": "", "to": "Analysts" },
        ],
        "error": null, "errors": {},
    });
    assert_eq!(lines[0], grace);
    let counts = json!({
        "created": 2, "changed": 1, "reactivated": 0, "deactivated": 0, "unchanged": 1,
        "failed": 0, "left_out": 0, "dry_run": true,
    });
    assert_eq!(summary(&run), counts);
    let text = world.run(&["apply", &file, "--dry-run"]).await.expect(0).stdout;
    assert!(text.contains("first_name: grace → Grace"), "{text}");
    assert!(text.contains("Dry run, nothing changes: created 2, changed 1"), "{text}");
    assert_eq!(world.active().await, [ADMIN_EMAIL, "grace@example.com"]);
}

#[tokio::test]
async fn the_same_file_twice_changes_nothing() {
    let world = world().await;
    let file = world.file("people.csv", PEOPLE);
    let first = summary(&world.run(&["apply", &file, "--json"]).await.expect(0));
    assert_eq!((&first["created"], &first["unchanged"]), (&json!(3), &json!(1)));
    let before = world.run(&["user", "list", "--json", "--status", "all"]).await.stdout;
    let second = world.run(&["apply", &file, "--json"]).await.expect(0);
    assert_eq!(summary(&second)["unchanged"], 4);
    assert_eq!(world.run(&["user", "list", "--json", "--status", "all"]).await.stdout, before);
    let alan = world.run(&["user", "show", "alan@example.com", "--json"]).await.json();
    assert_eq!(
        (&alan["first_name"], &alan["last_name"]),
        (&json!("Alan \"Al\""), &json!("Turing, OBE"))
    );
    assert_eq!(alan["user_group_memberships"], json!([{ "id": 1 }, { "id": 3 }, { "id": 4 }]));
    let joan = world.run(&["user", "show", "joan@example.com", "--json"]).await.json();
    assert_eq!(joan["is_superuser"], true);
}

#[tokio::test]
async fn an_exported_list_changes_nothing() {
    let world = world().await;
    world.app.group("A;B").await;
    let people = "email,first_name,last_name,groups,sso_source\n\
        a@example.com,=1+1,'@name,Analysts;#5,\nb@example.com,-,''=x,,google\n\
        STRASSE@MÜNCHEN.example,Rene\u{301},  A  B ,,\n";
    let file = world.file("people.csv", people);
    world.run(&["apply", &file]).await.expect(0);
    world.run(&["user", "deactivate", "a@example.com"]).await.expect(0);
    let list = world.run(&["user", "list", "--csv", "--status", "all"]).await.expect(0).stdout;
    let file = world.file("list.csv", list);
    let counts = summary(&world.run(&["apply", &file, "--json"]).await.expect(0));
    assert_eq!((&counts["unchanged"], &counts["failed"]), (&json!(4), &json!(0)));
    let other = "email,active\nstra\u{df}e@xn--mnchen-3ya.example,\n";
    let run = world.run(&["apply", &world.file("other.csv", other), "--json"]).await.expect(0);
    assert_eq!(summary(&run)["unchanged"], 1);
    let user = world.run(&["user", "show", "b@example.com", "--json"]).await.json();
    assert_eq!(user["last_name"], "'=x");
    let user = world.run(&["user", "show", "a@example.com", "--json"]).await.json();
    assert_eq!(user["user_group_memberships"], json!([{ "id": 1 }, { "id": 3 }, { "id": 5 }]));
}

#[tokio::test]
async fn users_are_changed_deactivated_and_reactivated() {
    let world = world().await;
    world.run(&["apply", &world.file("people.csv", PEOPLE)]).await.expect(0);
    let changes = "email,active,groups,locale\n\
        GRACE@example.com,no,Analysts;Readers,\nalan@example.com,,,\n";
    let file = world.file("changes.csv", changes);
    let run = world.run(&["apply", &file, "--json"]).await.expect(0);
    assert_eq!(run.json_lines()[0]["action"], "deactivate");
    let grace = world.run(&["user", "show", "grace@example.com", "--json"]).await.json();
    assert_eq!((&grace["is_active"], &grace["locale"]), (&json!(false), &json!(null)));
    assert_eq!(grace["user_group_memberships"], json!([{ "id": 1 }, { "id": 3 }, { "id": 4 }]));
    let alan = world.run(&["user", "show", "alan@example.com", "--json"]).await.json();
    assert_eq!(alan["user_group_memberships"], json!([{ "id": 1 }]));
    // A missing column changes nothing.
    assert_eq!(alan["last_name"], "Turing, OBE");
    let again = world.file("again.csv", "email,active,last_name\ngrace@example.com,yes,Murray\n");
    let run = world.run(&["apply", &again, "--json"]).await.expect(0);
    assert_eq!(run.json_lines()[0]["action"], "reactivate");
    let grace = world.run(&["user", "show", "grace@example.com", "--json"]).await.json();
    assert_eq!((&grace["is_active"], &grace["last_name"]), (&json!(true), &json!("Murray")));
}

#[tokio::test]
async fn missing_users_are_deactivated_on_request_only() {
    let world = world().await;
    world.run(&["apply", &world.file("people.csv", PEOPLE)]).await.expect(0);
    let file = world.file("one.csv", "email\nalan@example.com\n");
    world.run(&["apply", &file]).await.expect(0);
    assert_eq!(world.active().await.len(), 4);
    let run = world.run(&["apply", &file, "--deactivate-missing", "--json"]).await.expect(0);
    assert_eq!(summary(&run)["deactivated"], 2);
    assert_eq!(run.json_lines()[1]["line"], Value::Null);
    // The administrator of the run stays.
    assert_eq!(world.active().await, [ADMIN_EMAIL, "alan@example.com"]);
}

#[tokio::test]
async fn an_invalid_row_stops_the_file_before_any_change() {
    let world = world().await;
    let people = "email,first_name,groups,is_superuser,active\n\
        a@example.com,A,,,\nb@example.com,B,Nobody,,\nno address,C,,,\nd@example.com,D,,maybe,\n\
        A@EXAMPLE.COM,E,,,\nf@example.com,F\ng@example.com,G,Administrators,false,\n\
        ada@example.com,Ada,,true,false\n";
    let file = world.file("people.csv", people);
    let run = world.run(&["apply", &file, "--json"]).await.expect(2);
    let lines = run.json_lines();
    let errors: Vec<_> = lines
        .iter()
        .map(|line| (line["line"].as_u64().unwrap(), line["error"].as_str().unwrap()))
        .collect();
    let expected = [
        (3, "groups: no group is named Nobody"),
        (4, "email: it must be an email address"),
        (5, "is_superuser: it must be true or false"),
        (6, "line 2 has the same email address"),
        (7, "the row has 2 cells, but there are 5 columns"),
        (8, "is_superuser is false, but groups contains Administrators"),
        (9, "active: you cannot deactivate yourself"),
    ];
    assert_eq!(errors, expected);
    assert_eq!(world.active().await, [ADMIN_EMAIL]);
    let continued = ["apply", &file, "--continue-on-error", "--deactivate-missing", "--json"];
    let counts = summary(&world.run(&continued).await.expect(5));
    assert_eq!((&counts["created"], &counts["failed"]), (&json!(1), &json!(7)));
    assert_eq!(counts["deactivated"], 0);
    assert_eq!(world.active().await, ["a@example.com", ADMIN_EMAIL]);
}

#[tokio::test]
async fn a_row_that_the_service_rejects_does_not_stop_the_others() {
    let world = world().await;
    let people = "email,first_name\na@anonymized.invalid,A\nb@example.com,B\n";
    let run = world.run(&["apply", &world.file("people.csv", people), "--json"]).await.expect(5);
    let failed = &run.json_lines()[0];
    assert_eq!((&failed["line"], &failed["result"]), (&json!(2), &json!("failed")));
    assert_eq!(failed["errors"]["email"], "value must be a valid email address.");
    assert_eq!(world.active().await, [ADMIN_EMAIL, "b@example.com"]);
}
