"""One run: start the system, write to it and break it, let it come to rest, and check what it left behind."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from consumers import domain_names
from consumers.runtime.accounting import account
from consumers.runtime.discovery import load_domain
from infra.embedded.progress import Progress, silent
from schemas import topics
from scripts.chaos_run import checker, disk
from scripts.chaos_run.books import check_money, count_money, read_books
from scripts.chaos_run.checker import Finding
from scripts.chaos_run.drain import drain
from scripts.chaos_run.evidence import Evidence, gather
from scripts.chaos_run.lag import watching
from scripts.chaos_run.money import Till
from scripts.chaos_run.people import SECONDS_BETWEEN, Crowd, people_needed
from scripts.chaos_run.plan import draw
from scripts.chaos_run.posting import Post
from scripts.chaos_run.strikes import Strikes, Struck
from scripts.chaos_run.system import running

Say = Callable[[str], None]

ANSWERED_LIMIT_SECONDS = 120.0  # after the load: until its last post is answered
REST_LIMIT_SECONDS = 420.0
RECOVERED_LIMIT_SECONDS = 120.0  # of a broker or a database; half of a run that is shorter


@dataclass(slots=True)
class Report:
    """What a run found."""

    seed: int
    seconds: float
    rate: float
    struck: list[Struck]
    counts: dict[str, int]
    findings: list[Finding]
    trouble: list[str] = field(default_factory=list)  # why the run itself proves less than it should

    @property
    def holds(self) -> bool:
        """Whether every invariant held, and all was looked at."""
        return not self.trouble and all(finding.holds for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "seed": self.seed,
            "seconds": self.seconds,
            "rate": self.rate,
            "holds": self.holds,
            "trouble": self.trouble,
            "broken": {
                finding.invariant: finding.offending for finding in self.findings if not finding.holds
            },
            "held": [finding.invariant for finding in self.findings if finding.holds],
            "counts": self.counts,
            "faults": [struck.as_json() for struck in self.struck],
        }


async def run(
    folder: Path,
    *,
    seed: int,
    seconds: float,
    rate: float,
    say: Say,
    progress: Progress = silent,
    small: bool = False,
) -> Report:
    """A run of so many seconds of load, with data and logs in `folder`. Raises EmbeddedFailure."""
    began = datetime.now(UTC)
    at_once = max(10, int(rate * SECONDS_BETWEEN))
    people = people_needed(rate, seconds, at_once)
    async with running(folder, people, progress, say, small=small) as system:
        await disk.prepare(system.settings.need("postgres_dsn"))
        await system.simulator.ask("PATCH", "state", {"statuses": ["sent", "delivered", "read"]})
        await system.simulator.ask("POST", "arrivals", {"on": True})
        secret = system.settings.secrets("meta_app_secrets")[0]
        post = Post(system.webhook_url, secret, Crowd(seed, at_once), rate, seed)
        till = Till(system.settings, system.webhook_url, rate, seed)
        async with watching(system.settings) as lag:
            strikes = Strikes(system, lag, min(RECOVERED_LIMIT_SECONDS, seconds / 2))
            say(f"{at_once} people write {rate:g} messages a second for {seconds:.0f} s")
            trouble = await _load(post, till, strikes, seed, seconds)
            say("all faults are over; the system comes to rest")
            rest = await drain(system, lag, REST_LIMIT_SECONDS, say)
        say("reading what is left")
        domains = [load_domain(name) for name in domain_names()]
        until = datetime.now(UTC) + timedelta(minutes=1)
        ends = await account(system.settings, domains, began, until, now=datetime.now(UTC))
        evidence = await gather(system.settings, system.simulator_url)
        books = await read_books(system.settings, system.simulator_url, till.money)
    findings = checker.check(evidence, post.accepted, ends) + check_money(till.money, books)
    trouble += [rest] if rest else []
    struck = sorted(strikes.struck, key=lambda each: each.fault.number)
    return Report(
        seed,
        seconds,
        rate,
        struck,
        _counts(post, evidence) | count_money(till.money, books),
        findings,
        trouble,
    )


async def _load(post: Post, till: Till, strikes: Strikes, seed: int, seconds: float) -> list[str]:
    """Write, pay and break at the same time; afterwards nothing is broken and everything is answered."""
    posting = asyncio.gather(
        post.run(seconds, ANSWERED_LIMIT_SECONDS), till.run(seconds, ANSWERED_LIMIT_SECONDS)
    )
    try:
        await strikes.run(draw(seed, seconds))
        await strikes.heal()
        await posting
    except TimeoutError:
        return [f"not everything was answered {ANSWERED_LIMIT_SECONDS:.0f} s after the last fault"]
    finally:
        posting.cancel()
        await asyncio.gather(posting, return_exceptions=True)
    return []


def _counts(post: Post, evidence: Evidence) -> dict[str, int]:
    """What went through the system, and what became of it."""
    outcomes = Counter(
        f"{consumer}: {outcome}"
        for consumer, events in evidence.outcomes.items()
        for found in events.values()
        for outcome in found
    )
    return {
        **{f"posts: {name}": count for name, count in sorted(post.counts.items())},
        "messages answered 200": len(post.accepted),
        **{f"events on {topic}": len(copies) for topic, copies in sorted(evidence.copies.items()) if copies},
        "records that repeat another": evidence.repeated,
        **dict(sorted(outcomes.items())),
        "events that wait": sum(map(len, evidence.waiting.values())),
        "replies asked for": len(evidence.copies[topics.OUTBOUND]),
        "messages that arrived": len(evidence.arrivals),
        "sends possibly doubled": checker.possibly_doubled(evidence),
        "sends doubled": sum(checker.doubled(evidence).values()),
    }
