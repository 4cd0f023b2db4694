"""The site: all pages in one folder, their order, and the generator that makes HTML of them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemas.publishing import Registry
from scripts.documents import generated, handwritten, npm
from scripts.documents.npm import SOURCE, Failed
from scripts.documents.traffic import Traffic
from scripts.documents.writing import to_yaml

PAGES = "pages"
BUILD_SECONDS = 300
# What the pages carry with them: a name on the site → where it is in node_modules.
FROM_NPM = {
    "mermaid.min.js": "mermaid/dist/mermaid.min.js",
    "asyncapi.js": "@asyncapi/react-component/browser/standalone/without-parser.js",
    "asyncapi.min.css": "@asyncapi/react-component/styles/default.min.css",
    "swagger-ui.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
}
# A source that the browser would fetch from elsewhere: the site works without a network.
REMOTE = re.compile(
    r"""<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)=["']?(?:https?:)?//[^\s"'>]+"""
)
CANONICAL = re.compile(r"""<link[^>]*rel=["']?(?:canonical|license)""")


def write_pages(root: Path, folder: Path, *, modules: Path | None) -> dict[str, str]:
    """Every page into `folder`, by path; `modules`: node_modules, None without it."""
    traffic, registry = Traffic(), Registry()
    pages: dict[str, str] = {}
    for name in handwritten.pages(root):
        pages[name] = handwritten.for_the_site((root / name).read_text(encoding="utf-8"))
    pages["infra/decisions/index.md"] = _listed(
        pages, "infra/decisions/", "Decisions", "Why things are as they are, each with what was measured."
    )
    pages["infra/deploy/runbooks/index.md"] = _listed(
        pages, "infra/deploy/runbooks/", "Runbooks", "What to do when something is wrong."
    )
    pages |= generated.event_pages(traffic, registry)
    pages |= generated.topics_page(traffic) | generated.settings_page()
    pages |= generated.reference_pages(traffic, registry, rendered=modules is not None)
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    _copy_assets(folder / "assets", modules)
    return pages


def _listed(pages: Mapping[str, str], folder: str, title: str, says: str) -> str:
    found = [
        (handwritten.title_of(text), name.removeprefix(folder))
        for name, text in pages.items()
        if name.startswith(folder)
    ]
    return generated.list_page(title, says, found)


def _copy_assets(folder: Path, modules: Path | None) -> None:
    shutil.copytree(SOURCE / "assets", folder, dirs_exist_ok=True)
    if modules is not None:
        for name, source in FROM_NPM.items():
            shutil.copyfile(modules / source, folder / name)


def navigation(pages: Mapping[str, str]) -> list[Any]:
    """What leads where, for the generator."""

    def under(folder: str) -> list[Any]:
        names = [name for name in pages if name.startswith(folder) and name.endswith(".md")]
        names.sort(key=lambda name: (not name.endswith("/index.md"), name))
        return [_entry(name, pages[name]) for name in names]

    events = under("events/")
    by_domain: dict[str, list[Any]] = {}
    for entry in events[1:]:
        (title,) = entry
        by_domain.setdefault(title.partition(".")[0], []).append(entry)
    return [
        {"Start": [{"Start": "README.md"}, {"Contributing": "CONTRIBUTING.md"}, {"Changes": "CHANGELOG.md"}]},
        {"Architecture": "ARCHITECTURE.md"},
        {"Events": ["events/index.md", *({domain: own} for domain, own in by_domain.items())]},
        {
            "Reference": [
                {"Topics": "topics.md"},
                {"Settings": "settings.md"},
                {"AsyncAPI": "reference/asyncapi.md"},
                {"OpenAPI": "reference/openapi.md"},
            ]
        },
        {"Runbooks": _without_title(under("infra/deploy/runbooks/"))},
        {"Decisions": _without_title(under("infra/decisions/"))},
    ]


def _entry(name: str, text: str) -> dict[str, str]:
    return {handwritten.title_of(text): name}


def _without_title(entries: list[Any]) -> list[Any]:
    """The index of a section has the section's own title."""
    return [*entries[0].values(), *entries[1:]]


def build(root: Path, work: Path, output: Path, *, with_node: bool) -> list[dict[str, Any]]:
    """Build the site into `output`; `work` holds what it is made of, and may be thrown away.

    Returns what the AsyncAPI parser had to remark (nothing without Node.js). Raises NodeMissing, and Failed
    when a link is broken, a document is not valid, or a page would fetch something from elsewhere.
    """
    modules = npm.install(work) if with_node else None
    folder = work / PAGES
    shutil.rmtree(folder, ignore_errors=True)
    pages = write_pages(root, folder, modules=modules)
    remarks = _parse_asyncapi(folder / "reference", work) if with_node else []
    config = work / "mkdocs.yml"
    config.write_text(to_yaml(_config(pages, folder, output, diagrams=with_node)), encoding="utf-8")
    _generate(config)
    fetched = remote_sources(output)
    if fetched:
        raise Failed("These would be fetched from elsewhere:\n" + "\n".join(fetched))
    return remarks


def _parse_asyncapi(folder: Path, work: Path) -> list[dict[str, Any]]:
    """Check the document, and lay it ready for its viewer: parsed, so that the browser need not."""
    parsed = work / "asyncapi-parsed.json"
    remarks = npm.check_asyncapi(folder / "asyncapi.json", work, parsed)
    script = f"window.parsedDocument = {parsed.read_text(encoding='utf-8')};\n"
    (folder / "asyncapi-parsed.js").write_text(script, encoding="utf-8")
    return remarks


def _config(pages: Mapping[str, str], folder: Path, output: Path, *, diagrams: bool) -> dict[str, Any]:
    config: dict[str, Any] = {
        "INHERIT": str((SOURCE / "mkdocs.yml").resolve()),
        "docs_dir": str(folder.resolve()),
        "site_dir": str(output.resolve()),
        "theme": {"custom_dir": str((SOURCE / "overrides").resolve())},
        "nav": navigation(pages),
    }
    if not diagrams:  # their source is shown instead: the theme would fetch what draws them
        config["markdown_extensions"] = {"pymdownx.superfences": {"custom_fences": []}}
    return config


def _generate(config: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean", "--quiet", "-f", str(config)]
    done = subprocess.run(  # noqa: S603 - Python
        command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False
    )
    if done.returncode:
        raise Failed(f"The site was not built:\n{(done.stderr or done.stdout).strip()}")


def remote_sources(site: Path) -> list[str]:
    """What pages of a built site would fetch from other hosts: `page: element`, up to the address."""
    found = []
    for page in sorted(site.rglob("*.html")):
        for match in REMOTE.finditer(page.read_text(encoding="utf-8")):
            if not CANONICAL.match(match[0]):
                found.append(f"{page.relative_to(site)}: {match[0]}")
    return found
