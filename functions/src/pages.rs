//! The pages for people.

#[expect(clippy::module_inception, reason = "a function has the name of its file")]
pub mod pages;
