"""Fuzzing: hostile texts through predict, and mutated files through every loader.

``python -m tests.fuzz`` in the repository says how it is run; ``docs/fuzzing.md`` what it promises.
"""
