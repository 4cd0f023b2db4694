"""The intents that the documents name, as an installation for tests of routing."""

from __future__ import annotations

from consumers.core.keywords import Keywords
from consumers.core.rules import Installed
from consumers.domain import Intent, Intents

DOCUMENTED = {
    "mobility": ("ride trip driver taxi moto transport schedule book nearby delivery", 70),
    "insurance": ("insurance assurance cover claim policy premium", 60),
    "jobs": ("job work employment hire career apply cv resume gig", 50),
    "property": ("property rent house apartment rental landlord tenant", 40),
    "wallet": ("wallet token transfer redeem earn reward balance deposit withdraw referral pay", 30),
    "marketplace": (
        "marketplace shop buy sell store product business broker pharmacy hardware bar restaurant",
        20,
    ),
    "agents": ("agent chat support ask farmer waiter", 10),
}
MORE = {
    "jobs": ("categories", ("find job",)),
    "property": ("estate", ("real estate",)),
}


def intents_of(*domains: str) -> Intents:
    """The intents of these domains of the documents, and core's own."""
    found = [
        Intent("core", "support", ("support", "contact"), -1),
        Intent("core", "profile", ("profile",), -1),
    ]
    for domain in domains:
        words, priority = DOCUMENTED[domain]
        found.append(Intent(domain, "start", tuple(words.split()), priority))
        if domain in MORE:
            name, keywords = MORE[domain]
            found.append(Intent(domain, name, keywords, priority))
    return Intents(tuple(found))


def installed(*domains: str) -> Installed:
    """An installation of these domains; with `agents` there is an assistant."""
    intents = intents_of(*domains)
    names = frozenset({"core", *domains})
    return Installed(names, Keywords(intents.all), ("agents", "start") if "agents" in domains else None)
