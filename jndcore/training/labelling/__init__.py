"""Labels without observers: clips swept with x264, judged by a teacher network and VMAF (`jnd label`)."""
