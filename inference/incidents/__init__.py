"""Incidents: who did what to whom, when, where, with what, and how many were harmed, by whose account."""

from .assembly import find_incidents
from .exports import export, incidents_frame, read_reports
from .incident import Incident
from .reports import Report

__all__ = ["Incident", "Report", "export", "find_incidents", "incidents_frame", "read_reports"]
