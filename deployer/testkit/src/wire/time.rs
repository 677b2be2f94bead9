//! Times as AWS writes them.

const DAY_MS: i64 = 86_400_000;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// Year, month and day of the days since 1970-01-01, by the proleptic Gregorian calendar: eras of 400
/// years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// Days from 1970-01-01, the other way round.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn clock(ms: i64) -> (i64, i64, i64) {
    let seconds = ms.rem_euclid(DAY_MS) / 1_000;
    (seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// `2026-11-23T12:00:00.250Z`
pub(super) fn iso(ms: i64) -> String {
    let ((year, month, day), (hour, minute, second)) = (civil(ms.div_euclid(DAY_MS)), clock(ms));
    let millis = ms.rem_euclid(1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// `Mon, 23 Nov 2026 12:00:00 GMT`, as in a `Date` header.
pub(super) fn http_date(ms: i64) -> String {
    let days = ms.div_euclid(DAY_MS);
    let ((year, month, day), (hour, minute, second)) = (civil(days), clock(ms));
    let weekday = WEEKDAYS[usize::try_from(days.rem_euclid(7)).unwrap_or_default()];
    let month = MONTHS[usize::try_from(month - 1).unwrap_or_default()];
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// Reads `20261123T120000Z`, as in `X-Amz-Date`.
pub(super) fn amz_date(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let days = days(number(0..4)?, number(4..6)?, number(6..8)?);
    let seconds = number(9..11)? * 3_600 + number(11..13)? * 60 + number(13..15)?;
    Some(days * DAY_MS + seconds * 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_and_read_as_aws_does() {
        let ms = amz_date("20261123T120001Z").unwrap();
        assert_eq!(iso(ms + 250), "2026-11-23T12:00:01.250Z");
        assert_eq!(http_date(ms), "Mon, 23 Nov 2026 12:00:01 GMT");
        assert_eq!(iso(crate::FakeClock::START_MS), "2026-11-23T00:00:00.000Z");
    }

    #[test]
    fn leap_days_are_counted() {
        for text in ["20240229T000000Z", "20000301T000000Z", "21000301T000000Z"] {
            let iso = iso(amz_date(text).unwrap());
            assert_eq!(iso.get(..10).unwrap().replace('-', ""), text[..8]);
        }
    }
}
