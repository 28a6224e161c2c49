//! Triggers on the accounts' tables, and what they make where the data API writes.

use super::{Accounts, on_both_engines, text};
use serde_json::json;
use server::configuration::Settings;

fn autoconfirming() -> Settings {
    Settings { auth_email_enable_confirmations: Some(false), ..Settings::default() }
}

/// The tables and triggers of every tutorial.
async fn prepare(accounts: &Accounts) {
    for statement in [
        "create table public.profiles (
           id uuid primary key references auth.users on delete cascade,
           full_name text not null,
           updated_at timestamptz
         )",
        "alter table public.profiles enable row level security",
        "create policy own on public.profiles for all to authenticated using (auth.uid() = id) with check (auth.uid() = id)",
        "grant select, update on public.profiles to authenticated",
        "create function public.handle_new_user() returns trigger
         language plpgsql security definer set search_path = '' as $$
         begin
           insert into public.profiles (id, full_name) values (new.id, new.raw_user_meta_data ->> 'full_name');
           return new;
         end;
         $$",
        "create trigger on_auth_user_created after insert on auth.users
         for each row execute procedure public.handle_new_user()",
        "create function public.touch() returns trigger language plpgsql as $$
         begin
           new.updated_at = now();
           return new;
         end;
         $$",
        "create trigger touch before update on public.profiles for each row execute function public.touch()",
    ] {
        accounts.sql(statement, &[]).await;
    }
}

#[tokio::test]
async fn a_sign_up_makes_the_profile_row() {
    on_both_engines(autoconfirming(), async |accounts| {
        prepare(accounts).await;
        let body =
            json!({"email": "ada@example.com", "password": "correct horse", "data": {"full_name": "Ada"}});
        let answer = accounts.post("/signup", &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let token = text(&answer, "access_token");
        let bearer = format!("Bearer {token}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("prefer", "return=representation"),
        ];
        let seen =
            accounts.server.ask("GET", "/rest/v1/profiles?select=full_name,updated_at", &headers, "").await;
        assert_eq!(seen.json(), json!([{"full_name": "Ada", "updated_at": null}]), "{seen:?}");
        let body = json!({"full_name": "Ada L."}).to_string();
        let path = "/rest/v1/profiles?full_name=eq.Ada&select=full_name,updated_at";
        let changed = accounts.server.ask("PATCH", path, &headers, &body).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        assert_eq!(changed.json()[0]["full_name"], "Ada L.");
        assert!(changed.json()[0]["updated_at"].is_string(), "the trigger's value is shown: {changed:?}");
    })
    .await;
}

#[tokio::test]
async fn a_trigger_that_fails_leaves_no_account() {
    on_both_engines(autoconfirming(), async |accounts| {
        prepare(accounts).await;
        let body = json!({"email": "bob@example.com", "password": "correct horse"});
        let answer = accounts.post("/signup", &body).await;
        assert_eq!(answer.status, 500, "{answer:?}");
        assert!(!answer.body.contains("profiles"), "no name of a table: {answer:?}");
        let left = "select (select count(*) from auth.users) + (select count(*) from auth.identities) \
                    + (select count(*) from public.profiles)";
        assert_eq!(accounts.value(left, &[]).await, "0");
    })
    .await;
}
