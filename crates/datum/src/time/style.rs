//! How dates and intervals are written and read: the settings DateStyle and IntervalStyle.

/// The setting DateStyle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DateStyle {
    /// How dates are written.
    pub format: DateFormat,
    /// How ambiguous dates are read, and written in some formats.
    pub order: DateOrder,
}

/// How dates are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateFormat {
    /// `1997-12-17 07:37:16-08`
    #[default]
    Iso,
    /// `12/17/1997 07:37:16.00 PST`
    Sql,
    /// `Wed Dec 17 07:37:16 1997 PST`
    Postgres,
    /// `17.12.1997 07:37:16.00 PST`
    German,
}

/// The order of the fields of an ambiguous date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateOrder {
    /// Month, day, year.
    #[default]
    Mdy,
    /// Day, month, year.
    Dmy,
    /// Year, month, day.
    Ymd,
}

/// The setting IntervalStyle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IntervalStyle {
    /// `1 year 2 mons 3 days 04:05:06`
    #[default]
    Postgres,
    /// `@ 1 year 2 mons 3 days 4 hours 5 mins 6 secs`
    Verbose,
    /// `+1-2 +3 +4:05:06`
    SqlStandard,
    /// `P1Y2M3DT4H5M6S`
    Iso8601,
}

impl DateStyle {
    /// The style after a change such as `SET datestyle = 'sql, dmy'`; `default` is the style of `DEFAULT`. The error is the
    /// detail of what is wrong: an unknown word, or two that contradict each other.
    pub fn changed(self, value: &str, default: DateStyle) -> Result<DateStyle, String> {
        let mut style = self;
        let (mut format_given, mut order_given, mut conflict) = (false, false, false);
        for word in value.split(',') {
            let given = word.trim_matches(|c: char| c.is_ascii_whitespace());
            let given = given.strip_prefix('"').and_then(|word| word.strip_suffix('"')).unwrap_or(given);
            let word = given.to_ascii_lowercase();
            let format = match word.as_str() {
                "iso" => Some(DateFormat::Iso),
                "sql" => Some(DateFormat::Sql),
                "german" => Some(DateFormat::German),
                word if word.starts_with("postgres") => Some(DateFormat::Postgres),
                _ => None,
            };
            let order = match word.as_str() {
                "ymd" => Some(DateOrder::Ymd),
                "mdy" | "us" => Some(DateOrder::Mdy),
                "dmy" => Some(DateOrder::Dmy),
                word if word.starts_with("euro") => Some(DateOrder::Dmy),
                word if word.starts_with("noneuro") => Some(DateOrder::Mdy),
                _ => None,
            };
            if let Some(format) = format {
                conflict |= format_given && style.format != format;
                style.format = format;
                format_given = true;
                // German implies its order unless another is given.
                if format == DateFormat::German && !order_given {
                    style.order = DateOrder::Dmy;
                }
            } else if let Some(order) = order {
                conflict |= order_given && style.order != order;
                style.order = order;
                order_given = true;
            } else if word == "default" {
                if !format_given {
                    style.format = default.format;
                }
                if !order_given {
                    style.order = default.order;
                }
            } else if word.is_empty() {
                return Err("List syntax is invalid.".to_owned());
            } else {
                return Err(format!("Unrecognized key word: \"{word}\"."));
            }
        }
        if conflict { Err("Conflicting \"datestyle\" specifications.".to_owned()) } else { Ok(style) }
    }

    /// As `SHOW datestyle` prints it.
    pub fn name(self) -> String {
        let format = match self.format {
            DateFormat::Iso => "ISO",
            DateFormat::Sql => "SQL",
            DateFormat::Postgres => "Postgres",
            DateFormat::German => "German",
        };
        let order = match self.order {
            DateOrder::Mdy => "MDY",
            DateOrder::Dmy => "DMY",
            DateOrder::Ymd => "YMD",
        };
        format!("{format}, {order}")
    }
}

impl IntervalStyle {
    /// The style of a name, in any case.
    pub fn named(name: &str) -> Option<IntervalStyle> {
        Some(match name.to_ascii_lowercase().as_str() {
            "postgres" => IntervalStyle::Postgres,
            "postgres_verbose" => IntervalStyle::Verbose,
            "sql_standard" => IntervalStyle::SqlStandard,
            "iso_8601" => IntervalStyle::Iso8601,
            _ => return None,
        })
    }
}
