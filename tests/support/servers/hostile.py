"""A gallery of hostile and broken servers, each over a real socket of this machine."""

from __future__ import annotations

from support.servers import hostile_answers, hostile_sockets
from support.servers.hostile_behaviour import GALLERY

__all__ = ["BY_NAME", "GALLERY", "hostile_answers", "hostile_sockets"]

BY_NAME = {behaviour.name: behaviour for behaviour in GALLERY}
