"""Two processes of torchrun, on a CPU, as several GPUs would be used."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("shared_fit.py")


def run(folder: Path, stop_after: float = 2.0) -> None:
    folder.mkdir(exist_ok=True)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    done = subprocess.run(
        [*torchrun, str(SCRIPT), str(folder), str(stop_after)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_processes_end_with_the_same_weights_also_after_a_stop(tmp_path: Path) -> None:
    run(tmp_path / "whole")
    whole = [(tmp_path / "whole" / f"rank{rank}.txt").read_text() for rank in (0, 1)]
    assert whole[0] == whole[1]
    run(tmp_path / "stopped", stop_after=0.5)
    assert (tmp_path / "stopped" / "line.ckpt").is_file()
    run(tmp_path / "stopped")
    assert not (tmp_path / "stopped" / "line.ckpt").exists()
    assert [(tmp_path / "stopped" / f"rank{rank}.txt").read_text() for rank in (0, 1)] == whole
