"""What people read about posting a job, and about the jobs they posted."""

from __future__ import annotations

from consumers.jobs.texts import texts
from consumers.texts import Moment, Text, rwf

# Posting -----------------------------------------------------------------------------------------------


def ask_title(limit: int) -> Text:
    """The first question of a post."""
    return texts(
        "What job do you offer? Write a short title, such as “Cook for a restaurant” (up to {limit} "
        "characters). To stop, write: home",
        limit=limit,
    )


def title_too_short() -> Text:
    """A title that says nothing."""
    return texts("Please write a title of a few letters, such as “Cook for a restaurant”.")


def ask_kind() -> Text:
    """The second question of a post."""
    return texts("How long is the work?")


def ask_trade() -> Text:
    """The third question of a post."""
    return texts("What kind of work is it?")


def ask_place() -> Text:
    """The fourth question of a post, over the button that shares a location."""
    return texts("Where is the work? Send the location.")


def ask_pay() -> Text:
    """The fifth question of a post."""
    return texts("What does it pay, in RWF? Write an amount, such as 5000.")


def not_an_amount() -> Text:
    """Words that are no amount."""
    return texts("I could not read that amount. Please write only the number, such as 5000.")


def ask_unit(amount_rwf: int) -> Text:
    """The sixth question of a post."""
    return texts("{amount}: for how long?", amount=rwf(amount_rwf))


def ask_description(limit: int) -> Text:
    """The last question of a post."""
    return texts(
        "Describe the work: what is to be done, when, and what the person should bring or know "
        "(up to {limit} characters).",
        limit=limit,
    )


def preview(job: Text) -> Text:
    """What will be posted."""
    return texts("This is how people will see it:\n\n{job}", job=job)


def confirm_button() -> Text:
    """Posts it."""
    return texts("Post it")


def again_button() -> Text:
    """From the first question again."""
    return texts("Start again")


def discard_button() -> Text:
    """Throws the post away."""
    return texts("Do not post")


def discarded() -> Text:
    """It was thrown away."""
    return texts("Nothing was posted.")


def nothing_to_post() -> Text:
    """A preview's button was tapped when that post was over."""
    return texts("That post is finished already. You find what is online under “My jobs”.")


def posted(title: str, until: Moment) -> Text:
    """The job is online."""
    return texts(
        "✅ “{title}” is online until {until}. We tell you when somebody applies.", title=title, until=until
    )


def too_many_open(limit: int) -> Text:
    """The limit of open jobs is reached."""
    return texts("You have {limit} open jobs, the most there can be. Close one first.", limit=limit)


# My jobs -----------------------------------------------------------------------------------------------


def my_jobs() -> Text:
    """Above the list of one's jobs."""
    return texts("Your jobs, the newest first.")


def no_jobs() -> Text:
    """There are none."""
    return texts("You have not posted a job yet.")


def listed_open(until: Moment, applicants: int) -> Text:
    """Under the title of one's open job."""
    return texts("open until {until} · applicants: {applicants}", until=until, applicants=applicants)


def listed_closed(applicants: int) -> Text:
    """Under the title of one's closed job."""
    return texts("closed · applicants: {applicants}", applicants=applicants)


def my_job(job: Text, state: Text) -> Text:
    """One of one's jobs, with how it stands."""
    return texts("{job}\n\n{state}", job=job, state=state)


def applicants_button() -> Text:
    """Lists who applied."""
    return texts("Applicants")


def close_button() -> Text:
    """Takes no more applications."""
    return texts("Close")


def renew_button() -> Text:
    """Open for the whole time again."""
    return texts("Renew")


def reopen_button() -> Text:
    """Takes applications again."""
    return texts("Open again")


def closed(title: str) -> Text:
    """The job was closed."""
    return texts("“{title}” is closed. Nobody can apply for it any more.", title=title)


def closed_before(title: str) -> Text:
    """It was closed already."""
    return texts("“{title}” was closed already.", title=title)


def renewed(title: str, until: Moment) -> Text:
    """The job is open for its whole time again."""
    return texts("✅ “{title}” is online until {until}.", title=title, until=until)


def lapsed(title: str, days: int) -> Text:
    """To the poster: the job's time is over."""
    return texts(
        "Your job “{title}” was online for {days} days and is closed now. Do you still look for somebody?",
        title=title,
        days=days,
    )
