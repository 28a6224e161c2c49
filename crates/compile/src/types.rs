//! What the catalog and PostgreSQL's own tables say about types, as one.

use catalog::builtin::builtins;
use catalog::{Catalog, Oid, Relation, TypeKind, TypeRef};
use datum::oid;
use std::sync::Arc;

/// A type without modifier.
pub(crate) const fn plain(oid: Oid) -> TypeRef {
    TypeRef { oid, modifier: -1 }
}

/// bool
pub(crate) const BOOL: TypeRef = plain(oid::BOOL);
/// text
pub(crate) const TEXT: TypeRef = plain(oid::TEXT);
/// int4
pub(crate) const INT4: TypeRef = plain(oid::INT4);
/// int8
pub(crate) const INT8: TypeRef = plain(oid::INT8);
/// unknown
pub(crate) const UNKNOWN: TypeRef = plain(oid::UNKNOWN);

/// The pseudo-types that `datum` does not name, since no value has them.
pub(crate) const ANYRANGE: Oid = 3831;
/// anymultirange
pub(crate) const ANYMULTIRANGE: Oid = 4537;
/// anycompatiblerange
pub(crate) const ANYCOMPATIBLERANGE: Oid = 5080;
/// anycompatiblemultirange
pub(crate) const ANYCOMPATIBLEMULTIRANGE: Oid = 4538;

/// pg_type.typcategory.
pub(crate) fn category(catalog: &Catalog, ty: Oid) -> char {
    if let Some(row) = builtins().type_by_oid(ty) {
        return row.category;
    }
    match catalog.types.get(&ty).map(|found| &found.kind) {
        Some(TypeKind::Enum { .. }) => 'E',
        Some(TypeKind::Domain { base, .. }) => category(catalog, base.oid),
        Some(TypeKind::Composite { .. }) => 'C',
        Some(TypeKind::Array { .. }) => 'A',
        Some(TypeKind::Other { category }) => *category,
        None => 'X',
    }
}

/// pg_type.typispreferred.
pub(crate) fn is_preferred(ty: Oid) -> bool {
    builtins().type_by_oid(ty).is_some_and(|row| row.preferred)
}

/// A domain's base type; any other type itself.
pub(crate) fn base_oid(catalog: &Catalog, ty: Oid) -> Oid {
    catalog.base_type(plain(ty)).oid
}

/// Whether it is a domain.
pub(crate) fn is_domain(catalog: &Catalog, ty: Oid) -> bool {
    matches!(catalog.types.get(&ty).map(|found| &found.kind), Some(TypeKind::Domain { .. }))
}

/// Whether it is an enum.
pub(crate) fn is_enum(catalog: &Catalog, ty: Oid) -> bool {
    matches!(catalog.types.get(&ty).map(|found| &found.kind), Some(TypeKind::Enum { .. }))
}

/// The relation whose columns a composite type (or a domain over one) has.
pub(crate) fn composite(catalog: &Catalog, ty: Oid) -> Option<&Arc<Relation>> {
    match &catalog.types.get(&base_oid(catalog, ty))?.kind {
        TypeKind::Composite { relation } => catalog.relations.get(relation),
        _ => None,
    }
}

/// ISCOMPLEX: a named composite type, or a domain over one.
pub(crate) fn is_composite(catalog: &Catalog, ty: Oid) -> bool {
    composite(catalog, ty).is_some()
}

/// Whether values of it have a collation: strings, and arrays and domains of strings.
pub(crate) fn is_collatable(catalog: &Catalog, ty: Oid) -> bool {
    match builtins().type_by_oid(base_oid(catalog, ty)) {
        Some(row) => row.collatable,
        None => false,
    }
}

/// IsPolymorphicType.
pub(crate) fn is_polymorphic(ty: Oid) -> bool {
    is_polymorphic_family_1(ty) || is_polymorphic_family_2(ty)
}

/// The types of one family with anyelement.
pub(crate) fn is_polymorphic_family_1(ty: Oid) -> bool {
    matches!(ty, oid::ANYELEMENT | oid::ANYARRAY | oid::ANYNONARRAY | oid::ANYENUM | ANYRANGE | ANYMULTIRANGE)
}

/// The types of one family with anycompatible.
pub(crate) fn is_polymorphic_family_2(ty: Oid) -> bool {
    matches!(
        ty,
        oid::ANYCOMPATIBLE
            | oid::ANYCOMPATIBLEARRAY
            | oid::ANYCOMPATIBLENONARRAY
            | ANYCOMPATIBLERANGE
            | ANYCOMPATIBLEMULTIRANGE
    )
}
