"""What people read of core: home, help, consent, and its own conversations' frame."""

from __future__ import annotations

from pathlib import Path

from consumers.texts import Catalogue, Text

texts = Catalogue(Path(__file__).parent / "locales")

# Home --------------------------------------------------------------------------------------------------


def home() -> Text:
    """Above the home menu."""
    return texts("👋 Welcome to EasyMO. What would you like to do?")


def not_understood() -> Text:
    """Above the home menu, for want of anybody who understood."""
    return texts("Sorry, I did not understand that. Here is what I can do for you:")


def unusable() -> Text:
    """Before the home menu, after a sticker, a contact card, a message WhatsApp does not hand on."""
    return texts("Thank you! I cannot do anything with this kind of message here.")


def home_button() -> Text:
    """Opens the home menu; 20 characters at most, as all buttons."""
    return texts("Open the menu")


def home_title() -> Text:
    """A button or row that leads home."""
    return texts("Home")


def choose() -> Text:
    """Opens a list."""
    return texts("Choose")


# Guards ------------------------------------------------------------------------------------------------


def help_text() -> Text:
    """The answer to "help"."""
    return texts(
        "Write what you need in a few words, such as “book ride” or “find jobs”, or open the menu.\n\n"
        "*menu* takes you back to the start at any time.\n"
        "*STOP* ends all messages from us, *START* brings you back."
    )


def too_fast() -> Text:
    """Said once a minute to who sends too much."""
    return texts("You are writing faster than I can read. 🙂 Please wait a minute, then go on.")


def opted_out() -> Text:
    """The last message."""
    return texts("You will get no more messages from EasyMO. Send START whenever you want to come back.")


def opted_in() -> Text:
    """The first message after START."""
    return texts("Welcome back! You will get messages from EasyMO again.")


def referral_noted(code: str) -> Text:
    """The answer to REF:<code>."""
    return texts("Thank you, we have noted the code {code}.", code=code)


# Support -----------------------------------------------------------------------------------------------


def support_title() -> Text:
    """A button or row."""
    return texts("Support")


def support_about() -> Text:
    """Under that row, in the home menu."""
    return texts("Talk to our team")


def support_text(number: str) -> Text:
    """The support contact; `number` in international form."""
    return texts("Our team is glad to help you. Write to us or call us: {number}", number=number)


def support_link() -> Text:
    """The button that opens the chat with the team."""
    return texts("Write to the team")


def support_opening() -> Text:
    """What stands ready to be sent in that chat."""
    return texts("Hello, I need help with EasyMO.")


# Admin -------------------------------------------------------------------------------------------------


def admin_help() -> Text:
    """The commands there are."""
    return texts("Commands: /help, /status, /whoami")


def admin_status(domains: str, persons: int) -> Text:
    """What runs here, and for about how many people."""
    return texts("Domains: {domains}\nPeople: about {persons}", domains=domains, persons=persons)


def admin_whoami(person: str, phone: str, locale: str, country: str) -> Text:
    """How the sender is known; the phone number is masked."""
    return texts(
        "Person: {person}\nPhone: {phone}\nLanguage: {locale}\nCountry: {country}",
        person=person,
        phone=phone,
        locale=locale,
        country=country,
    )
