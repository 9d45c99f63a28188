"""Mutation: a file changed in a few places, as bytes, as lines, or as the JSON or YAML it holds."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import yaml

__all__ = ["NUMBERS", "RARE", "VALUES", "mutate"]

LONGEST = 1 << 21  # bytes; what is larger is cut, for time is better spent on many small files

#: Bytes that are special to some format.
RARE = [
    *(b"\0", b"\r", b"\n", b"\r\n", b"\n\n", b"\t", b"\t\t", b" ", b"\x1c", b"\xff", b"\xfe\xff"),
    *(b"\xef\xbb\xbf", b"\xc2\x85", b"\xe2\x80\xa8", b"\xf0\x9f\x92\xa5", b"\xcc\x81", b"\xed\xa0\x80"),
    *(b'"', b"\\", b"'", b"\\ud800", b"{", b"}", b",", b":", b"#", b"# ", b"|", b"%", b"---", b"../"),
    *(b"-1", b"0", b"1.5", b"1e999", b"NaN", b"-Infinity", b"true", b"null", b"[]", b"{}", b"~", b"- "),
    *(b"9" * 30, b"9" * 5000, b"[" * 3000, b'{"a":' * 3000, b"x" * 3000, b" " * 3000),
    *(b"B-", b"I-", b"O", b"-DOCSTART-", b"&a ", b"*a", b"!!python/name:os.system ", b"!!binary ", b"<<: "),
]  # fmt: skip

#: Numbers that sizes and offsets of binary files break at.
NUMBERS = [0, 1, -1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1]


def _deep(levels: int, *, is_list: bool) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value] if is_list else {"a": value}
    return value


#: Values that a field may have in place of its own.
VALUES: list[Any] = [
    *(None, True, False, -1, 0, 1, 7, 10**30, -(10**400), 1.5, -0.0, 1e308, float("nan"), float("inf")),
    *("", " ", "x", "0", "O", "\0", "\ud800", "\udc00\ud800", "a\nb", "\u2028", "é" * 3000, "../x", "~root"),
    *([], {}, [[]], [None], {"": 0}, [1, "a", None], _deep(50, is_list=True), _deep(50, is_list=False)),
    *(_deep(900, is_list=True), _deep(900, is_list=False), list(range(2000))),
]


def mutate(content: bytes, draw: random.Random, others: list[bytes] | None = None) -> bytes:
    """Change a file in one to four places.

    Args:
        content: Its bytes.
        draw: Decides what is changed.
        others: Files that pieces may be taken from.
    """
    for _ in range(draw.choice((1, 1, 1, 2, 3, 4))):
        change = draw.choice(_CHANGES)
        content = change(content, draw, others or [content])[:LONGEST]
    return content


def _stretch(content: bytes, draw: random.Random) -> tuple[int, int]:
    """Return the borders of a stretch, which is short more often than not."""
    first = draw.randrange(len(content) + 1)
    if draw.random() < 0.7:
        return first, min(len(content), first + draw.choice((0, 1, 1, 2, 4, 8, 40)))
    first, last = sorted((first, draw.randrange(len(content) + 1)))
    return first, last


def _flip(content: bytes, draw: random.Random, _: list[bytes]) -> bytes:
    first, last = _stretch(content, draw)
    changed = bytes(byte ^ (1 << draw.randrange(8)) for byte in content[first : min(last, first + 64)])
    return content[:first] + changed + content[first + len(changed) :]


def _delete(content: bytes, draw: random.Random, _: list[bytes]) -> bytes:
    first, last = _stretch(content, draw)
    return content[:first] + content[last:]


def _duplicate(content: bytes, draw: random.Random, _: list[bytes]) -> bytes:
    first, last = _stretch(content, draw)
    repeated = (content[first:last] * draw.choice((2, 2, 3, 20)))[:LONGEST]
    return content[:first] + repeated + content[last:]


def _truncate(content: bytes, draw: random.Random, _: list[bytes]) -> bytes:
    return content[: draw.randrange(len(content) + 1)]


def _insert(content: bytes, draw: random.Random, _: list[bytes]) -> bytes:
    first, last = _stretch(content, draw)
    rare = draw.choice(RARE) if draw.random() < 0.9 else draw.randbytes(draw.choice((1, 4, 30)))
    return content[:first] + rare + content[last if draw.random() < 0.5 else first :]


def _splice(content: bytes, draw: random.Random, others: list[bytes]) -> bytes:
    other = draw.choice(others)
    begin, end = _stretch(other, draw)
    first, last = _stretch(content, draw)
    return content[:first] + other[begin:end] + content[last:]


def _number(content: bytes, draw: random.Random, _: list[bytes]) -> bytes:
    """Put a number in place of as many bytes, where binary files may have one."""
    size = draw.choice((1, 2, 4, 8))
    value = (draw.choice(NUMBERS) + draw.choice((-1, 0, 0, 1))) % (1 << (8 * size))
    first = draw.randrange(len(content) + 1)
    return content[:first] + value.to_bytes(size, draw.choice(("little", "big"))) + content[first + size :]


def _shuffle(content: bytes, draw: random.Random, _: list[bytes]) -> bytes:
    lines = content.split(b"\n")
    if draw.random() < 0.5:
        index = draw.randrange(len(lines))
        lines[index:index] = [draw.choice(lines)] * draw.choice((1, 1, 3))
        return b"\n".join(lines)
    draw.shuffle(lines)
    return b"\n".join(lines[: draw.randrange(len(lines) + 1)])


def _json(content: bytes, draw: random.Random, _: list[bytes]) -> bytes:
    """Change a value or name in the JSON of a line, or of the whole file."""
    lines = [content] if draw.random() < 0.5 else content.split(b"\n")
    index = draw.randrange(len(lines))
    lines[index] = _structured(lines[index], draw, json.loads, json.dumps)
    return b"\n".join(lines)


def _yaml(content: bytes, draw: random.Random, _: list[bytes]) -> bytes:
    if len(content) > 20_000 or b"\0" in content or content[:1] in b"{[":
        return content
    return _structured(content, draw, _load_yaml, lambda value: yaml.dump(value, sort_keys=False))


def _load_yaml(content: bytes) -> Any:
    return yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _structured(
    content: bytes, draw: random.Random, load: Callable[[bytes], Any], dump: Callable[[Any], str]
) -> bytes:
    try:
        value = load(content)
        places = list(_containers(value))
        if not places:
            return content
        _change(draw.choice(places), draw)
        return dump(value).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError, yaml.YAMLError, TypeError):
        return content


def _containers(value: Any) -> Iterator[Any]:
    """Yield the lists and objects in a value that are not empty."""
    if isinstance(value, (list, dict)) and value:
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from _containers(item)


def _change(place: Any, draw: random.Random) -> None:
    """Change one thing in a list or object."""
    key = draw.choice(list(place) if isinstance(place, dict) else range(len(place)))
    action = draw.randrange(6)
    if action == 0:
        del place[key]
    elif action == 1 and isinstance(place, dict):
        place[draw.choice(["", "id", "text", "spans", "label", "value", "\ud800", key * 2])] = place.pop(key)
    elif action == 2:  # a swap of values, most often of types too
        other = draw.choice(list(place) if isinstance(place, dict) else range(len(place)))
        place[key], place[other] = place[other], place[key]
    elif action == 3 and isinstance(place[key], (int, float)) and not isinstance(place[key], bool):
        place[key] = draw.choice((place[key] + 1, place[key] - 1, -place[key], str(place[key]), [place[key]]))
    elif action == 4 and isinstance(place, list):
        place.extend(place[: draw.randrange(len(place) + 1)] * draw.choice((1, 1, 50)))
    else:
        place[key] = draw.choice(VALUES)


_CHANGES = [
    *(_flip, _delete, _duplicate, _truncate, _insert, _insert, _splice, _number, _shuffle),
    *(_json, _json, _json, _yaml),
]
