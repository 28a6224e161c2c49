//! The administrators' endpoints: each takes an [`Admin`](crate::access::Admin), so that nobody else reaches it.

mod audit;
mod create_user;
mod delete_user;
mod factors;
mod generate_link;
mod get_user;
mod list_users;
mod paging;
mod update_user;
mod user_id;

pub(super) use audit::audit;
pub(super) use create_user::create_user;
pub(super) use delete_user::delete_user;
pub(super) use factors::{delete_factor, list_factors};
pub(super) use generate_link::generate_link;
pub(super) use get_user::get_user;
pub(super) use list_users::list_users;
pub(super) use update_user::update_user;
