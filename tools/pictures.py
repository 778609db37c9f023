"""Make the pictures of the documentation: reports of real runs in a real browser.

    python tools/pictures.py [FOLDER]

Judges three servers on this machine: one that keeps the contract, one that breaks it in several
ways, and one whose data could not have shown many violations. FOLDER is docs/pictures by default.
Needs Debian's chromium, and fonts-noto-color-emoji for the symbols of the summary.
Exit codes: 0 if all pictures were made; 2 with a message if there is no browser.
"""

from __future__ import annotations

import html
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headless import MISSING, executable, launched
from markdown_it import MarkdownIt
from PIL import Image
from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

import conformance
from conformance.contract.loader import load
from conformance.reference import EmbeddedServer, Provider, ProviderQuery, ReferenceServer
from conformance.report.render import html as as_html
from conformance.report.render import markdown, terminal
from conformance.report.report import Report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
SEED = 1
"""Generates the same queries each time."""
COLUMNS = 100
COLOURS = 255
SHELL = """<!doctype html><html lang="en"><meta charset="utf-8"><style>
body {{ margin: 0; padding: 20px 24px; width: max-content; }}
body {{ background: {background}; color: {ink}; }}
pre {{ margin: 0; width: calc({columns}ch + 2px); font: 14px/1.4 "DejaVu Sans Mono", monospace;
  white-space: pre-wrap; overflow-wrap: anywhere; word-break: break-all; }}
</style><pre>{code}</pre></html>"""
COMMENT = """<!doctype html><html lang="en"><meta charset="utf-8"><style>
body {{ margin: 0; padding: 20px 24px; width: 820px; background: #fff; color: #1f2328;
  font: 14px/1.5 "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }}
details {{ margin: 16px 0; }}
h2 {{ border-bottom: 1px solid #d1d9e0; padding-bottom: 0.3em; margin: 0 0 16px; }}
code {{ background: #eff1f3; border-radius: 6px; padding: 0.15em 0.4em; font-size: 85%; }}
pre {{ background: #f6f8fa; border-radius: 6px; padding: 12px; white-space: pre-wrap; }}
pre code {{ background: none; padding: 0; }}
table {{ border-collapse: collapse; }} th, td {{ border: 1px solid #d1d9e0; padding: 5px 12px; }}
</style>{body}</html>"""


class Neglectful(ReferenceServer):
    """Returns inactive providers if a category is given, and breaks two more requirements."""

    def select(self, query: ProviderQuery) -> list[Provider]:
        """Ignore ``activeOnly`` if a category is given."""
        if query.category is not None:
            query = ProviderQuery(category=query.category, active_only=False)
        return super().select(query)

    def represent(self, provider: Provider, query: ProviderQuery) -> dict[str, object]:
        """Embed the models of one provider, and give the time of another in seconds."""
        if provider.category == "VECTOR_DB" and provider.models:
            return self.with_models(provider, query)
        shown = super().represent(provider, query)
        if provider.category == "GIT" and isinstance(shown.get("createTime"), int):
            shown["createTime"] = int(str(shown["createTime"])[:-3])
        return shown


def narrow() -> ReferenceServer:
    """Return a server with three active providers of one category."""
    whole = ReferenceServer().providers
    kept = [one for one in whole if one.enabled and one.category == "AI_MODEL"]
    return ReferenceServer(providers=kept[:3])


SERVERS = {"conformant": ReferenceServer, "broken": Neglectful, "inconclusive": narrow}
LAW = load()


@dataclass(frozen=True)
class Studio:
    """Takes pictures in a browser and writes them to a folder."""

    browser: Browser
    folder: Path

    def opened(self, text: str, width: int, height: int = 800, *, dark: bool = False) -> Page:
        """Open a page with the given size in pixels; leaving its context closes it."""
        page = self.browser.new_page(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
        )
        page.set_content(text)
        return page

    def keep(self, name: str, picture: bytes) -> None:
        """Write a picture with a reduced number of colours."""
        path = self.folder / f"{name}.png"
        with Image.open(io.BytesIO(picture)) as image:
            few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            few.save(path, optimize=True)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")

    def whole(self, name: str, text: str, width: int) -> None:
        """Take a picture of a whole small page."""
        with self.opened(text, width) as page:
            page.evaluate("document.querySelectorAll('details').forEach(one => (one.open = true))")
            self.keep(name, page.locator("body").screenshot())


def judged(server: ReferenceServer) -> Report:
    """Judge a server on this machine."""
    with (
        EmbeddedServer(server) as embedded,
        conformance.Target(embedded.url, credential=server.issue_token()) as target,
    ):
        return conformance.run(target, seed=SEED)


def on_a_terminal(report: Report) -> str:
    """Return a page that looks like the terminal report."""
    stream = io.StringIO()
    shown = Console(
        file=stream, force_terminal=True, width=COLUMNS, highlight=False, markup=False, emoji=False
    )
    terminal.render(report, shown, LAW.families)
    recorded = Console(record=True, file=io.StringIO(), width=400, highlight=False)
    recorded.print(Text.from_ansi(stream.getvalue()), soft_wrap=True)
    theme = SVG_EXPORT_THEME
    code = recorded.export_html(theme=theme, inline_styles=True, code_format="{code}")
    ink, background = theme.foreground_color.hex, theme.background_color.hex
    return SHELL.format(code=code.strip("\n"), ink=ink, background=background, columns=COLUMNS)


def as_comment(report: Report) -> str:
    """Return a page that shows the summary like a code host."""
    text = markdown.render(report, LAW.families)
    body = MarkdownIt("gfm-like", {"linkify": False}).render(text)
    # Code hosts render only the HTML tags for folding; other tags appear as text.
    for tag in ("details", "summary"):
        for word in (f"<{tag}>", f"</{tag}>"):
            body = body.replace(html.escape(word), word)
    return COMMENT.format(body=body)


def pictures(studio: Studio) -> None:
    """Take all pictures; those of single requirements and of a phone show the broken server."""
    pages = {}
    for name, make in SERVERS.items():
        report = judged(make())
        pages[name] = as_html.render(report, LAW.families)
        with studio.opened(pages[name], 1200, 1220) as page:
            studio.keep(f"page-{name}", page.screenshot())
        studio.whole(f"terminal-{name}", on_a_terminal(report), 1000)
        studio.whole(f"markdown-{name}", as_comment(report), 868)
    with studio.opened(pages["broken"], 1200) as page:
        studio.keep("page-requirement", page.locator(".requirement.bad[open]").first.screenshot())
    with studio.opened(pages["broken"], 390, 844, dark=True) as page:
        studio.keep("page-phone", page.screenshot())
        page.evaluate("document.querySelector('.pictures').scrollIntoView()")
        studio.keep("page-phone-matrix", page.screenshot())


def main(words: list[str]) -> int:
    """Take the pictures and return the exit code."""
    if executable() is None:
        sys.stderr.write(f"pictures: {MISSING}\n")
        return 2
    folder = Path(words[0]) if words else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with launched() as browser:
        pictures(Studio(browser, folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
