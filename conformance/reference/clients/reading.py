"""Clients that lose or invent data of a correct list."""

from __future__ import annotations

import json
import re
from http.client import HTTPResponse
from typing import Any

from conformance.reference.clients.client import FIELDS, CorrectClient, Failed, Provider
from conformance.reference.clients.entries import Catalogue

__all__ = ["READING"]

READING = Catalogue("broken")
_SIX = ("AI_MODEL", "VECTOR_DB", "MESSAGE_BROKER", "RELATIONAL_DB", "GIT", "EMAIL")
_SEVEN = (*_SIX, "CLOUD")


# Categories, types and fields -------------------------------------------------------------------


class _Enumerating(CorrectClient):
    """Knows some categories; what happens to a provider of another is for subclasses."""

    known: tuple[str, ...] = _SEVEN

    def is_known(self, provider: Provider) -> bool:
        return provider["category"] in self.known


class _Failing(_Enumerating):
    """Fails as a whole if there is a provider that it does not know."""

    def read(self, provider: Provider) -> Any:
        if not self.is_known(provider):
            raise Failed
        return super().read(provider)


class _Dropping(_Enumerating):
    """Leaves out the providers that it does not know."""

    def decode(self, body: bytes) -> list[Any]:
        return [provider for provider in super().decode(body) if self.is_known(provider)]


@READING.client("CLIENT-08", "CLIENT-09")
class FailsAtClouds(_Failing):
    """Its enumeration lacks CLOUD, so that no list with such a provider can be read."""

    known = _SIX


@READING.client("CLIENT-08", "CLIENT-09")
class DropsHalfOfTheCategories(_Dropping):
    """It knows three categories and leaves out the providers of the others."""

    known = ("AI_MODEL", "VECTOR_DB", "RELATIONAL_DB")


@READING.client("CLIENT-08")
class DropsMail(_Dropping):
    """It leaves out providers of the category EMAIL alone."""

    def is_known(self, provider: Provider) -> bool:
        return bool(provider["category"] != "EMAIL")


@READING.client("CLIENT-09")
class FailsAtNewCategories(_Failing):
    """It knows the seven categories, and fails at any other."""


@READING.client("CLIENT-09")
class DropsNewCategories(_Dropping):
    """It knows the seven categories, and leaves out providers of any other."""


@READING.client("CLIENT-09")
class ListsCategoryByCategory(CorrectClient):
    """It lists everything by a request for each of the seven categories."""

    def providers(self) -> list[Any]:
        if self.category is not None:
            return super().providers()
        found: list[Any] = []
        for self.category in _SEVEN:
            found += super().providers()
        return found


@READING.client("CLIENT-09")
class FailsAtNewFields(_Failing):
    """It fails at a field that it does not know."""

    def is_known(self, provider: Provider) -> bool:
        return set(provider) <= set(FIELDS)


@READING.client("CLIENT-09")
class DropsNewTagTypes(_Dropping):
    """It leaves out a provider with a tag of a type that it does not know."""

    def is_known(self, provider: Provider) -> bool:
        types = {tag.get("type", "METADATA") for tag in provider.get("tags") or ()}
        return types <= {"METADATA", "RATE_LIMIT"}


@READING.client("CLIENT-10")
class NeedsADescription(_Failing):
    """It fails at a provider without a description."""

    def is_known(self, provider: Provider) -> bool:
        return provider.get("description") is not None


@READING.client("CLIENT-10", may_trip=("CLIENT-14",))
class DatesTheUndated(CorrectClient):
    """It reads an absent time as 0: a provider of 1970."""

    def read(self, provider: Provider) -> Any:
        return {"createTime": 0, "updateTime": 0, **super().read(provider)}


# Sizes -------------------------------------------------------------------------------------------


@READING.client("CLIENT-11")
class FailsAtNothing(CorrectClient):
    """It takes an empty list for an error."""

    def decode(self, body: bytes) -> list[Any]:
        found = super().decode(body)
        if not found:
            raise Failed
        return found


@READING.client("CLIENT-11")
class ReadsOnePage(CorrectClient):
    """It hands on the first thousand providers."""

    def decode(self, body: bytes) -> list[Any]:
        return super().decode(body)[:1000]


@READING.client("CLIENT-11")
class ReadsAMegabyte(CorrectClient):
    """It reads no more than a megabyte of a response, and fails at the cut text."""

    def body(self, response: HTTPResponse) -> bytes:
        return response.read(1024 * 1024)


# Values ------------------------------------------------------------------------------------------


class _Changing(CorrectClient):
    """Changes one field of each provider that has it."""

    field = "modelsCount"

    def changed(self, value: Any) -> Any:
        raise NotImplementedError

    def read(self, provider: Provider) -> Any:
        found = super().read(provider)
        if self.field in found:
            found[self.field] = self.changed(found[self.field])
        return found


@READING.client("CLIENT-12", may_trip=("CLIENT-14",))
class DropsFalse(CorrectClient):
    """It leaves out what is false: `enabled` of inactive providers, and counts of 0."""

    def read(self, provider: Provider) -> Any:
        return {name: value for name, value in super().read(provider).items() if value}


@READING.client("CLIENT-12")
class StripsNames(_Changing):
    """It takes spaces at the ends of a name for a mistake."""

    field = "name"

    def changed(self, value: Any) -> Any:
        return value.strip()


@READING.client("CLIENT-11", "CLIENT-12")
class ReturnsEachTwice(CorrectClient):
    """It returns every provider twice, as after a page that was read again."""

    def decode(self, body: bytes) -> list[Any]:
        return 2 * super().decode(body)


@READING.client("CLIENT-12")
class ReadsBooleansAsText(_Changing):
    """It reads a boolean as a text."""

    field = "enabled"

    def changed(self, value: Any) -> Any:
        return str(value).lower()


@READING.client("CLIENT-12", may_trip=("CLIENT-13",))
class CountsIn32Bits(_Changing):
    """It keeps counts as 32-bit numbers, which overflow."""

    def changed(self, value: Any) -> Any:
        return (value + 2**31) % 2**32 - 2**31


@READING.client("CLIENT-12")
class ReadsSettingsAsText(_Changing):
    """It reads every setting of a configuration as a text, numbers as well."""

    field = "configuration"

    def changed(self, value: Any) -> Any:
        return {name: str(setting) for name, setting in value.items()}


@READING.client("CLIENT-12")
class MistakesTheCharset(CorrectClient):
    """It reads UTF-8 as Latin-1, so that names outside ASCII are other names."""

    def decode(self, body: bytes) -> list[Any]:
        return super().decode(body.decode("latin-1").encode())


@READING.client("CLIENT-13")
class CountsInDoubles(_Changing):
    """It keeps counts as double-precision numbers, exact to 2^53."""

    def changed(self, value: Any) -> Any:
        return int(float(value))


@READING.client("CLIENT-14")
class ReadsCreatedOn(CorrectClient):
    """It reads `createdOn` and `updatedOn`, which are not documented, and has no times."""

    def read(self, provider: Provider) -> Any:
        times = {"createTime": "createdOn", "updateTime": "updatedOn"}
        return {**super().read(provider), **{name: provider.get(it) for name, it in times.items()}}


@READING.client("CLIENT-14")
class ReadsTimesInSeconds(_Changing):
    """It reads times in seconds."""

    field = "updateTime"

    def changed(self, value: Any) -> Any:
        return value // 1000


@READING.client("CLIENT-14")
class RoundsTimes(_Changing):
    """It keeps times as whole seconds and returns milliseconds."""

    field = "createTime"

    def changed(self, value: Any) -> Any:
        return value // 1000 * 1000


@READING.client("CLIENT-14")
class KeepsOneTag(_Changing):
    """It keeps one tag of each provider."""

    field = "tags"

    def changed(self, value: Any) -> Any:
        return value[:1]


@READING.client("CLIENT-14")
class KeepsTagsByKey(_Changing):
    """It keeps tags in a dictionary, and so one of those with the same key."""

    field = "tags"

    def changed(self, value: Any) -> Any:
        kept = {tag["key"]: tag["value"] for tag in value}
        return [{"key": key, "value": kept[key]} for key in kept]


# What is not a list ------------------------------------------------------------------------------


class _Lenient(CorrectClient):
    """Hands on whatever a response of status 200 contains."""

    def read(self, provider: Any) -> Any:
        return super().read(provider) if isinstance(provider, dict) else {"name": str(provider)}


@READING.client("CLIENT-15")
class ReadsPagesByLine(_Lenient):
    """It takes the lines of what is not JSON for providers."""

    def decode(self, body: bytes) -> list[Any]:
        try:
            return super().decode(body)
        except Failed:
            return body.decode(errors="replace").split()


@READING.client("CLIENT-15")
class ReadsObjectsAsLists(_Lenient):
    """It goes through an object as through a list: each field is a provider."""

    def decode(self, body: bytes) -> list[Any]:
        try:
            return list(json.loads(body))
        except (ValueError, TypeError):
            raise Failed from None


@READING.client("CLIENT-15")
class ReadsAnObjectAsOne(_Lenient):
    """It reads an object as the only provider of a list."""

    def decode(self, body: bytes) -> list[Any]:
        try:
            found = json.loads(body)
        except ValueError:
            raise Failed from None
        return found if isinstance(found, list) else [found]


@READING.client("CLIENT-15")
class ReadsPagesAsNothing(CorrectClient):
    """It takes what cannot be read for a list without elements."""

    def decode(self, body: bytes) -> list[Any]:
        try:
            return super().decode(body)
        except Failed:
            return []


@READING.client("CLIENT-15")
class MendsWhatWasCut(CorrectClient):
    """It reads the complete providers of a text that ends early, as if those were all."""

    def body(self, response: HTTPResponse) -> bytes:
        return b"".join(iter(lambda: response.read1(65536), b""))

    def decode(self, body: bytes) -> list[Any]:
        text = body.decode(errors="replace")
        for end in reversed([match.end() for match in re.finditer(r"\}", text)]):
            try:
                return super().decode(body)
            except Failed:
                body = f"{text[:end]}]".encode()
        return super().decode(body)
