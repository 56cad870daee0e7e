"""Asterisk's manager interface as plain text over a socket: for arranging tests and asking the PBX itself.

Deliberately not ``cti.ami``: what a test asserts must not pass through the code it tests.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
from collections.abc import Iterable, Iterator

from pbx_config import contract
from pbx_config.settings import PbxSettings


class AmiWire:
    """One logged-in connection without events."""

    def __init__(self, settings: PbxSettings) -> None:
        self._socket = socket.create_connection((settings.address, settings.ami_port), timeout=20)
        self._lines = self._socket.makefile("r", encoding="utf-8", errors="replace", newline="\r\n")
        self._numbers = itertools.count(1)
        assert self._lines.readline().startswith("Asterisk Call Manager")
        user = contract.AmiUser.CTI
        answer = self.ask("Login", Username=user.value, Secret=settings.ami_secrets[user], Events="off")
        assert answer["Response"] == "Success", answer

    def ask(self, action: str, **headers: object) -> dict[str, str]:
        """Send one action and return its response."""
        number = self._send(action, headers)
        return next(m for m in self._messages() if m.get("ActionID") == number)

    def ask_all(self, action: str, many: Iterable[dict[str, object]]) -> list[dict[str, str]]:
        """Send one action many times before reading any answer."""
        numbers = {self._send(action, headers) for headers in many}
        answers = []
        for message in self._messages():
            if message.get("ActionID") in numbers and "Response" in message:
                answers.append(message)
                if len(answers) == len(numbers):
                    return answers
        return answers

    def list(self, action: str, event: str | None, **headers: object) -> list[dict[str, str]]:
        """Ask for a list and return its entries; of every kind where ``event`` is None."""
        number = self._send(action, headers)
        found = []
        for message in self._messages():
            if message.get("ActionID") != number:
                continue
            if message.get("EventList") == "Complete" or message.get("Response") == "Error":
                break
            if "Event" in message and event in (None, message["Event"]):
                found.append(message)
        return found

    def _send(self, action: str, headers: dict[str, object]) -> str:
        number = f"w{next(self._numbers)}"
        lines = [f"Action: {action}", f"ActionID: {number}", *(f"{k}: {v}" for k, v in headers.items())]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return number

    def _messages(self) -> Iterator[dict[str, str]]:
        message: dict[str, str] = {}
        while line := self._lines.readline():
            if line == "\r\n":
                yield message
                message = {}
            else:
                key, _, value = line.rstrip("\r\n").partition(": ")
                message[key] = value
        raise AssertionError("the manager connection ended")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._lines.close()
        self._socket.close()


@contextlib.contextmanager
def ami_wire(settings: PbxSettings) -> Iterator[AmiWire]:
    wire = AmiWire(settings)
    try:
        yield wire
    finally:
        wire.close()


def sign_in_seats(settings: PbxSettings, agent_of_seat: dict[str, str]) -> None:
    """Make every seat's telephone a member of the queue, ready, in one go."""
    with ami_wire(settings) as wire:
        wire.ask_all(
            "QueueAdd",
            (
                {
                    "Queue": settings.queue.name,
                    "Interface": contract.interface(seat, contract.Phone.TELEPHONE),
                    "StateInterface": contract.interface(seat, contract.Phone.TELEPHONE),
                    "MemberName": agent,
                }
                for seat, agent in agent_of_seat.items()
            ),
        )


def qualify(settings: PbxSettings, seats: Iterable[str]) -> None:
    """Have the PBX ask telephones whether they are there, now instead of at the next of its rounds."""
    with ami_wire(settings) as wire:
        wire.ask_all("PJSIPQualify", ({"Endpoint": seat} for seat in seats))
