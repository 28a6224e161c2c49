//! The words of date and time input: months, weekdays, units, zone abbreviations.

use sqlstate::{DatabaseError, Result};

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
    /// `j`, `y`, `mon`, …: labels of ISO dates such as `y2001m02d04`.
    Label,
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
        "d" | "h" | "j" | "jd" | "julian" | "m" | "mm" | "s" | "y" | "dow" | "doy" | "isodow" | "isoyear" => {
            Word::Label
        }
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

/// Seconds east of Greenwich of a zone abbreviation of PostgreSQL's default set; `None` for another word.
///
/// Some abbreviations stand for a zone whose offset changed over the years; those are refused.
pub(super) fn abbreviation(text: &str) -> Result<Option<i64>> {
    if let Ok(at) = FIXED.binary_search_by(|(name, _)| (*name).cmp(text)) {
        return Ok(Some(FIXED[at].1));
    }
    if MOVING.binary_search(&text).is_ok() {
        return Err(DatabaseError::unsupported(format_args!("time zone abbreviation \"{text}\"")));
    }
    Ok(None)
}

/// Abbreviations of constant offset.
const FIXED: &[(&str, i64)] = &[
    ("acdt", 37800),
    ("acsst", 37800),
    ("acst", 34200),
    ("act", -18000),
    ("acwst", 31500),
    ("adt", -10800),
    ("aedt", 39600),
    ("aesst", 39600),
    ("aest", 36000),
    ("aft", 16200),
    ("akdt", -28800),
    ("akst", -32400),
    ("almst", 25200),
    ("almt", 21600),
    ("amt", -14400),
    ("ast", -14400),
    ("awsst", 32400),
    ("awst", 28800),
    ("azost", 0),
    ("azot", -3600),
    ("bdst", 7200),
    ("bdt", 21600),
    ("bnt", 28800),
    ("bort", 28800),
    ("bot", -14400),
    ("bra", -10800),
    ("brst", -7200),
    ("brt", -10800),
    ("bst", 3600),
    ("btt", 21600),
    ("cadt", 37800),
    ("cast", 34200),
    ("cct", 28800),
    ("cdt", -18000),
    ("cest", 7200),
    ("cet", 3600),
    ("cetdst", 7200),
    ("chadt", 49500),
    ("chast", 45900),
    ("chut", 36000),
    ("clst", -10800),
    ("cot", -18000),
    ("cst", -21600),
    ("cxt", 25200),
    ("ddut", 36000),
    ("eat", 10800),
    ("edt", -14400),
    ("eest", 10800),
    ("eet", 7200),
    ("eetdst", 10800),
    ("egst", 0),
    ("egt", -3600),
    ("est", -18000),
    ("fet", 10800),
    ("fjst", 46800),
    ("fjt", 43200),
    ("fnst", -3600),
    ("fnt", -7200),
    ("galt", -21600),
    ("gamt", -32400),
    ("gft", -10800),
    ("gilt", 43200),
    ("gmt", 0),
    ("hkt", 28800),
    ("hst", -36000),
    ("ict", 25200),
    ("idt", 10800),
    ("irt", 12600),
    ("ist", 7200),
    ("jayt", 32400),
    ("jst", 32400),
    ("kdt", 36000),
    ("kgst", 21600),
    ("kst", 32400),
    ("lhst", 37800),
    ("ligt", 36000),
    ("mart", -34200),
    ("mdt", -21600),
    ("mest", 7200),
    ("mesz", 7200),
    ("met", 3600),
    ("metdst", 7200),
    ("mez", 3600),
    ("mht", 43200),
    ("mmt", 23400),
    ("mpt", 36000),
    ("msd", 14400),
    ("mst", -25200),
    ("must", 18000),
    ("mut", 14400),
    ("mvt", 18000),
    ("myt", 28800),
    ("ndt", -9000),
    ("nft", -12600),
    ("npt", 20700),
    ("nst", -12600),
    ("nzdt", 46800),
    ("nzst", 43200),
    ("nzt", 43200),
    ("pdt", -25200),
    ("pet", -18000),
    ("pgt", 36000),
    ("pht", 28800),
    ("pkst", 21600),
    ("pkt", 18000),
    ("pmdt", -7200),
    ("pmst", -10800),
    ("pont", 39600),
    ("pst", -28800),
    ("pwt", 32400),
    ("pyst", -10800),
    ("ret", 14400),
    ("sadt", 37800),
    ("sast", 7200),
    ("sct", 14400),
    ("taht", -36000),
    ("tft", 18000),
    ("tjt", 18000),
    ("tot", 46800),
    ("trut", 36000),
    ("tvt", 43200),
    ("uct", 0),
    ("ulast", 32400),
    ("ut", 0),
    ("utc", 0),
    ("uyst", -7200),
    ("uyt", -10800),
    ("uzst", 21600),
    ("uzt", 18000),
    ("vut", 39600),
    ("wadt", 28800),
    ("wakt", 43200),
    ("wast", 25200),
    ("wat", 3600),
    ("wdt", 32400),
    ("wet", 0),
    ("wetdst", 3600),
    ("wft", 43200),
    ("wgst", -7200),
    ("wgt", -10800),
    ("xjt", 21600),
    ("yapt", 36000),
    ("yekst", 21600),
    ("z", 0),
    ("zulu", 0),
];

/// Abbreviations whose offset depends on the date.
const MOVING: &[&str] = &[
    "amst", "anast", "anat", "arst", "art", "azst", "azt", "ckt", "clt", "davt", "easst", "east", "fkst",
    "fkt", "gest", "get", "gyt", "iot", "irkst", "irkt", "kgt", "kost", "krast", "krat", "lhdt", "lint",
    "lkt", "magst", "magt", "mawt", "msk", "novst", "novt", "nut", "omsst", "omst", "petst", "pett", "pyt",
    "sgt", "tkt", "tmt", "ulat", "vet", "vlast", "vlat", "volt", "yakst", "yakt", "yekt",
];
