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

/// The number of a day, `YYYY-MM-DD`, counted from 1970-01-01; `None` for anything else. For differences between days.
pub fn day_number(text: &str) -> Option<i64> {
    if text.len() != 10 || !is_date(text) {
        return None;
    }
    let mut parts = text.split('-').filter_map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    // A year that begins in March has its odd day at its end.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let days_before_month = (153 * month + 2) / 5;
    Some(365 * year + year / 4 - year / 100 + year / 400 + days_before_month + day - 719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted() {
        assert_eq!(day_number("1970-01-01"), Some(0));
        assert_eq!(day_number("1969-12-31"), Some(-1));
        assert_eq!(day_number("2000-03-01"), Some(11_017));
        assert_eq!(day_number("2026-11-21"), Some(20_778));
        let mut before = day_number("1896-12-31").unwrap();
        for year in 1897..2105 {
            for (month, days) in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].iter().enumerate()
            {
                for day in 1..=days + 1 {
                    if let Some(number) =
                        day_number(&format!("{year:04}-{:02}-{day:02}", month + 1))
                    {
                        assert_eq!(number, before + 1, "{year}-{}-{day}", month + 1);
                        before = number;
                    }
                }
            }
        }
        assert_eq!(day_number("2026-11"), None);
    }

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
