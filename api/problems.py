"""Errors as application/problem+json (RFC 9457): the one table from error code to HTTP status, and the handlers.

A code that is missing in the table falls to its family (a test sees to it that none is missing).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from api.errors import BadField, BadRequest, BodyTooLarge, MethodRefused, NotFound
from api.sentences import field_sentence, locale_of, sentence
from models.db import DatabaseAway, is_away
from models.errors import Broken, LianxinError, Unavailable

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2

# One line per code of the house, those of processes that never answer HTTP included: one table, one test.
STATUS: dict[str, int] = {
    "error": 500, "refused": 409, "unavailable": 503, "broken": 500,
    "session.required": 401, "session.bad_credentials": 401, "session.locked": 429,
    "right.missing": 403, "csrf.missing": 403, "origin.refused": 403, "host.refused": 421,
    "request.unreadable": 400, "request.invalid": 422, "request.not_found": 404, "request.bad_method": 405,
    "request.too_large": 413, "page.bad_cursor": 422, "server.busy": 503,
    "agent.no_seat": 409, "agent.no_number": 403, "agent.seat_not_yours": 403,
    "command.id_taken": 409, "command.not_found": 404, "call.not_yours": 403, "call.not_found": 404,
    "call.not_talking": 409, "call.agent_busy": 409, "call.no_consultation": 409, "call.consultation_open": 409,
    "call.leg_not_found": 404, "call.room_full": 409, "call.ended": 409, "failed": 409, "leg.busy": 409,
    "leg.no_answer": 409, "leg.refused": 409, "leg.failed": 409, "leg.cancelled": 409, "leg.hung_up_on_us": 409,
    "call.taken": 409, "call.own": 409, "call.nobody_listens": 409, "agent.in_call_already": 409,
    "target.busy": 409, "queue.empty": 409,
    "agency.not_found": 404, "conference.not_found": 404, "promise.id_taken": 409,
    "callback.not_found": 404, "callback.ended": 409, "callback.taken": 409, "callback.not_yours": 403,
    "callback.not_now": 409, "callback.none": 409,
    "agent.away": 409, "hand.not_found": 404, "hand.not_yours": 403, "message.not_found": 404,
    "flag.not_found": 404, "flag.ended": 409,
    "hours.bad_plan": 422, "hours.profile_not_found": 404, "hours.override_end": 422, "sound.not_found": 404,
    "sound.unreadable": 422, "sound.length": 422, "sound.silent": 422, "sound.clipped": 422,
    "policy.fixed": 409, "prompt.not_found": 404, "prompt.version_not_found": 404,
    "incident.area_unknown": 422, "incident.not_found": 404,
    "incident.ended": 409, "incident.nobody": 409, "incident.telling": 409, "incident.not_telling": 409,
    "incident.no_line": 409,
    "tuning.not_found": 404, "tuning.meanwhile": 409, "tuning.needed": 409, "tuning.unconfirmed": 409,
    "pbx.not_in_force": 503,
    "danger.not_found": 404, "danger.ended": 409, "danger.not_yours": 403, "flag.reviewer": 422, "flag.expiry": 422,
    "capacity.handling_unknown": 422, "capacity.in_future": 422,
    "target.not_found": 404, "number.daily_cap": 429, "number.invalid": 422, "number.not_allowed": 403,
    "recording.not_found": 404, "recording.not_yours": 403, "recording.missing": 404, "recording.bad_range": 416,
    "recording.export_failed": 500, "score.bad_form": 422, "score.form_not_found": 404, "score.bad_answers": 422,
    "alarm.not_found": 404,
    "score.no_agent": 422, "score.own": 403, "score.taken": 409, "score.not_found": 404, "score.not_yours": 403,
    "appeal.taken": 409, "appeal.not_found": 404, "appeal.answered": 409, "appeal.same_scorer": 403,
    "shelf.not_found": 404, "shelf.taken": 409, "shelf.refused": 409,
    # refusals of cti: reasons of commands, shown by the same sentences
    "agent.already_signed_in": 409, "agent.in_call": 409, "agent.not_signed_in": 409, "agent.phone_blocked": 409,
    "agent.phone_not_registered": 409, "agent.seat_taken": 409, "agent.too_many_reasons": 409,
    "call.bad_argument": 422, "call.hold_at_phone": 409, "call.not_running": 503, "command.bad_argument": 422,
    "command.unknown_kind": 422, "command.not_confirmed": 503, "command.deadline": 503, "command.expired": 503,
    "ami.not_loopback": 503, "ami.too_mighty": 503, "ami.too_weak": 503, "cti.taken": 503, "pbx.refused": 409,
    "pbx.telephone_refused": 409,
    "seat.not_found": 404, "seat.taken": 409, "seat.occupied": 409, "trunk.not_found": 404, "class.not_found": 404,
    "class.in_use": 409, "trunk.none_free": 409, "trunk.test_failed": 409, "trunk.unreachable": 409,
    "trunk.no_ring": 409, "telephony.not_taken": 503,
    "draft.stale": 409, "draft.not_yours": 403, "draft.not_found": 404, "draft.submitted": 409,
    "case.not_found": 404, "case.confidential": 403, "case.incomplete": 422,
    "database.away": 503, "database.locale": 500, "database.not_installed": 503, "database.not_started": 503,
    "port.taken": 503, "account.refused": 409, "account.not_found": 404, "account.login_taken": 409,
    "account.number_taken": 409, "account.number_needed": 422, "account.number_not_for_role": 422,
    "account.seat_unknown": 422, "account.own": 409, "account.signed_in": 409,
    "recording.error": 500, "recording.store_away": 503, "recording.store_mismatch": 503, "recording.work_full": 503,
    "recording.encoder_failed": 500, "recording.spool_taken": 503, "recording.bad_store": 500, "recording.gone": 500,
    "journal.bad_line": 500, "journal.row_refused": 500, "journal.position_moved": 503,
    "pbx.error": 500, "pbx.unavailable": 503, "pbx.bad_settings": 422, "pbx.install_failed": 503,
    "pbx.prompts_failed": 503, "pbx.port_taken": 503, "pbx.start_failed": 500, "pbx.command_failed": 503,
    "ami.not_booted": 503,
    "ami.refused": 503, "ami.bad_header": 422, "ami.action_refused": 409, "ami.unreachable": 503,
    "ami.timeout": 503, "ami.lost": 503,
}  # fmt: skip


def _family(exc: LianxinError) -> str:
    if isinstance(exc, Unavailable):
        return "unavailable"
    return "broken" if isinstance(exc, Broken) else "refused"


def status_of(exc: LianxinError) -> int:
    return STATUS.get(exc.code) or STATUS[_family(exc)]


def locale_for(request: Request) -> str:
    """The signed-in account's language, else the browser's, else the site's."""
    known: str | None = request.scope.get("lianxin.locale")
    return known or locale_of(request.headers.get("accept-language", ""), request.app.state.settings.locale)


def problem_body(exc: LianxinError, locale: str) -> dict[str, Any]:
    """The body of a problem. ``fields`` of the error fill its sentence; some travel as extension members."""
    status = status_of(exc)
    body: dict[str, Any] = {
        "type": f"urn:lianxin:problem:{exc.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": exc.code,
        "detail": sentence(exc.code, locale, exc.fields, _family(exc)),
    }
    if "errors" in exc.fields:
        body["errors"] = [_field_problem(e, locale) for e in exc.fields["errors"]]  # type: ignore[attr-defined]
    if "warnings" in exc.fields:
        told: list[tuple[str, dict[str, object]]] = exc.fields["warnings"]  # type: ignore[assignment]
        body["warnings"] = [{"code": code, "message": sentence(code, locale, fields)} for code, fields in told]
    for name in ("stored", "case_id", "number", "retry_after_s"):
        if name in exc.fields:
            body[name] = exc.fields[name]
    return body


def _field_problem(error: tuple[str, str] | dict[str, Any], locale: str) -> dict[str, str]:
    if isinstance(error, tuple):
        field, code = error
        context: dict[str, Any] = {}
    else:  # pydantic's
        field = ".".join(str(p) for p in error["loc"] if p not in ("body", "query", "path"))
        code, context = error["type"], error.get("ctx") or {}
    return {"field": field, "code": code, "message": field_sentence(code, locale, context)}


def respond(request: Request, exc: LianxinError) -> JSONResponse:
    body = problem_body(exc, locale_for(request))
    headers = {}
    if body["status"] in (429, 503):
        headers["retry-after"] = str(body.setdefault("retry_after_s", RETRY_AFTER_S))
    return JSONResponse(body, status_code=body["status"], headers=headers, media_type=MEDIA_TYPE)


_FROM_HTTP: dict[int, type[LianxinError]] = {400: BadRequest, 404: NotFound, 405: MethodRefused, 413: BodyTooLarge}


def install(app: FastAPI) -> None:
    """Every way out of a request that is not an answer."""

    @app.exception_handler(LianxinError)
    async def ours(request: Request, exc: LianxinError) -> JSONResponse:
        if status_of(exc) >= 500:
            log.warning("request not served", code=exc.code, path=request.url.path, detail=exc.detail)
        return respond(request, exc)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, exc: RequestValidationError) -> JSONResponse:
        errors = [dict(e) for e in exc.errors()]
        if any(e["type"] == "json_invalid" for e in errors):
            return respond(request, BadRequest())
        return respond(request, BadField(errors=errors))

    @app.exception_handler(HTTPException)
    async def http(request: Request, exc: HTTPException) -> JSONResponse:
        return respond(request, _FROM_HTTP.get(exc.status_code, BadRequest)(str(exc.detail)))

    @app.exception_handler(SQLAlchemyError)
    async def database(request: Request, exc: SQLAlchemyError) -> JSONResponse:
        if is_away(exc):
            return respond(request, DatabaseAway())
        log.error("statement failed", path=request.url.path, exc_info=exc)
        return respond(request, Broken())

    @app.exception_handler(Exception)
    async def bug(request: Request, exc: Exception) -> JSONResponse:
        # The root of a request: the person gets a sentence, the operator the traceback.
        log.error("bug in a request", path=request.url.path, exc_info=exc)
        return respond(request, Broken())
