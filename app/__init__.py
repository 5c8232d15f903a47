"""The window of JNDScope: the only place that imports Qt."""
