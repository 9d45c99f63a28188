"""Variants of annotated documents whose labels stay true: for training, and to test robustness."""
