import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data.splitting import sentence_offsets


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Gen. Ali spoke in the U.S. Senate. Two died.", ["Gen. Ali spoke in the U.S. Senate.", "Two died."]),
        ('He said "stop." Then he left! 12 men fled.', ['He said "stop."', "Then he left!", "12 men fled."]),
        ("Élan fell. Ömer rose? “Yes.” He knew.", ["Élan fell.", "Ömer rose?", "“Yes.”", "He knew."]),
        ("It rose by 3.5 per cent. no capital here.", ["It rose by 3.5 per cent. no capital here."]),
        ("J. Doe of St. Paul wrote.", ["J. Doe of St. Paul wrote."]),
        ("  ", []),
        ("", []),
    ],
)
def test_sentences(text, sentences):
    assert [text[begin:end] for begin, end in sentence_offsets(text)] == sentences


@given(st.text())
def test_no_character_but_white_space_is_lost_and_none_stands_twice(text):
    offsets = sentence_offsets(text)
    position = 0
    for begin, end in offsets:
        assert begin < end
        assert not text[position:begin].strip()
        assert text[begin:end] == text[begin:end].strip()
        position = end
    assert not text[position:].strip()
