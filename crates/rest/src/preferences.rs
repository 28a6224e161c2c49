//! The `Prefer` header.

use http::HeaderMap;

/// What the client prefers; the first value of each kind counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Preferences {
    pub(crate) resolution: Option<Resolution>,
    pub(crate) representation: Option<Representation>,
    pub(crate) count: Option<Count>,
    pub(crate) transaction: Option<TransactionEnd>,
    pub(crate) missing: Option<Missing>,
    pub(crate) handling: Option<Handling>,
    pub(crate) nesting: Option<Nesting>,
    pub(crate) timezone: Option<String>,
    pub(crate) max_affected: Option<i64>,
    /// Those that are none.
    pub(crate) unknown: Vec<String>,
}

macro_rules! preference {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident => $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            const ALL: &'static [$name] = &[$($name::$variant),+];

            /// As it is written.
            pub(crate) fn text(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            fn of(texts: &[&str]) -> Option<$name> {
                texts.iter().find_map(|text| $name::ALL.iter().copied().find(|value| value.text() == *text))
            }
        }
    };
}

preference!(
    /// What happens to rows that are there already.
    Resolution {
        /// They are updated.
        Merge => "resolution=merge-duplicates",
        /// They stay.
        Ignore => "resolution=ignore-duplicates",
    }
);
preference!(
    /// What a write answers.
    Representation {
        /// The rows.
        Full => "return=representation",
        /// Nothing.
        Minimal => "return=minimal",
        /// Where the new row is.
        HeadersOnly => "return=headers-only",
    }
);
preference!(
    /// How rows are counted.
    Count {
        /// All of them.
        Exact => "count=exact",
        /// As the planner thinks.
        Planned => "count=planned",
        /// All, where they are not too many.
        Estimated => "count=estimated",
    }
);
preference!(
    /// How the transaction ends.
    TransactionEnd {
        /// It stays.
        Commit => "tx=commit",
        /// It leaves no trace.
        Rollback => "tx=rollback",
    }
);
preference!(
    /// What a column gets that the payload lacks.
    Missing {
        /// Its default.
        Default => "missing=default",
        /// NULL.
        Null => "missing=null",
    }
);
preference!(
    /// What an unknown preference is.
    Handling {
        /// A mistake.
        Strict => "handling=strict",
        /// Nothing.
        Lenient => "handling=lenient",
    }
);

preference!(
    /// Whether the rows of a POST may hold rows of related relations.
    Nesting {
        /// They may, and all are inserted.
        Insert => "insert=nested",
    }
);

impl Preferences {
    /// Reads the header. Where the client may not choose how the transaction ends, its wish is not heard.
    pub(crate) fn read(headers: &HeaderMap, may_choose_end: bool) -> Preferences {
        let texts: Vec<&str> = headers
            .get_all("prefer")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        if texts.is_empty() {
            return Preferences::default();
        }
        let after = |prefix: &str| texts.iter().find_map(|text| text.strip_prefix(prefix));
        Preferences {
            resolution: Resolution::of(&texts),
            representation: Representation::of(&texts),
            count: Count::of(&texts),
            transaction: TransactionEnd::of(&texts).filter(|_| may_choose_end),
            missing: Missing::of(&texts),
            handling: Handling::of(&texts),
            nesting: Nesting::of(&texts),
            timezone: after("timezone=").map(str::to_owned),
            max_affected: after("max-affected=").and_then(|number| number.parse().ok()),
            unknown: texts.iter().filter(|text| !is_known(text)).map(|text| (*text).to_owned()).collect(),
        }
    }

    /// Whether unknown preferences are mistakes and limits are kept.
    pub(crate) fn is_strict(&self) -> bool {
        self.handling == Some(Handling::Strict)
    }

    /// The rows that may be affected at most, when that is to be enforced.
    pub(crate) fn enforced_maximum(&self) -> Option<i64> {
        self.max_affected.filter(|_| self.is_strict())
    }

    /// Whether the answer's total is wanted from the rows themselves.
    pub(crate) fn counts(&self) -> bool {
        matches!(self.count, Some(Count::Exact | Count::Estimated))
    }

    /// The header `Preference-Applied`; the caller has taken out what did not apply.
    pub(crate) fn applied(&self) -> Option<String> {
        let fixed = [
            self.resolution.map(Resolution::text),
            self.missing.map(Missing::text),
            self.representation.map(Representation::text),
            self.count.map(Count::text),
            self.transaction.map(TransactionEnd::text),
            self.handling.map(Handling::text),
            self.nesting.map(Nesting::text),
        ];
        let timezone = self.timezone.as_ref().map(|zone| format!("timezone={zone}"));
        let maximum = self.enforced_maximum().map(|rows| format!("max-affected={rows}"));
        let list: Vec<String> =
            fixed.into_iter().flatten().map(str::to_owned).chain(timezone).chain(maximum).collect();
        (!list.is_empty()).then(|| list.join(", "))
    }
}

fn is_known(text: &&&str) -> bool {
    Resolution::of(&[text]).is_some()
        || Representation::of(&[text]).is_some()
        || Count::of(&[text]).is_some()
        || TransactionEnd::of(&[text]).is_some()
        || Missing::of(&[text]).is_some()
        || Handling::of(&[text]).is_some()
        || Nesting::of(&[text]).is_some()
        || text.starts_with("timezone=")
        || text.starts_with("max-affected=")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Preferences {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("prefer", value.parse().expect("a value"));
        }
        Preferences::read(&headers, true)
    }

    #[test]
    fn the_first_of_each_kind_counts() {
        let found = read(&[
            "count=exact,   tx=commit ,return=representation",
            "count=planned, wat",
            "max-affected=5",
        ]);
        assert_eq!(found.count, Some(Count::Exact));
        assert_eq!(found.transaction, Some(TransactionEnd::Commit));
        assert_eq!(found.unknown, ["wat"]);
        assert_eq!(found.max_affected, Some(5));
        assert_eq!(found.enforced_maximum(), None);
    }

    #[test]
    fn applied_ones_have_an_order() {
        let found = read(&["max-affected=5, handling=strict, timezone=UTC, count=exact, missing=default"]);
        assert_eq!(
            found.applied().as_deref(),
            Some("missing=default, count=exact, handling=strict, timezone=UTC, max-affected=5")
        );
        assert_eq!(read(&[]).applied(), None);
    }
}
