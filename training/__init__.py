"""Fine-tuning: recipes, batches, the training loop, calibration and the model card."""
