"""Older versions of core's facts."""

from __future__ import annotations

import re

from schemas.events.core import AddressChanged, AddressChangedV1
from schemas.upcasts.lifting import lifts

PHONE = re.compile(r"[0-9]{7,15}")  # E.164 without the plus, as Meta writes it; a user id has a dot


@lifts(AddressChangedV1, AddressChanged)
def address_changed(old: AddressChangedV1) -> AddressChanged:
    """Who was reached by number had that number. Of others v1 tells none."""
    phone = old.contact if PHONE.fullmatch(old.contact) else None
    return AddressChanged(person=old.person, contact=old.contact, former=old.former, phone=phone, at=old.at)
