"""Asterisk's event to the changed page in Chromium at 2 calls/s (required: p99 ≤ 100 ms), a million cases behind it.

    python -m bench.pop_page [--rounds 3] [--calls 120] [--cases 1000000]

One agent's desk; each call rings its telephone for 0.4 s and goes. A MutationObserver in the page
stamps the moment the caller's number stands in the document, and the frame after it (painted).
"""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import dataclass

import psutil
from playwright.async_api import Page, async_playwright

from bench.machine import describe, median, table
from bench.pop import Delay, figures
from bench.rig import bench_house, healthy_api, sign_in
from bench.seed import seed
from bench.stalls import Stalls
from tests.support.desk import CHROMIUM, FLAGS
from tests.support.house import House, open_desk
from tests.support.sipp import FOREVER_MS, Plan

RATE = 2
LIMIT_MS = 100.0
# Answer() waits half a second for media that never comes, the notice takes another; then the ring, and it is gone
# before the next one rings.
HANG_UP_MS = 1400
WATCH = """
window.pops = {};
new MutationObserver(() => {
  for (const el of document.querySelectorAll('[data-testid="call-caller"]')) {
    const number = el.textContent.replace(/\\D/g, "");
    if (!number || pops[number]) continue;
    pops[number] = [performance.timeOrigin + performance.now()];
    requestAnimationFrame(() => setTimeout(() => pops[number].push(performance.timeOrigin + performance.now()), 0));
  }
}).observe(document, {subtree: true, childList: true, characterData: true});
"""


@dataclass(frozen=True, slots=True)
class Round:
    changed: list[Delay]
    painted: list[Delay]
    unseen: int
    clock_ms: float  # how far the page's monotonic clock is from the wall clock at the end
    busy: float
    stalls: str


async def measure(rounds: int, calls: int, cases: int) -> list[Round]:
    plans = [
        [Plan(str(13_900_000_000 + n * 1000 + i), HANG_UP_MS, FOREVER_MS, FOREVER_MS) for i in range(calls)]
        for n in range(rounds)
    ]
    async with bench_house(2) as built:
        if cases:
            await seed(built.dsn, cases)
        for command in ("cti", "worker", "api"):
            built.start(command)
        await built.connected(30)
        await healthy_api(built)
        await asyncio.to_thread(open_desk, built, [p for run in plans for p in run], ["8001"])
        token = (await sign_in(built.dsn, [("agent", "agent", built.agent_of_seat["8001"])]))["agent"]
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            context = await browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
            await context.add_cookies([{"name": "lianxin_session", "value": token, "url": built.api_url}])
            await context.add_init_script(WATCH)
            page = await context.new_page()
            await page.goto(built.api_url)
            await page.wait_for_selector('[data-testid="desk"][data-state="open"]', timeout=30_000)
            found = [await _round(built, page, run, n) for n, run in enumerate(plans)]
            await browser.close()
    return found


async def _round(built: House, page: Page, plans: list[Plan], number: int) -> Round:
    psutil.cpu_percent()
    stalls = Stalls()
    running = built.town.call(plans, RATE, name=f"citizens{number}")
    await asyncio.to_thread(running.wait_or_stop, len(plans) / RATE + 60)
    busy = psutil.cpu_percent()
    stalls.stop()
    pops: dict[str, list[float]] = await page.evaluate("pops")
    clock_ms: float = await page.evaluate("performance.timeOrigin + performance.now() - Date.now()")
    facts = await built.fetch(
        "SELECT DISTINCT ON (body->>'caller') body->>'caller' AS caller, fact_at FROM feed"
        " WHERE topic = 'call' AND body->>'state' = 'ringing' AND body->>'caller' = ANY($1)"
        " ORDER BY body->>'caller', seq",
        [p.caller for p in plans],
    )
    rung = {f["caller"]: f["fact_at"].timestamp() * 1e3 for f in facts}
    seen = {caller: pops[caller] for caller in rung if caller in pops}
    changed, painted = (
        [(t[n] - rung[c], stalls.hit(rung[c] / 1e3, t[n] / 1e3)) for c, t in seen.items() if len(t) > n] for n in (0, 1)
    )
    return Round(changed, painted, len(plans) - len(seen), clock_ms, busy, str(stalls))


def report(found: list[Round]) -> str:
    unseen, clock, busy = (
        sum(r.unseen for r in found),
        median([r.clock_ms for r in found]),
        median([r.busy for r in found]),
    )
    rows = [
        (name, *figures([getattr(r, name) for r in found]), unseen, clock, f"{busy:.0f} %")
        for name in ("changed", "painted")
    ]
    heads = (
        "page", "samples", "p50 ms", "p99 ms", "worst ms", "undisturbed", "their p50", "their p99", "unseen",
        "clock off ms", "busy",
    )  # fmt: skip
    return "\n".join([table(heads, rows), *(r.stalls for r in found)])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--calls", type=int, default=120)
    arguments.add_argument("--cases", type=int, default=1_000_000)
    chosen = arguments.parse_args()
    print(describe())
    found = asyncio.run(measure(chosen.rounds, chosen.calls, chosen.cases))
    print(report(found))
    p99 = figures([r.changed for r in found])[2]
    print(f"p99 ≤ {LIMIT_MS:.0f} ms to the changed page: {'met' if p99 <= LIMIT_MS else 'NOT met'} ({p99:.1f} ms)")


if __name__ == "__main__":
    main()
