//! Dates as tables and tags write them.

/// Whether a text is `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, of a day that there was. There was no year 0.
pub fn is_date(text: &str) -> bool {
    let number = |part: Option<&str>, digits: usize| match part {
        Some(part) if part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()) => {
            part.parse::<u32>().ok()
        }
        _ => None,
    };
    let mut parts = text.split('-');
    let Some(year) = number(parts.next(), 4) else { return false };
    let (month, day) = (parts.next(), parts.next());
    if year == 0 || parts.next().is_some() {
        return false;
    }
    let Some(month) = month else { return true };
    let days = match number(Some(month), 2) {
        Some(4 | 6 | 9 | 11) => 30,
        Some(2) if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        Some(2) => 28,
        Some(1..=12) => 31,
        _ => return false,
    };
    day.is_none_or(|day| number(Some(day), 2).is_some_and(|day| (1..=days).contains(&day)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_that_were() {
        for text in ["1999", "1999-12", "2000-02-29", "0001-01-31"] {
            assert!(is_date(text), "{text}");
        }
        let none = [
            "",
            "99",
            "19990101",
            "1999-13",
            "1900-02-29",
            "0000",
            "0000-00-00",
            "2001-02-30",
            "1999-1",
            "1999-01-1",
            "unknown",
            "1999-01-01-01",
            "+199",
            "１９９９",
            "1999-",
            "1999-01-",
            "1999/01",
            "1999-01-011",
        ];
        for text in none {
            assert!(!is_date(text), "{text}");
        }
    }
}
