"""The numbers of WhatsApp's Cloud API. Source: facts/whatsapp.md, from Meta's reference.

Lengths are counted in code points.
"""

from __future__ import annotations

import re
from datetime import timedelta

WINDOW = timedelta(hours=24)  # after the person's last message, anything may be sent

TEXT_BODY = 4096
CAPTION = 1024
FILENAME = 240
PLACE = 1000  # name and address of a location
URL = 2000
MEDIA_ID = 128
MESSAGE_ID = 512
EMOJI = 16

# Bytes of a file, by kind.
MEDIA_BYTES = {
    "image": 5 * 1024 * 1024,
    "video": 16 * 1024 * 1024,
    "audio": 16 * 1024 * 1024,
    "document": 100 * 1024 * 1024,
    "sticker": 500 * 1024,
}

BODY = 1024  # of everything interactive but a list
LIST_BODY = 4096
HEADER = 60
FOOTER = 60

BUTTONS = 3
BUTTON_TITLE = 20
BUTTON_ID = 256

SECTIONS = 10
ROWS = 10  # in all sections together
SECTION_TITLE = 24
ROW_TITLE = 24
ROW_DESCRIPTION = 72
ROW_ID = 200
LIST_BUTTON = 20

TEMPLATE_NAME = re.compile(r"[a-z0-9_]{1,512}")
TEMPLATE_LANGUAGE = 16
TEMPLATE_VALUES = 900  # all values together: what remains of a body of 1024 is the template's own text

PHONE = re.compile(r"\d{7,15}")  # E.164, without the plus
USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")  # business-scoped
