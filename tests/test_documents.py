"""Documents and spans: what is accepted, and what the message says when it is not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import DataError, Document, Span

TEXT = "Rebels shelled Kabul"
LABELS = {"ACTOR": ("agent", "target"), "LOCATION": ()}
EVENTS = ("battle", "protest")


def record(**fields: Any) -> dict[str, Any]:
    return {"id": "a", "text": TEXT, **fields}


def span(**fields: Any) -> dict[str, Any]:
    return {"start": 0, "end": 6, "label": "ACTOR", **fields}


def reason(value: Any) -> str:
    with pytest.raises(DataError) as caught:
        Document.from_dict(value, LABELS, EVENTS)
    message = str(caught.value)
    assert message.isprintable()
    return message


def test_a_whole_record_reads_back_as_it_was() -> None:
    whole = record(
        spans=[span(attribute="agent", score=0.75), {"start": 15, "end": 20, "label": "LOCATION"}],
        events=["battle"],
        meta={"source": "desk"},
    )
    document = Document.from_dict(whole, LABELS, EVENTS)
    assert document.spans == (Span(0, 6, "ACTOR", "agent", 0.75), Span(15, 20, "LOCATION"))
    assert document.to_dict() == whole


def test_a_record_may_hold_id_and_text_alone() -> None:
    assert Document.from_dict(record()) == Document("a", TEXT)
    assert Document.from_dict(record(spans=None, events=None, meta=None)) == Document("a", TEXT)


def test_spans_come_back_sorted() -> None:
    spans = [{"start": 15, "end": 20, "label": "LOCATION"}, span()]
    assert [item.start for item in Document.from_dict(record(spans=spans)).spans] == [0, 15]


def test_spans_may_touch() -> None:
    spans = [span(), {"start": 7, "end": 14, "label": "X"}, {"start": 14, "end": 15, "label": "X"}]
    document = Document.from_dict({"id": "a", "text": "Rebels shelled."} | {"spans": spans})
    assert len(document.spans) == 3


def test_fields_outside_the_form_are_kept_in_meta() -> None:
    document = Document.from_dict(record(date="2024-05-01", url="x", meta={"url": "y"}))
    assert document.meta == {"date": "2024-05-01", "url": "y"}


def test_an_id_may_be_a_whole_number() -> None:
    assert Document.from_dict(record(id=4711)).id == "4711"


def test_any_label_is_accepted_without_a_table() -> None:
    document = Document.from_dict(record(spans=[span(label="NAME", attribute="x")], events=["flood"]))
    assert document.spans[0].label == "NAME"
    assert document.events == ("flood",)


@pytest.mark.parametrize("value", [None, 3, "text", ["a"], True])
def test_what_is_no_object_is_refused(value: Any) -> None:
    assert reason(value) == f"expected an object with 'id' and 'text', got {value!r}"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"id": 7.5}, "'id' must be a string or a whole number, got 7.5"),
        ({"id": True}, "'id' must be a string or a whole number, got True"),
        ({"text": None}, "'text' must be a string, got None"),
        ({"spans": {}}, "'spans' must be a list, got {}"),
        ({"events": "battle"}, "'events' must be a list, got 'battle'"),
        ({"meta": []}, "'meta' must be an object, got []"),
        ({"meta": 0}, "'meta' must be an object, got 0"),
        ({"events": [1]}, "events[0] must be a string that is not empty, got 1"),
        ({"events": ["war"]}, "events[0] is 'war'; accepted are battle, protest"),
        ({"events": ["battle", "battle"]}, "events[1] is 'battle' once more; give each event type once"),
        ({"spans": [7]}, "spans[0] must be an object, got 7"),
    ],
)
def test_fields_of_the_wrong_kind_are_refused(fields: dict[str, Any], message: str) -> None:
    assert reason(record(**fields)) == message


@pytest.mark.parametrize("name", ["id", "text"])
def test_a_missing_field_is_named_with_those_that_are_there(name: str) -> None:
    value = record(other=1)
    del value[name]
    assert reason(value) == f"the field {name!r} is missing; the object has {sorted(value)}"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"start": "0"}, "spans[0].start must be a whole number, got '0'"),
        ({"start": True}, "spans[0].start must be a whole number, got True"),
        ({"end": 6.0}, "spans[0].end must be a whole number, got 6.0"),
        ({"end": None}, "spans[0].end must be a whole number, got None"),
        ({"start": -1}, "spans[0] is -1:6, outside the text of 20 characters or empty"),
        ({"end": 21}, "spans[0] is 0:21, outside the text of 20 characters or empty"),
        ({"start": 6}, "spans[0] is 6:6, outside the text of 20 characters or empty"),
        ({"end": 10**5000}, "spans[0] is 0:a number of more than 30 digits, outside the text"),
        ({"end": 7}, "spans[0] is 0:7 'Rebels '; a span must not start or end with white space"),
        (
            {"start": 14, "end": 20},
            "spans[0] is 14:20 ' Kabul'; a span must not start or end with white space",
        ),
        ({"label": None}, "spans[0].label must be a string that is not empty, got None"),
        ({"label": ""}, "spans[0].label must be a string that is not empty, got ''"),
        ({"label": "PLACE"}, "spans[0].label is 'PLACE'; accepted are ACTOR, LOCATION"),
        ({"attribute": 1}, "spans[0].attribute must be null or a string that is not empty, got 1"),
        ({"attribute": "boss"}, "spans[0].attribute is 'boss'; accepted for ACTOR are agent, target"),
        (
            {"label": "LOCATION", "attribute": "agent"},
            "spans[0].attribute is 'agent'; accepted for LOCATION are none",
        ),
        ({"score": 1.5}, "spans[0].score must be null or a number from 0 to 1, got 1.5"),
        ({"score": float("nan")}, "spans[0].score must be null or a number from 0 to 1, got nan"),
        ({"score": "high"}, "spans[0].score must be null or a number from 0 to 1, got 'high'"),
        ({"text": "rebels"}, "spans[0].text is 'rebels', but 0:6 of the text is 'Rebels'"),
    ],
)
def test_a_bad_span_is_refused_with_its_value(fields: dict[str, Any], message: str) -> None:
    assert reason(record(spans=[span(**fields)])).startswith(message)


def test_the_span_is_named_by_its_place_in_the_record() -> None:
    spans = [{"start": 15, "end": 20, "label": "LOCATION"}, span(label="X")]
    assert reason(record(spans=spans)).startswith("spans[1].label is 'X'")


def test_overlapping_spans_are_refused_with_both() -> None:
    spans = [{"start": 3, "end": 14, "label": "LOCATION"}, span()]
    assert reason(record(spans=spans)) == (
        "spans overlap: 0:6 'Rebels' (ACTOR) and 3:14 'els shelled' (LOCATION); spans must be flat"
    )


def test_spans_that_share_one_character_overlap() -> None:
    spans = [span(), {"start": 5, "end": 14, "label": "LOCATION"}]
    assert reason(record(spans=spans)).startswith("spans overlap: 0:6 'Rebels' (ACTOR) and 5:14 's shelled'")


def test_values_are_shown_in_one_short_line() -> None:
    assert len(reason(record(id=["x" * 10_000] * 1000))) < 250
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    assert len(reason(record(meta=nested))) < 200
    assert "\n" not in reason(record(events=["two\nlines\x1b[31m"]))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)
odd_spans = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("start", "end", "label", "attribute", "score", "text"), json_values),
)
odd_records = st.fixed_dictionaries(
    {},
    optional={
        "id": st.text() | json_values,
        "text": st.text() | json_values,
        "spans": st.lists(odd_spans | json_values, max_size=4) | json_values,
        "events": st.lists(st.sampled_from(EVENTS) | json_values, max_size=3) | json_values,
        "meta": json_values,
    },
)


@given(odd_records | json_values)
def test_any_value_is_a_document_or_a_data_error(value: Any) -> None:
    message = ""
    try:
        document = Document.from_dict(value, LABELS, EVENTS)
    except DataError as error:
        message = str(error)
        document = Document("", "")
    assert message.isprintable()
    for item in document.spans:
        assert document.text[item.start : item.end].strip()
        assert item.label in LABELS


def test_annotated_names_come_from_meta():
    assert Document("1", "a").annotated is None
    assert Document("1", "a", meta={"annotated": ["ACTOR", "battle"]}).annotated == {"ACTOR", "battle"}
    assert Document("1", "a", meta={"annotated": []}).annotated == frozenset()


@pytest.mark.parametrize("names", ["ACTOR", 3, {"ACTOR": 1}, [3]])
def test_malformed_annotated_names_are_refused(names):
    record = {"id": "d-1", "text": "a", "meta": {"annotated": names}}
    document = Document.from_dict(record)  # for reading, anything may stand in meta
    with pytest.raises(DataError, match=r"document 'd-1': meta\.annotated must be a list"):
        _ = document.annotated
