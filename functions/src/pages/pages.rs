//! `GET /`, `GET /admin/people` and others: return the page for people and its assets.
//!
//! All paths have the same page. Its script reads the path, and calls the API with the cookie of
//! the session. `functions/build/pages.rs` makes the assets.

use openapi::{Access, Operation, Tag};
use shared::http::{ApiError, ApiResult, Call, Freshness, StaticFile, response};

use crate::route::{Event, Lambda, Route};

/// A file of the build.
macro_rules! built {
    ($content_type:literal, $is_gzip:literal, $freshness:ident, $name:literal) => {
        StaticFile {
            content_type: $content_type,
            is_gzip: $is_gzip,
            has_variants: false,
            freshness: Freshness::$freshness,
            has_trusted_types: true,
            bytes: include_bytes!(concat!(env!("OUT_DIR"), "/", $name)),
        }
    };
}

/// The page. It has no content of its own, and cannot reveal anything.
const PAGE: StaticFile = built!("text/html; charset=utf-8", false, Revalidated, "pages.html");

/// The files loaded by the page. Their names contain a hash of their content.
const ASSETS: [(&str, StaticFile); 2] = [
    (
        env!("PAGES_SCRIPT"),
        built!("text/javascript; charset=utf-8", true, Immutable, "pages.js.gz"),
    ),
    (env!("PAGES_STYLE"), built!("text/css; charset=utf-8", true, Immutable, "pages.css.gz")),
];

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/",
    function: "pages",
    summary: "Get a page for people",
    tag: Tag::Pages,
    access: Access::Public,
    lambda: Lambda::READ.on_condition("HasPages"),
    permissions: &[],
    event: Event::EMPTY,
    doc,
    handler: |call| Box::pin(handler(call)),
};

/// The pages for signing in and for links in emails.
pub const AUTH: Route = Route { path: "/auth/{proxy+}", ..ROUTE };

/// The caller's own account.
pub const ACCOUNT: Route = Route { path: "/account", ..ROUTE };

/// The parts of the caller's own account.
pub const ACCOUNT_PAGE: Route = Route { path: "/account/{proxy+}", ..ROUTE };

/// The pages for administrators.
pub const ADMIN: Route = Route { path: "/admin", ..ROUTE };

/// The sections for administrators.
pub const ADMIN_PAGE: Route = Route { path: "/admin/{proxy+}", ..ROUTE };

/// The first use of an instance.
pub const SETUP: Route = Route { path: "/setup", ..ROUTE };

/// The files of the page.
pub const ASSET: Route = Route { path: "/assets/{file}", ..ROUTE };

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation.omitted()
}

/// Returns the page for people, or one of its files. Allowed for everyone. Reads no table.
///
/// # Errors
///
/// Returns 404 for an unknown file name.
#[expect(clippy::unused_async, reason = "every handler is asynchronous")]
pub async fn handler(call: Call) -> ApiResult {
    let name = call.path("file");
    let file = match name.as_ref() {
        "" => Some(&PAGE),
        name => ASSETS.iter().find(|(known, _)| *known == name).map(|(_, file)| file),
    };
    Ok(response::static_file(&call, file.ok_or(ApiError::NotFound)?))
}

#[cfg(test)]
mod tests {
    use std::{fmt::Write, io::Read};

    use flate2::read::GzDecoder;
    use sha2::{Digest, Sha256};

    use super::*;

    /// The maximum number of bytes of everything that a browser loads for a page.
    const MAX_BYTES: usize = 45 * 1024;

    fn text(file: &StaticFile) -> String {
        let mut text = String::new();
        GzDecoder::new(file.bytes).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_name_contains_the_hash_of_the_content() {
        for (name, file) in &ASSETS {
            let mut hash = String::new();
            for byte in &Sha256::digest(text(file).as_bytes())[..8] {
                write!(hash, "{byte:02x}").unwrap();
            }
            let (stem, extension) = name.split_once('-').unwrap();
            assert_eq!(stem, "pages");
            assert!(extension.starts_with(&hash), "{name} {hash}");
        }
    }

    #[test]
    fn the_page_loads_exactly_the_assets() {
        let page = str::from_utf8(PAGE.bytes).unwrap();
        let loaded: Vec<&str> = page.split("\"/assets/").skip(1).collect();
        let names = loaded.iter().map(|rest| rest.split('"').next().unwrap());
        let mut expected: Vec<&str> = ASSETS.iter().map(|(name, _)| *name).collect();
        expected.reverse();
        assert_eq!(names.collect::<Vec<_>>(), expected);
        for elsewhere in ["http://", "https://", "style=", "<style", "onload="] {
            assert!(!page.contains(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn everything_that_a_page_loads_is_small() {
        let sizes: usize = ASSETS.iter().map(|(_, file)| file.bytes.len()).sum();
        let size = sizes + PAGE.bytes.len();
        assert!(size <= MAX_BYTES, "{size} bytes");
    }

    #[test]
    fn the_script_has_neither_imports_nor_comments() {
        let script = text(&ASSETS[0].1);
        for start in ["import ", "export ", "/*", " *", "//"] {
            let line = script.lines().find(|line| line.starts_with(start));
            assert_eq!(line, None);
        }
        assert!(script.lines().count() > 1000 && !script.contains("/** "));
    }
}
