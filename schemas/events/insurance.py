"""Facts of insurance for others."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from schemas.model import EventData


class PolicyIssued(EventData):
    """Somebody is insured by a policy that was bought with us; the wallet gives a bonus for it, once."""

    event_type: ClassVar[str] = "insurance.policy_issued.v1"

    policy: Annotated[
        str, Field(min_length=1, max_length=128, description="its id with us, also the record's key")
    ]
    person: str = Field(description="who bought it")
    at: AwareDatetime
