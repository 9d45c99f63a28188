"""Incidents: who did what to whom, when, where, with what, and how many were harmed, by whose account."""

from .assembly import find_incidents
from .incident import Incident

__all__ = ["Incident", "find_incidents"]
