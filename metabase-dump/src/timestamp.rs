//! Dates and times as the databases write them.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// Parses `2022-08-26 14:05:45.598953+00` and its variants. Without an offset, the time is UTC.
pub(crate) fn parse(text: &str) -> Option<OffsetDateTime> {
    let mut rest = Digits(text.trim().as_bytes());
    let date = date(&mut rest)?;
    let time = if rest.0.is_empty() { Time::MIDNIGHT } else { time(&mut rest)? };
    if rest.0.first() == Some(&b' ') {
        rest.take();
    }
    let offset = offset(&mut rest)?;
    rest.0.is_empty().then(|| PrimitiveDateTime::new(date, time).assume_offset(offset))
}

struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
    fn take(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.take()? == byte).then_some(())
    }

    fn number(&mut self, digits: usize) -> Option<u16> {
        let mut value = 0;
        for _ in 0..digits {
            let digit = self.take().filter(u8::is_ascii_digit)?;
            value = value * 10 + u16::from(digit - b'0');
        }
        Some(value)
    }

    fn two(&mut self) -> Option<u8> {
        self.number(2).and_then(|value| u8::try_from(value).ok())
    }
}

fn date(rest: &mut Digits<'_>) -> Option<Date> {
    let year = rest.number(4)?;
    rest.eat(b'-')?;
    let month = rest.two()?;
    rest.eat(b'-')?;
    let day = rest.two()?;
    Date::from_calendar_date(i32::from(year), Month::try_from(month).ok()?, day).ok()
}

fn time(rest: &mut Digits<'_>) -> Option<Time> {
    rest.take().filter(|byte| matches!(byte, b' ' | b'T'))?;
    let hour = rest.two()?;
    rest.eat(b':')?;
    let minute = rest.two()?;
    let mut second = 0;
    let mut nanosecond = 0;
    if rest.0.first() == Some(&b':') {
        rest.take();
        second = rest.two()?;
        if rest.0.first() == Some(&b'.') {
            rest.take();
            nanosecond = fraction(rest)?;
        }
    }
    Time::from_hms_nano(hour, minute, second, nanosecond).ok()
}

fn fraction(rest: &mut Digits<'_>) -> Option<u32> {
    let count = rest.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut value = 0;
    for _ in 0..count.min(9) {
        value = value * 10 + u32::from(rest.take()? - b'0');
    }
    for _ in count.min(9)..9 {
        value *= 10;
    }
    ((1..=9).contains(&count)).then_some(value)
}

fn offset(rest: &mut Digits<'_>) -> Option<UtcOffset> {
    let sign = match rest.take() {
        None | Some(b'Z') => return Some(UtcOffset::UTC),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    let mut parts = [0_i8; 3];
    for (index, part) in parts.iter_mut().enumerate() {
        if rest.0.is_empty() {
            break;
        }
        if index > 0 && rest.0.first() == Some(&b':') {
            rest.take();
        }
        *part = i8::try_from(rest.two()?).ok()? * sign;
    }
    let [hours, minutes, seconds] = parts;
    UtcOffset::from_hms(hours, minutes, seconds).ok()
}

#[cfg(test)]
mod tests {
    use time::format_description::well_known::Rfc3339;

    use super::parse;

    #[test]
    fn all_databases_are_understood() {
        for (text, expected) in [
            ("2022-08-26 14:05:45.598953+00", "2022-08-26T14:05:45.598953Z"),
            ("2022-08-26 14:05:45+05:30", "2022-08-26T14:05:45+05:30"),
            ("2022-08-26 14:05:45.5-03", "2022-08-26T14:05:45.5-03:00"),
            ("2022-08-26T14:05:45.123456789Z", "2022-08-26T14:05:45.123456789Z"),
            ("2020-01-22 12:59:37.837", "2020-01-22T12:59:37.837Z"),
            ("2020-01-22 12:59", "2020-01-22T12:59:00Z"),
            ("2020-01-22", "2020-01-22T00:00:00Z"),
            ("2020-01-22 12:59:37 +0100", "2020-01-22T12:59:37+01:00"),
        ] {
            let time = parse(text).unwrap();
            assert_eq!(time.format(&Rfc3339).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_time() {
        for text in [
            "",
            "t",
            "2022-13-01 00:00:00",
            "2022-02-30",
            "2022-01-01 25:00:00",
            "2022-01-01 00:00:00.",
            "2022-01-01 00:00:00.1234567890",
            "2022-01-01 00:00:00+0",
            "2022-01-01 00:00:00+99",
            "2022-01-01 00:00:00+00:00:00:00",
            "22-01-01",
            "２０２２-01-01",
            "infinity",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
