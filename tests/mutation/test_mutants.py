"""The mutants of a source: which there are, and that the same ones are chosen each time."""

from __future__ import annotations

from pathlib import Path

from mutation.mutants import change, mutants, shuffled
from mutation.session import Trial, opened

SOURCE = '''\
from dataclasses import dataclass, field

@dataclass(frozen=True)
class Bound:
    most: int | None = None
    seen: set[int] = field(default_factory=set, init=False)

    def exceeded(self, count: int) -> bool:
        """Whether there is a bound, and 3 > 2."""
        return self.most is not None and count > self.most
'''


def changes(source: str) -> set[str]:
    made = (change(one, source) for one in mutants("bound.py", source))
    return {one.now for one in made if one is not None}


def test_decisions_and_bounds_are_changed_but_no_annotation_docstring_or_option() -> None:
    returned = "return self.most is not None {} count {} self.most".format
    assert changes(SOURCE) == {
        returned("or", ">"),
        returned("and", ">="),
        returned("and", "<"),
        returned("and", "<="),
        "return self.most is None and count > self.most",
    }


def test_what_means_the_same_is_no_mutant() -> None:
    (sign,) = (one for one in mutants("n.py", "LEAST = -0\n") if "USub" in one.operator)
    assert change(sign, "LEAST = -0\n") is not None
    for one in mutants("n.py", "for one in []:\n    pass\n"):
        assert change(one, "for one in []:\n    pass\n") is None


def test_the_same_mutants_are_chosen_after_a_change_elsewhere() -> None:
    chosen = shuffled(mutants("bound.py", SOURCE), 1)
    assert len({one.place for one in chosen}) == len(chosen) == 3
    later = shuffled(mutants("bound.py", f"MOST = 7\n\n\n{SOURCE}"), 1)
    kept = {one.key for one in later}
    assert {one.key for one in chosen} <= kept
    assert [one.key for one in later if one.key in {was.key for was in chosen}] == [
        one.key for one in chosen
    ]


def test_a_result_is_kept_until_its_module_changes(tmp_path: Path) -> None:
    module = tmp_path / "bound.py"
    module.write_text(SOURCE, "utf-8")
    first, second, _ = shuffled(mutants("bound.py", SOURCE), 1)
    made = change(first, SOURCE)
    assert made is not None
    file = tmp_path / "kept" / "session.sqlite"
    with opened(file, tmp_path) as session:
        session.keep(first, made, Trial(0, None))
        session.keep(first, made, Trial(1, "a test [with words]"))
    with opened(file, tmp_path) as session:
        assert session.trial(first) == Trial(1, "a test [with words]")
        assert session.trial(second) is None
    module.write_text(f"{SOURCE}\n", "utf-8")
    with opened(file, tmp_path) as session:
        assert session.trial(first) is None
