"""Windows: every word is read, and decided once by the most central window, whatever text and tokenizer."""

import unicodedata
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from conflictner.data import word_offsets
from conflictner.model import windows
from conflictner.model.windows import TokenizedText, WindowEncoder

SPECIAL = 2  # [CLS] and [SEP]
NEWS = """Rebels shelled Assad's positions near Al-Rai on Sunday, killing three (AFP). "They fired U.S.-made
rockets," he said... 3,000 people fled; it's over!! The army's F-16s hit Homs."""

odd_characters = st.one_of(
    st.sampled_from(
        "ab .,'\"!-\n\t\0\x1c\x85\u00a0\u00ad\u0301\u200b\u200d\u2028\ufe0f\ufeff\ufffd\ud800\udfff"
    ),
    st.characters(exclude_categories=()),
)
any_text = st.one_of(
    st.text(odd_characters), st.lists(st.sampled_from(NEWS.split()), max_size=30).map(" ".join)
)


@pytest.fixture(scope="session", params=["wordpiece", "bytes", "untrimmed bytes"])
def encoder(request, new_tokenizer, new_byte_tokenizer):
    if request.param == "wordpiece":
        return WindowEncoder(new_tokenizer(), 16, 4)
    return WindowEncoder(new_byte_tokenizer(trim_offsets=request.param == "bytes"), 16, 4)


def read_words(encoder, text):
    """Return the words with the piece that stands for each."""
    tokens = encoder.tokenize(text)
    pieces = [encoder.tokenizer.id_to_token(int(index)) for index in tokens.ids[tokens.heads]]
    return list(zip([text[start:end] for start, end in tokens.words.tolist()], pieces, strict=True))


def fake_text(lengths, lead=0):
    """A text whose words have as many pieces as ``lengths`` says, with ``lead`` pieces before the first."""
    heads = lead + np.cumsum([0, *lengths])[:-1].astype(np.int64)
    words = np.arange(2 * len(lengths), dtype=np.int64).reshape(-1, 2)
    return TokenizedText(words, np.arange(lead + sum(lengths), dtype=np.int64) + 10, heads, 1.0)


def ranges(text, cut, prefix=1):
    """The half-open ranges of pieces of the windows."""
    starts = [int(text.heads[window.first] - window.heads[0]) + prefix for window in cut]
    return [(start, start + len(window.ids) - SPECIAL) for start, window in zip(starts, cut, strict=True)]


# Tokenising


def test_wordpiece_words_by_hand(new_tokenizer):
    encoder = WindowEncoder(new_tokenizer(), 16, 4)
    assert read_words(encoder, "Rebels shelled Xo's village.") == [
        ("Rebels", "Rebels"),
        ("shelled", "shelled"),
        ("Xo", "X"),
        ("'", "'"),
        ("s", "s"),
        ("village", "village"),
        (".", "."),
    ]


def test_byte_level_words_by_hand(new_byte_tokenizer):
    text = "Rebels hit Homs... (AFP). It's \U0001f468\u200d\U0001f467 caf\u00e9"
    for trim_offsets in (True, False):
        assert read_words(WindowEncoder(new_byte_tokenizer(trim_offsets), 16, 4), text) == [
            ("Rebels", "Rebels"),
            ("hit", "\u0120hit"),
            ("Homs", "\u0120Homs"),
            ("...", "..."),  # one piece, so one word
            ("(", "\u0120("),
            ("AFP", "AFP"),
            (").", ")."),
            ("It", "I"),
            ("'s", "'s"),
            ("\U0001f468\u200d", "\u00f0"),  # four pieces with the same offsets: the first one
            ("\U0001f467", "\u00f0"),
            ("caf\u00e9", "c"),
        ]


@given(text=any_text)
@example(text="")
@example(text="\u0301")
@example(text="\ufffd\0 \ud800")
def test_any_text_is_cut_at_words(encoder, text):
    tokens = encoder.tokenize(text)
    words = word_offsets(text)
    assert tokens.words.shape == (len(tokens.heads), 2)
    assert set(tokens.words[:, 0].tolist()) <= {start for start, _ in words}
    assert set(tokens.words[:, 1].tolist()) <= {end for _, end in words}
    borders = tokens.words.ravel()
    assert (np.diff(borders) >= 0).all()
    assert (tokens.words[:, 0] < tokens.words[:, 1]).all()
    assert (np.diff(tokens.heads, prepend=-1) > 0).all()
    assert (tokens.heads < len(tokens.ids)).all()
    assert 0 <= tokens.coverage <= 1
    read = sum(map(len, "".join(text[start:end] for start, end in tokens.words).split()))
    if read == sum(map(len, text.split())):
        assert tokens.coverage == 1


@given(text=any_text)
def test_head_is_a_piece_of_its_word(encoder, text):
    """The head's characters, by the tokenizer's own offsets, lie in the word it stands for."""
    tokens = encoder.tokenize(text)
    offsets = encoder.tokenizer.encode(windows._readable(text), add_special_tokens=False).offsets
    for (start, end), head in zip(tokens.words.tolist(), tokens.heads.tolist(), strict=True):
        first, last = offsets[head]
        assert first < end
        assert last > start
        assert head == 0 or offsets[head - 1][1] <= start


def test_words_of_ordinary_text_are_all_read(encoder):
    tokens = encoder.tokenize(NEWS)
    assert tokens.coverage == 1.0
    assert set("".join(NEWS[start:end] for start, end in tokens.words)) == set("".join(NEWS.split()))


def test_special_tokens_in_a_text_are_ordinary_characters(encoder):
    for name in ("[SEP]", "[MASK]", "<s>", "</s>"):
        tokens = encoder.tokenize(f"They wrote {name} here")
        assert encoder.tokenizer.token_to_id(name) not in tokens.ids.tolist()
        assert tokens.coverage == 1.0


def test_control_characters_separate_words(new_tokenizer):
    encoder = WindowEncoder(new_tokenizer(), 16, 4)
    plain = encoder.tokenize("Rebels shelled Homs")
    for control in "\0\x01\x0b\x0c\x1c\x1f\x7f\x85":
        tokens = encoder.tokenize(f"Rebels{control}shelled{control}Homs")
        assert tokens.ids.tolist() == plain.ids.tolist()
        assert tokens.words.tolist() == plain.words.tolist()
        assert tokens.coverage == 1.0  # there is nothing to read in them


@pytest.mark.parametrize(
    ("text", "coverage"),
    [
        ("", 1.0),
        (" \n\t\u2028", 1.0),
        ("\0\0\0", 1.0),
        ("\ufeffHoms", 1.0),  # a byte order mark
        ("Homs\u200b \u200e.", 1.0),
        ("Homs", 1.0),
        ("\u0633\u0648\u0631\u064a\u0629 \u4e2d\u6587", 1.0),  # outside the vocabulary: read as [UNK]
        ("abc\ud800", 0.75),  # a lone surrogate stands for a lost character
        ("abc \ufffd", 0.75),
        ("\ud800", 0.0),
    ],
)
def test_coverage_tells_what_was_not_read(new_tokenizer, text, coverage):
    tokens = WindowEncoder(new_tokenizer(), 16, 4).tokenize(text)
    assert tokens.coverage == coverage


def test_tokenizer_that_cuts_and_pads_is_set_right(new_tokenizer):
    tokenizer = new_tokenizer()
    tokenizer.enable_truncation(5)
    tokenizer.enable_padding(length=50)
    assert WindowEncoder(tokenizer, 16, 4).tokenize(NEWS).coverage == 1.0


def test_tokenizer_without_special_tokens():
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    encoder = WindowEncoder(tokenizer, 4, 1)
    (window,) = encoder.windows(encoder.tokenize("a b a"))
    assert window.ids.tolist() == [1, 0, 1]
    assert window.heads.tolist() == [0, 1, 2]


def test_tokenizer_that_fails_on_unknown_characters_is_refused():
    tokenizer = Tokenizer(models.WordLevel({"a": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    with pytest.raises(ValueError, match=r"cannot read every character \(.*UNK") as caught:
        WindowEncoder(tokenizer, 8, 1)
    assert "\n" not in str(caught.value)


def test_special_tokens_around_a_tokenizer_that_drops_what_it_does_not_know():
    tokenizer = Tokenizer(models.BPE({"[CLS]": 0, "[SEP]": 1, "b": 2}, []))
    tokenizer.add_special_tokens(["[CLS]", "[SEP]"])
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 1), ("[CLS]", 0))
    encoder = WindowEncoder(tokenizer, 8, 1)
    (window,) = encoder.windows(encoder.tokenize("a b"))
    assert window.ids.tolist() == [0, 2, 1]
    assert encoder.tokenize("a b").coverage == 0.5


# Long texts


@given(
    text=st.lists(st.sampled_from([*NEWS.split(), "\n", "  ", "\t\n ", "\u00a0", "\x1c", "", "e\u0301"])).map(
        " ".join
    ),
    stretch=st.integers(20, 60),
)
def test_text_tokenised_in_stretches_has_the_pieces_of_the_whole(encoder, text, stretch):
    whole = encoder.tokenize(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "_STRETCH", stretch)
        parts = encoder.tokenize(text)
    assert parts.ids.tolist() == whole.ids.tolist()
    assert parts.heads.tolist() == whole.heads.tolist()
    assert parts.words.tolist() == whole.words.tolist()


@given(text=any_text, stretch=st.integers(1, 12))
def test_any_text_is_read_in_stretches_of_any_length(encoder, text, stretch):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "_STRETCH", stretch)
        patch.setattr(windows, "_NEAR", 5)
        stretches = list(windows._stretches(text))
        tokens = encoder.tokenize(text)
    assert "".join(part for _, part in stretches) == text
    assert [begin for begin, _ in stretches] == [
        sum(len(part) for _, part in stretches[:index]) for index in range(len(stretches))
    ]
    assert all(1 <= len(part) <= stretch for _, part in stretches[:-1])
    assert set(tokens.words[:, 0].tolist()) <= {start for start, _ in word_offsets(text)}


def test_a_really_long_text_has_the_pieces_of_the_whole(encoder):
    text = (NEWS + "  \n") * 600
    assert len(text) > 2 * windows._STRETCH
    assert encoder.tokenize(text).ids.tolist() == encoder.tokenizer.encode(text, add_special_tokens=False).ids


def test_text_without_white_space_is_cut_behind_words(encoder):
    text = "killed,wounded;dead-people(police)" * 4000
    assert len(text) > 2 * windows._STRETCH
    assert encoder.tokenize(text).ids.tolist() == encoder.tokenizer.encode(text, add_special_tokens=False).ids


@pytest.mark.parametrize("character", ["x", "\u4e2d", "\U0001f4a3", "\u0301", "\0", "\ud800", " "])
def test_many_times_the_same_character(new_tokenizer, character):
    encoder = WindowEncoder(new_tokenizer(), 256, 64)
    tokens = encoder.tokenize(character * 120_000)
    assert tokens.coverage == (0.0 if character == "\ud800" else 1.0)
    assert sum(len(window.heads) for window in encoder.windows(tokens)) == len(tokens.words)


@pytest.mark.parametrize("length", [100, 101, 10_000])
def test_a_very_long_word_is_one_word(encoder, length):
    text = f"Rebels {'x' * length} Homs"
    tokens = encoder.tokenize(text)
    assert [text[start:end] for start, end in tokens.words.tolist()] == text.split()
    cut = list(encoder.windows(tokens))
    assert sum(len(window.heads) for window in cut) == 3
    assert len(cut) <= 3  # windows inside the word decide nothing and are left out


# Windows


def test_short_text_is_one_window(new_tokenizer):
    encoder = WindowEncoder(new_tokenizer(), 16, 4)
    tokens = encoder.tokenize("Rebels shelled Homs.")
    (window,) = encoder.windows(tokens)
    assert [encoder.tokenizer.id_to_token(i) for i in window.ids.tolist()] == [
        *("[CLS]", "Rebels", "shelled", "Homs", ".", "[SEP]")
    ]
    assert window.first == 0
    assert window.heads.tolist() == [1, 2, 3, 4]
    assert list(encoder.windows(encoder.tokenize(""))) == []


def test_windows_by_hand(new_tokenizer):
    """Words of one piece, room for six, two shared: the fourth and fifth word are between two windows."""
    encoder = WindowEncoder(new_tokenizer(), 6 + SPECIAL, 2)
    text = fake_text([1] * 10)
    cut = list(encoder.windows(text))
    assert ranges(text, cut) == [(0, 6), (4, 10)]
    assert [window.heads.tolist() for window in cut] == [[1, 2, 3, 4, 5], [2, 3, 4, 5, 6]]
    assert [window.first for window in cut] == [0, 5]
    assert cut[1].ids[1:-1].tolist() == text.ids[4:10].tolist()


def test_windows_begin_and_end_at_words(new_tokenizer):
    encoder = WindowEncoder(new_tokenizer(), 8 + SPECIAL, 2)
    text = fake_text([3, 3, 3, 3, 3])
    assert ranges(text, list(encoder.windows(text))) == [(0, 6), (3, 9), (6, 12), (9, 15)]


def test_the_last_window_is_as_full_as_it_can_be(new_tokenizer):
    encoder = WindowEncoder(new_tokenizer(), 8 + SPECIAL, 2)
    text = fake_text([1] * 9)
    assert ranges(text, list(encoder.windows(text))) == [(0, 8), (1, 9)]


sizes = st.integers(1, 20).flatmap(lambda room: st.tuples(st.just(room), st.integers(0, room - 1)))


@given(sizes=sizes, lengths=st.lists(st.integers(1, 30), max_size=40), lead=st.integers(0, 3))
def test_every_word_is_decided_once_by_the_most_central_window(new_tokenizer, sizes, lengths, lead):
    room, overlap = sizes
    encoder = WindowEncoder(new_tokenizer(), room + SPECIAL, overlap)
    text = fake_text(lengths, lead)
    cut = list(encoder.windows(text))
    decided = [word for window in cut for word in range(window.first, window.first + len(window.heads))]
    assert decided == list(range(len(lengths)))
    assert all(len(window.heads) and len(window.ids) <= room + SPECIAL for window in cut)

    read = ranges(text, cut)
    for window, (start, stop) in zip(cut, read, strict=True):
        assert window.ids[1:-1].tolist() == text.ids[start:stop].tolist()
        assert (
            window.ids[window.heads].tolist()
            == text.ids[text.heads[window.first : window.first + len(window.heads)]].tolist()
        )
        for head in (window.heads + start - 1).tolist():
            mine = min(head - start, stop - 1 - head)
            assert mine == max(min(head - begin, end - 1 - head) for begin, end in read)


@given(sizes=sizes, data=st.data(), count=st.integers(1, 40))
def test_windows_of_whole_words_share_enough_and_leave_no_gap(new_tokenizer, sizes, data, count):
    room, overlap = sizes
    longest = max(1, (room - overlap) // 2)
    text = fake_text(data.draw(st.lists(st.integers(1, longest), min_size=count, max_size=count)))
    cut = WindowEncoder(new_tokenizer(), room + SPECIAL, overlap)._cuts(text.heads, len(text.ids))
    assert cut[0][0] == 0
    assert cut[-1][1] == len(text.ids)
    for (start, stop), (following, _) in pairwise(cut):
        assert start < following <= stop - overlap
    borders = {*text.heads.tolist(), len(text.ids)}
    assert {border for window in cut for border in window} <= borders


@pytest.mark.parametrize(("max_length", "overlap"), [(16, 14), (16, -1), (2, 0), (0, 0)])
def test_windows_that_would_not_progress_are_refused(new_tokenizer, max_length, overlap):
    with pytest.raises(ValueError, match="overlap must be from 0 to"):
        WindowEncoder(new_tokenizer(), max_length, overlap)


def test_invisible_is_what_unicode_calls_control_or_format():
    assert {unicodedata.category(c) for c in "\0\x7f\x85\u200b\u200e\u202a\ufeff"} == {"Cc", "Cf"}
