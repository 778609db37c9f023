"""Detect settings that hold secrets, and secrets in clear text.

The names are those of the console's password fields (documentation of the integrations) and common
names of other systems. A value in doubt does not count as a secret.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from conformance.core.text import words_of

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
        *("type", "kind", "format", "mode", "version", "policy", "endpoint", "description", "hint"),
        *("age", "created", "updated", "at", "date", "expires", "expiration", "expiry", "ttl"),
        *("interval", "length", "lifetime", "period", "rotation", "scope", "owner", "status"),
        *("provider", "manager", "store", "engine", "backend", "source", "namespace"),
        *("set", "enabled", "required", "present", "configured", "exists"),
    }
)
"""Last words of names of settings that describe a secret (its place, kind or presence) instead of
containing it."""

_REFERENCE = re.compile(
    r"""
    [$\#%]\{.*\} | \{\{.*\}\}   # ${workflow.secrets.x}, #{…}, {{ secret }}
    | \$\(.*\) | \$[A-Za-z_]\w*   # $(…), $VARIABLE
    | <[^<>]+> | \[[^\[\]]+\] | %[A-Za-z_]\w*%  # <redacted>, [hidden], %VARIABLE%
    | [A-Za-z][\w+.-]*:(?://)?[^\s@]+           # vault:…, secret://…, env:…, arn:…
    | (?:secret|secrets|vault|kv|env|ref|kms)[/.][^\s]+
    | (?:[\w.-]+/)+secrets/[^\s]+                # projects/p/secrets/s/versions/1
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_MASK_CHARACTERS = "*•●xX.·-_#?"
_MASK = re.compile(rf".{{0,8}}(?:[{re.escape(_MASK_CHARACTERS)}]{{3,}}|…).{{0,8}}", re.DOTALL)
_AROUND = f"{_MASK_CHARACTERS}()[]<>…"
_PLACEHOLDER_WORDS = frozenset(
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
        "yes",
        "no",
        "confidential",
        "n/a",
    }
)

_SCHEMES = re.compile(r"(?:bearer|basic|token|apikey)\s+(\S{8,})", re.IGNORECASE)
"""A scheme followed by the credential, as in an Authorization header (RFC 9110, section 11.4)."""
_USER_INFORMATION = re.compile(
    r"[a-z][a-z\d+.-]{0,30}://[^\s/?#:@]{0,200}:([^\s/?#@]{1,200})@", re.I
)
_ASSIGNED = re.compile(
    r"(?<![\w-])(?:password|passwd|pwd)\s{0,3}=\s{0,3}(\"[^\"\n]{1,200}\"|[^\s\"';,&]{1,200})", re.I
)
_PLACEHOLDER_STARTS = frozenset("{<[($%:")
"""First characters of placeholders for a password."""
_ISSUED = re.compile(
    r"""
    gh[opsur]_[A-Za-z0-9]{36,} | github_pat_\w{40,} | glpat-[\w-]{20,}     # GitHub, GitLab
    | sk-(?:ant|proj|svcacct|or-v1)-[\w-]{20,} | sk-[A-Za-z0-9]{40,}        # Anthropic, OpenAI
    | xox[abprs]-[\w-]{20,} | SG\.[\w-]{22}\.[\w-]{43} | AIza[\w-]{35}     # Slack, SendGrid, Google
    | -----BEGIN\ [A-Z ]{0,20}PRIVATE\ KEY-----.*
    """,
    re.VERBOSE | re.DOTALL,
)
"""Credentials whose issuers gave them a recognisable form."""


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether the name of a setting indicates a secret."""
    words = words_of(name)
    if not words or words[-1] in HARMLESS_ENDS:
        return False
    joined = "".join(words)
    return not SECRET_WORDS.isdisjoint(words) or any(
        joined == known or joined.endswith(known) for known in SECRET_NAMES
    )


def in_clear(value: Any) -> bool:
    """Whether the value of a secret setting appears to be the secret itself.

    The following are not: a value that is not a string, an empty string, a mask (even with a few
    visible characters at its ends), a placeholder word, or a reference.
    """
    return isinstance(value, str) and _is_in_clear(value)


@lru_cache(maxsize=4096)
def _is_in_clear(value: str) -> bool:
    text = value.strip()
    if not text or text.strip(_AROUND).strip().lower() in _PLACEHOLDER_WORDS:
        return False
    if len(set(text)) == 1 or all(character in _MASK_CHARACTERS for character in text):
        return False
    return _MASK.fullmatch(text) is None and _REFERENCE.fullmatch(text) is None


def secret_within(value: Any) -> str | None:
    """Describe the secret in a value, whatever the name of its setting; ``None`` without one.

    The description never contains any part of the value.
    """
    return _secret_within(value) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _secret_within(value: str) -> str | None:
    text = value.strip()
    scheme = _SCHEMES.fullmatch(text)
    if scheme is not None and any(map(str.isdigit, scheme[1])) and _is_in_clear(scheme[1]):
        return "a credential for authorisation"
    if _ISSUED.fullmatch(text) is not None and _MASK.fullmatch(text) is None:
        return "a credential by its form"
    for where, pattern in (("an address", _USER_INFORMATION), ("its text", _ASSIGNED)):
        given = [found[1].strip('"') for found in pattern.finditer(text)]
        if any(one[:1] not in _PLACEHOLDER_STARTS and _is_in_clear(one) for one in given):
            return f"a password in {where}"
    return None
