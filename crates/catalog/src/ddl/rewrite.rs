//! Stored SQL after a rename: the texts that name the object get its new name.

use super::context::Ddl;
use crate::{Catalog, ObjectRef};
use sqlstate::{DatabaseError, Result};

impl Ddl<'_> {
    /// Gives the SQL of `user` the new name of `object`; `before` is the catalog before the rename.
    pub(super) fn rewrite_names(
        &mut self,
        before: &Catalog,
        user: ObjectRef,
        object: ObjectRef,
    ) -> Result<()> {
        let user = before.describe(self.path(), user);
        let object = before.describe(self.path(), object);
        Err(DatabaseError::unsupported(format_args!("renaming {object}, which {user} uses,")))
    }
}
