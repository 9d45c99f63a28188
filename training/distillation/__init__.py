"""Distillation: an ensemble of recurrent teachers labels open text, and a transformer learns from it."""
