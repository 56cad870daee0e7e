"""Settings are checked once, and a wrong one is named."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from cli import settings as module
from cli.settings import ROOT, BadSetting, Settings, load
from pbx_config.tuning import FIRST_PLAN


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("LIANXIN_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)


def test_the_defaults_are_one_machine_on_loopback() -> None:
    settings = load()
    assert settings.url == "http://127.0.0.1:8000"
    assert (settings.pbx_address, settings.pbx_sip_port, settings.ami_address) == ("127.0.0.1", 5060, "127.0.0.1")
    assert settings.var == ROOT / "var"
    assert settings.private_database
    assert settings.seat_numbers() == [str(n) for n in range(8001, 8013)]
    assert settings.carrier_list()[0] == "127.0.0.20"


def test_they_are_frozen() -> None:
    with pytest.raises(ValidationError):
        load().api_port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIANXIN_API_PORT", "eight"),
        ("LIANXIN_API_PORT", "70000"),
        ("LIANXIN_PBX_ADDRESS", "localhost"),
        ("LIANXIN_SEATS", "8001-x"),
        ("LIANXIN_TIMEZONE", "Mars/Olympus"),
        ("LIANXIN_PBX_LANGUAGE", "de"),
        ("LIANXIN_PBX_MANAGED", "perhaps"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=name):
        load()


def test_an_asterisk_of_somebody_elses_needs_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXIN_PBX_MANAGED", "false")
    with pytest.raises(BadSetting, match="LIANXIN_PBX_AMI_SECRET"):
        load()


def test_secrets_are_not_shown() -> None:
    settings = Settings(DATABASE_URL="postgresql://u:hidden1@h/d", pbx_ami_secret="hidden2")
    assert "hidden" not in repr(settings)


def test_paths_are_relative_to_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXIN_VAR", "elsewhere")
    assert load().var == ROOT / "elsewhere"


def test_the_control_socket_fits_however_deep_the_checkout_lies() -> None:
    deep = Settings(var=Path("/" + "/".join(["very-long-folder-name"] * 12)))
    assert len(str(deep.pbx_run_dir)) <= module._SOCKET_DIR_MAX
    assert deep.pbx_run_dir == deep.pbx_run_dir
    assert Settings(var=Path("/srv/x")).pbx_run_dir == Path("/srv/x/pbx/run")


def test_the_manager_stays_on_loopback_when_telephones_are_outside() -> None:
    assert Settings(pbx_address="192.0.2.10").ami_address == "127.0.0.1"
    assert Settings(pbx_address="127.0.18.1").ami_address == "127.0.18.1"


def test_the_first_seat_plan_fits_the_first_workplaces() -> None:
    """Else whoever takes one out of service is asked about a plan that never fitted."""
    assert max(FIRST_PLAN.values()) == len(load().seat_numbers())


def test_one_seat_and_lists_of_seats() -> None:
    assert Settings(seats="8001").seat_numbers() == ["8001"]
    assert Settings(seats="8001, 8005-8007").seat_numbers() == ["8001", "8005", "8006", "8007"]
