"""Counts of human targets in the answer keys of MUC-4, read from the strings of the keys."""

import re
import tarfile

import pytest

from conflictner.data.corpora.answer_keys import read_keys
from conflictner.inference.normalise.quantities import read_quantity

NUMBER = (
    r"(?:\d[\d,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|"
    r"fifty|sixty|seventy|eighty|ninety|hundred|thousand|dozen)\b"
)
#: A number that counts the string's noun: it opens the string and is no age.
COUNT = re.compile(
    rf"(?:(?:the|his|her|their|another|group of|at least|about|some|more than)\s+)*{NUMBER}"
    r"(?!\s*-?\s*year)",
    re.IGNORECASE,
)
HUMAN_TARGET_NUMBER = 21


def gold_of(value: str) -> set[tuple[int, int | None]]:
    """The (min, max) that a fill such as ``6-``, ``6-8``, ``~10``, ``3 / 5`` or PLURAL accepts."""
    accepted = set()
    for part in value.replace("?", "").replace(" ", "").strip(":").split("/"):
        if part == "PLURAL":
            accepted.add((2, None))
        elif match := re.fullmatch(r"~?(\d*)(-?)(\d*)", part):
            low, dash, high = match.groups()
            if low or high:
                accepted.add((int(low or 0), int(high) if high else None) if dash else (int(low), int(low)))
    return accepted


def test_gold_values_are_read_as_the_keys_mean_them():
    assert gold_of("6-: ") == {(6, None)}
    assert gold_of("6-8: ") == {(6, 8)}
    assert gold_of("~10: ") == {(10, 10)}
    assert gold_of("? 3 / 5: ") == {(3, 3), (5, 5)}
    assert gold_of("- 12 / PLURAL: ") == {(0, 12), (2, None)}
    assert gold_of("-: ") == gold_of("*: ") == set()


@pytest.fixture(scope="module")
def fills(shared):
    """Accepted values and strings of each fill of a human target's number."""
    found = []
    with tarfile.open(shared / "data" / "public" / "muc34" / "muc34.tar.gz") as archive:
        for member in archive:
            if re.search(r"/key-[^/]+\Z", member.name):
                for template in read_keys(archive.extractfile(member).read().decode("latin-1")):
                    for line in template.slots.get(HUMAN_TARGET_NUMBER, []):
                        accepted = gold_of(line.split('"')[0])
                        strings = re.findall(r'"([^"]*)"', line)
                        if accepted and strings:
                            found.append((accepted, strings))
    assert len(found) > 1700
    return found


def read(string):
    quantity = read_quantity(string)
    return quantity.min, quantity.max


def share_right(fills, pick):
    """Share of the fills of which a picked string is read as the fill says, and how many fills there are."""
    rights = [any(read(string) in accepted for string in picked) for accepted, picked in map(pick, fills)]
    return sum(rights) / len(rights), len(rights)


def test_numbers_that_count_the_fill(fills):
    counted = [fill for fill in fills if any(COUNT.match(string) for string in fill[1])]
    # The strings of a fill are alternatives of each other, any of which answers it.
    share, number = share_right(counted, lambda fill: fill)
    assert number > 40
    assert share >= 0.95
    # Only the strings with the number: one key has PLURAL for "one", one for "ten", one has 1 for "two".
    share, _ = share_right(counted, lambda fill: (fill[0], [s for s in fill[1] if COUNT.match(s)]))
    assert share >= 0.92


def test_strings_with_any_number(fills):
    # Also ages, and numbers of something else: "members of a commission investigating nearly 30 cases".
    held = [fill for fill in fills if any(re.search(rf"\b{NUMBER}", s, re.IGNORECASE) for s in fill[1])]
    share, number = share_right(
        held, lambda fill: (fill[0], [s for s in fill[1] if re.search(rf"\b{NUMBER}", s, re.IGNORECASE)])
    )
    assert number > 60
    assert share >= 0.90


def test_strings_without_a_number(fills):
    plurals = [fill for fill in fills if fill[0] == {(2, None)}]
    share, _ = share_right(plurals, lambda fill: fill)
    assert share >= 0.85
