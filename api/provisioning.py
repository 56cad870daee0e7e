"""The sheet of a SIP telephone: what to type, and the same as QR codes. Nothing of it is kept or logged."""

from __future__ import annotations

import io
from xml.sax.saxutils import escape

import segno

from api.schemas.telephony import Sheet
from api.settings import ApiSettings
from models.account import Seat
from pbx_config.contract import Phone, endpoint

TRANSPORT = "udp"


def sheet(seat: Seat, settings: ApiSettings) -> Sheet:
    username, host, port = endpoint(seat.seat, Phone.TELEPHONE), settings.sip_host, settings.sip_port
    uri = f"sip:{username}:{seat.telephone_secret}@{host}:{port};transport={TRANSPORT}"
    return Sheet(
        seat=seat.seat, label=seat.label, host=host, port=port, transport=TRANSPORT, username=username,
        secret=seat.telephone_secret, uri=uri, uri_qr=qr(uri), wave_qr=qr(_wave(seat, username, f"{host}:{port}")),
    )  # fmt: skip


def _wave(seat: Seat, username: str, server: str) -> str:
    """Grandstream Wave's account file."""
    told = {
        "RegisterServer": server, "OutboundServer": "", "UserID": username, "AuthID": username,
        "AuthPass": seat.telephone_secret, "AccountName": seat.seat, "DisplayName": seat.label, "Voicemail": "",
    }  # fmt: skip
    fields = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in told.items())
    return (
        f'<?xml version="1.0" encoding="utf-8"?><AccountConfig version="1"><Account>{fields}</Account></AccountConfig>'
    )


def qr(text: str) -> str:
    """An SVG with its quiet zone, black on white whatever the page around it is. UTF-8, as the account file says."""
    out = io.BytesIO()
    code = segno.make_qr(text, error="m", encoding="utf-8")
    code.save(out, kind="svg", scale=4, border=4, light="#fff", xmldecl=False, nl=False)
    return out.getvalue().decode()
