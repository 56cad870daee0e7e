"""``eventually`` with the patience that encoders at nice 10 need on a machine that is busy with other things."""

from functools import partial

from tests.support.eventually import eventually as _eventually

eventually = partial(_eventually, within_s=40)
