"""Clips made for training: stills and scenes under a moving camera, pieces of videos (`jnd make-clips`)."""
