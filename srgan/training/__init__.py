"""Training on any Keras backend: data, losses, steps, checkpoints, and one file per stage."""
