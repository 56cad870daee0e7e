"""Seats: who sits where, and the telephones of one's own seat."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from sqlalchemy import select

from api.edge import needs, parts_of
from api.errors import NoSeat
from api.rights import Right
from api.schemas.accounts import BrowserPhone, Phones, SeatBrief, SeatPhones, SipTelephone
from api.settings import ApiSettings
from api.viewer import Viewer
from cti.facts import Topic
from models.account import Seat
from models.db import read_only
from pbx_config.contract import Phone, endpoint

router = APIRouter(tags=["seats"])


@router.get("/agent/phone", summary="The telephones of my seat, secrets included")
async def get_my_phones(viewer: Annotated[Viewer, needs(Right.PHONE)], request: Request) -> SeatPhones:
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        seat = await session.get(Seat, viewer.seat) if viewer.seat else None
    if seat is None or seat.retired_at is not None:
        raise NoSeat
    return _phones(seat, parts.settings)


def _phones(seat: Seat, settings: ApiSettings) -> SeatPhones:
    browser, telephone = endpoint(seat.seat, Phone.BROWSER), endpoint(seat.seat, Phone.TELEPHONE)
    return SeatPhones(
        seat=seat.seat,
        phones=Phones(
            browser=BrowserPhone(
                ws_url=settings.ws_url, sip_uri=f"sip:{browser}@{settings.sip_host}", username=browser,
                secret=seat.browser_secret, realm=settings.sip_realm,
            ),
            telephone=SipTelephone(
                host=settings.sip_host, port=settings.sip_port, transport="udp", username=telephone,
                secret=seat.telephone_secret,
            ),
        ),
    )  # fmt: skip


@router.get("/seats", summary="All seats and who sits there")
async def list_seats(viewer: Annotated[Viewer, needs(Right.SEATS)], request: Request) -> list[SeatBrief]:
    parts = parts_of(request)
    async with read_only(parts.engine) as session:
        seats = list(await session.scalars(select(Seat).where(Seat.retired_at.is_(None)).order_by(Seat.seat)))
    sitting = {body["seat"]: body for body in parts.hub.picture.of_topic(Topic.AGENT)}
    return [
        SeatBrief(
            seat=s.seat, label=s.label,
            agent_no=sitting.get(s.seat, {}).get("agent_no"), phone=sitting.get(s.seat, {}).get("phone"),
        )
        for s in seats
    ]  # fmt: skip
