"""What can go wrong on the AMI link. Whether an action was sent is part of the error's meaning.

LianxinError
├── Refused
│   ├── AmiLoginRefused    Asterisk said no to user, secret or address
│   ├── AmiHeaderRefused   a header that would break the wire; nothing was sent
│   └── ActionRefused      Asterisk answered the action with an error; nothing happened
└── Unavailable
    ├── AmiUnreachable     no connection could be made
    ├── AmiNotConnected    there is no link now; nothing was sent
    ├── AmiNotBooted       logged in, and Asterisk did not say that it is booted (or may not say it to us)
    ├── AmiTimeout         sent, not answered within its deadline: what became of it is unknown
    └── AmiLost            sent, and the link broke before the answer: what became of it is unknown
"""

from __future__ import annotations

from models.errors import Refused, Unavailable


class AmiLoginRefused(Refused):
    code = "ami.refused"


class AmiHeaderRefused(Refused):
    code = "ami.bad_header"


class ActionRefused(Refused):
    code = "ami.action_refused"


class AmiUnreachable(Unavailable):
    code = "ami.unreachable"


class AmiNotBooted(Unavailable):
    """Asterisk is still starting, or our user lacks the class "system". A new login asks anew: rights may be mended."""

    code = "ami.not_booted"


class AmiNotConnected(Unavailable):
    code = "pbx.unavailable"


class AmiTimeout(Unavailable):
    code = "ami.timeout"


class AmiLost(Unavailable):
    code = "ami.lost"
