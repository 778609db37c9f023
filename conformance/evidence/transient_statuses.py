"""Statuses of failures that pass: a proxy, a restart or load caused them, not the query."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_CLOUDFLARE = "Cloudflare 5xx errors"

TRANSIENT_STATUSES: Mapping[int, str] = MappingProxyType(
    {
        # Servers also send it on idle connections, right before they close them.
        408: "RFC 9110, section 15.5.9: the request did not arrive in time; it may be repeated",
        425: "RFC 8470, section 5.2: the request came too early; repeat it after the handshake",
        429: "RFC 6585, section 4: too many requests",
        502: "RFC 9110, section 15.6.3: the gateway got an invalid response",
        503: "RFC 9110, section 15.6.4: overloaded or in maintenance",
        504: "RFC 9110, section 15.6.5: the gateway got no response in time",
        520: f"{_CLOUDFLARE}: an unknown error of the origin",
        521: f"{_CLOUDFLARE}: the origin is down",
        522: f"{_CLOUDFLARE}: the connection to the origin timed out",
        523: f"{_CLOUDFLARE}: the origin is unreachable",
        524: f"{_CLOUDFLARE}: the origin did not respond in time",
        525: f"{_CLOUDFLARE}: the TLS handshake with the origin failed",
        526: f"{_CLOUDFLARE}: the certificate of the origin is invalid",
        527: f"{_CLOUDFLARE}: the connection between Railgun and the origin failed",
        529: "SSL Labs API documentation: the service is overloaded",
        530: f"{_CLOUDFLARE}: the origin could not be resolved, or a 1xxx error",
    }
)
"""Each such status with its source and meaning."""
OF_GATEWAYS = TRANSIENT_STATUSES.keys() - {408, 425, 429}
"""Those that a gateway returns while the server behind it is not up."""
