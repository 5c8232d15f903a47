"""The devices that a model can run on."""

from __future__ import annotations

import platform
from dataclasses import dataclass

from jndcore.errors import JNDError

NAMES = ("cpu", "cuda", "mps")


@dataclass(frozen=True)
class DeviceInfo:
    """A device by its torch `name`, with a `label` to read and, where not `available`, the `reason`."""

    name: str
    label: str
    available: bool
    reason: str = ""


def list_devices() -> tuple[DeviceInfo, ...]:
    """All devices that torch knows of, the ones that this machine lacks with the reason. Imports torch."""
    import torch

    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    gpu = torch.cuda.get_device_name(0) if cuda else "NVIDIA or AMD GPU"
    built = torch.version.cuda or torch.version.hip
    no_gpu = "no such GPU or no driver for it" if built else "the installed torch is a CPU build"
    return (
        DeviceInfo("cpu", f"CPU ({torch.get_num_threads()} threads)", True),
        DeviceInfo("cuda", gpu, cuda, "" if cuda else no_gpu),
        DeviceInfo(
            "mps", "Apple GPU", mps, "" if mps else f"not on {platform.system()} {platform.machine()}"
        ),
    )


def choose_device(name: str) -> DeviceInfo:
    """The device called `name`; ``"auto"`` takes a GPU where there is one.

    Raises
    ------
    JNDError
        Where the device is unknown or not available here.
    """
    devices = {device.name: device for device in list_devices()}
    if name == "auto":
        return next((devices[n] for n in ("cuda", "mps") if devices[n].available), devices["cpu"])
    if name not in devices:
        raise JNDError(f"{name}: no such device; choose one of auto, {', '.join(devices)}.")
    if not devices[name].available:
        raise JNDError(f"{name}: not available here ({devices[name].reason}); choose auto or cpu.")
    return devices[name]


def computes_bf16(device: str) -> bool:
    """Whether bf16 is native, and so faster, on a device by its torch name. Imports torch."""
    if device != "cpu":
        return device == "cuda"
    import torch

    # not in every torch of the range that pyproject.toml gives
    has: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(has.get("avx512_bf16") or has.get("amx_bf16"))
