"""Telephony over HTTP: secrets told once, wrong values refused before anything is written, classes of service."""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from api import audit
from api.provisioning import qr
from cti.facts import Topic, TrunkLive, body_of
from models.account import Role
from models.db import make_engine
from models.feed import Item
from tests.api.house import NODE, House, Person, agent
from tests.api.test_sessions import problem, warned
from tests.support.qr_reader import read_svg

pytestmark = pytest.mark.db

URL = "/api/v1/telephony"
TRUNK: dict[str, Any] = {
    "title": "联通", "host": "10.20.30.40:5060", "username": "lianxin", "secret": "Ge%heim=1",
    "codecs": ["alaw", "g722"], "channel_limit": 30, "position": 2,
}  # fmt: skip


@pytest.fixture
async def root(house: House) -> Person:
    return await house.person("root", Role.ADMIN)


async def version(house: House) -> int:
    found: int = await house.pool.fetchval("SELECT version FROM telephony")
    return found


async def told_everywhere(house: House) -> str:
    """All that a reader of the audit or of the commands sees."""
    rows = await house.pool.fetch("SELECT action, subject, detail::text FROM audit")
    return " ".join(str(tuple(row)) for row in rows)


async def test_a_telephone_is_made_and_its_secret_told_once(house: House, root: Person) -> None:
    client, before = house.client(root), await version(house)
    answer = await client.post(f"{URL}/extensions", json={"seat": "8077", "label": "夜班备用"})
    sheet = answer.json()
    secret = await house.pool.fetchval("SELECT telephone_secret FROM seat WHERE seat = '8077'")
    assert (answer.status_code, sheet["secret"], sheet["username"]) == (201, secret, "8077")
    assert len(secret) >= 20
    assert answer.headers["cache-control"] == "no-store"
    assert sheet["uri"] == f"sip:8077:{secret}@127.0.0.1:5060;transport=udp"
    assert await version(house) == before + 1, "the PBX's side is told"
    shown = (await client.get(URL)).text
    assert "8077" in shown
    assert secret not in shown
    assert secret not in await told_everywhere(house)
    again = await client.post(f"{URL}/extensions", json={"seat": "8077"})
    assert problem(again)[1] == "seat.taken"

    browser = await house.pool.fetchval("SELECT browser_secret FROM seat WHERE seat = '8077'")
    renewed = (await client.post(f"{URL}/extensions/8077/secret", json={"phone": "telephone"})).json()
    assert renewed["secret"] != secret
    assert (await client.post(f"{URL}/extensions/8077/secret", json={"phone": "browser"})).json() is None
    assert await house.pool.fetchval("SELECT browser_secret FROM seat WHERE seat = '8077'") != browser


@pytest.mark.parametrize("label", ["夜班备用", "夜班", "Café", "窗口 <3> & 4", ""])
async def test_the_codes_say_what_the_sheet_says(house: House, root: Person, label: str) -> None:
    """Read as a scanner reads them; whatever the label's letters, it is UTF-8, as the account file says of itself."""
    sheet = (await house.client(root).post(f"{URL}/extensions", json={"seat": "8077", "label": label})).json()
    assert read_svg(sheet["uri_qr"]) == sheet["uri"]
    told = read_svg(sheet["wave_qr"])
    assert told.startswith('<?xml version="1.0" encoding="utf-8"?>')
    [account] = ET.fromstring(told)
    assert {field.tag: field.text or "" for field in account} == {
        "RegisterServer": "127.0.0.1:5060", "OutboundServer": "", "UserID": "8077", "AuthID": "8077",
        "AuthPass": sheet["secret"], "AccountName": "8077", "DisplayName": sheet["label"], "Voicemail": "",
    }  # fmt: skip
    assert sheet["label"] in (label, "8077")


def test_codes_of_every_size_are_readable() -> None:
    """Within their quiet zone; that a telephone's scanner reads them was tried with one (ADR 0013)."""
    for text in ("sip:8077:geheim@127.0.0.1:5060", *("<夜班>" * n for n in range(1, 70, 3))):
        assert read_svg(qr(text)) == text


async def test_out_of_service_and_back(house: House, root: Person, zhang: Person) -> None:
    client = house.client(root)
    await house.publish(agent("1001"))
    await house.client(zhang).get("/api/v1/session")
    seat = zhang_seat = "8001"

    async def retired() -> Any:
        return await client.delete(f"{URL}/extensions/{seat}?confirmed=true")

    async with house.screen(zhang):  # the picture is followed by now
        assert problem(await retired())[1] == "seat.occupied"
    await house.pool.execute("DELETE FROM live")
    secret = await house.pool.fetchval("SELECT telephone_secret FROM seat WHERE seat = $1", zhang_seat)
    await house.stop()
    await house.start()
    client = house.client(root)
    assert warned(await client.delete(f"{URL}/extensions/{seat}")) == ["plan.over_seats"], "12 are planned"
    assert (await retired()).json()["extensions"][0]["retired_at"]
    assert problem(await house.client(zhang).get("/api/v1/agent/phone"))[1] == "agent.no_seat"
    assert problem(await client.put(f"{URL}/extensions/{seat}", json={"based_on": ""}))[1] == "seat.not_found"
    back = (await client.post(f"{URL}/extensions", json={"seat": seat})).json()
    assert back["secret"] != secret, "what was written down is worth nothing"
    assert (await house.client(zhang).get("/api/v1/agent/phone")).status_code == 200


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"host": "10.20.30.400"}, "host"), ({"host": "sip.carrier.cn"}, "host"), ({"host": "10.2.3.4:99999"}, "host"),
    ({"host": "10.2.3.4\n[evil]"}, "host"), ({"host": None}, "host"), ({"host": "127.0.0.21"}, "addresses"),
    ({"addresses": ["0.0.0.0/0"]}, "addresses"), ({"addresses": ["10.9.9.0/16"]}, "addresses"),
    ({"secret": "a;b"}, "secret"), ({"secret": "a]b"}, "secret"), ({"username": "a b"}, "username"),
    ({"codecs": []}, "codecs"), ({"codecs": ["g729"]}, "codecs"), ({"codecs": ["alaw", "alaw"]}, "codecs"),
    ({"channel_limit": 0}, "channel_limit"), ({"position": -1}, "position"), ({"hosst": "x"}, "hosst"),
]  # fmt: skip


async def test_a_typing_error_is_refused_before_anything_is_written(house: House, root: Person) -> None:
    client, before = house.client(root), await version(house)
    for change, field in WRONG:
        answer = await client.put(f"{URL}/trunks/b", json=TRUNK | change)
        assert problem(answer) == (422, "request.invalid"), change
        assert [one["field"] for one in answer.json()["errors"]] == [field], change
        assert answer.json()["errors"][0]["message"]
    assert problem(await client.post(f"{URL}/extensions", json={"seat": "9001"})) == (422, "request.invalid")
    assert await version(house) == before, "nothing reloads"
    assert await house.pool.fetchval("SELECT count(*) FROM trunk") == 1


async def test_a_trunk_is_made_changed_and_removed(house: House, root: Person) -> None:
    client = house.client(root)
    made = (await client.put(f"{URL}/trunks/b", json=TRUNK)).json()["trunks"][1]
    assert (made["name"], made["endpoint"], made["kind"], made["codecs"]) == (
        "b", "trunk-b", "registration", ["alaw", "g722"]
    )  # fmt: skip
    assert "secret" not in made
    kept = TRUNK | {"secret": None, "channel_limit": 10}
    assert (await client.put(f"{URL}/trunks/b", json=kept)).json()["trunks"][1]["channel_limit"] == 10
    assert await house.pool.fetchval("SELECT secret FROM trunk WHERE name = 'b'") == "Ge%heim=1", "the one it had"
    assert "Ge%heim" not in await told_everywhere(house)
    other = {"host": "10.20.30.41", "addresses": ["10.20.30.40/31"]}
    assert problem(await client.put(f"{URL}/trunks/c", json=other))[1] == "request.invalid", "whose call would it be?"
    main = await client.put(f"{URL}/trunks/main", json={"channel_limit": 8, "position": 5})
    assert [t["name"] for t in main.json()["trunks"]] == ["b", "main"], "tried in this order"
    assert problem(await client.delete(f"{URL}/trunks/main"))[1] == "trunk.not_found"
    assert [t["name"] for t in (await client.delete(f"{URL}/trunks/b")).json()["trunks"]] == ["main"]
    engine = make_engine(house.settings.dsn)
    assert (await audit.verify(engine)).broken_at is None
    await engine.dispose()


async def undone(client: httpx.AsyncClient, name: str, to: int, based_on: int, **more: Any) -> httpx.Response:
    asked = {"to": to, "based_on": based_on} | more
    return await client.post(f"{URL}/trunks/{name}/undo", json=asked)


async def test_a_change_of_a_trunk_is_undone_with_one_key(house: House, root: Person) -> None:
    client = house.client(root)
    await client.put(f"{URL}/trunks/b", json=TRUNK)
    wrong = {"host": "10.20.30.49", "secret": "falsch", "channel_limit": 3}
    assert (await client.put(f"{URL}/trunks/b", json=TRUNK | wrong)).json()["trunks"][1]["revision"] == 2
    before = await version(house)
    told = (await undone(client, "b", 1, 2)).json()["trunks"][1]
    assert (told["host"], told["channel_limit"], told["revision"]) == ("10.20.30.40:5060", 30, 3)
    assert await house.pool.fetchval("SELECT secret FROM trunk WHERE name = 'b'") == "Ge%heim=1"
    assert await version(house) == before + 1, "the PBX's side is told"
    stale = await client.put(f"{URL}/trunks/b", json=TRUNK | {"based_on": 1})
    assert problem(stale) == (409, "tuning.meanwhile"), "somebody else changed it since it was read"
    assert "root" in stale.json()["detail"]
    answer = await client.get(f"{URL}/trunks/b/history")
    assert [(v["revision"], v["by"], v["undo_of"]) for v in answer.json()] == [
        (3, "root", 1), (2, "root", None), (1, "root", None)
    ]  # fmt: skip
    assert answer.json()[0]["value"] == answer.json()[2]["value"]
    assert [v["value"]["password"] for v in answer.json()] == [1, 2, 1], "that it changed, not what it is"
    line = await house.pool.fetchrow("SELECT action, subject, detail::text FROM audit ORDER BY id DESC LIMIT 1")
    assert (line["action"], line["subject"]) == ("trunk.undone", "b")
    assert "10.20.30.40:5060" in line["detail"]
    for secret in ("Ge%heim", "falsch"):
        assert secret not in answer.text
        assert secret not in await told_everywhere(house)
    made = await undone(client, "b", 0, 3)
    assert [t["name"] for t in made.json()["trunks"]] == ["main"], "the way back of making it"
    main = (await client.put(f"{URL}/trunks/main", json={"channel_limit": 8})).json()["trunks"][0]
    assert (main["channel_limit"], main["revision"]) == (8, 2)
    assert (await undone(client, "main", 1, 2)).json()["trunks"][0]["channel_limit"] is None
    assert problem(await undone(client, "main", 0, 3))[1] == "trunk.not_found", "it stays"


async def test_a_removed_trunk_comes_back_with_its_password(house: House, root: Person) -> None:
    client = house.client(root)
    await client.put(f"{URL}/trunks/b", json=TRUNK)
    gone = (await client.delete(f"{URL}/trunks/b")).json()
    assert [(t["name"], t["revision"], t["by"]) for t in gone["removed"]] == [("b", 2, "root")]
    back = (await undone(client, "b", 1, 2)).json()
    assert (back["trunks"][1]["kind"], back["trunks"][1]["username"]) == ("registration", "lianxin")
    assert back["removed"] == []
    assert await house.pool.fetchval("SELECT secret FROM trunk WHERE name = 'b'") == "Ge%heim=1"
    assert "Ge%heim" not in await told_everywhere(house)


async def test_an_undo_that_cannot_be_is_refused(house: House, root: Person) -> None:
    client = house.client(root)
    await client.put(f"{URL}/trunks/b", json=TRUNK)
    await client.delete(f"{URL}/trunks/b")
    await client.put(f"{URL}/trunks/c", json=TRUNK)
    before = await version(house)
    refused = await undone(client, "b", 1, 2, confirmed=True)
    assert problem(refused) == (422, "request.invalid"), "its address is another trunk's now"
    assert refused.json()["errors"][0]["field"] == "addresses"
    stale = await undone(client, "b", 1, 1)
    assert problem(stale) == (409, "tuning.meanwhile")
    assert "root" in stale.json()["detail"]
    assert problem(await undone(client, "b", 9, 2)) == (404, "tuning.not_found")
    assert problem(await undone(client, "z", 0, 0)) == (404, "tuning.not_found")
    assert await version(house) == before, "nothing reloads"
    assert await house.pool.fetchval("SELECT count(*) FROM trunk_version WHERE name = 'b'") == 2


def trunk(endpoint: str, channels: int) -> Item:
    body = body_of(TrunkLive(endpoint, NODE, True, channels, datetime.now(UTC)))
    return Item(Topic.TRUNK, endpoint, body, live=True)


async def test_what_cuts_calls_or_leaves_no_trunk_says_so_and_asks(house: House, root: Person) -> None:
    client = house.client(root)
    await client.put(f"{URL}/trunks/b", json=TRUNK)
    async with house.screen(root) as screen:
        await screen.next()
        last = await house.publish(trunk("trunk-b", 4), trunk("trunk", 0))
        await screen.until("row", seq=last)
    before = await version(house)
    short, out = TRUNK | {"channel_limit": 3}, TRUNK | {"active": False}
    assert warned(await client.put(f"{URL}/trunks/b", json=short)) == ["trunk.limit_below"]
    assert warned(await client.put(f"{URL}/trunks/b", json=out)) == ["trunk.carries"]
    assert warned(await client.delete(f"{URL}/trunks/b")) == ["trunk.carries"]
    assert warned(await undone(client, "b", 0, 1)) == ["trunk.carries"]
    assert await version(house) == before, "asked, not done"
    assert problem(await client.put(f"{URL}/trunks/b", json=short | {"codecs": []}))[0] == 422, "no question of that"
    assert (await client.put(f"{URL}/trunks/main", json={"active": False})).status_code == 200, "b is there"
    both = warned(await client.put(f"{URL}/trunks/b", json=out))
    assert both == ["trunk.carries", "trunk.none_active"]
    done = await client.put(f"{URL}/trunks/b", json=out | {"confirmed": True})
    assert not any(one["active"] for one in done.json()["trunks"])
    detail = await house.pool.fetchval("SELECT detail::text FROM audit ORDER BY id DESC LIMIT 1")
    assert all(code in detail for code in both)
    assert (await client.delete(f"{URL}/trunks/b?confirmed=true")).status_code == 200


async def test_a_test_call_is_a_command(house: House, root: Person) -> None:
    client, ident = house.client(root), str(uuid.uuid4())
    asked = {"id": ident, "number": "+86 139 1234 5678"}
    answer = await client.post(f"{URL}/trunks/main/test", json=asked)
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    assert answer.json()["args"] == {"trunk": "trunk", "number": "13912345678"}
    assert (await client.post(f"{URL}/trunks/main/test", json=asked)).json()["id"] == ident
    assert await house.pool.fetchval("SELECT count(*) FROM command") == 1, "the same id again is the same test"
    await house.pool.execute("UPDATE command SET state = 'failed', reason = 'sip.403', ended_at = now()")
    assert (await client.get(f"{URL}/tests/{ident}")).json()["reason"] == "sip.403"
    second = await house.person("second", Role.ADMIN)
    assert problem(await house.client(second).get(f"{URL}/tests/{ident}"))[1] == "command.not_found"
    for number, code in (("0013105551234", "number.not_allowed"), ("8001@trunk", "number.invalid")):
        wrong = await client.post(f"{URL}/trunks/main/test", json={"id": str(uuid.uuid4()), "number": number})
        assert problem(wrong)[1] == code
    missing = await client.post(f"{URL}/trunks/z/test", json=asked | {"id": str(uuid.uuid4())})
    assert problem(missing)[1] == "trunk.not_found"
    alarms = await house.pool.fetch("SELECT action FROM audit WHERE action LIKE 'alarm.%' ORDER BY id")
    assert [row["action"] for row in alarms] == ["alarm.number.not_allowed", "alarm.number.invalid"]


async def test_a_class_of_service_decides_for_whoever_sits_there(house: House, root: Person, zhang: Person) -> None:
    client, desk = house.client(root), house.client(zhang)

    async def dials(number: str) -> tuple[int, str]:
        asked = {"id": str(uuid.uuid4()), "kind": "call.dial", "args": {"number": number}}
        answer = await desk.post("/api/v1/commands", json=asked)
        return (202, "") if answer.status_code == 202 else problem(answer)

    assert await dials("053188880001") == (202, ""), "as the site's settings say"

    async def sits(**changes: Any) -> httpx.Response:
        seat = next(x for x in (await client.get(URL)).json()["extensions"] if x["seat"] == "8001")
        return await client.put(f"{URL}/extensions/8001", json=changes | {"based_on": seat["version"]})

    local = {"title": "市内", "kinds": ["local", "mobile"], "based_on": ""}
    await client.put(f"{URL}/classes/local", json=local)
    await sits(label="1 号", class_name="local")
    assert await dials("053188880001") == (403, "number.not_allowed")
    assert await dials("13912340001") == (202, "")
    assert await dials("0013105551234") == (403, "number.not_allowed"), "abroad is in no class"
    assert problem(await client.delete(f"{URL}/classes/local"))[1] == "class.in_use"
    assert problem(await sits(class_name="none"))[1] == "class.not_found"
    await sits()
    assert (await client.delete(f"{URL}/classes/local")).json()["classes"] == []
