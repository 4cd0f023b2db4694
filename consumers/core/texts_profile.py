"""What people read of their profile: name, language, saved places."""

from __future__ import annotations

from consumers.core.texts import texts
from consumers.texts import Renderable, Text

# A language is called by its own name, whatever language one reads now.
LANGUAGES = {"en": "English", "fr": "Français", "rw": "Ikinyarwanda", "sw": "Kiswahili"}


def profile_title() -> Text:
    """A row of the home menu."""
    return texts("My profile")


def profile_about() -> Text:
    """Under that row."""
    return texts("Name, language, saved places")


def profile(name: Renderable, phone: Renderable, language: str, places: int) -> Text:
    """Above the profile's menu; the phone number is masked."""
    return texts(
        "👤 {name}\nPhone: {phone}\nLanguage: {language}\nSaved places: {places}",
        name=name,
        phone=phone,
        language=language,
        places=places,
    )


def nameless() -> Text:
    """Instead of a name."""
    return texts("No name yet")


def hidden_phone() -> Text:
    """Instead of a phone number that WhatsApp does not tell us."""
    return texts("hidden")


def vehicles_title() -> Text:
    """A row of the profile, where there is a domain for it."""
    return texts("My vehicles")


def businesses_title() -> Text:
    """A row of the profile, where there is a domain for it."""
    return texts("My businesses")


def tokens_title() -> Text:
    """A row of the profile, where there is a domain for it."""
    return texts("My tokens")


# Name --------------------------------------------------------------------------------------------------


def name_title() -> Text:
    """A row of the profile."""
    return texts("Change my name")


def ask_name() -> Text:
    """Asks for the name."""
    return texts("What should we call you?")


def name_unusable() -> Text:
    """Asks once more."""
    return texts("Please write a name of 2 to 60 characters, with letters in it.")


def name_saved(name: str) -> Text:
    """Confirms."""
    return texts("Nice to meet you, {name}!", name=name)


# Language ----------------------------------------------------------------------------------------------


def language_title() -> Text:
    """A button, and a row of the home menu."""
    return texts("Language")


def language_about() -> Text:
    """Under that row. In all four, for who cannot read the one at hand."""
    return texts("English · Français · Ikinyarwanda · Kiswahili")


def ask_language() -> Text:
    """Above the four languages."""
    return texts("Which language shall we speak?")


def language_saved() -> Text:
    """Confirms, in the new language."""
    return texts("From now on I will write to you in English.")


# Places ------------------------------------------------------------------------------------------------


def places_title() -> Text:
    """A row of the profile."""
    return texts("Saved places")


def ask_place_kind() -> Text:
    """Above the four kinds of places."""
    return texts("Save the places you often go to, and you need not look for them again.")


def place_kind(kind: str) -> Text:
    """The name of a kind of place."""
    kinds = {"home": texts("My home"), "work": texts("Work"), "school": texts("School")}
    return kinds.get(kind) or texts("Another place")


def place_saved_about() -> Text:
    """Under the row of a place that is saved."""
    return texts("Saved")


def place_missing_about() -> Text:
    """Under the row of a place that is not."""
    return texts("Not saved yet")


def ask_place_label() -> Text:
    """Asks what to call the other place."""
    return texts("What do you call this place? For example: market, church, gym.")


def place_label_unusable() -> Text:
    """Asks once more."""
    return texts("Please write a name of 1 to 24 characters.")


def ask_place(label: Renderable) -> Text:
    """Asks for the location."""
    return texts("Please share the location of: {label}", label=label)


def place_saved(label: Renderable) -> Text:
    """Confirms."""
    return texts("{label}: saved. ✅", label=label)


def place_shown(label: Renderable) -> Text:
    """Beneath the place on the map."""
    return texts("{label}: this is what we have saved.", label=label)


def place_change() -> Text:
    """A button."""
    return texts("Change")


def place_remove() -> Text:
    """A button."""
    return texts("Remove")


def place_removed(label: Renderable) -> Text:
    """Confirms."""
    return texts("{label}: removed.", label=label)
