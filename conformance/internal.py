"""What is said when the suite itself breaks."""

from __future__ import annotations

from pathlib import Path


def internal(error: BaseException) -> str:
    """Return what to tell of a defect: its kind and place, since its text could hold a secret."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" in {Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
    return (
        f"Error: the suite itself broke ({type(error).__name__}{where}). "
        "This is a defect of conductor-conformance, not of the server; please report it."
    )
