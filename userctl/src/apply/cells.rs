//! Values of cells.

use client::Change;

use crate::list::without_apostrophe;

/// The maximum length of a text.
const MAX_LENGTH: usize = 254;
/// The maximum number of groups of a user.
pub(super) const MAX_GROUPS: usize = 44;

/// A text without surrounding white space and without the apostrophe of a spreadsheet.
pub(super) fn trimmed(cell: &str) -> &str {
    without_apostrophe(cell).trim()
}

/// A name, a locale or an identity provider. An empty cell removes the value.
pub(super) fn text(cell: &str) -> Result<Change<String>, String> {
    let text = trimmed(cell);
    if text.chars().any(char::is_control) {
        return Err("it contains a line break or another control character".to_owned());
    }
    if text.chars().count() > MAX_LENGTH {
        return Err(format!("it has more than {MAX_LENGTH} characters"));
    }
    Ok(if text.is_empty() { Change::Clear } else { Change::Set(text.to_owned()) })
}

/// A language such as `de` or `de_AT`.
pub(super) fn locale(cell: &str) -> Result<Change<String>, String> {
    let locale = text(cell)?;
    let Change::Set(code) = &locale else { return Ok(locale) };
    let (language, country) = code.split_once(['_', '-']).unwrap_or((code, "AA"));
    let is_code = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic());
    if is_code(language) && is_code(country) {
        let (language, country) = (language.to_lowercase(), country.to_uppercase());
        let is_short = code.len() == 2;
        return Ok(Change::Set(if is_short { language } else { format!("{language}_{country}") }));
    }
    Err("it must be a language such as de or de_AT".to_owned())
}

/// A flag. An empty cell changes nothing.
pub(super) fn flag(cell: &str) -> Result<Option<bool>, String> {
    match trimmed(cell).to_lowercase().as_str() {
        "" => Ok(None),
        "true" | "yes" | "1" => Ok(Some(true)),
        "false" | "no" | "0" => Ok(Some(false)),
        _ => Err("it must be true or false".to_owned()),
    }
}

/// An email address. The service checks the rest.
pub(super) fn email(cell: &str) -> Result<String, String> {
    let Change::Set(email) = text(cell)? else { return Err("it is empty".to_owned()) };
    let is_address = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    });
    if is_address && !email.contains(char::is_whitespace) {
        return Ok(email);
    }
    Err("it must be an email address".to_owned())
}

/// The names of groups, separated by semicolons.
pub(super) fn groups(cell: &str) -> Result<Vec<String>, String> {
    let names = trimmed(cell).split(';').map(str::trim).filter(|name| !name.is_empty());
    let names: Vec<_> = names.map(str::to_owned).collect();
    if names.len() > MAX_GROUPS {
        return Err(format!("a user can be in at most {MAX_GROUPS} groups"));
    }
    Ok(names)
}
