"""Accounts with the official Python client, against the project beside this file:

    bedplate serve tests/clients/project --dev --ephemeral
    python -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python auth.py
"""

import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone

from supabase import Client, ClientOptions, create_client
from supabase_auth.errors import AuthApiError, AuthWeakPasswordError

URL = os.environ.get("SUPABASE_URL", "http://127.0.0.1:54321")
# As `bedplate serve --dev` has them.
KEY = os.environ.get("SUPABASE_PUBLISHABLE_KEY", "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH")
SECRET_KEY = os.environ.get("SUPABASE_SECRET_KEY", "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz")
SITE = "http://127.0.0.1:3000"
PASSWORD = "the analytical engine"

steps = 0


def client(flow: str = "implicit", key: str = KEY) -> Client:
    return create_client(URL, key, ClientOptions(flow_type=flow, auto_refresh_token=False))


def step(title):
    def run(scenario):
        global steps
        try:
            scenario()
        except BaseException:
            print(f"not ok {steps + 1} {title}", flush=True)
            raise
        steps += 1
        print(f"ok {steps} {title}", flush=True)

    return run


def refused(code, request, *arguments):
    try:
        answer = request(*arguments)
    except (AuthApiError, AuthWeakPasswordError) as error:
        assert error.code == code, f"expected {code}: {error.code} {error.message}"
        return
    raise AssertionError(f"expected {code}, got {answer}")


def mail(address: str, subject: str, after: datetime | None = None) -> dict:
    """The newest mail to an address about something, once it is there: its link and its code."""
    begun = time.monotonic()
    while time.monotonic() - begun < 10:
        with urllib.request.urlopen(f"{URL}/_bedplate/inbox.json?to={urllib.parse.quote(address)}") as answer:
            messages = json.load(answer)
        for message in messages:
            received = datetime.fromisoformat(message["received_at"].replace("Z", "+00:00"))
            if re.search(subject, message["subject"], re.IGNORECASE) and (after is None or received >= after):
                text = message["text"]
                for link in message["links"]:
                    text = text.replace(link, "")
                code = re.search(r"\b\d{6}\b", text)
                links = [link for link in message["links"] if "/auth/v1/verify" in link]
                return {"link": links[0] if links else None, "code": code and code.group()}
        time.sleep(0.05)
    raise AssertionError(f"no mail to {address} about {subject} within 10 s")


def follow(link: str) -> urllib.parse.SplitResult:
    """Where a link of a mail leads."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_arguments):
            return None

    try:
        urllib.request.build_opener(Stay).open(link)
    except urllib.error.HTTPError as error:
        assert error.code == 303, error.code
        return urllib.parse.urlsplit(error.headers["location"])
    raise AssertionError("no redirect")


def handed_over(target: urllib.parse.SplitResult) -> dict:
    return dict(urllib.parse.parse_qsl(target.fragment)) | dict(urllib.parse.parse_qsl(target.query))


mary = {"email": "mary@example.com", "password": PASSWORD}
admin = client(key=SECRET_KEY).auth.admin


@step("sign up, confirm by the code, and be signed in by it")
def _():
    auth = client().auth
    answer = auth.sign_up({**mary, "options": {"data": {"name": "Mary"}}})
    assert answer.session is None and answer.user.user_metadata["name"] == "Mary"
    refused("email_not_confirmed", auth.sign_in_with_password, mary)
    refused("weak_password", auth.sign_up, {"email": "x@example.com", "password": "short"})
    code = mail(mary["email"], "confirm")["code"]
    answer = auth.verify_otp({"email": mary["email"], "token": code, "type": "email"})
    assert answer.session and answer.user.email_confirmed_at
    refused("otp_expired", auth.verify_otp, {"email": mary["email"], "token": code, "type": "email"})


@step("sign in, get and update the user, refresh")
def _():
    auth = client().auth
    refused("invalid_credentials", auth.sign_in_with_password, {**mary, "password": "something else"})
    session = auth.sign_in_with_password(mary).session
    assert auth.get_user().user.email == mary["email"]
    assert auth.update_user({"data": {"city": "London"}}).user.user_metadata["city"] == "London"
    claims = auth.get_claims()
    assert claims["claims"]["email"] == mary["email"] and claims["claims"]["role"] == "authenticated"
    refreshed = auth.refresh_session().session
    assert refreshed.refresh_token != session.refresh_token
    auth.refresh_session()
    refused("refresh_token_already_used", client().auth.refresh_session, session.refresh_token)


@step("sign out here, elsewhere, everywhere")
def _():
    clients = [client().auth for _ in range(3)]
    tokens = [auth.sign_in_with_password(mary).session.access_token for auth in clients]

    def alive() -> list[bool]:
        found = []
        for token in tokens:
            try:
                found.append(client().auth.get_user(token) is not None)
            except AuthApiError as error:
                assert error.code == "session_not_found", error.code
                found.append(False)
        return found

    assert alive() == [True, True, True]
    clients[0].sign_out({"scope": "local"})
    assert alive() == [False, True, True]
    clients[1].sign_out({"scope": "others"})
    assert alive() == [False, True, False]
    clients[1].sign_out()
    assert alive() == [False, False, False]


@step("a forgotten password is reset by mail")
def _():
    auth = client().auth
    auth.reset_password_for_email(mary["email"], {"redirect_to": f"{SITE}/reset"})
    target = follow(mail(mary["email"], "new password")["link"])
    assert target.path == "/reset"
    found = handed_over(target)
    assert found["type"] == "recovery"
    auth.set_session(found["access_token"], found["refresh_token"])
    auth.update_user({"password": "the difference engine"})
    refused("invalid_credentials", client().auth.sign_in_with_password, mary)
    mary["password"] = "the difference engine"
    assert client().auth.sign_in_with_password(mary).session


@step("a code by mail signs in, new people too where asked")
def _():
    auth = client().auth
    new = "edith@example.com"
    refused("otp_disabled", auth.sign_in_with_otp, {"email": new, "options": {"should_create_user": False}})
    auth.sign_in_with_otp({"email": new})
    answer = auth.verify_otp({"email": new, "token": mail(new, ".")["code"], "type": "email"})
    assert answer.user.email == new and answer.session


@step("the operator makes, lists, bans and deletes users, and makes links")
def _():
    user = admin.create_user({"email": "rosa@example.com", "password": PASSWORD, "email_confirm": True}).user
    refused("email_exists", admin.create_user, {"email": "rosa@example.com", "password": PASSWORD})
    assert "rosa@example.com" in [found.email for found in admin.list_users()]
    assert len(admin.list_users(page=1, per_page=1)) == 1
    rosa = {"email": "rosa@example.com", "password": PASSWORD}
    admin.update_user_by_id(user.id, {"ban_duration": "1h"})
    refused("user_banned", client().auth.sign_in_with_password, rosa)
    admin.update_user_by_id(user.id, {"ban_duration": "none"})
    assert client().auth.sign_in_with_password(rosa).session
    link = admin.generate_link({"type": "magiclink", "email": "rosa@example.com"})
    assert "access_token" in handed_over(follow(link.properties.action_link))
    new = client().auth.sign_up({"email": "rita@example.com", "password": PASSWORD}).user
    assert new.email_confirmed_at is None
    assert admin.update_user_by_id(new.id, {"email_confirm": True}).user.email_confirmed_at
    admin.delete_user(user.id)
    refused("user_not_found", admin.get_user_by_id, user.id)
    refused("not_admin", client().auth.admin.list_users)
    assert admin.invite_user_by_email("sofia@example.com").user.invited_at
    assert handed_over(follow(mail("sofia@example.com", "invited")["link"]))["type"] == "invite"


@step("a guest becomes somebody and stays the same user")
def _():
    auth = client().auth
    guest = auth.sign_in_anonymously().user
    assert guest.is_anonymous
    auth.update_user({"email": "guest.py@example.com"})
    assert "access_token" in handed_over(follow(mail("guest.py@example.com", "change|confirm")["link"]))
    auth.refresh_session()
    auth.update_user({"password": PASSWORD})
    user = client().auth.sign_in_with_password({"email": "guest.py@example.com", "password": PASSWORD}).user
    assert user.id == guest.id and not user.is_anonymous


@step("PKCE: a code for a session")
def _():
    auth = client("pkce").auth
    asked = datetime.now(timezone.utc)
    auth.reset_password_for_email(mary["email"], {"redirect_to": f"{SITE}/callback"})
    code = handed_over(follow(mail(mary["email"], "new password", asked)["link"]))["code"]
    refused(
        "bad_code_verifier",
        client("pkce").auth.exchange_code_for_session,
        {"auth_code": code, "code_verifier": "x" * 64, "redirect_to": ""},
    )
    answer = auth.exchange_code_for_session({"auth_code": code})
    assert answer.user.email == mary["email"]


print(f"{steps} steps, all as they must be, at {URL}")
