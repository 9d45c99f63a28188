"""Words of the calendar: names of months and weekdays, in the order of year and week, and of feasts."""

from __future__ import annotations

__all__ = ["FEASTS", "MONTHS", "WEEKDAYS"]

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: Feasts that have the same day in every year: name in small letters -> day.
FEASTS = {
    "new year's day": "1 January",
    "new year's eve": "31 December",
    "christmas day": "25 December",
    "christmas eve": "24 December",
    "boxing day": "26 December",
}
