"""Format the comparison as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from comparison import figures
from comparison.figures import Line, Tally
from comparison.keeping import Result
from comparison.subjects import CORRECT, FAULT, MISTAKE, VARIATION
from comparison.tool import Tool

HEAD = (
    *("tool", "time", "time / ours", "CPU time / ours", "requests", "writes", "memory"),
    "reference server",
)
COUNTED = {
    FAULT: "faults caught",
    VARIATION: "variations failed",
    MISTAKE: "mistakes caught",
    CORRECT: "correct stacks failed",
}
"""The columns that count servers, by the kind of these."""


def main_table(tools: Sequence[Tool], results: Sequence[Result], base: str) -> str:
    """Return the table of all tools that judged the reference server."""
    lines = [(one, figures.line(results, one.name, base)) for one in tools]
    most = {
        kind: max(found.tallies[kind].servers for _, found in lines if kind in found.tallies)
        for kind in COUNTED
        if any(kind in found.tallies for _, found in lines)
    }
    head = (*HEAD, *(f"{COUNTED[kind]} (of {servers})" for kind, servers in most.items()))
    rows = [
        (*_cells(tool.title, found), *(_tally(found.tallies.get(kind)) for kind in most))
        for tool, found in lines
    ]
    return _table(head, rows)


def families_table(tools: Sequence[Tool], results: Sequence[Result]) -> str:
    """Return the faults caught by each tool that passes the reference server, by family."""
    columns = [
        (tool.title, found)
        for tool in tools
        if figures.rights(results, tool.name).usable
        and (found := figures.tallies(results, tool.name, FAULT))
    ]
    groups = dict.fromkeys(group for _, tallies in columns for group in tallies)
    rows = [
        (
            group,
            str(next(found[group].servers for _, found in columns if group in found)),
            *(str(found[group].failed) if group in found else "" for _, found in columns),
        )
        for group in groups
    ]
    return _table(("family", "faults", *(title for title, _ in columns)), rows) if rows else ""


def notes(tools: Sequence[Tool], results: Sequence[Result]) -> str:
    """Return notes per tool on what it failed, sent and did not judge."""
    found = [_notes_of(tool, results) for tool in tools]
    return "\n".join(one for one in found if one)


def _cells(title: str, found: Line) -> tuple[str, ...]:
    return (
        title,
        f"{found.seconds:.1f} s",
        _figure(found.ratio),
        _figure(found.processor_ratio),
        f"{found.requests:.0f}",
        f"{found.writes:.0f}",
        f"{found.megabytes:.0f} MB",
        _right(found),
    )


def _figure(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


def _right(found: Line) -> str:
    here = found.rights
    if here.problem:
        return "not judged"
    if not here.failures:
        return "passes"
    return "fails" if here.failures == len(here.results) else "fails at times"


def _tally(tally: Tally | None) -> str:
    if tally is None:
        return "not run"
    more = f" ({tally.beyond} with new findings)" if tally.beyond is not None else ""
    return f"{tally.failed}{more}"


def _notes_of(tool: Tool, results: Sequence[Result]) -> str:
    here = figures.rights(results, tool.name)
    parts: list[str] = []
    if here.problem:
        parts.append(f"The reference server could not be judged: {here.problem}.")
    elif here.failures:
        words = f" ({', '.join(sorted(here.found))})" if here.found else ""
        parts.append(f"It fails the reference server{words}.")
    methods = figures.unsafe_methods(results, tool.name)
    if methods:
        sent = ", ".join(f"{method} ({number})" for method, number in sorted(methods.items()))
        parts.append(
            "Methods that do more than read, with the number of servers that received them: "
            f"{sent}."
        )
    blamed = figures.blamed(results, tool.name)
    if blamed:
        parts.append(f"Legal servers it fails: {', '.join(map(_named, blamed))}.")
    unjudged = [one for one in results if one.tool == tool.name and one.problem]
    if unjudged and not here.problem:
        reasons = "; ".join(f"`{one.name}`: {one.problem[:120]}" for one in unjudged)
        parts.append(f"Not judged: {reasons}.")
    return f"- **{tool.title}.** {' '.join(parts)}" if parts else ""


def _named(result: Result) -> str:
    return f"`{result.name}`" + (f" ({', '.join(result.found)})" if result.found else "")


def versions(found: Mapping[str, str]) -> str:
    """Return the versions of the tools as a list in one line."""
    return ", ".join(dict.fromkeys(found.values()))


def commands(tools: Sequence[Tool]) -> str:
    """Return the command of each tool as a user would type it."""
    return "\n".join(f"- {one.title}: `{one.shown}`" for one in tools)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    made = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in made)
