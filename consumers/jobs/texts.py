"""What people read about jobs: home, the choices, finding, one job. `_button` fits a button, `_row` a row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from consumers.jobs.rules import Category, Kind, PayUnit
from consumers.texts import Catalogue, Renderable, Text, rwf

texts = Catalogue(Path(__file__).parent / "locales")

# Home --------------------------------------------------------------------------------------------------


def jobs_row() -> Text:
    """Domain's row of the home menu."""
    return texts("Jobs")


def jobs_about() -> Text:
    """Under that row, in the home menu."""
    return texts("Find work or post a job")


def home() -> Text:
    """Above the board when jobs are listed on it."""
    return texts("💼 Jobs. What would you like to do? The newest jobs are at the end of the list.")


def home_without_jobs() -> Text:
    """Above the board when there are none."""
    return texts("💼 Jobs. What would you like to do?")


def choose_button() -> Text:
    """Opens a list."""
    return texts("Choose")


def find_about() -> Text:
    """Under that row."""
    return texts("By kind of work and place")


def post_about(days: int) -> Text:
    """Under that row."""
    return texts("Free of charge, online for {days} days", days=days)


def my_applications_about() -> Text:
    """Under that row."""
    return texts("What you applied for, and the answers")


def my_jobs_about() -> Text:
    """Under that row."""
    return texts("What you posted, and who applied")


def find_button() -> Text:
    """Starts a search."""
    return texts("Find jobs")


def post_button() -> Text:
    """Starts a post."""
    return texts("Post a job")


def my_applications_button() -> Text:
    """What I applied for."""
    return texts("My applications")


def my_jobs_button() -> Text:
    """What I posted."""
    return texts("My jobs")


def from_earlier() -> Text:
    """A tap on a list that no longer belongs to what is going on."""
    return texts("That choice is from an earlier conversation. What would you like to do now?")


def gone() -> Text:
    """A row leads to nothing any more."""
    return texts("That is not here any more. What would you like to do now?")


# Kinds of work -----------------------------------------------------------------------------------------

CATEGORY_ROWS: Mapping[Category, Text] = {
    Category.BUILDING: texts("Building & repair"),
    Category.HOME: texts("Home & cleaning"),
    Category.DRIVING: texts("Driving & delivery"),
    Category.FARMING: texts("Farming & animals"),
    Category.HOSPITALITY: texts("Hotel & restaurant"),
    Category.SALES: texts("Shops & sales"),
    Category.OFFICE: texts("Office & computers"),
    Category.CARE: texts("Teaching & health"),
    Category.OTHER: texts("Other work"),
}

CATEGORY_ABOUTS: Mapping[Category, Text] = {
    Category.BUILDING: texts("Mason, painter, electrician, plumber, mechanic"),
    Category.HOME: texts("House help, cleaner, nanny, gardener, guard"),
    Category.DRIVING: texts("Driver, moto rider, courier"),
    Category.FARMING: texts("Fields, harvest, livestock"),
    Category.HOSPITALITY: texts("Cook, waiter, receptionist"),
    Category.SALES: texts("Shop keeper, cashier, sales agent"),
    Category.OFFICE: texts("Accountant, secretary, programmer"),
    Category.CARE: texts("Teacher, tutor, nurse, carer"),
    Category.OTHER: texts("Beauty, tailoring, events and all else"),
}


def every_category_row() -> Text:
    """Search without a category."""
    return texts("All jobs")


KIND_ROWS: Mapping[Kind, Text] = {
    Kind.ONE_DAY: texts("One day"),
    Kind.SHORT_TERM: texts("Short term"),
    Kind.PART_TIME: texts("Part time"),
    Kind.FULL_TIME: texts("Full time"),
    Kind.CONTRACT: texts("Contract"),
    Kind.GIG: texts("Gig"),
}

UNIT_ROWS: Mapping[PayUnit, Text] = {
    PayUnit.HOUR: texts("An hour"),
    PayUnit.DAY: texts("A day"),
    PayUnit.WEEK: texts("A week"),
    PayUnit.MONTH: texts("A month"),
    PayUnit.WHOLE: texts("For the whole job"),
}


def pay(amount_rwf: int | None, unit: PayUnit | None) -> Text:
    """`RWF 5,000 a day`, or that it is to be agreed."""
    match unit:
        case None:
            return pay_agreed_button()
        case PayUnit.HOUR:
            return texts("{amount} an hour", amount=rwf(amount_rwf or 0))
        case PayUnit.DAY:
            return texts("{amount} a day", amount=rwf(amount_rwf or 0))
        case PayUnit.WEEK:
            return texts("{amount} a week", amount=rwf(amount_rwf or 0))
        case PayUnit.MONTH:
            return texts("{amount} a month", amount=rwf(amount_rwf or 0))
        case PayUnit.WHOLE:
            return texts("{amount} in all", amount=rwf(amount_rwf or 0))


def pay_agreed_button() -> Text:
    """No amount is named."""
    return texts("To be agreed")


# Finding -----------------------------------------------------------------------------------------------


def ask_category() -> Text:
    """The first question of a search."""
    return texts("What kind of work are you looking for?")


def ask_where() -> Text:
    """The second question of a search, over the button that shares a location."""
    return texts("Where? Send your location to see the nearest jobs first.")


def ask_where_else() -> Text:
    """The same, for those who do not share it."""
    return texts("Or write the name of a district or town, or choose here.")


def districts_button() -> Text:
    """Lists the named places."""
    return texts("Choose a place")


def everywhere_button() -> Text:
    """No place in particular."""
    return texts("Anywhere")


def ask_district() -> Text:
    """Above the list of named places."""
    return texts("Which district or town?")


def unknown_place() -> Text:
    """A typed name that we do not know."""
    return texts("I do not know that place. Send a location, or choose a district or town here.")


def found_near(place: str) -> Text:
    """Above the jobs near a place."""
    return texts("Jobs near {place}, the nearest first.", place=place)


def found_newest() -> Text:
    """Above the jobs of a country."""
    return texts("Jobs everywhere, the newest first.")


def jobs_button() -> Text:
    """Opens the list of jobs."""
    return texts("See the jobs")


def none_near(kilometres: int, place: str) -> Text:
    """An empty search near a place."""
    return texts(
        "No such job is open within {kilometres} km of {place} now.", kilometres=kilometres, place=place
    )


def none_anywhere() -> Text:
    """An empty search everywhere."""
    return texts("No such job is open now. New ones come every day.")


def other_work_button() -> Text:
    """Searches again, with another kind of work."""
    return texts("Other kinds of work")


def search_everywhere_button() -> Text:
    """Widens a search that found nothing."""
    return texts("Look everywhere")


def listed(amount: Text, place: str, last: Text) -> Text:
    """Under a job's title: at last the distance, or the age."""
    return texts("{amount} · {place} · {last}", amount=amount, place=place, last=last)


def distance(kilometres: float) -> Text:
    """Whole kilometres."""
    whole = round(kilometres)
    return texts("{kilometres} km", kilometres=whole) if whole >= 1 else texts("under 1 km")


def age(days: int) -> Text:
    """How long ago, in calendar days."""
    match days:
        case 0:
            return texts("today")
        case 1:
            return texts("yesterday")
        case _:
            return texts("{days} days ago", days=days)


# One job -----------------------------------------------------------------------------------------------


def details(**parts: Renderable) -> Text:
    """One job, for whoever may apply."""
    return texts("*{title}*\n{kind} · {category}\n💰 {amount}\n📍 {place}\n🗓 {age}\n\n{description}", **parts)


def apply_button() -> Text:
    """Applies for the job at hand."""
    return texts("Apply")


def not_open() -> Text:
    """A job that takes no applications."""
    return texts("This job is closed: it takes no more applications.")


def own_job() -> Text:
    """Applying for what one posted."""
    return texts("You posted this job yourself, so you cannot apply for it.")


def manage_button() -> Text:
    """Shows a job to who posted it."""
    return texts("Manage this job")


def too_long(limit: int, length: int) -> Text:
    """A text over its limit."""
    return texts(
        "That has {length} characters; at most {limit} fit. Please write it shorter.",
        limit=limit,
        length=length,
    )


def somebody() -> Text:
    """An applicant or poster of whom we know neither name nor number."""
    return texts("Somebody on WhatsApp")
