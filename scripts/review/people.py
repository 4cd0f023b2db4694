"""Who writes and who reads an event: for whom a change of it matters."""

from __future__ import annotations

from functools import cached_property

from consumers.dead_letters.collector import NAME as LETTERS
from scripts.documents.traffic import Traffic


class Parties:
    """Asked for the first time, it imports every domain."""

    @cached_property
    def _traffic(self) -> Traffic:
        return Traffic()

    def writers(self, subject: str) -> list[str]:
        """Who makes the event, in any version."""
        return self._parties(subject, "send")

    def readers(self, subject: str) -> list[str]:
        """Whose consumers handle it."""
        return self._parties(subject, "receive")

    def _parties(self, subject: str, action: str) -> list[str]:
        return sorted(
            {
                flow.party
                for flow in self._traffic.flows
                if flow.action == action
                and flow.party != LETTERS  # which only sends again
                and any(model.subject() == subject for model in flow.models)
            }
        )
