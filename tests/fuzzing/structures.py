"""Mutations that keep JSON well-formed: of random bytes hardly any gets as far as a check."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from typing import Any

MEMBERS = (
    *("name", "type", "category", "configuration", "enabled", "modelsCount", "createTime"),
    *("updateTime", "tags", "apis", "description", "key", "value", "api", "integrationName"),
    *("models", "modelNames", "api_key", "password", "model1", "model2", "token", "message"),
    *("", "/", "~1", "a\u202eb", "\ud800", "\u0000", "k" * 300),
)
STRINGS = (
    *("", " ", "openAI", "pinecone", "AI_MODEL", "VECTOR_DB", "GIT", "gpt-4o", "true", "********"),
    *("\u202e\u2066evil\u2069", "\x1b]0;x\x07", "\ud83d", "\uffff", "]]>", "<script>", "{{7*7}}"),
    *('[{"api":"gpt-4o","integrationName":"openAI","enabled":true}]', "${workflow.secrets.x}"),
    *("Traceback (most recent call last)", "at a.b.C.d(C.java:1)", "s" * 5000, "hunter2"),
)
NUMBERS = (0, 1, -1, 3, 0.0, -0.0, 1.5, 1e308, 2**31, 2**63, 2**64, -(2**63), 10**400, 10**4500)
CONSTANTS: tuple[Any, ...] = (None, True, False, float("nan"), float("inf"), float("-inf"), [], {})
MOST_CHANGES = 4
DEEPEST = 600

Place = tuple[Any, Any]
"""A container of a value and the key or index of something in it."""


def mutated(data: bytes, most: int, seed: int, otherwise: Callable[[bytes, int], bytes]) -> bytes:
    """Change one layout byte and the JSON behind it; other data is left to ``otherwise``."""
    dice = random.Random(seed)  # noqa: S311 - the same mutation for the same seed
    if dice.random() < 0.3:
        return otherwise(data, most)
    head, body = data[:1], data[1:]
    if not head or dice.random() < 0.15:
        head = bytes([dice.randrange(256)])
    digits = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        root = [json.loads(body)]
        for _ in range(dice.randint(1, MOST_CHANGES)):
            _change(root, dice)
        text = json.dumps(root[0], ensure_ascii=dice.random() < 0.5)
    except (ValueError, RecursionError):
        return otherwise(data, most)
    finally:
        sys.set_int_max_str_digits(digits)
    if dice.random() < 0.1 and "{" in text:
        at = dice.choice([place for place, sign in enumerate(text) if sign == "{"])
        separator = "" if text[at + 1] == "}" else ","
        text = f'{text[: at + 1]}"{dice.choice(MEMBERS[:12])}": 1{separator}{text[at + 1 :]}'
    result = head + text.encode("utf-8", "surrogatepass")
    return result if len(result) <= most else otherwise(data, most)


def _change(root: list[Any], dice: random.Random) -> None:
    container, key = dice.choice(_places(root))
    value = container[key]
    match dice.randrange(9):
        case 0 | 1 | 2:
            container[key] = _value(dice)
        case 3:
            if container is not root:
                del container[key]
        case 4:
            container[key] = [value] * dice.randint(1, 4)
        case 5:
            container[key] = {dice.choice(MEMBERS): value}
        case 6:
            if isinstance(container, dict):
                container[dice.choice(MEMBERS)] = container.pop(key)
            else:
                container.append(value)
        case 7:
            container[key] = json.dumps(value)
        case _:
            if isinstance(value, dict):
                value[dice.choice(MEMBERS)] = _value(dice)
            elif isinstance(value, list):
                value.append(_value(dice))
            elif dice.random() < 0.05:
                for _ in range(dice.randrange(DEEPEST)):
                    value = [value]
                container[key] = value


def _places(root: list[Any]) -> list[Place]:
    found: list[Place] = []
    stack: list[Any] = [root]
    while stack and len(found) < 2000:
        node = stack.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        found += [(node, key) for key in keys]
        stack += [node[key] for key in keys if isinstance(node[key], dict | list)]
    return found


def _value(dice: random.Random) -> Any:
    match dice.randrange(5):
        case 0 | 1:
            return dice.choice(STRINGS)
        case 2:
            return dice.choice(NUMBERS)
        case 3:
            # Copied, since what is inserted may be changed in its turn.
            return json.loads(json.dumps(dice.choice(CONSTANTS)))
        case _:
            count = dice.randint(1, 4)
            return {dice.choice(MEMBERS): dice.choice((*STRINGS, *NUMBERS)) for _ in range(count)}
