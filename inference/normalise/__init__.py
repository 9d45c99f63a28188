"""From spans to values: counts, weapon categories, places and claims.

Each module reads the text of spans and never raises on what it finds there.
"""
