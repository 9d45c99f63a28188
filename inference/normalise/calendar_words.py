"""Words of the calendar: the names of months and weekdays, in the order of the year and the week."""

from __future__ import annotations

__all__ = ["MONTHS", "WEEKDAYS"]

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
