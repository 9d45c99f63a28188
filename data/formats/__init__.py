"""The formats that annotated documents are exchanged in: each is read, and most are written."""

from .convert import Conversion, convert
from .format import Format
from .registry import FORMATS, detect_format, find_format
from .report import Report

__all__ = ["FORMATS", "Conversion", "Format", "Report", "convert", "detect_format", "find_format"]
