"""The ids of core's own buttons that any domain may show. Pure."""

from __future__ import annotations

HOME = "core:home"
HELP = "core:help"
OPT_IN = "core:opt_in"
OPT_OUT = "core:opt_out"
