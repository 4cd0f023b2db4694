"""A setting with a global value and values of single subjects, as Confluent keeps levels and modes."""

from __future__ import annotations

from typing import Generic, TypeVar

Value = TypeVar("Value")


class Scoped(Generic[Value]):
    """One setting. `None` as the subject means the global value."""

    def __init__(self, default: Value) -> None:
        """`default` is the global value until it is set, and again when that is deleted."""
        self._default = default
        self._values: dict[str | None, Value] = {}

    def effective(self, subject: str | None = None) -> Value:
        """What holds for the subject: its own value, else the global one."""
        return self._values.get(subject, self._values.get(None, self._default))

    def own(self, subject: str) -> Value | None:
        """The subject's own value, if it has one."""
        return self._values.get(subject)

    def set(self, subject: str | None, value: Value | None) -> None:
        """Set a value; None takes it back."""
        if value is None:
            self._values.pop(subject, None)
        else:
            self._values[subject] = value

    def __len__(self) -> int:
        """How many values are set."""
        return len(self._values)
