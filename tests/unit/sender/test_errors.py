"""Meta's codes, class by class."""

from __future__ import annotations

from typing import Any

import pytest

from infra.simulator.errors import CODES, GraphError
from infra.whatsapp.errors import Refusal, Remedy, read_failure, read_refusal

CLASSES = [
    (Remedy.RETRY, [1, 2, 131000, 131016, 131057, 133004]),
    (Remedy.PACE, [4, 80007, 130429]),
    (Remedy.PACE_PAIR, [131056]),
    (Remedy.WAIT_HOUR, [133008, 133009, 133015, 133016, 131048, 131064]),
    (Remedy.WAIT_DAY, [131049]),
    (Remedy.USE_TEMPLATE, [131047]),
    (Remedy.HALT, [190, 368, 131031, 131042]),
    (Remedy.GIVE_UP, [131026, 130403, 131050, 130472, 130497]),
    (Remedy.REJECT, [3, 10, 33, 100, 200, 299, 131005, 131008, 131009, 131021, 131037, 131045]),
    (Remedy.REJECT, [131051, 131053, 133010, 135000, 132000, 132001, 132005, 132007, 132012]),
    (Remedy.REJECT, [132015, 132016, 132018, 132068, 132069]),
]


@pytest.mark.parametrize(("remedy", "code"), [(remedy, code) for remedy, codes in CLASSES for code in codes])
def test_each_code_has_its_remedy(remedy: Remedy, code: int) -> None:
    assert Refusal(code, "", http_status=400).remedy is remedy


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_answer_of_the_simulator_is_understood(code: int) -> None:
    error = GraphError(code, "some details")
    refusal = read_refusal(error.body(), error.http_status)
    assert refusal is not None
    assert (refusal.code, refusal.details) == (code, "some details")
    assert refusal.trace_id
    told = read_failure({"errors": [error.in_status()]})
    assert (told.code, told.title) == (code, error.title)


@pytest.mark.parametrize("code", [190, 368, 130497, 131031, 131042])
def test_an_operator_is_told(code: int) -> None:
    assert Refusal(code, "").alerts


@pytest.mark.parametrize(
    ("status", "transient", "remedy"),
    [
        (400, False, Remedy.REJECT),
        (400, True, Remedy.RETRY),
        (401, False, Remedy.HALT),
        (429, False, Remedy.PACE),
        (503, False, Remedy.RETRY),
    ],
)
def test_a_code_that_nobody_knows(status: int, transient: bool, remedy: Remedy) -> None:
    assert Refusal(999_999, "", http_status=status, transient=transient).remedy is remedy
    assert Refusal(0, "", http_status=status, transient=transient).remedy is remedy


@pytest.mark.parametrize("body", [None, [], "x", {}, {"error": "x"}, {"error": None}, 7])
def test_what_is_no_error_of_the_graph_api(body: Any) -> None:
    assert read_refusal(body, 500) is None


@pytest.mark.parametrize("errors", [None, [], "x", [7], {}])
def test_a_failure_without_a_reason(errors: Any) -> None:
    assert read_failure({"errors": errors}).code == 0


def test_what_meta_says_is_bounded() -> None:
    refusal = read_refusal({"error": {"code": True, "message": "x" * 10_000, "error_data": []}}, 400)
    assert refusal is not None
    assert (refusal.code, len(refusal.title)) == (0, 500)
