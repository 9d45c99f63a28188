"""Pre-training: a masked language model learned from open text, for fine-tuning to begin with."""
