"""Signing in and out, and one's own language and password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response, status

from api.edge import address_of, needs, parts_of
from api.login_sessions import Caller
from api.rights import Right
from api.schemas.accounts import Account, PasswordChange, SessionChange, SignIn
from api.viewer import Viewer

router = APIRouter(prefix="/session", tags=["session"])

SignedIn = Annotated[Viewer, needs(Right.SIGN_IN)]


def _account(viewer: Viewer, request: Request, locale: str | None = None) -> Account:
    return Account(
        id=viewer.account_id, login=viewer.login, display_name=viewer.display_name, role=viewer.role,
        agent_no=viewer.agent_no, seat=viewer.seat, locale=locale or viewer.locale,
        police_number=parts_of(request).settings.police_number,
        police_number_in=parts_of(request).settings.police_number_in, time_zone=parts_of(request).settings.timezone,
    )  # fmt: skip


@router.post("", summary="Sign in")
async def sign_in(asked: SignIn, request: Request, response: Response) -> Account:
    """Sets the session cookie. An earlier session of this browser ends."""
    parts = parts_of(request)
    settings = parts.settings
    caller = Caller(
        address_of(request), request.headers.get("user-agent", ""), request.cookies.get(settings.cookie_name)
    )
    token, viewer = await parts.sessions.begin(asked.login, asked.password, caller)
    response.set_cookie(
        settings.cookie_name, token, max_age=int(settings.session_max_s), httponly=True, samesite="lax",
        secure=settings.cookie_secure, path="/",
    )  # fmt: skip
    return _account(viewer, request)


@router.get("", summary="Who is signed in")
async def get_session(viewer: SignedIn, request: Request) -> Account:
    return _account(viewer, request)


@router.patch("", summary="Change the language")
async def change_session(asked: SessionChange, viewer: SignedIn, request: Request) -> Account:
    await parts_of(request).sessions.set_locale(viewer, asked.locale)
    return _account(viewer, request, asked.locale)


@router.post(
    "/password", status_code=status.HTTP_204_NO_CONTENT, summary="Change the own password; all other sessions end"
)
async def change_password(asked: PasswordChange, viewer: SignedIn, request: Request) -> None:
    """A wrong present password counts as one at the sign-in does, and is locked out the same way."""
    parts = parts_of(request)
    for token in await parts.sessions.change_password(viewer, asked.password, asked.new_password):
        parts.hub.close_session(token)


@router.delete("", status_code=status.HTTP_204_NO_CONTENT, summary="Sign out")
async def sign_out(viewer: SignedIn, request: Request, response: Response) -> None:
    """Ends the session and every feed socket that it opened."""
    parts = parts_of(request)
    await parts.sessions.end(viewer)
    parts.hub.close_session(viewer.token_sha256)
    response.delete_cookie(parts.settings.cookie_name, path="/")
