"""What people read about applications: applying, one's own, and those for one's jobs."""

from __future__ import annotations

from collections.abc import Mapping

from consumers.jobs.rules import ApplicationState
from consumers.jobs.texts import texts
from consumers.texts import Moment, Renderable, Text

# Applying ----------------------------------------------------------------------------------------------


def ask_message(title: str, limit: int) -> Text:
    """What the applicant would say of themselves."""
    return texts(
        "You are applying for “{title}”. Write a short message about yourself (up to {limit} characters), "
        "or send the application without one.",
        title=title,
        limit=limit,
    )


def ask_message_without_phone(title: str, limit: int) -> Text:
    """The same, where we know no number by which the poster could reach them."""
    return texts(
        "You are applying for “{title}”. Write a short message about yourself (up to {limit} characters), "
        "and how to reach you: we cannot see your number.",
        title=title,
        limit=limit,
    )


def send_without_button() -> Text:
    """Applies with no message."""
    return texts("Send without it")


def back_button() -> Text:
    """Back to the job at hand."""
    return texts("Back to the job")


def already_applied(state: Text) -> Text:
    """Applying twice."""
    return texts("You have applied for this job already. The answer: {state}.", state=state)


def see_application_button() -> Text:
    """Shows one's application."""
    return texts("My application")


def applied(title: str) -> Text:
    """An application was sent."""
    return texts("✅ Your application for “{title}” was sent. We tell you when it is answered.", title=title)


def application_received(who: Renderable, title: str) -> Text:
    """To the poster: somebody applied."""
    return texts("📩 {who} applied for your job “{title}”.", who=who, title=title)


def application_received_with(who: Renderable, title: str, message: str) -> Text:
    """The same, with the applicant's message."""
    return texts(
        "📩 {who} applied for your job “{title}” and says:\n\n{message}",
        who=who,
        title=title,
        message=message,
    )


def how_to_answer(notice: Text) -> Text:
    """A notice, and the words (a keyword in each language) that lead to the answer."""
    return texts("{notice}\n\nTo accept or refuse, write: my jobs", notice=notice)


def chat_button() -> Text:
    """Opens a chat with the other side."""
    return texts("Chat")


def hello_applicant(title: str) -> Text:
    """Prepared words from the poster to an applicant."""
    return texts("Hello! You applied for my job “{title}” on EasyMO.", title=title)


def hello_poster(title: str) -> Text:
    """Prepared words from an accepted applicant to the poster."""
    return texts("Hello! You accepted my application for “{title}” on EasyMO.", title=title)


def applicant_without_number() -> Text:
    """The poster wants to chat with somebody whose number we do not know."""
    return texts("We do not know their number. Their message may say how to reach them.")


def poster_without_number() -> Text:
    """The applicant wants to chat with a poster whose number we do not know."""
    return texts("We do not know the number of who posted this job. They may get in touch with you.")


def chat_with(who: Renderable) -> Text:
    """Above the link to a chat."""
    return texts("Chat with {who} here.", who=who)


# My applications ---------------------------------------------------------------------------------------

ANSWERS: Mapping[ApplicationState, Text] = {
    ApplicationState.WAITING: texts("waiting"),
    ApplicationState.ACCEPTED: texts("accepted"),
    ApplicationState.REFUSED: texts("not chosen"),
}


def waiting_for_nothing() -> Text:
    """The state of an unanswered application for a job that is closed."""
    return texts("job closed")


def my_applications() -> Text:
    """Above the list of one's applications."""
    return texts("Your latest applications.")


def no_applications() -> Text:
    """There are none."""
    return texts("You have not applied for a job yet.")


def listed_application(state: Text, at: Moment) -> Text:
    """Under the job's title: the answer, and when one applied."""
    return texts("{state} · applied {at}", state=state, at=at)


def my_application(title: str, state: Text, at: Moment) -> Text:
    """One application, for the applicant."""
    return texts("*{title}*\nApplied: {at}\nAnswer: {state}", title=title, state=state, at=at)


def see_job_button() -> Text:
    """Shows the job."""
    return texts("See the job")


# Applicants --------------------------------------------------------------------------------------------


def applicants(title: str) -> Text:
    """Above the list of applicants."""
    return texts("Who applied for “{title}”, the latest first.", title=title)


def no_applicants(title: str) -> Text:
    """Nobody applied."""
    return texts("Nobody has applied for “{title}” yet.", title=title)


def listed_applicant(state: Text, message: str) -> Text:
    """Under an applicant's name."""
    return texts("{state} · {message}", state=state, message=message) if message else state


def applicant(who: Renderable, title: str, state: Text, at: Moment) -> Text:
    """One applicant, for the poster."""
    return texts(
        "*{who}*\nFor: {title}\nApplied: {at}\nAnswer: {state}", who=who, title=title, state=state, at=at
    )


def applicant_with(who: Text, message: str) -> Text:
    """The same, with the applicant's message."""
    return texts("{who}\n\n“{message}”", who=who, message=message)


def accept_button() -> Text:
    """Says yes."""
    return texts("Accept")


def refuse_button() -> Text:
    """Says no."""
    return texts("Refuse")


def accepted(who: Renderable) -> Text:
    """To the poster, after saying yes."""
    return texts("✅ You accepted {who}, and we told them.", who=who)


def refused(who: Renderable) -> Text:
    """To the poster, after saying no."""
    return texts("You refused {who}, and we told them.", who=who)


def answered_before(who: Renderable, state: Text) -> Text:
    """To the poster, where the answer stands already."""
    return texts("{who} has your answer already: {state}.", who=who, state=state)


def you_are_accepted(title: str) -> Text:
    """To the applicant: yes."""
    return texts(
        "🎉 Good news: you were accepted for “{title}”. Get in touch to agree on the rest.", title=title
    )


def you_are_refused(title: str) -> Text:
    """To the applicant: no."""
    return texts(
        "For “{title}” somebody else was chosen this time. Other jobs are waiting for you.", title=title
    )
