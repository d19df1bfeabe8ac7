//! The HTML form of an email.
//!
//! Neither text nor background has a color of its own, except the button. The mail program's colors
//! apply, in light and in dark.

use super::message::Content;

const BUTTON: &str = "display:inline-block;padding:12px 20px;border-radius:6px;\
    background:#1f5fbf;color:#ffffff;font-weight:600;text-decoration:none";

/// Renders an email. Every value is escaped.
pub(super) fn render(content: &Content<'_>, subject: &str) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"supported-color-schemes\" content=\"light dark\">\n\
         <title>{}</title>\n</head>\n\
         <body style=\"margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif\">\n\
         <div style=\"max-width:560px;margin:0 auto\">\n",
        content.texts.language,
        escape(subject),
    );
    let greeting = match &content.name {
        // Isolated, so that a name from right to left leaves the text around it alone.
        Some(name) => escape(content.texts.greeting)
            .replace("{name}", &format!("<bdi>{}</bdi>", escape(name))),
        None => escape(content.texts.greeting_without_name),
    };
    paragraph(&mut html, &greeting);
    for text in &content.before {
        paragraph(&mut html, &escape(text));
    }
    if let Some(link) = &content.link {
        let link = escape(link);
        let button = escape(content.button);
        paragraph(&mut html, &format!("<a href=\"{link}\" style=\"{BUTTON}\">{button}</a>"));
        let below = escape(content.texts.below_button);
        let address = format!("<a href=\"{link}\" style=\"word-break:break-all\">{link}</a>");
        paragraph(&mut html, &format!("{below}<br>\n{address}"));
    }
    for text in &content.after {
        paragraph(&mut html, &escape(text));
    }
    html + "</div>\n</body>\n</html>\n"
}

fn paragraph(html: &mut String, content: &str) {
    for part in ["<p style=\"margin:0 0 16px\">", content, "</p>\n"] {
        html.push_str(part);
    }
}

/// Escapes a text for an element, and for an attribute in quotes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped() {
        let escaped = "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;";
        assert_eq!(escape("<a href=\"x\" title='y'>&amp;"), escaped);
    }
}
