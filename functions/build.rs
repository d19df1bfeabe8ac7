//! Links the functions at a fixed address when they are built to be deployed.
//!
//! The loader relocates a position-independent executable at each start. It rewrites 20,000
//! addresses and copies their pages. That is a sixth of a cold start, and half a megabyte
//! (`docs/adr/0014`).

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("PROFILE").is_some_and(|profile| profile == "release") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
