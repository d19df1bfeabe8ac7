//! The documentation and the source text, checked against the code.

mod docs_checks;
mod module_order;
mod prose;
