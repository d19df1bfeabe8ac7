//! Typed async client of the user API.
