"""The country of a phone number or user id, and the language that is likely there. Pure."""

from __future__ import annotations

import re

# Importing it takes 65 ms and 7 MB once a process, and it knows what a table of prefixes does not: that
# +1 is not always the United States. A number is looked up only when a person is first seen under it.
import phonenumbers

HOME_COUNTRY = "RW"
_USER_ID = re.compile(r"([A-Z]{2})\.\w+")

# Where a first message tells nothing, most people read this; elsewhere English.
_LANGUAGES = {"BI": "fr", "CD": "fr", "TZ": "sw"}


def country_of(phone: str | None, user_id: str | None = None) -> str:
    """ISO 3166 alpha-2 from the phone's calling code, else from the user id (`RW.1234`), else RW."""
    if phone:
        country = _country_of_phone(phone)
        if country:
            return country
    match = _USER_ID.match(user_id or "")
    return match[1] if match else HOME_COUNTRY


def _country_of_phone(phone: str) -> str | None:
    try:
        number = phonenumbers.parse(f"+{phone}")
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    if region is None and number.country_code is not None:
        region = phonenumbers.region_code_for_country_code(number.country_code)
    return region if region not in (None, "ZZ", "001") else None


def likely_language(country: str) -> str:
    """The language to begin with, before anything was said."""
    return _LANGUAGES.get(country, "en")
