"""Which settings hold secrets, and whether a value is one in clear text.

The names are those of the console's password fields (documentation of the integrations), and what
other systems call theirs. A value is given the benefit of the doubt.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from conformance.text import words_of

SECRET_WORDS = frozenset({"password", "passwd", "passphrase", "secret", "credentials", "pwd"})
SECRET_NAMES = frozenset(
    {
        "apikey",
        "apisecret",
        "apitoken",
        "accesskey",
        "accesstoken",
        "authtoken",
        "bearertoken",
        "clientsecret",
        "privatekey",
        "secretkey",
        "secretaccesskey",
        "refreshtoken",
        "token",
        "credential",
        "connectionstring",
    }
)
HARMLESS_ENDS = frozenset(
    {
        *(
            "id",
            "name",
            "ref",
            "reference",
            "path",
            "file",
            "url",
            "uri",
            "arn",
            "location",
            "alias",
        ),
        *("type", "format", "mode", "version", "policy", "expiry", "ttl", "endpoint"),
        *("provider", "manager", "store", "engine"),
    }
)
"""Last words of a name by which it tells where a secret is or of what kind, not what it is."""

_REFERENCE = re.compile(
    r"""
    [$\#%]\{.*\} | \{\{.*\}\}   # ${workflow.secrets.x}, #{…}, {{ secret }}
    | \$\(.*\) | \$[A-Za-z_]\w*   # $(…), $VARIABLE
    | <[^<>]+> | \[[^\[\]]+\] | %[A-Za-z_]\w*%  # <redacted>, [hidden], %VARIABLE%
    | [A-Za-z][\w+.-]*:(?://)?[^\s@]+           # vault:…, secret://…, env:…, arn:…
    | (?:secret|secrets|vault|env|ref|kms)[/.][^\s]+
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_MASK_CHARACTERS = "*•●xX.·-_#?"
_MASK = re.compile(rf".{{0,8}}(?:[{re.escape(_MASK_CHARACTERS)}]{{3,}}|…).{{0,8}}", re.DOTALL)
_AROUND = f"{_MASK_CHARACTERS}()[]<>…"
_SAID = frozenset(
    {
        "redacted",
        "hidden",
        "masked",
        "secret",
        "protected",
        "encrypted",
        "none",
        "null",
        "unset",
        "set",
        "changeme",
        "true",
        "false",
        "confidential",
        "n/a",
    }
)


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether a member of a configuration, by its name, holds a secret."""
    words = words_of(name)
    if not words or words[-1] in HARMLESS_ENDS:
        return False
    joined = "".join(words)
    return not SECRET_WORDS.isdisjoint(words) or any(
        joined == known or joined.endswith(known) for known in SECRET_NAMES
    )


def in_clear(value: Any) -> bool:
    """Whether a value of a secret setting is the secret itself, as far as it can be told.

    What is no text, empty, a mask (also with a few characters left at its ends), a word that says
    that there is something, or a reference, is not.
    """
    return isinstance(value, str) and _is_in_clear(value)


@lru_cache(maxsize=4096)
def _is_in_clear(value: str) -> bool:
    text = value.strip()
    if not text or text.strip(_AROUND).strip().lower() in _SAID:
        return False
    if len(set(text)) == 1 or all(character in _MASK_CHARACTERS for character in text):
        return False
    return _MASK.fullmatch(text) is None and _REFERENCE.fullmatch(text) is None
