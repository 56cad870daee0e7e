"""Errors of finding, rendering and running the PBX.

PbxError
├── BadSettings      a value that must not reach a configuration file
├── InstallFailed    Asterisk is not there and could not be put there
├── PromptsFailed    the spoken prompts could not be made
├── PortTaken        somebody else listens where Asterisk should
├── StartFailed      Asterisk did not come up; carries the last lines of its log
└── CommandFailed    a CLI command could not be asked
"""

from __future__ import annotations

from models.errors import Broken, LianxinError, Refused, Unavailable


class PbxError(LianxinError):
    code = "pbx.error"


class BadSettings(PbxError, Refused):
    code = "pbx.bad_settings"


class InstallFailed(PbxError, Unavailable):
    code = "pbx.install_failed"


class PromptsFailed(PbxError, Unavailable):
    code = "pbx.prompts_failed"


class PortTaken(PbxError, Unavailable):
    code = "pbx.port_taken"


class StartFailed(PbxError, Broken):
    code = "pbx.start_failed"


class CommandFailed(PbxError, Unavailable):
    code = "pbx.command_failed"
