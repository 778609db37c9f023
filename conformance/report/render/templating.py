"""Jinja environments in which every inserted value is text, whatever it holds."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from conformance._version import __version__
from conformance.core.text import visible

if TYPE_CHECKING:
    from jinja2 import Environment


class _Finished(str):
    """Text that is Markdown already."""

    __slots__ = ()


@cache
def html() -> Environment:
    """Return the environment of the templates that make HTML pages."""
    return _environment(_printable, autoescape=True)


def page(
    template: str,
    *,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    policy: Mapping[str, str] = MappingProxyType({}),
    **values: Any,
) -> str:
    """Return an HTML page that needs nothing else, from a template that extends ``base.html``.

    ``styles`` and ``scripts`` are files beside the template that are written into the page; its
    policy lets these take effect by their digests, and nothing else that may have come into it.
    ``policy`` adds sources to its directives, for pages that do need something else.
    """
    from markupsafe import Markup

    environment = html()
    style = _joined(environment, ("base.css", *styles))
    script = _joined(environment, scripts)
    return environment.get_template(template).render(
        style=Markup(style),  # noqa: S704 - a file of this package
        script=Markup(script),  # noqa: S704 - a file of this package
        policy=_policy(style, script, policy),
        version=__version__,
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


@cache
def markdown() -> Environment:
    """Return the environment of the templates that make Markdown.

    Its filters make a code span (``code``), and a block of code between fences (``fenced``).
    """
    # HTML's escapes are not Markdown's; those are given to every value, too, by `plain`.
    environment = _environment(_as_markdown, autoescape=False)
    environment.filters["code"] = code
    environment.filters["fenced"] = fenced
    return environment


def _environment(finish: Callable[[Any], Any], *, autoescape: bool) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("conformance.report.render"),
        autoescape=autoescape,  # noqa: S701 - see `markdown`
        finalize=finish,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _printable(value: Any) -> Any:
    safe = hasattr(value, "__html__")
    return visible(value) if isinstance(value, str) and not safe else value


def _as_markdown(value: Any) -> Any:
    return value if isinstance(value, _Finished) else plain(str(value))


def plain(text: str) -> str:
    """Return Markdown that shows a text as it is, in one line, also in a cell of a table.

    Nobody is called by it (``@someone``) and nothing referred to (``#1``), for which the code
    hosts look in what is shown, whatever is escaped; a blank of no width keeps them from it.
    """
    escaped = re.sub(r"([\\`*_\[\]<>|#~&!$]|:(?=:))", r"\\\1", visible(text))
    # Addresses would become links by themselves.
    unlinked = re.sub(r"(?i)\b(https?|ftp):|\b(www)\.", _unlinked, escaped)
    return re.sub(r"@|#(?=[0-9])", r"\g<0>&#8203;", unlinked)


def _unlinked(found: re.Match[str]) -> str:
    return f"{found[1]}\\:" if found[1] else f"{found[2]}\\."


def code(text: str) -> str:
    """Return a Markdown code span that can stand in a cell of a table."""
    shown = visible(text).replace("|", "\\|")
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest or not shown.strip() else ""
    return _Finished(f"{fence}{pad}{shown}{pad}{fence}")


def fenced(text: str, language: str) -> str:
    """Return a block of code of one line, between fences that the text cannot end."""
    # Some CI servers carry out what begins a line like this, wherever it stands.
    shown = re.sub(r"^(\s*)::", r"\1\\u003a:", visible(text))
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * max(longest + 1, 3)
    return _Finished(f"{fence}{language}\n{shown}\n{fence}")
