//! Literals that name objects: `'s'::regclass` and kin are numbers once the statement is analysed.

use super::Analysis;
use crate::bound::{Expr, ExprKind};
use catalog::{Oid, TypeRef};
use datum::{StoredValue, oid};
use sqlstate::{DatabaseError, INVALID_NAME, Result, UNDEFINED_OBJECT, UNDEFINED_SCHEMA, UNDEFINED_TABLE};
use syntax::ast::{self, Name, Position};

impl Analysis<'_> {
    /// The object that a literal of a reg… type names; `None` for other types.
    pub(crate) fn registered(&self, ty: TypeRef, text: &str, position: Position) -> Result<Option<Expr>> {
        let found = match ty.oid {
            oid::REGCLASS | oid::REGTYPE | oid::REGROLE | oid::REGNAMESPACE => {
                let text = text.trim();
                if text == "-" {
                    Ok(0)
                } else if let Ok(number) = text.parse::<Oid>() {
                    Ok(number)
                } else {
                    self.object_named(ty.oid, text)
                }
            }
            oid::REGPROC => return Err(DatabaseError::unsupported("a literal of type regproc").at(position)),
            _ => return Ok(None),
        };
        let number = found.map_err(|error| self.located(error, position))?;
        Ok(Some(Expr::new(ExprKind::Constant(StoredValue::Integer(i64::from(number))), ty).at(position)))
    }

    fn object_named(&self, ty: Oid, text: &str) -> Result<Oid> {
        if ty == oid::REGTYPE {
            let name = syntax::parse_type_name(text)?;
            return self.catalog.resolve_type(&self.path, &name).map(|ty| ty.oid);
        }
        let invalid = || DatabaseError::new(INVALID_NAME, "invalid name syntax");
        let parsed = syntax::parse_expression(text).map_err(|_| invalid())?;
        let ast::ExprKind::Column(parts) = parsed.kind else { return Err(invalid()) };
        match (ty, parts.as_slice()) {
            (oid::REGROLE, [name]) => self.catalog.role(name).map(|role| role.oid).ok_or_else(|| {
                DatabaseError::new(UNDEFINED_OBJECT, format!("role \"{name}\" does not exist"))
            }),
            (oid::REGNAMESPACE, [name]) => {
                self.catalog.schema(name).map(|schema| schema.oid).ok_or_else(|| {
                    DatabaseError::new(UNDEFINED_SCHEMA, format!("schema \"{name}\" does not exist"))
                })
            }
            (oid::REGCLASS, _) => self.class_named(&parts),
            _ => Err(invalid()),
        }
    }

    /// A relation or an index.
    fn class_named(&self, parts: &[String]) -> Result<Oid> {
        let name = Name { parts: parts.to_vec(), position: 0 };
        if let Some(relation) = self.catalog.find_relation(&self.path, &name)? {
            return Ok(relation.oid);
        }
        let index = match parts {
            [name] => self.path.schemas().find_map(|schema| self.catalog.index(schema, name)),
            [schema, name] => {
                self.catalog.schema(schema).and_then(|schema| self.catalog.index(schema.oid, name))
            }
            _ => None,
        };
        index.map(|index| index.oid).ok_or_else(|| {
            DatabaseError::new(UNDEFINED_TABLE, format!("relation \"{}\" does not exist", parts.join(".")))
        })
    }
}
