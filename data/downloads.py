"""Downloads: files of public sets fetched from their pinned addresses, whole or not at all."""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from .corpora.opening import LIMIT
from .errors import DataError
from .quotes import one_line, printable

__all__ = ["download"]

_CHUNK = 1 << 16
_SCHEMES = ("http", "https")
_TRANSIENT = 500  # from this HTTP status on a later try may succeed
_HANDLERS = (  # none for local files, ftp or data, to which no address may lead
    urllib.request.ProxyHandler,
    urllib.request.HTTPHandler,
    urllib.request.HTTPSHandler,
    urllib.request.HTTPRedirectHandler,
    urllib.request.HTTPDefaultErrorHandler,
    urllib.request.HTTPErrorProcessor,
    urllib.request.UnknownHandler,
)


class _BrokenOffError(Exception):
    """A try that ended too early; the next goes on where it stopped."""


def download(
    address: str,
    target: str | Path,
    size: int | None = None,
    *,
    tries: int = 3,
    pause: float = 1,
    timeout: float = 30,
) -> None:
    """Download a file, which appears only when it is whole.

    A connection that breaks off is taken up again where it stopped. What was received of a file that cannot
    be fetched whole is removed.

    Args:
        address: An ``http`` or ``https`` address.
        target: The file; one of that name is replaced.
        size: How many bytes it has; ``None`` accepts any number up to the limit for all sets.
        tries: How often it is tried.
        pause: Seconds between two tries.
        timeout: Seconds without an answer after which a try ends.

    Raises:
        DataError: when it cannot be fetched, has another size, or cannot be written.
    """
    if urlsplit(address).scheme not in _SCHEMES:
        raise DataError(f"the address {printable(address)} is not one of http or https")
    target = Path(target)
    part = target.with_name(f".{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:
            _fill(file, address, size, tries, pause, timeout)
        part.replace(target)
    except OSError as error:
        reason = getattr(error, "strerror", None) or one_line(error)
        raise DataError(f"cannot be written ({reason})", printable(str(target))) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _fill(file: BinaryIO, address: str, size: int | None, tries: int, pause: float, timeout: float) -> None:
    """Write what lies at an address into a file, in several tries if need be."""
    problem = ""
    for number in range(tries):
        time.sleep(pause if number else 0)
        try:
            for piece in _pieces(file, address, timeout):
                file.write(piece)
                if file.tell() > (LIMIT if size is None else size):
                    raise DataError(
                        f"{printable(address)}: holds more than {file.tell() - 1:,} bytes"
                        + ("" if size is None else f", the known release {size:,}; it was changed")
                    )
        except _BrokenOffError as error:
            problem = one_line(error)
            continue
        if size is not None and file.tell() != size:
            raise DataError(
                f"{printable(address)}: has {file.tell():,} bytes, the known release {size:,}; it was changed"
            )
        return
    raise DataError(f"{printable(address)}: cannot be fetched ({problem}); try again later")


def _pieces(file: BinaryIO, address: str, timeout: float) -> Iterator[bytes]:
    """Yield what a file lacks.

    Raises:
        _BrokenOffError: when the connection fails, or ends too early.
        DataError: when the server does not have it.
    """
    have = file.tell()
    request = urllib.request.Request(address, headers={"User-Agent": "conflictner"})  # noqa: S310 - checked
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        with _opener().open(request, timeout=timeout) as response:
            if have and response.status != http.HTTPStatus.PARTIAL_CONTENT:
                file.seek(0)  # a server that always begins at the beginning
                file.truncate()
            length = response.headers.get("Content-Length", "")
            expected = file.tell() + int(length) if length.isascii() and length.isdigit() else None
            while piece := response.read(_CHUNK):
                yield piece
    except urllib.error.HTTPError as error:
        error.close()
        if error.code >= _TRANSIENT:
            raise _BrokenOffError(one_line(error)) from error
        raise DataError(
            f"{printable(address)}: cannot be fetched ({one_line(error)}); get it by hand and name "
            "its folder with --from"
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _BrokenOffError(one_line(error)) from error
    if expected is not None and file.tell() < expected:
        raise _BrokenOffError(f"the connection ended after {file.tell():,} of {expected:,} bytes")


def _opener() -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()
    for handler in _HANDLERS:
        opener.add_handler(handler())
    return opener
