"""What is told to the other side, who did not just write to us: a reply, and the template instead of it.

Outside the 24 hours only an approved template may be sent: see `infra/whatsapp/templates.json`.
"""

from __future__ import annotations

from dataclasses import dataclass

from consumers.jobs import texts_applying, texts_posting, views
from consumers.jobs.domain import jobs
from consumers.jobs.rules import OPEN_DAYS, chat_link
from consumers.jobs.store import Job, Profile
from consumers.jobs.store_applications import Application
from consumers.replies import Button, Buttons, Link, Reply
from consumers.texts import Renderable, Text, render

RECEIVED = "job_application_received"
ACCEPTED = "job_application_accepted"
REFUSED = "job_application_refused"
LAPSED = "job_lapsed"


@dataclass(slots=True, frozen=True)
class Notice:
    """What `Decision.tell` wants."""

    reply: Reply
    template: str
    variables: tuple[Renderable, ...]


def chat(body: Text, phone: str, greeting: Text, locale: str) -> Link:
    """A button that opens a chat, with a greeting prepared in the language of who will read it."""
    return Link(body, texts_applying.chat_button(), chat_link(phone, render(greeting, locale)))


def application_received(job: Job, applicant: Profile, message: str, locale: str) -> Notice:
    """To the poster. `locale`: the applicant's."""
    who = views.who(applicant)
    if message:
        body = texts_applying.application_received_with(who, job.title, message)
    else:
        body = texts_applying.application_received(who, job.title)
    reply: Reply
    if applicant.phone:
        greeting = texts_applying.hello_applicant(job.title)
        reply = chat(texts_applying.how_to_answer(body), applicant.phone, greeting, locale)
    else:
        see = Button(jobs.tap("applicants", job.id), texts_posting.applicants_button())
        reply = Buttons(body, (see, views.MY_JOBS))
    return Notice(reply, RECEIVED, (who, job.title))


def accepted(application: Application, poster: Profile, locale: str) -> Notice:
    """To the applicant. `locale`: the poster's."""
    body = texts_applying.you_are_accepted(application.title)
    reply: Reply
    if poster.phone:
        reply = chat(body, poster.phone, texts_applying.hello_poster(application.title), locale)
    else:
        reply = Buttons(body, (views.MY_APPLICATIONS, views.FIND))
    return Notice(reply, ACCEPTED, (application.title,))


def refused(application: Application) -> Notice:
    """To the applicant."""
    body = texts_applying.you_are_refused(application.title)
    return Notice(Buttons(body, (views.FIND, views.MY_APPLICATIONS)), REFUSED, (application.title,))


def lapsed(job: Job) -> Notice:
    """To the poster."""
    renew = Button(jobs.tap("renew", job.id), texts_posting.renew_button())
    reply = Buttons(texts_posting.lapsed(job.title, OPEN_DAYS), (renew, views.MY_JOBS, views.FIND))
    return Notice(reply, LAPSED, (job.title,))
