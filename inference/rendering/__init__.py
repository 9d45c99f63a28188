"""Predictions for human eyes: a terminal, plain text, a web page."""

from .page import html_page, incident_page
from .terminal import print_prediction

__all__ = ["html_page", "incident_page", "print_prediction"]
