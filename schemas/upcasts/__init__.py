"""Older versions of events, lifted to the newest: a file a domain, a small pure function a step.

A consumer has one reader for each event, of the newest version. The model of an older version stays in
`schemas/events` for ever, since records of it may lie in a topic or come back from what waited, and the
function here says what they mean in the terms of the next: `easymo replay` of an old topic works.
"""

from __future__ import annotations

import importlib
import pkgutil

from schemas.upcasts.lifting import STEPS, Step, lifts, read_as, split_type, way_from

for _found in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_found.name}")

__all__ = ["STEPS", "Step", "lifts", "read_as", "split_type", "way_from"]
