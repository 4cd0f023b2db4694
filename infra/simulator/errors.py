"""Meta's error answers: codes, titles, HTTP statuses and the shape they travel in."""

from __future__ import annotations

import secrets
from typing import Any

# code: (HTTP status, title). Source: Meta's page "Cloud API error codes"; a code that is not
# listed here answers 400 without a title of its own.
CODES: dict[int, tuple[int, str]] = {
    0: (401, "AuthException"),
    1: (400, "API Unknown"),
    2: (503, "API Service"),
    3: (500, "API Method"),
    4: (400, "API Too Many Calls"),
    10: (403, "Permission Denied"),
    33: (400, "Parameter value is not valid"),
    100: (400, "Invalid parameter"),
    190: (401, "Access token has expired"),
    200: (403, "API Permission"),
    368: (403, "Temporarily blocked for policies violations"),
    80007: (400, "Rate limit issues"),
    130403: (403, "Blocked by the recipient"),
    130429: (400, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131031: (403, "Account has been locked"),
    131037: (400, "Display name approval is needed"),
    131042: (400, "Business eligibility payment issue"),
    131045: (500, "Incorrect certificate"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "Meta chose not to deliver"),
    131050: (400, "User has stopped marketing messages"),
    131051: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    131064: (400, "Template pacing"),
    132000: (400, "Template Param Count Mismatch"),
    132001: (404, "Template does not exist"),
    132005: (400, "Template Hydrated Text Too Long"),
    132007: (400, "Template Format Character Policy Violated"),
    132012: (400, "Template Parameter Format Mismatch"),
    132015: (400, "Template is Paused"),
    132016: (400, "Template is Disabled"),
    132018: (400, "Template Parameter Not Valid"),
    132068: (400, "Flow is blocked"),
    132069: (500, "Flow is throttled"),
    133004: (503, "Server Temporarily Unavailable"),
    133008: (400, "Too many two step verification PIN guesses"),
    133009: (400, "Two step verification PIN guessed too fast"),
    133010: (400, "Phone number Not Registered"),
    133015: (400, "Please wait a few minutes before attempting to register this phone number"),
    133016: (400, "Account register deregister rate limit exceeded"),
    135000: (400, "Generic user error"),
}


class GraphError(Exception):
    """A request that Meta would refuse. `details` says what is wrong with it."""

    def __init__(self, code: int, details: str, *, http_status: int | None = None) -> None:
        status, title = CODES.get(code, (400, "Unknown error"))
        super().__init__(f"(#{code}) {title}: {details}")
        self.code = code
        self.title = title
        self.details = details
        self.http_status = http_status or status

    def body(self) -> dict[str, Any]:
        """The JSON that the Graph API answers with."""
        return {
            "error": {
                "message": f"(#{self.code}) {self.title}",
                "type": "OAuthException",
                "code": self.code,
                "error_data": {"messaging_product": "whatsapp", "details": self.details},
                "fbtrace_id": "A" + secrets.token_urlsafe(16),
            }
        }

    def in_status(self) -> dict[str, Any]:
        """The same error as an element of `errors` in a `failed` status webhook."""
        return {
            "code": self.code,
            "title": self.title,
            "message": self.title,
            "error_data": {"details": self.details},
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        }


def missing(param: str) -> GraphError:
    """131008: a required parameter is absent."""
    return GraphError(131008, f"Parameter '{param}' is required.")


def invalid(details: str) -> GraphError:
    """131009: a value that does not fit."""
    return GraphError(131009, details)


def bad_parameter(details: str) -> GraphError:
    """100: an unknown or misspelled parameter, or a text of the wrong length."""
    return GraphError(100, details)
