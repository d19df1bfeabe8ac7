//! Links some functions at a fixed address when they are built to be deployed.
//!
//! The loader relocates a position-independent executable at each start. It rewrites 20,000
//! addresses and copies their pages. That is a sixth of a cold start, and half a megabyte
//! (`docs/adr/0014`). Functions that anyone may call, and functions with passwords, stay
//! position-independent: their addresses differ in every process.

const AT_A_FIXED_ADDRESS: &[&str] = &[
    // BEGIN GENERATED: fixed address (cargo xtask generate)
    "list-api-keys",
    "create-api-key",
    "count-api-keys",
    "update-api-key",
    "delete-api-key",
    "regenerate-api-key",
    "list-audit",
    "list-login-history",
    "get-permissions-graph",
    "update-permissions-graph",
    "get-group-permissions-graph",
    "list-groups",
    "create-group",
    "get-group",
    "update-group",
    "delete-group",
    "list-memberships",
    "create-membership",
    "update-membership",
    "delete-membership",
    "clear-group",
    "list-settings",
    "list-users",
    "current-user",
    "list-recipients",
    "get-user",
    "update-user",
    "deactivate-user",
    "anonymize-user",
    "dismiss-modal",
    "password-reset-url",
    "reactivate-user",
    "send-invite",
    "list-sessions",
    "revoke-sessions",
    "revoke-session",
    // END GENERATED: fixed address
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("PROFILE").is_some_and(|profile| profile == "release") {
        // A panic aborts, so nothing searches the index of the unwind tables.
        println!("cargo:rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
        for function in AT_A_FIXED_ADDRESS {
            println!("cargo:rustc-link-arg-bin={function}=-no-pie");
        }
    }
}
