"""Jinja environments that insert every value as text, never as markup."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from conformance._version import __version__
from conformance.core.text import counted, visible
from conformance.report.report import TOOL

if TYPE_CHECKING:
    from jinja2 import Environment


class _Finished(str):
    """Text that is already Markdown."""

    __slots__ = ()


@cache
def html() -> Environment:
    """Return the environment for templates of HTML pages."""
    return _environment(_printable, autoescape=True)


def page(
    template: str,
    *,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    policy: Mapping[str, str] = MappingProxyType({}),
    **values: Any,
) -> str:
    """Render a self-contained HTML page from a template that extends ``base.html``.

    Args:
        template: the file name of the template.
        styles: style sheets in the folder of the templates, which are embedded in the page.
        scripts: scripts in the folder of the templates, which are embedded in the page.
        policy: additional sources by directive of the Content-Security-Policy. Without any, the
            policy permits only the embedded styles and scripts, by their digests.
        values: the variables of the template.
    """
    from markupsafe import Markup

    environment = html()
    style = _joined(environment, ("base.css", *styles))
    script = _joined(environment, scripts)
    return environment.get_template(template).render(
        style=Markup(style),  # noqa: S704 - a file of this package
        script=Markup(script),  # noqa: S704 - a file of this package
        policy=_policy(style, script, policy),
        **values,
    )


def _joined(environment: Environment, names: Sequence[str]) -> str:
    assert environment.loader is not None  # noqa: S101 - see `_environment`
    return "".join(environment.loader.get_source(environment, name)[0] for name in names)


def _policy(style: str, script: str, also: Mapping[str, str]) -> str:
    rules = {"default-src": "'none'", "style-src": _digest(style)}
    if script:
        rules["script-src"] = _digest(script)
    for directive, sources in also.items():
        rules[directive] = f"{rules.get(directive, '')} {sources}".strip()
    rules |= {"base-uri": "'none'", "form-action": "'none'"}
    return "; ".join(f"{directive} {sources}" for directive, sources in rules.items())


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def document(template: str, **values: Any) -> str:
    """Render a Markdown document; it ends with one line break."""
    return markdown().get_template(template).render(**values).rstrip("\n") + "\n"


@cache
def markdown() -> Environment:
    """Return the environment for templates of Markdown.

    It has the filters ``code`` for a code span and ``fenced`` for a fenced block of code.
    """
    # HTML escapes do not suit Markdown; `plain` escapes every value instead.
    environment = _environment(_as_markdown, autoescape=False)
    environment.filters["code"] = code
    environment.filters["fenced"] = fenced
    return environment


def _environment(finish: Callable[[Any], Any], *, autoescape: bool) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("conformance.report.render"),
        autoescape=autoescape,  # noqa: S701 - see `markdown`
        finalize=finish,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {"counted": counted, "tool": TOOL, "version": __version__}
    return environment


def _printable(value: Any) -> Any:
    safe = hasattr(value, "__html__")
    return visible(value) if isinstance(value, str) and not safe else value


def _as_markdown(value: Any) -> Any:
    return value if isinstance(value, _Finished) else plain(str(value))


def plain(text: str) -> str:
    """Return Markdown that displays a text literally in one line, also in a table cell.

    Code hosts turn ``@someone`` into a mention and ``#1`` into a reference even if the characters
    are escaped; a zero-width space prevents that.
    """
    escaped = re.sub(r"([\\`*_\[\]<>|#~&!$]|:(?=:))", r"\\\1", visible(text))
    # Code hosts turn bare addresses into links.
    unlinked = re.sub(r"(?i)\b(https?|ftp):|\b(www)\.", _unlinked, escaped)
    return re.sub(r"@|#(?=[0-9])", r"\g<0>&#8203;", unlinked)


def _unlinked(found: re.Match[str]) -> str:
    return f"{found[1]}\\:" if found[1] else f"{found[2]}\\."


def code(text: str) -> str:
    """Return a Markdown code span that is valid in a table cell."""
    shown = visible(text).replace("|", "\\|")
    fence = _fence(shown)
    pad = " " if len(fence) > 1 or not shown.strip() else ""
    return _Finished(f"{fence}{pad}{shown}{pad}{fence}")


def fenced(lines: Sequence[str], language: str) -> str:
    """Return a fenced block with lines of code; none of them can close the fence."""
    # Some CI servers execute a line that begins like this as a command, even in a report.
    each = (re.sub(r"^(\s*)::", r"\1\\u003a:", visible(line)) for line in lines)
    shown = "\n".join(each)
    fence = _fence(shown, 3)
    return _Finished(f"{fence}{language}\n{shown}\n{fence}")


def _fence(text: str, least: int = 1) -> str:
    """Return more backticks in a row than the text contains."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    return "`" * max(longest + 1, least)
