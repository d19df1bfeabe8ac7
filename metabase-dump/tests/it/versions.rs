//! Dumps of six versions, with the columns and the order of each.

use metabase_dump::Table;

use crate::{
    model::{HASH, SALT},
    shown::{column, rows},
};

#[test]
fn v40_has_booleans_for_google_and_ldap() {
    let dump = format!(
        "COPY core_user (id, email, first_name, last_name, password, password_salt, date_joined, \
         last_login, is_superuser, is_active, reset_token, reset_triggered, is_qbnewb, \
         google_auth, \
         ldap_auth, login_attributes, updated_at, sso_source, locale) FROM stdin;\n\
         1\tana@example.com\tAna\tLee\t{HASH}\t{SALT}\t2019-01-02 03:04:05.6+00\t\\N\tt\tt\t\\N\t\
         \\N\tf\
         \tf\tf\t{{\"plant\": 7, \"night\": true, \"none\": null}}\t2019-01-02 03:04:05\t\\N\tde\n\
         2\tbo@example.com\tBo\tLi\t{HASH}\t{SALT}\t2019-01-02 03:04:05+00\t\\N\tf\tf\t\\N\t\\N\t\
         t\tt\
         \tf\t\\N\t\\N\t\\N\t\\N\n\
         3\tcy@example.com\tCy\tLo\t{HASH}\tdefault\t2019-01-02 03:04:05+00\t\\N\tf\tt\t\\N\t\\N\t\
         t\tf\
         \tt\t\\N\t\\N\t\\N\t\\N\n\\.\n"
    );
    let rows = rows("dump.sql", dump);
    assert_eq!(column(&rows, "sso_source"), ["-", "google", "ldap"]);
    assert_eq!(column(&rows, "is_active"), ["true", "false", "true"]);
    assert_eq!(column(&rows, "login_attributes")[0], r#"{"night":"true","plant":"7"}"#);
    assert_eq!(column(&rows, "date_joined")[0], "2019-01-02T03:04:05.6Z");
    assert_eq!(column(&rows, "updated_at")[0], "2019-01-02T03:04:05Z");
    assert_eq!(column(&rows, "password")[0], HASH);
    assert_eq!(column(&rows, "password_salt"), [SALT, SALT, "default"]);
    assert_eq!(column(&rows, "locale")[0], "de");
    assert_eq!(column(&rows, "type")[0], "personal");
}

#[test]
fn v46_has_an_sso_source() {
    let dump = "INSERT INTO public.core_user (sso_source, id, email, is_datasetnewb, is_qbnewb) \
                VALUES ('saml', 1, 'a@example.com', false, false);\n\
                INSERT INTO public.core_user (sso_source, id, email, is_datasetnewb, is_qbnewb) \
                VALUES (NULL, 2, 'b@example.com', true, true);\n";
    let rows = rows("dump.sql", dump);
    assert_eq!(column(&rows, "sso_source"), ["saml", "-"]);
    assert_eq!(column(&rows, "is_datasetnewb"), ["false", "true"]);
}

#[test]
fn v50_has_types_and_api_keys() {
    let dump = format!(
        "COPY public.api_key (id, user_id, key, key_prefix, creator_id, created_at, updated_at, \
         name, \
         updated_by_id) FROM stdin;\n\
         1\t5\t{HASH}\tmb_abcd\t1\t2024-06-01 10:00:00+02\t2024-06-01 10:00:00+02\tCI\t1\n\\.\n\
         COPY public.core_user (id, email, \"type\", entity_id) FROM stdin;\n\
         5\tapi-key-user-x@api-key.invalid\tapi-key\txxxxxxxxxxxxxxxxxxxxx\n\
         13371338\tinternal@metabase.com\tinternal\t\\N\n\\.\n"
    );
    let rows = rows("dump.sql", dump);
    let tables: Vec<_> = rows.iter().map(|(table, _)| *table).collect();
    assert_eq!(tables, [Table::ApiKey, Table::User, Table::User]);
    assert_eq!(column(&rows, "key")[0], HASH);
    assert_eq!(column(&rows, "created_at")[0], "2024-06-01T08:00:00Z");
    assert_eq!(column(&rows, "type")[1..], ["api-key", "internal"]);
}

#[test]
fn v55_has_magic_groups_and_deactivations() {
    let dump = "COPY public.core_user (deactivated_at, email, id) FROM stdin;\n\
                2025-01-01 00:00:00.000001+00\ta@example.com\t1\n\\.\n\
                COPY public.permissions_group (id, name, entity_id, magic_group_type) FROM stdin;\n\
                1\tAll Users\t\\N\tall-internal-users\n\
                2\tAdministrators\t\\N\tadmin\n3\tIt's\\\\mine\\t\t\\N\t\\N\n\\.\n\
                COPY public.permissions_group_membership (id, user_id, group_id, is_group_manager) \
                FROM stdin;\n9\t1\t3\tt\n\\.\n";
    let rows = rows("dump.sql", dump);
    assert_eq!(column(&rows, "deactivated_at")[0], "2025-01-01T00:00:00.000001Z");
    assert_eq!(column(&rows, "magic_group_type")[1..4], ["all-internal-users", "admin", "-"]);
    assert_eq!(column(&rows, "name")[3], "It's\\mine\t");
    assert_eq!(column(&rows, "is_group_manager")[4], "true");
}

#[test]
fn v58_has_tenants() {
    let dump = "INSERT INTO public.core_user (id, email, tenant_id, jwt_attributes) VALUES \
                (1, 'a@example.com', 4, '{\"a\": [1, {\"b\": 2}]}'::text);\n\
                INSERT INTO public.permissions_group (id, name, is_tenant_group) \
                OVERRIDING SYSTEM VALUE VALUES (1, 'T', true);\n";
    let rows = rows("dump.sql", dump);
    assert_eq!(column(&rows, "tenant_id")[0], "4");
    assert_eq!(column(&rows, "jwt_attributes")[0], r#"{"a":"[1,{\"b\":2}]"}"#);
    assert_eq!(column(&rows, "is_tenant_group")[1], "true");
}

#[test]
fn v62_has_data_analysts_and_unknown_columns() {
    let dump = "COPY public.core_user (id, a_new_column, email, is_data_analyst) FROM stdin;\n\
                1\t\\\\.\ta@example.com\tt\n\\.\n\
                COPY public.core_user_new (id) FROM stdin;\n1\n\\.\n";
    let rows = rows("dump.sql", dump);
    assert_eq!(column(&rows, "is_data_analyst"), ["true"]);
}

#[test]
fn the_internal_user_of_old_versions_is_known_by_its_id() {
    let dump = "COPY core_user (id, email) FROM stdin;\n13371338\tinternal@metabase.com\n\\.\n";
    assert_eq!(column(&rows("dump.sql", dump), "type"), ["internal"]);
}
