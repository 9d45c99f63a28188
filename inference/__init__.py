"""Prediction, evaluation and the command line."""
