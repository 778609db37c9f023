"""Which tests and requirements concern a module, by what imports it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOMS = ("checks", "evidence", "contract")
"""The rooms below tests/unit whose tests judge: those of the mutated modules."""
FAMILIES = "conformance.checks."
REGISTRY = "conformance.checks.registry"
PER_FAMILY = 1
"""Requirements of each family for a module that many families use; all of them take too long."""


@dataclass(frozen=True)
class Sources:
    """A checkout, and what its modules import."""

    root: Path

    @cached_property
    def modules(self) -> dict[str, Path]:
        """Return the files by the names of their modules: the package and the tests' support."""
        found: dict[str, Path] = {}
        for base, folder in ((self.root, "conformance"), (self.root / "tests", "support")):
            for path in (base / folder).rglob("*.py"):
                parts = path.relative_to(base).with_suffix("").parts
                found[".".join(part for part in parts if part != "__init__")] = path
        return found

    @cached_property
    def imports(self) -> dict[str, frozenset[str]]:
        """Return the names that each module imports; the registry imports the checks by name."""
        found = {name: imported(path.read_text("utf-8")) for name, path in self.modules.items()}
        found[REGISTRY] |= self.requirements.keys()
        return found

    @cached_property
    def tests(self) -> dict[str, frozenset[str]]:
        """Return the names that each test file of the judging rooms imports, by relative path."""
        return {
            str(path.relative_to(self.root)): imported(path.read_text("utf-8"))
            for room in ROOMS
            for path in sorted((self.root / "tests" / "unit" / room).rglob("test_*.py"))
        }

    @cached_property
    def requirements(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Return the ids by check function, for each module that defines checks."""
        found = {}
        for name, path in self.modules.items():
            if name.startswith(FAMILIES):
                ids = checked(path.read_text("utf-8"))
                if ids:
                    found[name] = ids
        return found


def imported(source: str) -> frozenset[str]:
    """Return the modules that a source imports; a name imported from one counts as one, too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found)


def checked(source: str) -> dict[str, tuple[str, ...]]:
    """Return the ids of the requirements that each function of a source checks."""
    found: dict[str, tuple[str, ...]] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            ids = tuple(
                str(call.args[0].value)
                for call in node.decorator_list
                if isinstance(call, ast.Call)
                and isinstance(call.func, ast.Name)
                and call.func.id == "check"
                and isinstance(call.args[0], ast.Constant)
            )
            if ids:
                found[node.name] = ids
    return found


def distances(start: Iterable[str], imports: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Return how many imports lead from some modules to each that they import, 1 for their own."""
    found: dict[str, int] = {}
    level, step = set(start), 1
    while level:
        found |= dict.fromkeys(level, step)
        level = {name for one in level for name in imports.get(one, ())} - found.keys()
        step += 1
    return found


def own_tests(sources: Sources, module: str) -> tuple[str, ...]:
    """Return the test files that import a module themselves or are named after it, nearest first.

    If there are none, those with the fewest imports in between.
    """
    ranked = _ranked(sources, module)
    least = min(ranked.values(), default=(0, 0))[0]
    return tuple(path for path, (distance, _) in ranked.items() if distance == least)


def other_tests(sources: Sources, module: str) -> tuple[str, ...]:
    """Return the other test files of the judging rooms that reach a module; its own room first."""
    own = own_tests(sources, module)
    return tuple(path for path in _ranked(sources, module) if path not in own)


def _ranked(sources: Sources, module: str) -> dict[str, tuple[int, int]]:
    room, name = module.split(".")[1], module.rpartition(".")[2]
    found = {}
    for path, names in sources.tests.items():
        mirrors = Path(path).name == f"test_{name}.py" and f"/unit/{room}/" in path
        distance = 1 if mirrors else distances(names, sources.imports).get(module)
        if distance is not None:
            found[path] = (distance, 0 if mirrors else 1 + (f"/unit/{room}/" not in path))
    return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))


def related(sources: Sources, module: str, function: str) -> tuple[str, ...]:
    """Return the ids of the requirements that a function of a module decides.

    A check decides its own; a helper of a family all of the family; any other module those of the
    families with the fewest imports in between, at most ``PER_FAMILY`` of each if there are many.
    """
    if module in sources.requirements:
        ids = sources.requirements[module]
        return ids.get(function) or _all(ids)
    # A family imports all others through the registry, which its own import of it is not about.
    imports = {**sources.imports, REGISTRY: ()}
    near = {
        family: distances(imports[family], imports).get(module, len(imports))
        for family in sources.requirements
    }
    nearest = [family for family, distance in near.items() if distance == min(near.values())]
    most = None if len(nearest) == 1 else PER_FAMILY
    return tuple(one for family in nearest for one in _all(sources.requirements[family])[:most])


def _all(ids: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for several in ids.values() for one in several))
