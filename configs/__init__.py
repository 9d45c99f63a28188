"""Training recipes in YAML; every value stands in the file, commented."""
