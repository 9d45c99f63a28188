"""Words of tolls, in small letters: what a count of victims is called, and how it rises and falls."""

from __future__ import annotations

__all__ = ["CHANGE", "DEATHS", "RISE", "TOLL"]

TOLL = r"(?:tolls?|tall(?:y|ies)|totals?|counts?|numbers?|figures?|estimates?)"
DEATHS = r"(?:deaths|fatalities|casualties)"
RISE = (
    r"(?:ris(?:e|es|en|ing)|rose|climb(?:s|ed|ing)?|grew|grow(?:s|n|ing)|jump(?:s|ed|ing)?|"
    r"increas(?:e|es|ed|ing))"
)
#: That a count changes, or that somebody changes it.
CHANGE = (
    rf"(?:{RISE}|f[ae]ll(?:s|en|ing)?|drop\w*|declin\w*|lower\w*|reduc\w*|cut|revis\w*|updat\w*|rais\w*|lift\w*|"
    r"correct\w*|adjust\w*|went|up|down)"
)
