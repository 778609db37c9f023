"""Clients that send wrong requests."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote, urlencode

from conformance.reference.clients.client import LISTING, CorrectClient, Failed, Reply
from conformance.reference.clients.entries import Catalogue

__all__ = ["ASKING"]

ASKING = Catalogue("broken")


# Parameters ----------------------------------------------------------------------------------


class _Renaming(CorrectClient):
    """Sends parameters by other names, or with other values."""

    names: dict[str, str] = {}
    values: dict[str, str] = {}

    def parameters(self) -> dict[str, str]:
        return {
            self.names.get(name, name): self.values.get(value, value)
            for name, value in super().parameters().items()
        }


@ASKING.client("CLIENT-01", "CLIENT-02", quietly=("CLIENT-01", "CLIENT-02"))
class SendsCategoryAsType(_Renaming):
    """It sends the category as the parameter `type`, which filters nothing."""

    names = {"category": "type"}


@ASKING.client("CLIENT-01", "CLIENT-03")
class SendsSnakeCase(_Renaming):
    """It sends `active_only`, which no server knows."""

    names = {"activeOnly": "active_only"}


class _Adding(CorrectClient):
    """Sends a parameter that the contract does not know with every request."""

    extra: dict[str, str] = {}

    def parameters(self) -> dict[str, str]:
        return {**super().parameters(), **self.extra}


@ASKING.client("CLIENT-01", quietly=("CLIENT-01",))
class SendsAPageSize(_Adding):
    """It asks for the first page of a thousand."""

    extra = {"start": "0", "size": "1000"}


@ASKING.client("CLIENT-01")
class SendsAnEmptyType(_Adding):
    """It sends `type` without a value when nobody filters by it."""

    extra = {"type": ""}


@ASKING.client("CLIENT-02")
class FiltersCategoriesItself(CorrectClient):
    """It reads every category and leaves out the others itself."""

    def parameters(self) -> dict[str, str]:
        return {name: value for name, value in super().parameters().items() if name != "category"}

    def providers(self) -> list[Any]:
        found = super().providers()
        return [one for one in found if self.category in (None, one["category"])]


@ASKING.client("CLIENT-02")
class SendsLowerCaseCategories(_Renaming):
    """It sends `git` for GIT."""

    def parameters(self) -> dict[str, str]:
        sent = super().parameters()
        return {**sent, "category": sent["category"].lower()} if "category" in sent else sent


@ASKING.client("CLIENT-02")
class EncodesTwice(CorrectClient):
    """It percent-encodes the underscores of a category, and then the percent signs."""

    def parameters(self) -> dict[str, str]:
        sent = super().parameters()
        if "category" in sent:
            sent["category"] = sent["category"].replace("_", "%5F")
        return sent


@ASKING.client("CLIENT-02")
class EncodesByRequestAndByHand(CorrectClient):
    """It encodes a category that its HTTP library encodes again."""

    def parameters(self) -> dict[str, str]:
        sent = super().parameters()
        return {**sent, "category": quote(sent["category"])} if "category" in sent else sent


@ASKING.client("CLIENT-02", "CLIENT-03")
class RenewsWithoutFilters(CorrectClient):
    """It renews an expired token, and then requests the list without its filters."""

    renewed = False

    def must_renew(self, reply: Reply) -> bool:
        self.renewed = super().must_renew(reply)
        return self.renewed

    def parameters(self) -> dict[str, str]:
        return {} if self.renewed else super().parameters()


@ASKING.client("CLIENT-03", quietly=("CLIENT-03",))
class AddsTheDefault(CorrectClient):
    """It adds `activeOnly=true` to every query, also to one with `activeOnly=false`."""

    def query(self) -> str:
        return "&".join(filter(None, (super().query(), "activeOnly=true")))


@ASKING.client("CLIENT-03", quietly=("CLIENT-03",))
class SendsPythonBooleans(_Renaming):
    """It sends `False`, as Python writes it, which servers refuse."""

    values = {"false": "False", "true": "True"}


@ASKING.client("CLIENT-03")
class SendsNumbersForBooleans(_Renaming):
    """It sends 0 and 1 for the boolean."""

    values = {"false": "0", "true": "1"}


@ASKING.client("CLIENT-03")
class TakesFalseForUnset(CorrectClient):
    """It leaves out a parameter whose value is false."""

    def parameters(self) -> dict[str, str]:
        return {name: value for name, value in super().parameters().items() if value != "false"}


@ASKING.client("CLIENT-03")
class InvertsTheSwitch(_Renaming):
    """It takes `activeOnly` for "include the inactive ones"."""

    values = {"false": "true", "true": "false"}


# Without an answer it is no different from an example program that knows no variable.
@ASKING.client("CLIENT-02", "CLIENT-03", quietly=(), may_trip=("CLIENT-04",))
class IgnoresFilters(CorrectClient):
    """It takes both filters as arguments and sends neither."""

    def parameters(self) -> dict[str, str]:
        return {}


class _Lacking(CorrectClient):
    """Offers no way to use a filter, and says so."""

    lacks: tuple[str, ...] = ()

    def answer(self) -> object:
        wanted = {"category": self.category, "activeOnly": self.active_only}
        for name in self.lacks:
            if wanted[name] is not None:
                return {"unsupported": name}
        return super().answer()


@ASKING.client("CLIENT-04")
class OffersNoCategory(_Lacking):
    """Its method has no argument for the category."""

    lacks = ("category",)


@ASKING.client("CLIENT-04")
class OffersNoSwitch(_Lacking):
    """Its method has no argument for inactive providers."""

    lacks = ("activeOnly",)


@ASKING.client("CLIENT-04")
class OffersNoFilter(_Lacking):
    """Its method has no arguments at all."""

    lacks = ("category", "activeOnly")


# The token -----------------------------------------------------------------------------------


@ASKING.client("CLIENT-05", quietly=("CLIENT-05",))
class SendsABearerToken(CorrectClient):
    """It sends the token as `Authorization: Bearer`, which servers do not read."""

    def headers(self) -> dict[str, str]:
        return {"Accept": "application/json", "Authorization": f"Bearer {self.token}"}


@ASKING.client("CLIENT-01", may_trip=("CLIENT-05", "CLIENT-21"))
class SendsTheTokenInTheUrl(CorrectClient):
    """It sends the token as a parameter as well, where logs and proxies keep it."""

    def parameters(self) -> dict[str, str]:
        return {**super().parameters(), "token": self.token}


@ASKING.client("CLIENT-05")
class SendsTheKeyItself(CorrectClient):
    """It requests no token, and sends key and secret with every request."""

    def issue_token(self) -> str:
        return ""

    def headers(self) -> dict[str, str]:
        pair = f"{self.key_id}:{self.key_secret}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


@ASKING.client("CLIENT-05")
class SendsTheKeyAsAForm(CorrectClient):
    """It sends the token request as a form."""

    def token_request(self) -> tuple[dict[str, str], bytes]:
        form = urlencode({"keyId": self.key_id, "keySecret": self.key_secret})
        return {"Content-Type": "application/x-www-form-urlencoded"}, form.encode()


@ASKING.client("CLIENT-05", quietly=("CLIENT-05",))
class ForgetsTheTokenWithFilters(CorrectClient):
    """It sends the token only if it filters nothing."""

    def headers(self) -> dict[str, str]:
        sent = super().headers()
        if self.parameters():
            del sent["X-Authorization"]
        return sent


@ASKING.client("CLIENT-06", may_trip=("CLIENT-05",))
class GuessesWhereTokensAre(CorrectClient):
    """It posts its key to another path before the documented one."""

    def issue_token(self) -> str:
        headers, body = self.token_request()
        self.send("POST", f"{self.base}/auth/token", headers, body)
        return super().issue_token()


# Methods and paths -----------------------------------------------------------------------------


class _Preceding(CorrectClient):
    """Sends another request, whose response it ignores, before that for the providers."""

    method = "HEAD"
    path = LISTING
    content: object = None

    def fetch(self) -> Reply:
        body = None if self.content is None else json.dumps(self.content).encode()
        headers = {**super().headers(), "Content-Type": "application/json"}
        self.send(self.method, self.base + self.path, headers, body)
        return super().fetch()


@ASKING.client("CLIENT-06", quietly=("CLIENT-06",))
class LooksWithHead(_Preceding):
    """It looks with HEAD whether the endpoint is there."""


@ASKING.client("CLIENT-06")
class SearchesByPost(_Preceding):
    """It posts its query to the list, and reads by GET after that was refused."""

    method = "POST"
    content = {"category": None}


@ASKING.client("CLIENT-06")
class TagsWhatItReads(_Preceding):
    """It leaves a tag at a provider: a listing that writes."""

    method = "PUT"
    path = f"{LISTING}/openAI/tags"
    content = [{"key": "seen", "value": "yes"}]


@ASKING.client("CLIENT-06")
class LogsOut(CorrectClient):
    """It deletes its token after use, which is not a documented request."""

    def ask(self) -> Reply:
        reply = super().ask()
        self.send("DELETE", f"{self.base}/token", self.headers())
        return reply


class _Based(CorrectClient):
    """Makes something else of a base URL that ends in a slash."""

    def base_of(self, given: str) -> str:
        return given

    def ask(self) -> Reply:
        self.base = self.base_of(self.given)
        return super().ask()

    @property
    def given(self) -> str:
        return self.environment["CONDUCTOR_SERVER_URL"]


@ASKING.client("CLIENT-07", quietly=("CLIENT-07",))
class DoublesTheSlash(_Based):
    """It appends its paths to the base URL as it is: `/api//token`."""


@ASKING.client("CLIENT-07")
class AppendsApiAgain(_Based):
    """It appends `/api` unless the base URL ends with exactly that: `/api/api`."""

    def base_of(self, given: str) -> str:
        return given if given.endswith("/api") else f"{given.rstrip('/')}/api"


@ASKING.client("CLIENT-07", may_trip=("CLIENT-05",))
class SwitchesAuthenticationOff(_Based):
    """It doubles the slash, and takes the 404 for a server that knows no tokens."""

    def issue_token(self) -> str:
        try:
            return super().issue_token()
        except Failed as failed:
            if failed.status != 404:
                raise
            return ""

    def headers(self) -> dict[str, str]:
        return super().headers() if self.token else {"Accept": "application/json"}
