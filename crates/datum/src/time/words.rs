//! The words of date and time input: months, weekdays, units.

/// What a word means in a date, time or timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// `now`.
    Now,
    /// `yesterday`, `today`, `tomorrow`: days from today.
    Day(i64),
    /// `epoch`.
    Epoch,
    /// `-infinity`.
    Begin,
    /// `infinity`.
    End,
    /// `allballs`: midnight UTC.
    Midnight,
    /// A month.
    Month(i64),
    /// A weekday, which is ignored.
    Weekday,
    /// `at`, `on`: ignored.
    Filler,
    /// `am`.
    Am,
    /// `pm`.
    Pm,
    /// `ad`, `ce`.
    Ad,
    /// `bc`, `bce`.
    Bc,
    /// `t`: a time follows.
    Time,
    /// `dst`: an hour more on the zone before.
    Dst,
    /// `j`, `y`, `mm`, …: labels of ISO dates such as `y2001m02d04`.
    Label(Label),
}

/// What a labelled number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    /// A Julian day.
    Julian,
    /// After `t`: a time.
    Time,
    /// A label that no number may follow.
    Other,
}

/// The meaning of a lower-case word.
pub(super) fn word(text: &str) -> Option<Word> {
    // Words are compared by their first ten letters, as PostgreSQL's table holds no more.
    let text = text.get(..10).unwrap_or(text);
    Some(match text {
        "now" => Word::Now,
        "yesterday" => Word::Day(-1),
        "today" => Word::Day(0),
        "tomorrow" => Word::Day(1),
        "epoch" => Word::Epoch,
        "-infinity" => Word::Begin,
        "infinity" => Word::End,
        "allballs" => Word::Midnight,
        "jan" | "january" => Word::Month(1),
        "feb" | "february" => Word::Month(2),
        "mar" | "march" => Word::Month(3),
        "apr" | "april" => Word::Month(4),
        "may" => Word::Month(5),
        "jun" | "june" => Word::Month(6),
        "jul" | "july" => Word::Month(7),
        "aug" | "august" => Word::Month(8),
        "sep" | "sept" | "september" => Word::Month(9),
        "oct" | "october" => Word::Month(10),
        "nov" | "november" => Word::Month(11),
        "dec" | "december" => Word::Month(12),
        "sun" | "sunday" | "mon" | "monday" | "tue" | "tues" | "tuesday" | "wed" | "wednesday" | "weds"
        | "thu" | "thur" | "thurs" | "thursday" | "fri" | "friday" | "sat" | "saturday" => Word::Weekday,
        "at" | "on" => Word::Filler,
        "am" => Word::Am,
        "pm" => Word::Pm,
        "ad" | "ce" => Word::Ad,
        "bc" | "bce" => Word::Bc,
        "t" => Word::Time,
        "dst" => Word::Dst,
        "y" => Word::Label(Label::Year),
        "m" => Word::Label(Label::Month),
        "d" => Word::Label(Label::Day),
        "h" => Word::Label(Label::Hour),
        "mm" => Word::Label(Label::Minute),
        "s" => Word::Label(Label::Second),
        "j" | "jd" | "julian" => Word::Label(Label::Julian),
        "dow" | "doy" | "isodow" | "isoyear" => Word::Label(Label::Other),
        _ => return None,
    })
}

/// A unit of an interval's field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
    Millennium,
}

/// The unit of a lower-case word.
pub(crate) fn unit(text: &str) -> Option<Unit> {
    let text = text.get(..10).unwrap_or(text);
    Some(match text {
        "us" | "usec" | "usecs" | "usecond" | "useconds" | "microsecon" => Unit::Microsecond,
        "ms" | "msec" | "msecs" | "msecond" | "mseconds" | "millisecon" => Unit::Millisecond,
        "s" | "sec" | "second" | "seconds" | "secs" => Unit::Second,
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::Minute,
        "h" | "hour" | "hours" | "hr" | "hrs" => Unit::Hour,
        "d" | "day" | "days" => Unit::Day,
        "w" | "week" | "weeks" => Unit::Week,
        "mon" | "mons" | "month" | "months" => Unit::Month,
        "qtr" | "quarter" => Unit::Quarter,
        "y" | "yr" | "yrs" | "year" | "years" => Unit::Year,
        "dec" | "decs" | "decade" | "decades" => Unit::Decade,
        "c" | "cent" | "century" | "centuries" => Unit::Century,
        "mil" | "mils" | "millennia" | "millennium" => Unit::Millennium,
        _ => return None,
    })
}
