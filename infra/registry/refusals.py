"""What the API refuses: Confluent's error codes, each with a message that says where, and what to do.

The codes are those of `Errors.java` in confluentinc/schema-registry; clients go by them.
"""

from __future__ import annotations

VERSION_LIMIT = 2**31 - 1


class Refusal(Exception):
    """An answer `{"error_code": code, "message": …}`; the HTTP status is the code's first three digits."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status: 404 for both 404 and 40401."""
        return int(str(self.code)[:3])


def subject_not_found(subject: str) -> Refusal:
    return Refusal(40401, f"Subject '{subject}' not found.")


def version_not_found(version: int) -> Refusal:
    return Refusal(40402, f"Version {version} not found.")


def schema_not_found(identifier: str = "") -> Refusal:
    return Refusal(40403, f"Schema {identifier} not found" if identifier else "Schema not found")


def level_not_configured(subject: str) -> Refusal:
    return Refusal(40408, f"Subject '{subject}' does not have subject-level compatibility configured")


def mode_not_configured(subject: str) -> Refusal:
    return Refusal(40409, f"Subject '{subject}' does not have subject-level mode configured")


def incompatible(subject: str, sentences: list[str]) -> Refusal:
    return Refusal(
        40901,
        f'Schema being registered is incompatible with an earlier schema for subject "{subject}": '
        + " ".join(sentences),
    )


def invalid_schema(why: str) -> Refusal:
    return Refusal(42201, f"Invalid schema: {why}")


def invalid_version(text: str) -> Refusal:
    return Refusal(
        42202,
        f"The specified version '{text}' is not a valid version id. Allowed values are between "
        f'[1, {VERSION_LIMIT}] and the string "latest"',
    )


def invalid_level(value: object, allowed: list[str]) -> Refusal:
    return Refusal(
        42203, f"Invalid compatibility level {value!r}. Valid values are {', '.join(sorted(allowed))}."
    )


def invalid_mode(value: object, allowed: list[str]) -> Refusal:
    return Refusal(42204, f"Invalid mode {value!r}. Valid values are {', '.join(sorted(allowed))}.")


def not_permitted(why: str) -> Refusal:
    return Refusal(42205, why)


def invalid_subject(subject: str, why: str) -> Refusal:
    return Refusal(42208, f"The specified subject {subject[:80]!r} is not a valid subject: {why}.")


def too_large(bytes_limit: int) -> Refusal:
    return Refusal(42209, f"Schema is too large: the request has more than {bytes_limit:,} bytes.")


def rules_unsupported() -> Refusal:
    return Refusal(42210, "Invalid rule set: this registry keeps no rules. Leave `ruleSet` out.")


def unexpected() -> Refusal:
    return Refusal(50001, "The registry failed, which is a fault of its own; its log says how.")


def timed_out(seconds: float) -> Refusal:
    return Refusal(50002, f"Operation timed out after {seconds:g} s.")
