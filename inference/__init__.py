"""Prediction, evaluation and the command line.

>>> from conflictner.inference import predict
>>> predict("Rebels shelled Aleppo.").spans_of("LOCATION")[0].text
'Aleppo'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["PredictedSpan", "Prediction", "Tagger", "predict"]

if TYPE_CHECKING:
    from .prediction import PredictedSpan, Prediction
    from .tagger import Tagger, predict
else:

    def __getattr__(name: str) -> Any:
        """Load a name when it is first used, and numpy with it, which not every module below needs."""
        for module in ("prediction", "tagger") if name in __all__ else ():
            offered = import_module(f".{module}", __name__)
            if name in offered.__all__:
                return getattr(offered, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
