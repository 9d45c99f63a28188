"""Values as messages quote them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data.quotes import printable, quote


@pytest.mark.parametrize(
    "value", ["Kabul", "it's", "tab\t", "caf\u00e9", 7, -1.5, None, True, ["a", {"b": 1}]]
)
def test_short_values_are_shown_as_python_writes_them(value: Any) -> None:
    assert quote(value) == repr(value)


def test_numbers_that_python_refuses_to_write_are_described() -> None:
    assert quote([10**5000]) == "[a number of more than 30 digits]"


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_becomes_one_short_printable_line(text: str) -> None:
    assert printable(text).isprintable()
    assert quote(text).isprintable()
    assert len(quote(text * 50)) <= 160


@given(st.text())
def test_printable_text_stays(text: str) -> None:
    kept = "".join(character for character in text if character.isprintable())
    assert printable(kept) == kept
