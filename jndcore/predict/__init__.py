"""From frames to predictions, and from a video to an Analysis.

Importing this package does not import torch: a window must paint first. `Predictor`, which does,
lives in `jndcore.predict.predictor`.
"""

from jndcore.predict.child import InferenceChild
from jndcore.predict.devices import DeviceInfo
from jndcore.predict.events import (
    Cancelled,
    Event,
    Failed,
    Finished,
    Loaded,
    Message,
    Moved,
    Progress,
    Rebuilt,
)
from jndcore.predict.stream import analyse

__all__ = [
    "Cancelled",
    "DeviceInfo",
    "Event",
    "Failed",
    "Finished",
    "InferenceChild",
    "Loaded",
    "Message",
    "Moved",
    "Progress",
    "Rebuilt",
    "analyse",
]
