"""From frames to predictions, and from a video to an Analysis.

Importing this package does not import torch: a window must paint first. `Predictor`, which does,
lives in `jndcore.predict.predictor`.
"""

import os

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
    NotRebuilt,
    Progress,
    Rebuilt,
)
from jndcore.predict.stream import analyse

# torch reads this when it is imported. By default its threads spin while they wait for each other, and on
# a machine that is busy (an encoder at work) they take the cores from whom they wait for: measured with one
# of two cores taken, 44 to 118 frames a second, and 178 with this.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

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
    "NotRebuilt",
    "Progress",
    "Rebuilt",
    "analyse",
]
