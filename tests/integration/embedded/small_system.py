"""A local system whose services are small commands; run as a script, it is what the tests kill."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from pathlib import Path

from infra.embedded import service
from infra.embedded.plans import Addresses
from infra.embedded.service import ServicePlan
from infra.embedded.system import LocalSystem
from infra.settings import Settings, child_environment, load_settings
from scripts.display import StartDisplay
from scripts.up import stay

# Answers 200 on its port; ends when told to.
SERVER = """
import http.server, sys
class Ok(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[-1])), Ok).serve_forever()
"""
# Has a child of its own, and neither ends when asked to.
STUBBORN = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.run([sys.executable, "-X", sys.argv[1], "-c",
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"])
"""


def small_plans(folder: Path, addresses: Addresses, environment: dict[str, str]) -> list[ServicePlan]:
    """A server in the place of the ingress, and a process that does not want to end."""
    shared = child_environment(environment)
    port = str(addresses.ingress_port)
    return [
        ServicePlan("ingress", (port,), shared, f"{addresses.ingress_url}/", ("-c", SERVER)),
        ServicePlan("stubborn", (f"easymo={folder}/",), shared, None, ("-c", STUBBORN)),
    ]


def small_system(settings: Settings, display: StartDisplay) -> LocalSystem:
    """Not started yet."""
    plan = partial(small_plans, settings.state_dir)
    return LocalSystem(
        settings, progress=display.step, say=display.say, plan=plan, preparations={}, quick_start=True
    )


if __name__ == "__main__":
    service.STOP_GRACE_SECONDS = 1.0  # the stubborn one is only in the way longer
    shown = StartDisplay()
    own = load_settings(state_dir=sys.argv[1])
    asyncio.run(stay(small_system(own, shown), shown))
