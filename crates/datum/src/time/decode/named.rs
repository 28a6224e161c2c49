//! Words in a date or time: months, eras, zones, `now` and `tomorrow`, and the letters of ISO 8601 before a number.

use super::super::abbreviations::{Abbreviation, abbreviation};
use super::super::calendar::{DAY, EPOCH_JULIAN};
use super::super::digits::{decimals, leading, microseconds};
use super::super::tokens::{Field, Kind};
use super::super::words::{self, Label, Word};
use super::super::zone;
use super::{
    ALL_SECONDS, DATE, DATE_DAY, DAYLIGHT, DAYLIGHT_WORD, Decoded, Decoder, ERA, HALF, HOURS, MINUTES, MONTH,
    Refusal, SECONDS, SPECIAL, TIME, WEEKDAY, Wanted, YEAR, ZONE,
};
use crate::context::TimeZone;

impl Decoder<'_> {
    pub(super) fn named_zone(&mut self, name: &str) -> Decoded<u32> {
        let zone = TimeZone::named(name).ok_or_else(|| Refusal::Other(zone::unknown(name)))?;
        self.named = Some(zone);
        Ok(ZONE)
    }

    /// A number after its label: `y2001m02d04`, `j2451187`.
    pub(super) fn labelled(&mut self, label: Label, text: &str) -> Decoded<u32> {
        self.special = None;
        let (value, rest) = leading(text)?;
        let value = value.ok_or(Refusal::Field)?;
        let fraction = rest.strip_prefix('.');
        if fraction.is_some() && !matches!(label, Label::Julian | Label::Time | Label::Second)
            || fraction.is_none() && !rest.is_empty()
        {
            return Err(Refusal::Format);
        }
        Ok(match label {
            Label::Year => {
                self.out.year = value;
                YEAR
            }
            // After month and hour it is the minute.
            Label::Month if self.present & MONTH != 0 && self.present & HOURS != 0 => {
                self.out.minute = value;
                MINUTES
            }
            Label::Month => {
                self.out.month = value;
                MONTH
            }
            Label::Day => {
                self.out.day = value;
                DATE_DAY
            }
            Label::Hour => {
                self.out.hour = value;
                HOURS
            }
            Label::Minute => {
                self.out.minute = value;
                MINUTES
            }
            Label::Second => {
                self.out.second = value;
                match fraction {
                    Some(fraction) => {
                        self.out.fraction = microseconds(fraction)?;
                        ALL_SECONDS
                    }
                    None => SECONDS,
                }
            }
            Label::Julian => {
                if value < 0 {
                    return Err(Refusal::Field);
                }
                self.out.set_date(value - EPOCH_JULIAN);
                self.julian = true;
                match fraction {
                    Some(fraction) => {
                        self.out.set_time((decimals(fraction)? * DAY as f64) as i64);
                        DATE | TIME
                    }
                    None => DATE,
                }
            }
            Label::Time => {
                let found = self.run_together(text, self.present | DATE)?;
                if found != TIME {
                    return Err(Refusal::Format);
                }
                found
            }
            Label::Other => return Err(Refusal::Format),
        })
    }

    /// What a word gives; `None` for one that is passed over.
    pub(super) fn word_field(&mut self, field: &Field, at: usize, fields: &[Field]) -> Decoded<Option<u32>> {
        let text = field.text.as_str();
        match abbreviation(text) {
            Some(Abbreviation::Standard(seconds)) => {
                self.out.offset = seconds;
                return Ok(Some(ZONE));
            }
            Some(Abbreviation::Daylight(seconds)) => {
                self.out.offset = seconds;
                return Ok(Some(ZONE | DAYLIGHT));
            }
            Some(Abbreviation::Zone(name)) => {
                let zone = TimeZone::named(name).ok_or(Refusal::Format)?;
                self.dynamic = Some((text.to_owned(), zone));
                return Ok(Some(ZONE | 1 << 7));
            }
            None => {}
        }
        let Some(word) = words::word(text) else {
            self.named = Some(TimeZone::named(text).ok_or(Refusal::Format)?);
            return Ok(Some(ZONE));
        };
        let date_time = self.wanted == Wanted::DateTime;
        Ok(Some(match word {
            Word::Filler => return Ok(None),
            Word::Now => {
                let now = self.context.now();
                let zone = self.context.time_zone();
                let local = zone.to_local(now);
                self.out.set_time(local);
                if date_time {
                    self.special = None;
                    self.out.set_date(local.div_euclid(DAY));
                    self.out.offset = zone.offset_at(now);
                    DATE | TIME | ZONE
                } else {
                    TIME
                }
            }
            Word::Day(shift) if date_time => {
                let now = self.context.time_zone().to_local(self.context.now());
                self.special = None;
                self.out.set_date(now.div_euclid(DAY) + shift);
                DATE
            }
            Word::Midnight => {
                self.special = None;
                self.out.set_time(0);
                self.out.offset = 0;
                TIME | ZONE
            }
            Word::Epoch | Word::Begin | Word::End if date_time => {
                self.special = Some(word);
                SPECIAL
            }
            Word::Month(month) if date_time => {
                // A numeric field taken for the month before was the day.
                let was_day = self.present & MONTH != 0
                    && !self.text_month
                    && self.present & DATE_DAY == 0
                    && (1..=31).contains(&self.out.month);
                self.text_month = true;
                if was_day {
                    self.out.day = self.out.month;
                }
                self.out.month = month;
                if was_day { DATE_DAY } else { MONTH }
            }
            Word::Weekday if date_time => WEEKDAY,
            Word::Day(_) | Word::Epoch | Word::Begin | Word::End | Word::Month(_) | Word::Weekday => {
                return Err(Refusal::Format);
            }
            Word::Am | Word::Pm => {
                self.half = Some(word == Word::Pm);
                HALF
            }
            Word::Ad | Word::Bc => {
                self.before_christ = word == Word::Bc;
                ERA
            }
            Word::Time => {
                // Only a filler between a date and a time, or before a time.
                let next = fields.get(at + 1).map(|field| field.kind);
                if date_time && self.present & DATE != DATE
                    || !matches!(next, Some(Kind::Number | Kind::Time | Kind::Date))
                {
                    return Err(Refusal::Format);
                }
                self.label = Some(Label::Time);
                0
            }
            Word::Dst => {
                self.out.offset += 3600;
                DAYLIGHT_WORD | DAYLIGHT
            }
            Word::Label(label) => {
                self.label = Some(label);
                0
            }
        }))
    }
}
