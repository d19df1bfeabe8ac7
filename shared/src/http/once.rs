//! `Idempotency-Key`: a request that is sent again has one effect and one answer (`docs/adr/0019`).

use std::{borrow::Cow, future::Future};

use super::{ApiError, ApiResult, Call, Reply};
use crate::{
    domain::{Earlier, Kept, Once, Origin, Ticket, UserId, Via},
    store::Found,
};

/// The most characters of a key.
const LONGEST: usize = 255;

impl Call {
    /// What whoever sends a key that is none is told.
    pub const BAD_KEY: &'static str =
        "The Idempotency-Key must have 1 to 255 printable ASCII characters.";

    /// Carries out what the caller asks for, unless it was carried out before: then the answer is the
    /// one of that time.
    ///
    /// A refusal is looked into once more: it may be due to the same request, which came at the same
    /// time and was faster, or whose answer was lost on the way from the table.
    ///
    /// # Errors
    ///
    /// Those of the `work`; [`ApiError::OtherPayload`] when the key was used for another request, and
    /// [`ApiError::Repeated`] when the answer was not kept.
    pub async fn once(&self, origin: &Origin, work: impl Future<Output = ApiResult>) -> ApiResult {
        let Some(once) = origin.once() else { return work.await };
        if let Some(earlier) = &once.earlier {
            return replay(earlier, &once.ticket);
        }
        let answer = work.await;
        if answer.is_ok() {
            return answer;
        }
        match self.store().earlier(&once.ticket, self.now()).await {
            Ok(Some(earlier)) => replay(&earlier, &once.ticket),
            Ok(None) | Err(_) => answer,
        }
    }

    /// Who asks, from where, and whether the same request was carried out before.
    pub(crate) fn origin(
        &self,
        user: UserId,
        via: Via,
        found: &mut Found,
    ) -> Result<Origin, ApiError> {
        let origin = Origin::new(Some(user), via, self.arrival());
        let Some(ticket) = self.ticket(user)? else { return Ok(origin) };
        let earlier = found.take_earlier(&ticket, self.now())?;
        Ok(origin.carried_out(Some(Once { ticket, earlier, answer: None })))
    }

    /// The ticket of a request that has a key, if it is one that may do something twice.
    pub(crate) fn ticket(&self, user: UserId) -> Result<Option<Ticket>, ApiError> {
        let Some(field) = self.header("idempotency-key").filter(|_| self.method() == "POST") else {
            return Ok(None);
        };
        let key = parse(field).ok_or(ApiError::BadRequest(Self::BAD_KEY))?;
        Ok(Some(Ticket::new(user, self.route(), &key, &self.payload())))
    }
}

fn replay(earlier: &Earlier, ticket: &Ticket) -> ApiResult {
    if earlier.payload != ticket.payload() {
        return Err(ApiError::OtherPayload);
    }
    let kept = earlier.answer.clone();
    kept.map(Reply::again).ok_or(ApiError::Repeated)
}

impl From<&Reply> for Kept {
    fn from(reply: &Reply) -> Self {
        let etag = reply.etag().map(str::to_owned);
        Self { status: reply.status, body: reply.body.clone(), etag }
    }
}

/// A key is a string of RFC 9651, in quotation marks; without them it is what it is.
fn parse(field: &str) -> Option<Cow<'_, str>> {
    let field = field.trim_matches([' ', '\t']);
    let key = if field.starts_with('"') { unquote(field)?.into() } else { field.into() };
    let is_printable = |key: &str| key.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    Some(key).filter(|key: &Cow<'_, str>| (1..=LONGEST).contains(&key.len()) && is_printable(key))
}

fn unquote(field: &str) -> Option<String> {
    let mut characters = field.strip_prefix('"')?.strip_suffix('"')?.chars();
    let mut key = String::new();
    while let Some(character) = characters.next() {
        key.push(match character {
            '"' => return None,
            '\\' => characters.next().filter(|escaped| matches!(escaped, '"' | '\\'))?,
            other => other,
        });
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_with_and_without_quotation_marks() {
        for (field, key) in [
            ("8e03978e-40d5-43dd", "8e03978e-40d5-43dd"),
            (" \"8e03978e\" ", "8e03978e"),
            (r#""a\"b\\c d""#, r#"a"b\c d"#),
            ("a\"b", "a\"b"),
            ("a, b", "a, b"),
        ] {
            assert_eq!(parse(field).as_deref(), Some(key), "{field}");
        }
        assert!(parse(&"x".repeat(255)).is_some());
    }

    #[test]
    fn anything_else_is_no_key() {
        let long = "x".repeat(256);
        for field in
            ["", " ", "\"\"", "\"", "\"a", "\"a\"b", "\"a\"\"", r#""\a""#, "ä", "a\tb", &long]
        {
            assert_eq!(parse(field), None, "{field}");
        }
    }
}
