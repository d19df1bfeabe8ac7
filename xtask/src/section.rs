//! A generated section of a file, between two marker comments.

use crate::Error;

/// Replaces the lines between `BEGIN GENERATED: <name>` and `END GENERATED: <name>`.
#[cfg_attr(not(feature = "routes"), expect(dead_code, reason = "for derived files only"))]
pub(crate) fn replace(text: &str, name: &str, lines: &str) -> Result<String, Error> {
    let missing = |marker: &str| format!("the marker `{marker}` is missing");
    let (begin, end) = (format!("BEGIN GENERATED: {name}"), format!("END GENERATED: {name}"));
    let start = text.find(&begin).ok_or_else(|| missing(&begin))?;
    let (before, rest) = text.split_at(start);
    let (marker, rest) = rest.split_once('\n').ok_or_else(|| missing(&end))?;
    let at_end = rest.find(&end).ok_or_else(|| missing(&end))?;
    let (old, _) = rest.split_at(at_end);
    // The end marker begins with its indentation and the comment sign.
    let old = old.rsplit_once('\n').map_or("", |(lines, _)| lines);
    let after = rest.strip_prefix(old).unwrap_or_default().trim_start_matches('\n');
    Ok(format!("{before}{marker}\n{lines}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_the_lines_between_the_markers() {
        let text = "a\n  # BEGIN GENERATED: x (tool)\n  old\n  # END GENERATED: x\nb\n";
        let expected = "a\n  # BEGIN GENERATED: x (tool)\n  new\n  # END GENERATED: x\nb\n";
        assert_eq!(replace(text, "x", "  new\n").unwrap(), expected);
        assert_eq!(replace(expected, "x", "  new\n").unwrap(), expected);
        let empty = replace(text, "x", "").unwrap();
        assert_eq!(empty, "a\n  # BEGIN GENERATED: x (tool)\n  # END GENERATED: x\nb\n");
        assert_eq!(replace(&empty, "x", "  new\n").unwrap(), expected);
    }

    #[test]
    fn needs_both_markers() {
        for text in ["", "# BEGIN GENERATED: x\n", "# END GENERATED: x\n# BEGIN GENERATED: x\n"] {
            assert!(replace(text, "x", "").is_err(), "{text}");
        }
    }
}
