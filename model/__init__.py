"""Label schemes, decoding and checkpoint folders; the modules that need torch are imported by name."""

from .labels import DEFAULT_SCHEME, Label, LabelScheme, SchemeError

__all__ = ["DEFAULT_SCHEME", "Label", "LabelScheme", "SchemeError"]
