"""Dates of incidents: what is a date, what days it comes to, and what is never guessed."""

import json
from datetime import date, datetime

import dateparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictner.data import ConflictnerError, DataError
from conflictner.inference.incidents import dates as dates_module
from conflictner.inference.incidents.date_expressions import find_dates
from conflictner.inference.incidents.dates import IncidentDate, published_date, resolve_dates

PUBLISHED = date(2024, 3, 6)  # a Wednesday


def resolved(text, published=PUBLISHED):
    return resolve_dates(text, find_dates(text), published)


def days(text, published=PUBLISHED):
    (found,) = resolved(text, published)
    assert text[found.start : found.end] == found.text
    return None if found.first is None else (str(found.first), str(found.last))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Shells fell on 2024-02-03.", "2024-02-03", "2024-02-03"),
        ("It happened on 4 March 2023.", "2023-03-04", "2023-03-04"),
        ("It happened on March 4, 2023, at noon.", "2023-03-04", "2023-03-04"),
        ("On the 1st of May 2020 it fell.", "2020-05-01", "2020-05-01"),
        ("It fell on 25/12/2023.", "2023-12-25", "2023-12-25"),
        ("It fell on 12/25/2023.", "2023-12-25", "2023-12-25"),
        ("It fell on 04.04.2023.", "2023-04-04", "2023-04-04"),
        # Without a year: the last such day up to the day of publication.
        ("It fell on 4 March.", "2024-03-04", "2024-03-04"),
        ("It fell on March 6.", "2024-03-06", "2024-03-06"),
        ("It fell on Mar. 7.", "2023-03-07", "2023-03-07"),
        ("It fell on Sept. 4.", "2023-09-04", "2023-09-04"),
        # Feasts.
        ("They died on New Year's Day.", "2024-01-01", "2024-01-01"),
        ("They died on New Year’s Eve 2016.", "2016-12-31", "2016-12-31"),
        ("On Christmas Day, 2021, they died.", "2021-12-25", "2021-12-25"),
        ("They died on CHRISTMAS EVE.", "2023-12-24", "2023-12-24"),
        # Weekdays: the last one, today included.
        ("They died on Monday.", "2024-03-04", "2024-03-04"),
        ("They died late on Wednesday.", "2024-03-06", "2024-03-06"),
        ("They died on Thursday.", "2024-02-29", "2024-02-29"),
        ("They died last Sunday.", "2024-03-03", "2024-03-03"),
        # Words.
        ("They died yesterday.", "2024-03-05", "2024-03-05"),
        ("They died this morning.", "2024-03-06", "2024-03-06"),
        ("They died overnight.", "2024-03-05", "2024-03-06"),
        ("They died two days ago.", "2024-03-04", "2024-03-04"),
        ("They died a week ago.", "2024-02-26", "2024-03-03"),
        ("They died three months ago.", "2023-12-01", "2023-12-31"),
        ("Two days ago they died.", "2024-03-04", "2024-03-04"),
        ("Last October they died.", "2023-10-01", "2023-10-31"),
        ("Overnight they died.", "2024-03-05", "2024-03-06"),
        ("They died last week.", "2024-02-26", "2024-03-03"),
        ("They died this week.", "2024-03-04", "2024-03-06"),
        ("They died last weekend.", "2024-03-02", "2024-03-03"),
        ("They died over the weekend.", "2024-03-02", "2024-03-03"),
        ("The weekend's raids killed ten.", "2024-03-02", "2024-03-03"),
        ("They died the day before yesterday.", "2024-03-04", "2024-03-04"),
        ("The group claimed responsibility for Sunday's attack.", "2024-03-03", "2024-03-03"),
        ("They died last month.", "2024-02-01", "2024-02-29"),
        ("They died last year.", "2023-01-01", "2023-12-31"),
        ("They died in February.", "2024-02-01", "2024-02-29"),
        ("They died in late October.", "2023-10-01", "2023-10-31"),
        ("They died in February 2022.", "2022-02-01", "2022-02-28"),
        ("They died early in March 2024.", "2024-03-01", "2024-03-06"),
        ("They died in 2024.", "2024-01-01", "2024-03-06"),
        ("They meet in April 2024.", "2024-04-01", "2024-04-30"),
        ("They died in 2019.", "2019-01-01", "2019-12-31"),
        # Ranges.
        ("Fighting raged from 3 to 5 March.", "2024-03-03", "2024-03-05"),
        ("Fighting raged between 17 and 24 April 2022.", "2022-04-17", "2022-04-24"),
        ("Fighting raged on March 3-5, 2023.", "2023-03-03", "2023-03-05"),
        ("Fighting raged from Friday to Sunday.", "2024-03-01", "2024-03-03"),
        ("They burned shops on Monday and Tuesday.", "2024-03-04", "2024-03-05"),
        ("They burned shops from Monday to Monday.", "2024-02-26", "2024-03-04"),
        ("They met on 7, 8 and 9 January.", "2024-01-07", "2024-01-09"),
        ("They met on January 7, 8 and 9.", "2024-01-07", "2024-01-09"),
        ("It began in the night of 7/8 January.", "2024-01-07", "2024-01-08"),
        ("They met on 7\u20118 January.", "2024-01-07", "2024-01-08"),  # a hyphen that does not break
        ("They met on 7\u22128 January.", "2024-01-07", "2024-01-08"),  # a minus
        ("It raged from March 3 to 5.", "2024-03-03", "2024-03-05"),
        ("It raged from Monday night to Tuesday morning.", "2024-03-04", "2024-03-05"),
        ("It raged from Monday night into Tuesday.", "2024-03-04", "2024-03-05"),
        # Ranges across months and years.
        ("It raged from February 28 to 2 March.", "2024-02-28", "2024-03-02"),
        ("It raged from 30 December to 2 January.", "2023-12-30", "2024-01-02"),
        ("It raged on 28 Feb-2 Mar 2024.", "2024-02-28", "2024-03-02"),
        ("It raged between 7 October and 12 November.", "2023-10-07", "2023-11-12"),
        ("It raged from December 30, 2021, to January 2, 2022.", "2021-12-30", "2022-01-02"),
        ("It raged from Friday, 1 March, to Monday, 4 March.", "2024-03-01", "2024-03-04"),
        ("It raged from 2024-01-30 to 2024-02-02.", "2024-01-30", "2024-02-02"),
        ("It raged between November and February.", "2023-11-01", "2024-02-29"),
        ("It raged in October and November 2021.", "2021-10-01", "2021-11-30"),
        ("It raged from 2015 to 2019.", "2015-01-01", "2019-12-31"),
        ("It raged in 2015-2019.", "2015-01-01", "2019-12-31"),
        # A weekday before a date is that of the date.
        ("It fell on Monday, 7 October 2019.", "2019-10-07", "2019-10-07"),
        ("It fell on Monday (October 7, 2019).", "2019-10-07", "2019-10-07"),
        # The year and the week that stand behind.
        ("It fell in February last year.", "2023-02-01", "2023-02-28"),
        ("It fell on March 4 of last year.", "2023-03-04", "2023-03-04"),
        ("It fell on Monday of last week.", "2024-02-26", "2024-02-26"),
        ("It fell on Tuesday evening this week.", "2024-03-05", "2024-03-05"),
        ("Ten fled, following last week's raid.", "2024-02-26", "2024-03-03"),
        # "Last" is before now.
        ("It fell last Wednesday.", "2024-02-28", "2024-02-28"),
        ("It fell last March.", "2023-03-01", "2023-03-31"),
        ("It fell in mid-February.", "2024-02-01", "2024-02-29"),
        ("It fell in mid-2023.", "2023-01-01", "2023-12-31"),
        ("The attack in 2019 was the worst.", "2019-01-01", "2019-12-31"),
        ("IT FELL ON 7 OCTOBER 2023.", "2023-10-07", "2023-10-07"),
        ("BOMBS FELL FROM FRIDAY TO SUNDAY.", "2024-03-01", "2024-03-03"),
        ("It fell on 13-02-2024.", "2024-02-13", "2024-02-13"),
        ("It fell on 2024/02/13.", "2024-02-13", "2024-02-13"),
        # A count behind a month is no day.
        ("In March 15 people were killed.", "2024-03-01", "2024-03-06"),
    ],
)
def test_expressions_come_to_days(text, first, last):
    assert days(text) == (first, last)


def test_some_dates_count_from_the_one_before():
    text = "Bombs fell on 4 March 2023. Gunmen had attacked two days earlier, and came back the next day."
    found = resolved(text, None)
    assert [(str(item.first), item.reason) for item in found] == [
        ("2023-03-04", "absolute"),
        ("2023-03-02", "text"),
        ("2023-03-03", "text"),
    ]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("It raged from 3 to 5 March 2023. The next day ten fled.", "2023-03-06", "2023-03-06"),
        ("It raged from 3 to 5 March 2023. Ten fled a day earlier.", "2023-03-02", "2023-03-02"),
        ("It raged from 3 to 5 March 2023. The same day ten fled.", "2023-03-03", "2023-03-05"),
        ("Shells fell in March 2023. A month later ten fled.", "2023-04-01", "2023-04-30"),
        ("Shells fell on 1 March 2023. A month later ten fled.", "2023-04-01", "2023-04-30"),
        ("Shells fell on 31 January 2023. A month later ten fled.", "2023-02-01", "2023-02-28"),
        ("Shells fell in 2019. Ten fled a year later.", "2020-01-01", "2020-12-31"),
        ("Shells fell in 2019. The next day ten fled.", "None", "None"),
        ("Shells fell in 2019. Ten fled two months later.", "None", "None"),
    ],
)
def test_what_counts_from_a_stretch_counts_from_its_ends(text, first, last):
    found = resolved(text, None)[-1]
    assert (str(found.first), str(found.last)) == (first, last)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("They died on Monday.", "day of publication"),
        ("They died yesterday.", "day of publication"),
        ("They died on 4 March.", "day of publication"),
        ("They died two days earlier.", "none before it"),
        ("They died on 03/04/2023.", "may be exchanged"),
        ("They died on 30 February 2023.", "no such day"),
        ("They died from 9 to 3 March 2023.", "before it begins"),
    ],
)
def test_nothing_is_guessed(text, reason):
    (found,) = resolved(text, None)
    assert (found.status, found.first, found.last, found.days) == ("unresolved", None, None, None)
    assert reason in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "He has held the town since Monday.",
        "Talks resume next Tuesday.",
        "They must leave by Friday.",
        "Talks would begin in Doha on 18 March, and troops are to leave the north on Friday.",
        "Soldiers march through the town and may fire.",
        "April Jones said 2019 people came.",
        "The 2014 rifles fired 1500 rounds.",
        "He fled in 1990s Bosnia, and in the mid-1990s.",
        "It fell 1,000 days ago, or 2.5 years ago, or half a year ago.",
        "To this day nobody knows; it was the last day of the siege.",
        "It fell in the last week, over the last month.",
        "Thousands have died since the October 7 attack.",
        "The previous Sunday he had fled, the following Monday he came back.",
        "They prepare for Sunday's vote, and for the weekend; they meet before the weekend.",
        "Two days before the vote and a day after elections it rained.",
        "",
    ],
)
def test_what_bounds_or_lies_ahead_or_is_a_name_is_no_date(text):
    assert find_dates(text) == []


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("Ten died on Monday, police said on Tuesday.", "Tuesday"),
        ("The army said Thursday that ten died on Monday.", "Thursday"),
        ("KHARTOUM, March 5 (XYZ) -- Ten died on Monday.", "March 5"),
        ("The toll rose to 12 on Tuesday after Monday's blast.", "Tuesday"),
        ("Ten died on Sunday, police said on Monday, 4 March.", "Monday, 4 March"),
        ("Officials on Tuesday lowered the death toll of Monday's blast.", "Tuesday"),
        ("Police on Tuesday said ten had died on Monday.", "Tuesday"),
    ],
)
def test_days_of_statements_are_told_apart(text, statement):
    found = {text[item.start : item.end]: item.is_statement for item in find_dates(text)}
    assert found.pop(statement)
    assert list(found.values()) == [False] * len(found)


@pytest.mark.parametrize(
    "words", ["4 March", "June 5, 2001", "7th of Sept. 1999", "two days ago", "a week ago", "12 days ago"]
)
def test_the_calendar_says_what_dateparser_says(words):
    settings = {"PREFER_DATES_FROM": "past", "RELATIVE_BASE": datetime(2024, 3, 6)}
    day = dateparser.parse(words, languages=["en"], settings=settings).date()
    first, last = map(date.fromisoformat, days(f"They died {words}."))
    assert first <= day <= last


def test_a_stretch_behind_since_counts_when_an_event_follows():
    text = "It was the worst attack since September, when ten died."
    assert days(text) == ("2023-09-01", "2023-09-30")


@pytest.mark.parametrize(
    "value",
    [
        "2024-03-06",
        " 2024-03-06T23:10:00 ",
        "06 March 2024",
        "Mar 6, 2024",
        PUBLISHED,
        datetime(2024, 3, 6, 23, 10),
    ],
)
def test_days_of_publication(value):
    assert published_date(value) == PUBLISHED


@pytest.mark.parametrize(
    "value",
    ["yesterday", "6 March", "06/03/2024", "March 2024", "on 6 March 2024", "2024-13-01", "", 20240306],
)
def test_other_days_of_publication_are_refused(value):
    with pytest.raises(ConflictnerError, match="accepted is a date such as 2024-03-05"):
        published_date(value)


def test_without_dateparser_nothing_is_resolved_and_asking_is_an_error(monkeypatch):
    monkeypatch.setattr(dates_module, "are_installed", lambda libraries: False)
    (found,) = resolved("They died on 4 March 2023.", None)
    assert found.first is None
    assert "pip install 'conflictner[dates]'" in found.reason
    with pytest.raises(ConflictnerError, match=r"pip install 'conflictner\[dates\]'"):
        resolved("Nothing.", PUBLISHED)


_WORDS = """on from to 3 31 5th March May 29 February 2023 0001 9999 Monday Friday and two 999 days ago
    earlier years the same next day last week month overnight yesterday in since said , . -
    2023-02-30 99/99/2020"""


@given(
    st.one_of(st.text(st.characters()), st.lists(st.sampled_from(_WORDS.split()), max_size=12).map(" ".join)),
    st.none() | st.dates(),
)
def test_any_text_gives_valid_dates_that_load_back(text, published):
    found = resolved(text, published)
    position = 0
    for item in found:
        assert position <= item.start < item.end <= len(text)
        assert text[item.start : item.end] == item.text
        assert item.resolved == (item.status == "resolved") == (item.last is not None)
        assert item.first is None or item.first <= item.last
        assert IncidentDate.from_dict(json.loads(json.dumps(item.to_dict()))) == item
        position = item.end
    assert resolved(text, published) == found


@pytest.mark.parametrize("change", [{"first": "soon"}, {"more": 1}, {"last": 3}])
def test_records_of_something_else_are_refused(change):
    (found,) = resolved("They died on Monday.")
    with pytest.raises(DataError, match="not the record of a date"):
        IncidentDate.from_dict({**found.to_dict(), **change})
