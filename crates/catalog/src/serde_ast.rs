//! The grammar's small enums as stable words in the stored form.

macro_rules! words {
    ($module:ident, $type:ty, { $($variant:path => $word:literal),+ $(,)? }) => {
        pub(crate) mod $module {
            use serde::{Deserialize, Deserializer, Serializer};

            pub(crate) fn serialize<S: Serializer>(value: &$type, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(match value { $($variant => $word),+ })
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                let word = String::deserialize(deserializer)?;
                match word.as_str() {
                    $($word => Ok($variant),)+
                    other => Err(serde::de::Error::unknown_variant(other, &[$($word),+])),
                }
            }
        }
    };
}

words!(action, syntax::ast::ReferentialAction, {
    syntax::ast::ReferentialAction::NoAction => "no action",
    syntax::ast::ReferentialAction::Restrict => "restrict",
    syntax::ast::ReferentialAction::Cascade => "cascade",
    syntax::ast::ReferentialAction::SetNull => "set null",
    syntax::ast::ReferentialAction::SetDefault => "set default",
});

words!(command, syntax::ast::PolicyCommand, {
    syntax::ast::PolicyCommand::All => "all",
    syntax::ast::PolicyCommand::Select => "select",
    syntax::ast::PolicyCommand::Insert => "insert",
    syntax::ast::PolicyCommand::Update => "update",
    syntax::ast::PolicyCommand::Delete => "delete",
});

words!(mode, syntax::ast::ParameterMode, {
    syntax::ast::ParameterMode::In => "in",
    syntax::ast::ParameterMode::Out => "out",
    syntax::ast::ParameterMode::InOut => "inout",
    syntax::ast::ParameterMode::Variadic => "variadic",
    syntax::ast::ParameterMode::Table => "table",
});
