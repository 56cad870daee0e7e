"""Every route and every role: who is let in. The table is the test's own; a new route must be added here."""

import uuid
from typing import Any

import pytest
from fastapi.routing import APIRoute

from models.account import Role
from tests.api.house import House

pytestmark = pytest.mark.db

ALL = frozenset(Role)
OVERSIGHT = frozenset({Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR})
DESK = frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR})
AGENTS = frozenset({Role.AGENT, Role.SUPERVISOR})
OVERSIGHT = frozenset({Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR})
SUPERVISORS = frozenset({Role.SUPERVISOR})
ADMINS = frozenset({Role.ADMIN})
TUNERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
CAPACITY = frozenset({Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR, Role.LEADER})
QUALITY = frozenset({Role.SUPERVISOR, Role.AUDITOR})
OPEN = None  # no session needed

CASE = {"draft_id": str(uuid.uuid4()), "form": {"title": "路灯", "kind": "help"}}
PROMISE = {
    "case_id": str(uuid.uuid4()), "who": "李主任", "what": "今晚换灯泡", "due_at": "2026-12-01T10:00:00+08:00",
}  # fmt: skip
FLAG = {"number": "13912345678", "tone": "abusive", "reason": "辱骂", "expires_at": "2030-01-01T00:00:00Z"}
_CHANGES = [{"minute": 0, "profile": "day"}]
HOURS = {"workday": _CHANGES, "weekend": _CHANGES, "holiday": _CHANGES, "based_on": ""}
PROFILE = {"max_waiting": 9, "max_wait_s": 60, "on_full": {}, "on_no_agent": {}, "on_too_long": {}, "based_on": ""}
QUEUE = {
    "title": "热线", "strategy": "leastrecent", "ring_s": 20, "wrap_up_s": 60, "weight": 0, "max_waiting": 100,
    "announce_every_s": 30, "announce_place": True, "service_s": 15, "based_on": 0,
}  # fmt: skip
SCORE = {"form_id": str(uuid.uuid4()), "answers": {"greeting": 1}}
TABLE: dict[tuple[str, str], tuple[frozenset[Role] | None, Any]] = {
    ("POST", "/api/v1/session"): (OPEN, {"login": "nobody", "password": "wrong"}),
    ("GET", "/api/v1/session"): (ALL, None),
    ("PATCH", "/api/v1/session"): (ALL, {"locale": "en"}),
    ("DELETE", "/api/v1/session"): (ALL, None),
    ("POST", "/api/v1/session/password"): (ALL, {}),
    ("GET", "/api/v1/agent/phone"): (AGENTS, None),
    ("GET", "/api/v1/seats"): (DESK, None),
    ("POST", "/api/v1/commands"): (AGENTS, {"id": str(uuid.uuid4()), "kind": "agent.ready", "args": {}}),
    ("GET", "/api/v1/commands/{command_id}"): (AGENTS, None),
    ("GET", "/api/v1/targets"): (DESK, None),
    ("GET", "/api/v1/agencies/{agency_id}/refusals"): (DESK, None),
    ("GET", "/api/v1/callbacks"): (DESK, None),
    ("POST", "/api/v1/callbacks/next"): (AGENTS, {"command_id": str(uuid.uuid4())}),
    ("POST", "/api/v1/callbacks/{callback_id}/take"): (SUPERVISORS, {"command_id": str(uuid.uuid4())}),
    ("POST", "/api/v1/callbacks/{callback_id}/release"): (AGENTS, None),
    ("POST", "/api/v1/callbacks/{callback_id}/close"): (AGENTS, {"reason": "not_wanted"}),
    ("POST", "/api/v1/conferences"): (AGENTS, {"call_id": str(uuid.uuid4())}),
    ("POST", "/api/v1/promises"): (AGENTS, PROMISE),
    ("POST", "/api/v1/danger"): (AGENTS, {"call_id": str(uuid.uuid4())}),
    ("GET", "/api/v1/danger"): (DESK, None),
    ("GET", "/api/v1/danger/{danger_id}"): (DESK, None),
    ("POST", "/api/v1/danger/{danger_id}/acknowledge"): (SUPERVISORS, None),
    ("POST", "/api/v1/danger/{danger_id}/close"): (AGENTS, None),
    ("GET", "/api/v1/ears"): (OVERSIGHT, None),
    ("GET", "/api/v1/alarms"): (OVERSIGHT, None),
    ("POST", "/api/v1/alarms/{alarm_id}/acknowledge"): (SUPERVISORS, None),
    ("GET", "/api/v1/floor"): (OVERSIGHT, None),
    ("GET", "/api/v1/floor/day"): (OVERSIGHT, None),
    ("GET", "/api/v1/floor/day/calls"): (OVERSIGHT, None),
    ("POST", "/api/v1/hands"): (AGENTS, {"id": str(uuid.uuid4()), "reason": "language"}),
    ("GET", "/api/v1/hands"): (DESK, None),
    ("POST", "/api/v1/hands/{hand_id}/answer"): (SUPERVISORS, None),
    ("POST", "/api/v1/hands/{hand_id}/lower"): (AGENTS, None),
    ("POST", "/api/v1/messages"): (SUPERVISORS, {"id": str(uuid.uuid4()), "text": "天黑了"}),
    ("GET", "/api/v1/messages"): (AGENTS, None),
    ("POST", "/api/v1/messages/{message_id}/read"): (AGENTS, None),
    ("POST", "/api/v1/abuse"): (AGENTS, {"call_id": str(uuid.uuid4())}),
    ("GET", "/api/v1/number-flags"): (DESK, None),
    ("GET", "/api/v1/number-flags/reviewers"): (AGENTS, None),
    ("POST", "/api/v1/number-flags"): (AGENTS, FLAG),
    ("POST", "/api/v1/number-flags/{flag_id}/appeal"): (AGENTS, {"appeal": "误标"}),
    ("POST", "/api/v1/number-flags/{flag_id}/lift"): (SUPERVISORS, {}),
    ("GET", "/api/v1/telephony"): (ADMINS, None),
    ("POST", "/api/v1/telephony/extensions"): (ADMINS, {"seat": "8077"}),
    ("PUT", "/api/v1/telephony/extensions/{seat}"): (ADMINS, {"based_on": ""}),
    ("POST", "/api/v1/telephony/extensions/{seat}/secret"): (ADMINS, {"phone": "telephone"}),
    ("DELETE", "/api/v1/telephony/extensions/{seat}"): (ADMINS, None),
    ("PUT", "/api/v1/telephony/trunks/{name}"): (ADMINS, {"host": "10.9.8.7"}),
    ("DELETE", "/api/v1/telephony/trunks/{name}"): (ADMINS, None),
    ("GET", "/api/v1/telephony/trunks/{name}/history"): (ADMINS, None),
    ("POST", "/api/v1/telephony/trunks/{name}/undo"): (ADMINS, {"to": 0, "based_on": 1}),
    ("PUT", "/api/v1/telephony/classes/{name}"): (ADMINS, {"title": "市内", "kinds": ["local"], "based_on": ""}),
    ("DELETE", "/api/v1/telephony/classes/{name}"): (ADMINS, None),
    ("POST", "/api/v1/telephony/trunks/{name}/test"): (ADMINS, {"id": str(uuid.uuid4()), "number": "13912345678"}),
    ("GET", "/api/v1/telephony/tests/{command_id}"): (ADMINS, None),
    ("GET", "/api/v1/hours"): (TUNERS, None),
    ("PUT", "/api/v1/hours/plan"): (ADMINS, HOURS),
    ("PUT", "/api/v1/hours/profiles/{name}"): (ADMINS, PROFILE),
    ("POST", "/api/v1/hours/override"): (TUNERS, {"until": "2020-01-01T00:00:00Z"}),
    ("DELETE", "/api/v1/hours/override"): (TUNERS, None),
    ("GET", "/api/v1/hours/calendar/{year}/{month}"): (TUNERS, None),
    ("PUT", "/api/v1/hours/calendar/{day}"): (ADMINS, {"kind": "holiday", "based_on": ""}),
    ("DELETE", "/api/v1/hours/calendar/{day}"): (ADMINS, None),
    ("POST", "/api/v1/line-sounds"): (TUNERS, None),
    ("POST", "/api/v1/line-sounds/spoken"): (TUNERS, {"text": ""}),
    ("GET", "/api/v1/line-sounds/{sound_id}/audio"): (TUNERS, None),
    ("GET", "/api/v1/tuning"): (OVERSIGHT, None),
    ("PUT", "/api/v1/tuning/queues/{queue}"): (ADMINS, QUEUE),
    ("PUT", "/api/v1/tuning/numbers/{number}"): (ADMINS, {"queue": "hotline", "based_on": 0}),
    ("PUT", "/api/v1/tuning/skills/{agent_no}"): (ADMINS, {"queues": {"hotline": 1}, "based_on": 0}),
    ("PUT", "/api/v1/tuning/seat-plan"): (ADMINS, {"plan": {}, "based_on": 0}),
    ("GET", "/api/v1/tuning/history"): (OVERSIGHT, None),
    ("POST", "/api/v1/tuning/undo"): (ADMINS, {"to": 0, "based_on": 1}),
    ("GET", "/api/v1/incidents"): (SUPERVISORS, None),
    ("POST", "/api/v1/incidents"): (SUPERVISORS, {"title": "停暖", "sound_id": str(uuid.uuid4())}),
    ("POST", "/api/v1/incidents/{incident_id}/end"): (SUPERVISORS, None),
    ("GET", "/api/v1/incidents/{incident_id}/callers"): (SUPERVISORS, None),
    ("POST", "/api/v1/incidents/{incident_id}/numbers"): (SUPERVISORS, None),
    ("POST", "/api/v1/incidents/{incident_id}/telling"): (SUPERVISORS, None),
    ("POST", "/api/v1/incidents/{incident_id}/telling/stop"): (SUPERVISORS, None),
    ("GET", "/api/v1/live"): (DESK, None),
    ("GET", "/api/v1/queues"): (DESK, None),
    ("GET", "/api/v1/caller/{number}"): (DESK, None),
    ("GET", "/api/v1/calls"): (DESK, None),
    ("GET", "/api/v1/calls/{call_id}"): (DESK, None),
    ("GET", "/api/v1/drafts"): (AGENTS, None),
    ("GET", "/api/v1/drafts/{draft_id}"): (AGENTS, None),
    ("PUT", "/api/v1/drafts/{draft_id}"): (AGENTS, {"rev": 1, "body": {}}),
    ("DELETE", "/api/v1/drafts/{draft_id}"): (AGENTS, None),
    ("POST", "/api/v1/cases"): (AGENTS, CASE),
    ("GET", "/api/v1/cases"): (DESK, None),
    ("GET", "/api/v1/cases/{case_id}"): (DESK, None),
    ("GET", "/api/v1/categories"): (ALL, None),
    ("GET", "/api/v1/districts"): (ALL, None),
    ("GET", "/api/v1/recordings/{recording_id}"): (DESK, None),
    ("GET", "/api/v1/recordings/{recording_id}/audio"): (DESK, None),
    ("GET", "/api/v1/recordings/{recording_id}/peaks"): (DESK, None),
    ("GET", "/api/v1/capacity"): (CAPACITY, None),
    ("GET", "/api/v1/capacity/rows"): (CAPACITY, None),
    ("POST", "/api/v1/capacity/what-if"): (CAPACITY, {"day": "2026-11-23"}),
    ("GET", "/api/v1/recordings"): (DESK, None),
    ("POST", "/api/v1/recordings/{recording_id}/export"): (QUALITY, {"reason": "法院调取"}),
    ("GET", "/api/v1/recordings/{recording_id}/scores"): (DESK, None),
    ("POST", "/api/v1/recordings/{recording_id}/scores"): (QUALITY, SCORE),
    ("GET", "/api/v1/scores"): (DESK, None),
    ("GET", "/api/v1/scores/averages"): (DESK, None),
    ("POST", "/api/v1/scores/{score_id}/appeal"): (DESK, {"reason": "不公"}),
    ("POST", "/api/v1/appeals/{appeal_id}/score"): (QUALITY, SCORE),
    ("GET", "/api/v1/score-forms"): (DESK, None),
    ("POST", "/api/v1/score-forms"): (frozenset({Role.SUPERVISOR, Role.ADMIN}), {}),
    ("GET", "/api/v1/shelf"): (DESK, None),
    ("POST", "/api/v1/shelf"): (QUALITY, {"recording_id": str(uuid.uuid4()), "title": "范例", "reason": "好"}),
    ("POST", "/api/v1/shelf/{item_id}/remove"): (QUALITY, {"reason": "撤"}),
    ("GET", "/api/v1/policies"): (frozenset({Role.ADMIN, Role.AUDITOR}), None),
    ("PATCH", "/api/v1/policies"): (ADMINS, {}),
    ("GET", "/api/v1/prompts"): (ADMINS, None),
    ("POST", "/api/v1/prompts"): (
        ADMINS,
        {"language": "zh", "name": "lianxin/full", "sound_id": str(uuid.uuid4()), "text": "满"},
    ),
    ("PUT", "/api/v1/prompts/active"): (ADMINS, {"language": "zh", "name": "lianxin/full"}),
    ("GET", "/api/v1/audit"): (frozenset({Role.ADMIN, Role.AUDITOR}), None),
    ("GET", "/api/v1/audit/chain"): (frozenset({Role.ADMIN, Role.AUDITOR}), None),
    ("GET", "/api/v1/users"): (ADMINS, None),
    ("POST", "/api/v1/users"): (ADMINS, {"login": "x", "display_name": "", "role": "leader"}),
    ("PUT", "/api/v1/users/{account_id}"): (ADMINS, {"display_name": "无名", "role": "leader", "based_on": ""}),
    ("POST", "/api/v1/users/{account_id}/password"): (ADMINS, None),
    ("POST", "/api/v1/users/{account_id}/lock"): (ADMINS, None),
    ("POST", "/api/v1/users/{account_id}/unlock"): (ADMINS, None),
    ("GET", "/healthz"): (OPEN, None),
    ("GET", "/metrics"): (OPEN, None),
}


def routes_of(app: Any) -> set[tuple[str, str]]:
    document = app.openapi()
    told = {(m.upper(), path) for path, operations in document["paths"].items() for m in operations}
    hidden = {(m, r.path) for r in app.routes if isinstance(r, APIRoute) for m in r.methods}
    return told | {h for h in hidden if h[1] == "/metrics"} | {("GET", "/metrics")}


async def test_the_table_knows_every_route(house: House) -> None:
    assert routes_of(house.app) == set(TABLE)


async def test_each_role_gets_exactly_what_the_table_says(house: House) -> None:
    people = await house.everybody()
    wrong = []
    for (method, path), (allowed, body) in TABLE.items():
        url = path
        for name in (
            "command_id",
            "call_id",
            "draft_id",
            "case_id",
            "recording_id",
            "agency_id",
            "danger_id",
            "flag_id",
            "sound_id",
            "incident_id",
            "score_id",
            "appeal_id",
            "item_id",
            "hand_id",
            "message_id",
            "account_id",
        ):
            url = url.replace(f"{{{name}}}", str(uuid.uuid4()))
        for name, value in {
            "number": "13912345678",
            "name": "day",
            "year": "2026",
            "month": "9",
            "seat": "8077",
        }.items():
            url = url.replace(f"{{{name}}}", value)
        url = url.replace("{day}", "2027-01-01")
        for role, person in people.items():
            answer = await house.client(person).request(method, url, json=body)
            refused = answer.status_code == 403 and answer.json()["code"] == "right.missing"
            if refused != (allowed is not None and role not in allowed):
                wrong.append((method, path, role, answer.status_code, answer.text[:80]))
            if method == "DELETE" and path.endswith("/session"):
                await house.pool.execute("UPDATE login_session SET ended = false")
        nobody = await house.client().request(method, url, json=body)
        if (nobody.status_code == 401 and nobody.json()["code"] == "session.required") != (allowed is not None):
            wrong.append((method, path, "nobody", nobody.status_code, nobody.text[:80]))
    assert wrong == []


async def test_feed_sockets_are_for_the_desk(house: House) -> None:
    for role, person in (await house.everybody()).items():
        async with house.screen(person) as screen:
            if role in DESK:
                assert (await screen.next())["type"] == "hello"
            else:
                await screen.connection.wait_closed()
                assert screen.connection.close_code == 4403
