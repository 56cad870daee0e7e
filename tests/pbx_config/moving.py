"""A call on the real line, and the hands that move it as cti would: by AMI alone, in the words of the trade.

What is asserted is asked of the PBX (ConfbridgeList, channels, CEL) and of what each party's telephone heard.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pbx_config import contract
from pbx_config.carrier import Carrier
from pbx_config.carrier_call import CarrierCall, Subscriber, Telephone
from pbx_config.contract import CalledLeg, Context
from pbx_config.pbx import Pbx
from tests.pbx_config import journal
from tests.pbx_config.ears import HERTZ, SILENCE, Story, Voice, story
from tests.support.ami_wire import AmiWire, ami_wire
from tests.support.eventually import eventually
from tests.support.pbx import queue_add, seat_secret
from tests.support.sound import Sound, read, write_tone

AGENCY_NUMBER, POLICE_NUMBER, HOME_NUMBER = "05191234567", "110", "13812345678"
SEAT_OF = {Voice.AGENT: "8001", Voice.SENIOR: "8002"}
AGENT_OF = {Voice.AGENT: "1001", Voice.SENIOR: "1002"}
NUMBER_OF = {Voice.AGENCY: AGENCY_NUMBER, Voice.POLICE: POLICE_NUMBER}
_callers = itertools.count(13_700_000_001)


@dataclass
class Moving:
    """One call. ``ref`` is its linkedid and its room; ``channel`` the PBX's channel of each party."""

    line: Pbx
    carrier: Carrier
    wire: AmiWire
    tones: Path
    caller: str = field(default_factory=lambda: str(next(_callers)))
    ref: str = ""
    channel: dict[Voice, str] = field(default_factory=dict)
    leg: dict[Voice, CalledLeg] = field(default_factory=dict)
    telephone: dict[Voice, Telephone] = field(default_factory=dict)
    outside: dict[Voice, Subscriber] = field(default_factory=dict)
    citizen: CarrierCall | None = None
    _legs: itertools.count[int] = field(default_factory=lambda: itertools.count(2))

    # ── given ───────────────────────────────────────────────────────────────────────────────────────

    def tone(self, voice: Voice) -> Path:
        path = self.tones / f"{voice}.wav"
        return path if path.exists() else write_tone(path, HERTZ[voice], 10)

    async def given_a_seat(self, voice: Voice = Voice.AGENT, *, ready: bool = True, seconds: float = 0) -> None:
        seat = SEAT_OF[voice]
        self.telephone[voice] = await self.carrier.telephone(
            seat, seat_secret(self.line, seat), answer_after_s=0, wav=self.tone(voice), seconds=seconds
        )
        if ready:
            queue_add(self.line, seat, AGENT_OF[voice])

    async def given_a_talking_call(self, to: str | None = None) -> None:
        """A citizen called in, and the agent answered."""
        if Voice.AGENT not in self.telephone:
            await self.given_a_seat()
        self.citizen = await self.carrier.place(self.caller, wav=self.tone(Voice.CITIZEN), to=to)
        await eventually(lambda: ("CONNECT", "1001") in journal.queue_log(self.line, self.caller), within_s=30)
        self.find_pair()

    def find_pair(self) -> None:
        """Whose channels the citizen's and the agent's are, and which call it is."""
        self.ref = journal.linkedid(self.line, self.caller)
        self.channel[Voice.CITIZEN] = self._channel_of(self.ref)
        self.channel[Voice.AGENT] = self._channel_named("PJSIP/8001-")

    async def given_a_citizen_at_home(self) -> None:
        self.outside[Voice.CITIZEN] = await self.carrier.subscriber(
            HOME_NUMBER, answer_after_s=0.2, wav=self.tone(Voice.CITIZEN)
        )

    async def given_an_outside(
        self,
        voice: Voice = Voice.AGENCY,
        *,
        answer_after_s: float | None = 0.2,
        seconds: float = 0,
        reject: bool = False,
        refuse: bool = False,
    ) -> None:
        self.outside[voice] = await self.carrier.subscriber(
            NUMBER_OF[voice],
            answer_after_s=answer_after_s,
            wav=self.tone(voice),
            seconds=seconds,
            reject=reject,
            refuse=refuse,
        )

    # ── when ────────────────────────────────────────────────────────────────────────────────────────

    @property
    def consultation(self) -> str:
        return contract.consultation(self.ref)

    def when_moved(self, *moves: tuple[Voice, Context, str]) -> None:
        """One Redirect of one or two parties."""
        headers: dict[str, object] = {}
        for prefix, (voice, context, room) in zip(("", "Extra"), moves, strict=False):
            headers |= {
                f"{prefix}Channel": self.channel[voice],
                f"{prefix}Context": context.value,
                f"{prefix}Exten": room,
                f"{prefix}Priority": "1",
            }
        answer = self.wire.ask("Redirect", **headers)
        assert answer["Response"] == "Success", answer

    def when_called(
        self, voice: Voice, context: Context, room: str, *, number: str | None = None, timeout_ms: int = 20_000
    ) -> CalledLeg:
        """Originate somebody into a room."""
        number = number or NUMBER_OF.get(voice) or SEAT_OF[voice]
        leg = self.leg[voice] = CalledLeg(self.ref, next(self._legs), number)
        seat = voice in SEAT_OF
        dialled = contract.interface(number, contract.Phone.TELEPHONE) if seat else f"PJSIP/{number}@{contract.TRUNK}"
        answer = self.wire.ask(
            "Originate", Channel=dialled, ChannelId=leg.uniqueid, Context=context.value, Exten=room, Priority="1",
            Timeout=timeout_ms, CallerID=self.line.settings.number, Async="true",
        )  # fmt: skip
        assert answer["Response"] == "Success", answer
        return leg

    async def when_asked_for_help(self, voice: Voice = Voice.AGENCY) -> None:
        """The consultation: citizen aside, agent and the other one in the second room."""
        self.when_moved(
            (Voice.CITIZEN, Context.ROOM_WAIT, self.ref), (Voice.AGENT, Context.ROOM_SEAT, self.consultation)
        )
        context = Context.ROOM_SEAT if voice in SEAT_OF else Context.ROOM_OUTSIDE
        self.when_called(voice, context, self.consultation)
        await self.then_in(self.consultation, Voice.AGENT, voice)

    async def when_in_one_room(self, *others: Voice) -> None:
        """A conference: citizen and agent, then everybody else."""
        self.when_moved((Voice.CITIZEN, Context.ROOM_CITIZEN, self.ref), (Voice.AGENT, Context.ROOM_SEAT, self.ref))
        await self.then_in(self.ref, Voice.CITIZEN, Voice.AGENT)
        for voice in others:
            context = Context.ROOM_SEAT if voice in SEAT_OF else Context.ROOM_OUTSIDE
            self.when_called(voice, context, self.ref)
        await self.then_in(self.ref, Voice.CITIZEN, Voice.AGENT, *others)

    async def when_the_agent_calls_out(self) -> None:
        """First the agent's own seat into a room that is named after the new call, then the citizen."""
        self.ref = f"{self.line.settings.node}-{int(time.time())}.{next(self._legs)}"
        self.wire.ask(
            "Originate", Channel="PJSIP/8001", ChannelId=self.ref, Context=Context.ROOM_SEAT.value, Exten=self.ref,
            Priority="1", Timeout=20_000, CallerID=self.line.settings.number, Async="true",
        )  # fmt: skip
        await eventually(lambda: self.room(self.ref), within_s=20)
        self.channel[Voice.AGENT] = self._channel_of(self.ref)
        self.when_called(Voice.CITIZEN, Context.ROOM_CALLED, self.ref, number=HOME_NUMBER)

    async def when_they_talk(self, seconds: float = 2.5) -> None:
        """Time passes in which nothing happens: what is heard in it is what the test is about."""
        await asyncio.sleep(seconds)

    def when_hung_up(self, *parties: Voice) -> None:
        """By us: AMI Hangup of that leg."""
        for voice in parties:
            self.wire.ask("Hangup", Channel=self.channel[voice], Cause="16")

    async def when_the_citizen_hangs_up(self) -> None:
        assert self.citizen is not None
        await self.citizen.hang_up()
        await self.then_gone(Voice.CITIZEN)

    # ── then ────────────────────────────────────────────────────────────────────────────────────────

    def room(self, name: str) -> set[str]:
        """Channels in a room, as the PBX says."""
        return {m["Channel"] for m in self.wire.list("ConfbridgeList", "ConfbridgeList", Conference=name)}

    async def then_in(self, room: str, *parties: Voice) -> None:
        def there() -> bool:
            for voice in parties:
                if voice not in self.channel and voice in self.leg:
                    found = self._channel_of(self.leg[voice].uniqueid)
                    if found:
                        self.channel[voice] = found
            wanted, found = {self.channel.get(voice, "?") for voice in parties}, self.room(room)
            assert found == wanted, (found, wanted, self.line.cli("core show channels concise"))
            return True

        await eventually(there, within_s=20)

    async def then_aside(self, voice: Voice = Voice.CITIZEN) -> None:
        """Alone with music."""
        ident = self.ref if voice is Voice.CITIZEN else self.leg[voice].uniqueid
        await self.then_in(f"aside-{ident}", voice)

    async def then_gone(self, *parties: Voice) -> None:
        """Also after the question how it was, which takes a citizen who presses nothing twenty seconds."""
        await eventually(lambda: not {self.channel[v] for v in parties} & self._channels(), within_s=40)

    async def then_all_is_over(self) -> None:
        """No channel and no room is left, and the journal is written to its end."""
        await eventually(lambda: not self._channels() and not self.rooms(), within_s=30)
        await eventually(lambda: "LINKEDID_END" in journal.events(self.line, self.caller))

    def rooms(self) -> list[str]:
        return [r["Conference"] for r in self.wire.list("ConfbridgeListRooms", "ConfbridgeListRooms")]

    def heard_by(self, voice: Voice) -> Story:
        """The story of what that party's telephone heard in its last call."""
        return story(self.heard_file(voice))

    def heard_file(self, voice: Voice) -> Path:
        if voice is Voice.CITIZEN and self.citizen is not None:
            return self.citizen.heard
        files = (self.telephone.get(voice) or self.outside[voice]).heard()
        return files[-1]

    def recorded(self, part: int, side: str) -> Path:
        """A recording's file; ``side`` "r" what the party said, "t" what it heard."""
        suffix = {"r": contract.SPOOL_SUFFIX_RECEIVE, "t": contract.SPOOL_SUFFIX_TRANSMIT}[side]
        return self.line.settings.spool / f"{contract.recording_stem(self.ref, part)}{suffix}"

    def prompt(self, name: str) -> Sound:
        return read(self.line.settings.data / "sounds" / "zh" / f"{name}.wav")

    def milestones(self) -> list[tuple[str, str]]:
        return journal.milestones(self.line, self.caller)

    def _channels(self) -> set[str]:
        return {c["Channel"] for c in self.wire.list("CoreShowChannels", "CoreShowChannel")}

    def _channel_of(self, uniqueid: str) -> str:
        channels = self.wire.list("CoreShowChannels", "CoreShowChannel")
        return next((c["Channel"] for c in channels if c["Uniqueid"] == uniqueid), "")

    def _channel_named(self, prefix: str) -> str:
        return next(name for name in self._channels() if name.startswith(prefix))


@asynccontextmanager
async def moving_call(line: Pbx, carrier: Carrier, tones: Path) -> AsyncIterator[Moving]:
    with ami_wire(line.settings) as wire:
        yield Moving(line, carrier, wire, tones)


def assert_recorded_apart(call: Moving, part: int, whose: Voice) -> None:
    """One side holds that party alone; both have the same length, sample by sample.

    What somebody says who is alone with music is not recorded (measured: the file has silence there).
    """
    said, heard = (read(call.recorded(part, side)) for side in "rt")
    assert len(said) == len(heard)
    assert {frozenset(v) for v in story(call.recorded(part, "r")) if v != SILENCE} == {frozenset({whose})}


def recorded_story(call: Moving, part: int) -> list[set[Voice]]:
    """What that party heard, as its recording has it."""
    return [v for v in story(call.recorded(part, "t")) if v != SILENCE]


async def then_entered_the_queue(call: Moving, times: int) -> None:
    entered = ("ENTERQUEUE", "NONE")
    await eventually(lambda: journal.queue_log(call.line, call.caller).count(entered) == times, within_s=20)
