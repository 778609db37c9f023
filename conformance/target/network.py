"""How connections to a target are made: whom to trust, who connects, and by which way."""

from __future__ import annotations

import re
import shlex
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import (  # type: ignore[attr-defined] # the last one lacks a type
    getproxies_environment,
    proxy_bypass_environment,
)

from conformance.errors import UsageError

ENVIRONMENT = "env"
"""Value of ``proxy`` for that of the usual variables."""
BUNDLE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables of OpenSSL, of the library requests and of curl; the first one that is set counts."""
_RESOLVED = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]\s]+):(\d{1,5}):\[?([0-9A-Fa-f:.]+)\]?")


@dataclass(frozen=True)
class Network:
    """How connections to a target are made.

    Args:
        ca_bundle: file with the certificates to trust instead of the default ones.
        insecure: do not verify the server's certificate.
        client_cert: PEM file with a certificate that the server asks for, and its chain.
        client_key: PEM file with its key, unless it is in the same file.
        proxy: URL of an HTTP proxy, or ``env`` for that of the usual variables.
        resolve: addresses to connect to instead of a host and port, as ``HOST:PORT:ADDRESS``.

    Raises:
        UsageError: one of them makes no sense, or a file cannot be used.
    """

    ca_bundle: Path | None = None
    insecure: bool = False
    client_cert: Path | None = None
    client_key: Path | None = None
    proxy: str | None = None
    resolve: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.insecure and self.ca_bundle is not None:
            raise UsageError("--insecure and --ca-bundle exclude each other; give one of them")
        if self.client_key is not None and self.client_cert is None:
            raise UsageError("--client-key needs --client-cert; give the certificate as well")
        if self.ca_bundle is not None or self.client_cert is not None:
            # Files that cannot be used are reported now.
            _ = self.context
        if self.proxy not in (None, ENVIRONMENT):
            _check_proxy(self.proxy)
        _ = self.addresses

    @cached_property
    def context(self) -> ssl.SSLContext:
        """What TLS connections trust and present. All share it: reading certificates is slow."""
        from urllib3.util.ssl_ import create_urllib3_context

        context = create_urllib3_context()
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif self.ca_bundle is not None:
            _trust(context, self.ca_bundle)
        else:
            import certifi

            context.load_verify_locations(certifi.where())
        if self.client_cert is not None:
            _present(context, self.client_cert, self.client_key)
        return context

    @cached_property
    def addresses(self) -> Mapping[tuple[str, int], str]:
        """The address to connect to, by host (in lower case) and port."""
        found = {}
        for text in self.resolve:
            match = _RESOLVED.fullmatch(text)
            if match is None or not 0 < int(match[2]) < 1 << 16:
                raise UsageError(
                    "write --resolve as HOST:PORT:ADDRESS, such as "
                    f"conductor.example.com:443:10.0.0.7, not {text!r}"
                )
            found[match[1].lower().strip("[]"), int(match[2])] = match[3]
        return found

    def proxy_for(self, origin: str) -> str | None:
        """Return the URL of the proxy to an origin, ``None`` for a direct connection.

        Raises:
            UsageError: the proxy of a variable makes no sense.
        """
        if self.proxy != ENVIRONMENT:
            return self.proxy
        found = _of_environment(origin)
        if found is not None:
            _check_proxy(found)
        return found

    def secrets(self, origin: str) -> Mapping[str, str]:
        """Return what must not be shown, by name: the password of the proxy."""
        password = urlsplit(self.proxy_for(origin) or "").password
        return {"password of the proxy": password} if password else {}

    def curl(self, origin: str) -> tuple[str, ...]:
        """Return the words for curl that reach the server in the same way, quoted for a shell."""
        words: list[str] = []
        files = {
            "--cacert": self.ca_bundle,
            "--cert": self.client_cert,
            "--key": self.client_key,
        }
        if origin.startswith("https:"):
            for option, file in files.items():
                words += [] if file is None else [option, str(file)]
        for text in self.resolve:
            words += ["--resolve", text]
        proxy = self.proxy_for(origin)
        if proxy is None:
            # Unlike the suite, curl uses a proxy of the environment by itself.
            words += ["--noproxy", "*"] if _of_environment(origin) else []
        else:
            parts = urlsplit(proxy)
            host = parts.netloc.rpartition("@")[2]
            words += ["--proxy", f"{parts.scheme}://{host}"]
            if parts.username is not None:
                words += ["--proxy-user", "[user and password of the proxy]"]
        return tuple(map(shlex.quote, words))


def bundle_of_environment(
    environment: Mapping[str, str], url: str | None
) -> tuple[str, Path | None]:
    """Return the variable that names a CA bundle, as for other programs, and the file.

    A ``url`` of plain HTTP needs none; ``None`` is one that is not known yet.
    """
    if url is not None and url.lower().startswith("http:"):
        return "", None
    for variable in BUNDLE_VARIABLES:
        if environment.get(variable):
            return variable, Path(environment[variable])
    return "", None


def unused_proxy(origin: str) -> str | None:
    """Return the variable that names a proxy to this origin, ``None`` if there is none."""
    if _of_environment(origin) is None:
        return None
    scheme = urlsplit(origin).scheme
    known = getproxies_environment()
    return f"{scheme if scheme in known else 'all'}_proxy".upper()


def _of_environment(origin: str) -> str | None:
    parts = urlsplit(origin)
    if proxy_bypass_environment(parts.netloc):
        return None
    known = getproxies_environment()
    found = known.get(parts.scheme) or known.get("all")
    return found if found is None or "://" in found else f"http://{found}"


def _check_proxy(url: str) -> None:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        # The URL is not repeated: it may contain a password.
        raise UsageError(
            "the proxy is not the URL of an HTTP proxy; write --proxy http://host:port, or "
            "--proxy env for that of HTTPS_PROXY, HTTP_PROXY or ALL_PROXY"
        )


def _check_kind(what: str, file: Path) -> None:
    """Refuse what OpenSSL would wait for without end.

    Raises:
        UsageError: it is a pipe or the like.
    """
    if file.exists() and not (file.is_file() or file.is_dir()):
        raise UsageError(
            f"cannot use the {what} {file}: a pipe may never end; write it into a file"
        )


def _trust(context: ssl.SSLContext, bundle: Path) -> None:
    _check_kind("CA bundle", bundle)
    try:
        context.load_verify_locations(bundle)
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "strerror", None) or "no certificates in it"
        raise UsageError(
            f"cannot use the CA bundle {bundle}: {reason}; "
            "give a readable file of certificates in PEM form"
        ) from error


def _present(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    def refuse() -> bytes:
        raise UsageError(
            "the key of the client certificate is encrypted; give one without a password"
        )

    _check_kind("client certificate", certificate)
    if key is not None:
        _check_kind("key of the client certificate", key)
    try:
        context.load_cert_chain(certificate, key, password=refuse)
    except (OSError, ssl.SSLError) as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else ""
        reason = reason or "certificate and key do not belong together, or one is missing"
        raise UsageError(
            f"cannot use the client certificate {certificate}: {reason}; "
            "give PEM files with --client-cert and --client-key"
        ) from error
