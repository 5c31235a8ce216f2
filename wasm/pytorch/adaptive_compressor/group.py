"""Where training computes: the device of this process, and the processes that share a batch."""

import os
import time

import torch
import torch.distributed as dist

from .sentences import said

# Seconds.
_LAST_TURN = 0.5


def device_of(wanted, local):
    """The device that was asked for, else a CUDA one where there is any; of several the one of this process. Raises ValueError."""
    usable = torch.cuda.is_available()
    try:
        device = torch.device(wanted or ("cuda" if usable else "cpu"))
    except RuntimeError:
        raise ValueError(said("unknown_device", device=wanted)) from None
    if device.type != "cuda":
        return device
    if not usable:
        raise ValueError(said("no_cuda"))
    device = torch.device("cuda", local if device.index is None else device.index)
    if device.index >= torch.cuda.device_count():
        raise ValueError(said("no_device", device=device, count=torch.cuda.device_count()))
    torch.cuda.set_device(device)
    return device


class Group:
    """The processes that share a batch; one, where there is no torchrun."""

    def __init__(self, device=None):
        self.size, self.rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
        self.device = device_of(device, int(os.environ.get("LOCAL_RANK", 0)))
        if self.size > 1:
            dist.init_process_group("nccl" if self.device.type == "cuda" else "gloo")

    def rows(self, batch):
        """Which sequences of a batch this process computes: the same ones at every step, so that they can go on."""
        return slice(batch * self.rank // self.size, batch * (self.rank + 1) // self.size)

    def share(self, windows):
        """The part of a batch that this process computes, as Windows on its device."""
        return windows.on(self.device, self.rows(len(windows.symbols)))

    def gathered(self, part):
        """A part [sequences of this process][...] of every process, one after another, on the CPU."""
        if self.size == 1:
            return [part]
        parts = [None] * self.size
        dist.all_gather_object(parts, part)
        return parts

    def summed(self, numbers):
        """Numbers added up over all processes, in double precision."""
        if self.size == 1:
            return [float(number) for number in numbers]
        total = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        dist.all_reduce(total)
        return total.tolist()

    def of_first(self, numbers):
        """The numbers of the first process, so that all decide alike."""
        return self.summed(numbers if self.rank == 0 else [0.0] * len(numbers))

    def close(self):
        if self.size > 1:
            # Gloo's own thread needs the interpreter's lock to free the last tensors that it summed, and whoever ends the group
            # holds that lock while waiting for the thread: it gets its turn before.
            time.sleep(_LAST_TURN)
            dist.destroy_process_group()
