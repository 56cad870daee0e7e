"""`lianxin doctor`: every part examined, a sentence for each, what to do where something is wrong."""

from __future__ import annotations

from cli import health
from cli.examination import house, line, machine
from cli.examination.finding import Finding, Grade
from cli.language import say, tell
from cli.settings import Settings


async def examine(settings: Settings) -> int:
    """0 when nothing is wrong (hints allowed), 1 otherwise."""
    running = health.api_answers(settings)[0]
    findings: list[Finding] = []
    for finding in machine.examine(settings, running):
        findings.append(_shown(finding))
    for finding in line.examine(settings):
        findings.append(_shown(finding))
    async for finding in house.examine(settings):
        findings.append(_shown(finding))
    wrong = sum(f.grade is Grade.BAD for f in findings)
    tell(say("d_sum_bad", count=wrong) if wrong else say("d_sum_good"))
    return 1 if wrong else 0


def _shown(finding: Finding) -> Finding:
    tell(f"{finding.grade} {finding.text}")
    return finding
