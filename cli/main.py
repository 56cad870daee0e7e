"""The command `lianxin`: one function for each subcommand, each only parses, loads the settings and hands over.

Rooms are imported inside the functions: `lianxin call` need not wait for FastAPI.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.language import complain, tell
from cli.settings import Settings, load
from models.account import Role
from models.errors import LianxinError

app = typer.Typer(name="lianxin", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def main() -> None:
    """Run a subcommand; an error on purpose is one sentence on stderr and exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        app()
    except LianxinError as exc:
        complain(str(exc))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _service() -> Settings:
    from cli.process_life import configure_logs

    configure_logs()
    return load()


def _quiet() -> Settings:
    """For commands that talk to people: the rooms' log lines only when something is wrong."""
    from cli.process_life import configure_logs

    configure_logs(errors_only=True)
    return load()


@app.command()
def run() -> None:
    """Start everything: database, Asterisk, cti, worker, api. Ctrl-C stops it."""
    from cli.run import run as start

    sys.exit(start(_quiet()))


@app.command()
def prepare() -> None:
    """Get Asterisk ready (download it where the machine has none), start nothing."""
    from cli import prepare as steps

    settings = _quiet()
    steps.folders(settings)
    tell(steps.asterisk(settings).version)


@app.command()
def render() -> None:
    """Write the PBX's configuration and prompts, start nothing (for an Asterisk of your own)."""
    from cli.prepare import render_only

    for path in asyncio.run(render_only(_quiet())):
        tell(str(path))


@app.command()
def pbx() -> None:
    """Become Asterisk over the rendered configuration, in the foreground (for systemd). Needs no database."""
    from cli.pbx_parts import rendered_command

    settings = load()
    settings.pbx_run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    words = [*rendered_command(settings), "-f"]
    os.execv(words[0], words)


@app.command("pbx-cli")
def pbx_cli(command: Annotated[str, typer.Argument(help='as in "core show channels"')]) -> None:
    """Ask the running Asterisk something in its own words."""
    from cli.pbx_parts import rendered_command

    words = [*rendered_command(load()), "-rx", command]
    os.execv(words[0], words)


@app.command()
def cti() -> None:
    """Watch the PBX, keep its journal, carry out commands. One process per PBX, beside it."""
    from cli.cti_process import cti as serve

    serve(_service())


@app.command()
def worker() -> None:
    """Take finished recordings from the spool to the store."""
    from cli.worker_process import worker as serve

    asyncio.run(serve(_service()))


@app.command()
def api() -> None:
    """Serve the desk: HTTP, the feed's WebSocket, the web pages."""
    from cli.api_process import api as serve

    serve(_service())


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema, with catalogue and seats."""
    from cli.prepare import migrate_only

    asyncio.run(migrate_only(_quiet()))


@app.command()
def doctor() -> None:
    """Check every part and say in plain words what is wrong. Exit code 1 if something is."""
    from cli.doctor import examine

    sys.exit(asyncio.run(examine(_quiet())))


@app.command()
def call(
    caller: Annotated[str, typer.Option("--from", help="the caller's number")],
    to: Annotated[str | None, typer.Option(help="the number to dial")] = None,
    say: Annotated[str | None, typer.Option(help="what the caller says, over and over")] = None,
    wav: Annotated[Path | None, typer.Option(help="a sound file that the caller plays")] = None,
    seconds: Annotated[float, typer.Option(min=0, help="hang up so long after the switch answered; 0: never")] = 120,
    keys: Annotated[str, typer.Option(help="keys that the caller presses after the answer")] = "",
    case_within: Annotated[float, typer.Option(min=0, help="seconds to wait for the agent's case")] = 10,
) -> None:
    """Place a real call through the trunk and tell what becomes of it.

    Exit code: 0 answered by a person, 3 not answered, 1 the hotline does not run, 2 a wrong argument.
    """
    from cli.call import Wish
    from cli.call import call as place

    settings = _quiet()
    wish = Wish(caller, to or settings.number, say, wav, seconds, keys, case_within)
    sys.exit(asyncio.run(place(settings, wish)))


@app.command()
def town() -> None:
    """Play everybody whom the hotline can call, until Ctrl-C: agencies of the address book, 110, any citizen.

    Whoever is called answers after 2 s and speaks. A number's last two digits may say otherwise: 91 is busy, 92 rings
    and never answers, 93 refuses, 94 answers and hangs up on us after 2 s, 95 answers after 10 s, 96 hangs up after
    15 s.
    """
    from cli.town import town as play

    asyncio.run(play(_quiet()))


@app.command()
def openapi() -> None:
    """Print the API's description (OpenAPI, JSON); the web client's types are generated from it."""
    from cli.api_process import api_app

    print(json.dumps(api_app(_quiet()).openapi(), ensure_ascii=False, indent=2, sort_keys=True))


@app.command("account-add")
def account_add(
    login: str,
    role: Annotated[Role, typer.Option(help="what the account may do")],
    name: Annotated[str, typer.Option(help="as others see it")],
    agent_no: Annotated[str | None, typer.Option(help="who answers calls has one: 1001")] = None,
    seat: Annotated[str | None, typer.Option(help="the workplace: 8001")] = None,
) -> None:
    """Make an account; the password is asked for (or read from a pipe)."""
    from cli.accounts import Person, add

    asyncio.run(add(_quiet(), Person(login, name, role, agent_no, seat)))


@app.command("account-password")
def account_password(login: str) -> None:
    """Give an account a new password; its sessions end."""
    from cli.accounts import change_password

    asyncio.run(change_password(_quiet(), login))


@app.command("audit-verify")
def audit_verify() -> None:
    """Walk the audit's chain of hashes. Exit code 1 if a row was changed or removed."""
    from cli.audit import verify

    sys.exit(asyncio.run(verify(_quiet())))
