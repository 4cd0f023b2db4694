"""Any content at all, for tests that hold whatever goes in."""

from __future__ import annotations

from hypothesis import strategies as st

from schemas.content import (
    ButtonContent,
    ButtonsContent,
    Content,
    LinkContent,
    ListContent,
    LocationContent,
    LocationRequestContent,
    MediaContent,
    ReactionContent,
    RowContent,
    SectionContent,
    TemplateContent,
    TextContent,
)

# What breaks naive cutting and cleaning: joined emoji, flags, accents, blanks that are none, controls.
SNIPPETS = st.sampled_from(
    [
        *("", " ", "\n", "\t", "\x00", "\u200b", "\u200d", "\u0301", "\ufe0f", "\u3164", "\u2028"),
        *("👨‍👩‍👧‍👦", "🇷🇼", "é", "मनीष"),
    ]
)
WORDS = st.one_of(SNIPPETS, st.text(max_size=30))
TEXTS = st.one_of(
    WORDS,
    st.builds(lambda word, times: word * times, WORDS, st.integers(1, 400)),
    st.sampled_from((20, 24, 60, 72, 240, 1000, 1024, 4096)).map(lambda limit: "x" * (limit + 1)),
    st.lists(WORDS, max_size=8).map("".join),
)
MAYBE = st.none() | TEXTS
IDS = st.one_of(
    st.integers(0, 99).map(lambda n: f"jobs:see:{n}"),
    st.sampled_from(["core:home", "mobility:role:driver", "", " ", " a:b ", "x" * 200, "x" * 201, "x" * 257]),
    st.text(max_size=20),
)
URLS = st.one_of(
    TEXTS, st.sampled_from(["https://easymo.rw/a", "http://a b", "https://x/" + "y" * 2000, "ftp://x"])
)
NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.floats(-90, 90)

buttons = st.builds(ButtonContent, id=IDS, title=TEXTS)
rows = st.builds(RowContent, id=IDS, title=TEXTS, description=MAYBE)
sections = st.builds(SectionContent, rows=st.lists(rows, max_size=8).map(tuple), title=MAYBE)

KINDS: dict[str, st.SearchStrategy[Content]] = {
    "text": st.builds(TextContent, body=TEXTS, preview_url=st.booleans()),
    "buttons": st.builds(
        ButtonsContent,
        body=TEXTS,
        buttons=st.lists(buttons, max_size=8).map(tuple),
        header=MAYBE,
        footer=MAYBE,
    ),
    "list": st.builds(
        ListContent,
        body=TEXTS,
        button=TEXTS,
        sections=st.lists(sections, max_size=12).map(tuple),
        header=MAYBE,
        footer=MAYBE,
    ),
    "location_request": st.builds(LocationRequestContent, body=TEXTS),
    "link": st.builds(LinkContent, body=TEXTS, label=TEXTS, url=URLS),
    "location": st.builds(LocationContent, latitude=NUMBERS, longitude=NUMBERS, name=MAYBE, address=MAYBE),
    "media": st.builds(
        MediaContent,
        media=st.sampled_from(["image", "video", "audio", "document", "sticker"]),
        link=st.none() | URLS,
        media_id=st.none() | st.sampled_from(["123", " ", "1" * 129]),
        mime_type=st.none() | st.just("image/png"),
        caption=MAYBE,
        filename=MAYBE,
    ),
    "template": st.builds(
        TemplateContent,
        name=st.sampled_from(["trip_reminder", "Trip Reminder", ""]) | TEXTS,
        language=st.sampled_from(["en", "rw_RW", "", "x" * 17]),
        variables=st.lists(TEXTS, max_size=12).map(tuple),
    ),
    "reaction": st.builds(
        ReactionContent,
        message_id=st.sampled_from(["wamid.X", "", "w" * 513]),
        emoji=st.sampled_from(["👍", "", "👨‍👩‍👧‍👦", "ok", "👍👍", "👍" + "\u0301" * 16]) | TEXTS,
    ),
}
