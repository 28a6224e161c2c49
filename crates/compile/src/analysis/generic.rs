//! Polymorphic types: what `anyelement`, `anyarray`, `anycompatible` … stand for in one call (parse_coerce.c).

use super::Analysis;
use crate::types;
use catalog::Oid;
use catalog::builtin::CastContext;
use datum::oid;
use sqlstate::{DATATYPE_MISMATCH, DatabaseError, Result};

/// What was found out about the polymorphic arguments of a call.
#[derive(Default)]
struct Generic {
    element: Option<Oid>,
    array: Option<Oid>,
    compatible: Vec<Oid>,
    compatible_nonarray: bool,
    nonarray: bool,
    is_enum: bool,
    unknown: bool,
    first_family: bool,
    second_family: bool,
}

/// Why a call does not fit.
enum Misfit {
    NotAlike(&'static str, Oid, Oid),
    NotArray(Oid),
    ArrayAndElement(Oid, Oid),
    IsArray(Oid),
    NotEnum(Oid),
    NotRange(Oid),
}

impl Analysis<'_> {
    /// check_generic_type_consistency
    pub(crate) fn generics_are_consistent(&self, actual: &[Oid], declared: &[Oid]) -> bool {
        let Ok(mut generic) = self.collect(actual, declared) else { return false };
        if self.settle(&mut generic).is_err() {
            return false;
        }
        if generic.second_family {
            return self.common_of(&generic).is_some();
        }
        true
    }

    /// enforce_generic_type_consistency: replaces the polymorphic ones of the declared types, and gives the result's type.
    pub(crate) fn enforce_generics(&self, actual: &[Oid], declared: &mut [Oid], result: Oid) -> Result<Oid> {
        let any = declared.iter().any(|ty| types::is_polymorphic(*ty));
        if !any && !types::is_polymorphic(result) {
            return Ok(result);
        }
        let mut generic = self.collect(actual, declared).map_err(|misfit| self.misfit(misfit))?;
        self.settle(&mut generic).map_err(|misfit| self.misfit(misfit))?;
        let undetermined = || {
            DatabaseError::new(
                DATATYPE_MISMATCH,
                "could not determine polymorphic type because input has type unknown",
            )
        };
        if generic.first_family && generic.element.is_none() {
            return Err(undetermined());
        }
        let common = match generic.second_family {
            true => Some(self.common_of(&generic).ok_or_else(|| self.no_common(&generic))?),
            false => None,
        };
        if let Some(common) = common
            && generic.compatible_nonarray
            && self.catalog.element_type(common).is_some()
        {
            return Err(self.misfit(Misfit::IsArray(common)));
        }
        let element = generic.element;
        let array = |element: Option<Oid>| {
            let element = element.ok_or_else(undetermined)?;
            self.catalog.array_type(element).ok_or_else(|| {
                DatabaseError::new(
                    sqlstate::UNDEFINED_OBJECT,
                    format!("could not find array type for data type {}", self.type_name(element)),
                )
            })
        };
        for (ty, actual) in declared.iter_mut().zip(actual) {
            *ty = match *ty {
                oid::ANYELEMENT | oid::ANYNONARRAY | oid::ANYENUM if *actual == oid::UNKNOWN => {
                    element.ok_or_else(undetermined)?
                }
                oid::ANYELEMENT | oid::ANYNONARRAY | oid::ANYENUM => *actual,
                oid::ANYARRAY if *actual == oid::UNKNOWN => array(element)?,
                oid::ANYARRAY => self.base_oid(*actual),
                oid::ANYCOMPATIBLE | oid::ANYCOMPATIBLENONARRAY => common.ok_or_else(undetermined)?,
                oid::ANYCOMPATIBLEARRAY => array(common)?,
                other => other,
            };
        }
        match result {
            oid::ANYELEMENT | oid::ANYNONARRAY | oid::ANYENUM => element.ok_or_else(undetermined),
            oid::ANYARRAY => match generic.array {
                Some(array) => Ok(array),
                None => array(element),
            },
            oid::ANYCOMPATIBLE | oid::ANYCOMPATIBLENONARRAY => common.ok_or_else(undetermined),
            oid::ANYCOMPATIBLEARRAY => array(common),
            other => Ok(other),
        }
    }

    fn collect(&self, actual: &[Oid], declared: &[Oid]) -> Result<Generic, Misfit> {
        let mut generic = Generic::default();
        for (&actual, &declared) in actual.iter().zip(declared) {
            match declared {
                oid::ANYELEMENT | oid::ANYNONARRAY | oid::ANYENUM => {
                    generic.first_family = true;
                    generic.nonarray |= declared == oid::ANYNONARRAY;
                    generic.is_enum |= declared == oid::ANYENUM;
                    if actual == oid::UNKNOWN {
                        generic.unknown = true;
                        continue;
                    }
                    match generic.element {
                        Some(known) if known != actual => {
                            return Err(Misfit::NotAlike("anyelement", known, actual));
                        }
                        _ => generic.element = Some(actual),
                    }
                }
                oid::ANYARRAY => {
                    generic.first_family = true;
                    if actual == oid::UNKNOWN {
                        generic.unknown = true;
                        continue;
                    }
                    let actual = self.base_oid(actual);
                    match generic.array {
                        Some(known) if known != actual => {
                            return Err(Misfit::NotAlike("anyarray", known, actual));
                        }
                        _ => generic.array = Some(actual),
                    }
                }
                oid::ANYCOMPATIBLE | oid::ANYCOMPATIBLENONARRAY => {
                    generic.second_family = true;
                    generic.compatible_nonarray |= declared == oid::ANYCOMPATIBLENONARRAY;
                    if actual != oid::UNKNOWN {
                        generic.compatible.push(actual);
                    }
                }
                oid::ANYCOMPATIBLEARRAY => {
                    generic.second_family = true;
                    if actual != oid::UNKNOWN {
                        let actual = self.base_oid(actual);
                        let element = self.catalog.element_type(actual).ok_or(Misfit::NotArray(actual))?;
                        generic.compatible.push(element);
                    }
                }
                // There are no ranges, so nothing but an untyped literal can be one.
                types::ANYRANGE
                | types::ANYMULTIRANGE
                | types::ANYCOMPATIBLERANGE
                | types::ANYCOMPATIBLEMULTIRANGE
                    if actual != oid::UNKNOWN =>
                {
                    return Err(Misfit::NotRange(actual));
                }
                _ => {}
            }
        }
        Ok(generic)
    }

    fn settle(&self, generic: &mut Generic) -> Result<(), Misfit> {
        if let Some(array) = generic.array {
            let element = self.catalog.element_type(array).ok_or(Misfit::NotArray(array))?;
            match generic.element {
                None => generic.element = Some(element),
                Some(known) if known != element => return Err(Misfit::ArrayAndElement(array, known)),
                Some(_) => {}
            }
        }
        if let Some(element) = generic.element {
            if generic.nonarray && self.catalog.element_type(self.base_oid(element)).is_some() {
                return Err(Misfit::IsArray(element));
            }
            if generic.is_enum && !types::is_enum(self.catalog, element) {
                return Err(Misfit::NotEnum(element));
            }
        }
        Ok(())
    }

    /// The common type of the anycompatible arguments; text when all are unknown.
    fn common_of(&self, generic: &Generic) -> Option<Oid> {
        let exprs: Vec<_> =
            generic.compatible.iter().map(|ty| crate::bound::Expr::null(types::plain(*ty))).collect();
        if exprs.is_empty() {
            return Some(oid::TEXT);
        }
        let common = self.common_type(&exprs.iter().collect::<Vec<_>>(), None).ok().flatten()?;
        let all = generic.compatible.iter();
        all.into_iter().all(|ty| self.can_coerce(&[*ty], &[common], CastContext::Implicit)).then_some(common)
    }

    fn no_common(&self, generic: &Generic) -> DatabaseError {
        let mut names = generic.compatible.iter().map(|ty| self.type_name(*ty));
        let (first, second) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
        DatabaseError::new(
            DATATYPE_MISMATCH,
            format!("arguments of anycompatible family cannot be cast to a common type: {first}, {second}"),
        )
    }

    fn misfit(&self, misfit: Misfit) -> DatabaseError {
        let (message, detail) = match misfit {
            Misfit::NotAlike(name, first, second) => (
                format!("arguments declared \"{name}\" are not all alike"),
                Some(format!("{} versus {}", self.type_name(first), self.type_name(second))),
            ),
            Misfit::NotArray(ty) => {
                (format!("argument declared anyarray is not an array but type {}", self.type_name(ty)), None)
            }
            Misfit::ArrayAndElement(array, element) => (
                "argument declared anyarray is not consistent with argument declared anyelement".to_owned(),
                Some(format!("{} versus {}", self.type_name(array), self.type_name(element))),
            ),
            Misfit::IsArray(ty) => {
                (format!("type matched to anynonarray is an array type: {}", self.type_name(ty)), None)
            }
            Misfit::NotRange(ty) => (
                format!("argument declared anyrange is not a range type but type {}", self.type_name(ty)),
                None,
            ),
            Misfit::NotEnum(ty) => {
                (format!("type matched to anyenum is not an enum type: {}", self.type_name(ty)), None)
            }
        };
        let error = DatabaseError::new(DATATYPE_MISMATCH, message);
        match detail {
            Some(detail) => error.with_detail(detail),
            None => error,
        }
    }
}
