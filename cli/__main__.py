"""``python -m cli`` is ``lianxin``."""

from cli.main import main

main()
