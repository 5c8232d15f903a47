"""Data of JNDScope, read through importlib.resources: weights with their cards, icons, the sample clip."""
