"""Fuzz one target in this process until libFuzzer ends it; started by ``python -m fuzzing``.

python -m fuzzing.worker TARGET [OPTION OF LIBFUZZER …] [FOLDER OF INPUTS …]
"""

from __future__ import annotations

import sys
from typing import NoReturn

import atheris

with atheris.instrument_imports(include=["conformance"]):
    from fuzzing.structures import mutated
    from fuzzing.targets import TARGETS


def main(name: str, words: list[str]) -> NoReturn:
    """Fuzz a target; what libFuzzer says goes to standard error."""
    target = TARGETS[name]

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        return mutated(data, most, seed, atheris.Mutate)

    arguments = [sys.argv[0], f"-max_len={target.longest}", *words]
    if target.structured:
        atheris.Setup(arguments, target.run, custom_mutator=mutate)
    else:
        atheris.Setup(arguments, target.run)
    atheris.Fuzz()
    raise SystemExit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
