"""Prediction, evaluation and the command line.

>>> from conflictner.inference import predict
>>> predict("Rebels shelled Aleppo.").spans_of("LOCATION")[0].text
'Aleppo'
"""

from .prediction import PredictedSpan, Prediction
from .tagger import Tagger, predict

__all__ = ["PredictedSpan", "Prediction", "Tagger", "predict"]
