"""The house's own rules: an AST pass that teaches. Errors end with 1; lengths are told as warnings.

python .ci/rules.py [files…]
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILE_LINES, FUNCTION_LINES = 300, 40
BAD_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
# The two words are joined here so that this file does not find itself.
_NOQA = re.compile(r"#\s*noqa(: [A-Z0-9, ]+)?$")
UNFINISHED = ("TO" + "DO", "FIX" + "ME", "XX" + "X:")


@dataclass(frozen=True)
class Finding:
    path: Path
    line: int
    text: str
    error: bool = True

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {'error' if self.error else 'warning'}: {self.text}"


def check(path: Path, source: str) -> Iterator[Finding]:
    """All findings in one file."""
    lines = source.splitlines()
    tree = ast.parse(source)
    if BAD_NAMES & {path.stem, path.parent.name}:
        yield Finding(path, 1, f"“{path.stem}” says nothing: name the module by the thing it owns")
    if path.name != "__init__.py" and "tests" not in path.parts and not ast.get_docstring(tree):
        yield Finding(path, 1, "no module docstring: say what it owns and what it must not do")
    if len(lines) > FILE_LINES:
        yield Finding(path, 1, f"{len(lines)} lines: look twice, is it one thing?", error=False)
    for number, line in enumerate(lines, 1):
        if any(word in line for word in UNFINISHED):
            yield Finding(path, number, "unfinished work belongs in an issue, not in the code")
    for node in ast.walk(tree):
        yield from _check_node(path, node, lines)


def _check_node(path: Path, node: ast.AST, lines: list[str]) -> Iterator[Finding]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > FUNCTION_LINES:
            yield Finding(path, node.lineno, f"{node.name}: {length} lines: does it do one thing?", error=False)
    elif isinstance(node, ast.Attribute) and node.attr in ("utcnow", "utcfromtimestamp"):
        yield Finding(path, node.lineno, f"{node.attr} gives a naive time: use datetime.now(UTC)")
    elif isinstance(node, ast.ExceptHandler) and _catches_all(node):
        if not _has_comment(lines, node.lineno) and not isinstance(node.body[-1], ast.Raise):
            yield Finding(path, node.lineno, "`except Exception` only at the root of a task: say what happens next")
    elif isinstance(node, ast.Call) and _sleeps_in_test(path, node) and not _has_comment(lines, node.lineno):
        yield Finding(path, node.lineno, "no sleeps in tests: eventually(), or say why nothing may happen meanwhile")


def _has_comment(lines: list[str], number: int) -> bool:
    """A reason on this line, the one before or the one after; a bare `noqa: CODE` is none."""
    around = lines[max(0, number - 2) : number + 1]
    return any("#" in _NOQA.sub("", line) for line in around)


def _catches_all(node: ast.ExceptHandler) -> bool:
    return node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException"))


def _sleeps_in_test(path: Path, node: ast.Call) -> bool:
    """time.sleep(s), asyncio.sleep(s) in a test; sleep(0) only gives way, and tools of tests may have to."""
    called = isinstance(node.func, ast.Attribute) and node.func.attr == "sleep"
    zero = bool(node.args) and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
    return called and not zero and path.name.startswith("test_")


def tracked() -> list[Path]:
    said = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [Path(name) for name in said.stdout.split() if (ROOT / name).exists()]


def main(argv: list[str]) -> int:
    findings: list[Finding] = []
    for path in [Path(a) for a in argv[1:]] or tracked():
        findings += check(path, (ROOT / path).read_text(encoding="utf-8"))
    for finding in findings:
        print(finding)
    errors = sum(f.error for f in findings)
    print(f"house rules: {errors} errors, {len(findings) - errors} warnings")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
