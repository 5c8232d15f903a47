"""What a fit leaves on disk: a checkpoint while it goes on, its weights when it is done."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import safetensors.torch
import torch
from lightning_fabric import Fabric
from safetensors import SafetensorError
from torch import Tensor, nn

from jndcore.errors import JNDError
from jndcore.results.atomic import replacing

CHECKPOINT_SECONDS = 60.0


class Kept:
    """The files of one fit. Every process of a run makes one; all must call its methods alike.

    Parameters
    ----------
    path : Path
        Of the weights when it is done, ``.safetensors``; its name tells all that decides them. The
        checkpoint lies beside it.
    """

    def __init__(self, path: Path, fabric: Fabric) -> None:
        self._path, self._checkpoint = path, path.with_suffix(".ckpt")
        self._fabric = fabric
        self._saved = time.monotonic()

    def load_done(self, model: nn.Module) -> bool:
        """Put the weights of a fit that is done into `model`; False where it is not."""
        if not self._path.is_file():
            return False
        try:
            model.load_state_dict(safetensors.torch.load_file(self._path))
        except (SafetensorError, RuntimeError) as error:
            raise JNDError(f"{self._path}: damaged weights; delete the file to fit anew.") from error
        return True

    def restore(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Put a checkpoint's weights into the modules and optimisers of `state`; the rest of it comes back.

        An empty dict where there is none.
        """
        if not self._checkpoint.is_file():
            return {}
        try:
            return self._fabric.load(self._checkpoint, dict(state), weights_only=True)
        except (RuntimeError, UnpicklingError, KeyError, EOFError) as error:
            raise JNDError(f"{self._checkpoint}: a damaged checkpoint; delete it to fit anew.") from error

    def save_now_and_then(self, state: Mapping[str, Any]) -> None:
        """Write a checkpoint when a minute has passed since the last one."""
        due = time.monotonic() - self._saved >= CHECKPOINT_SECONDS
        if not self._fabric.broadcast(due):  # all processes go by the first one's clock
            return
        partial = self._checkpoint.with_suffix(".partial")
        try:
            self._fabric.save(partial, dict(state))
            if self._fabric.is_global_zero:
                os.replace(partial, self._checkpoint)
        except (OSError, RuntimeError) as error:  # torch tells a full disk by a RuntimeError
            partial.unlink(missing_ok=True)
            raise JNDError(f"{self._checkpoint}: cannot be written ({error}); free some space.") from error
        self._fabric.barrier()
        self._saved = time.monotonic()

    def finish(self, best: Mapping[str, Tensor]) -> None:
        """Keep the weights and drop the checkpoint."""
        if self._fabric.is_global_zero:
            tensors = {name: _packed(tensor) for name, tensor in best.items()}
            with replacing(self._path) as temporary:
                temporary.write_bytes(safetensors.torch.save(tensors))
            self._checkpoint.unlink(missing_ok=True)
        self._fabric.barrier()


def _packed(tensor: Tensor) -> Tensor:
    """As safetensors takes it: in memory of its own, in plain order."""
    return tensor.detach().cpu().contiguous().clone(memory_format=torch.contiguous_format)
