"""The domain's use cases, a file each; importing them registers their handlers."""

from __future__ import annotations

from consumers.jobs import applicants, apply, board, my_applications, my_jobs, persons, post, publish
from consumers.jobs.domain import jobs
from consumers.jobs.listings import resources

USE_CASES = (board, apply, my_applications, post, publish, my_jobs, applicants, persons)

__all__ = ["USE_CASES", "jobs", "resources"]
