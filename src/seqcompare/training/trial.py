"""Trial: one model trained once, from task to trained model."""

import hashlib
import json
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from seqcompare import models
from seqcompare.core.arrays import Floats
from seqcompare.core.sections.training import Training
from seqcompare.core.types import Setting
from seqcompare.data.windows import PROBED, Parts, cut_scaled, evenly_spaced
from seqcompare.execution import arithmetic
from seqcompare.execution.code_identity import trial_code
from seqcompare.execution.devices import bfloat16_instructions, choose_device
from seqcompare.execution.processes import report
from seqcompare.training.checkpoint import Checkpoint
from seqcompare.training.optimizer import Adam
from seqcompare.training.schedule import learning_rate
from seqcompare.training.state import Trial, capture, check_records, restore
from seqcompare.training.step import make_step


@dataclass(frozen=True)
class TrainingTask:
    """Everything that determines one trial. Plain data, which travels to any worker."""

    model: str
    settings: Mapping[str, Setting]
    training: Training  # the model's own: `Training.of`
    seed: int
    seq_len: int
    values: Floats  # [time], the part that training may see, in the series' own unit
    parts: Parts
    device: str
    fold: int = 0

    def fingerprint(self) -> str:
        """A hash of all that the bytes of the result depend on."""
        determines = {
            "model": self.model,
            "settings": dict(self.settings),
            "training": self.training.model_dump(),
            "seed": self.seed,
            "fold": self.fold,
            "seq_len": self.seq_len,
            "values": hashlib.sha256(self.values.tobytes()).hexdigest(),
            "train": [self.parts.train.start, self.parts.train.stop],
            "validation": [self.parts.validation.start, self.parts.validation.stop],
            "scale": asdict(self.parts.scale),
            "device": self.device,
            "code": trial_code(self.model),
            "versions": [
                torch.__version__,
                np.__version__,
                torch.backends.cpu.get_cpu_capability(),
                bfloat16_instructions(),
            ],
            "arithmetic": arithmetic.variables(os.environ),
        }
        return hashlib.sha256(json.dumps(determines, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class TrainedModel:
    """What a trial leaves behind. Errors are in the series' own unit, squared."""

    seed: int
    fold: int
    weights: dict[str, NDArray[np.float32]]  # of the last or the best epoch: training.keep
    train_mse: list[float]  # [epoch], mean over the samples of the epoch, while it trained
    eval_mse: list[float]  # [epoch], after it, nothing dropped, on up to PROBED training windows
    validation_mse: list[float]  # [epoch], after the epoch; empty without a validation part
    epoch_seconds: list[float]  # [epoch]
    threads: int

    def is_finite(self) -> bool:
        """Did training stay within what numbers can say? Else it diverged."""
        errors = [*self.train_mse, *self.eval_mse, *self.validation_mse]
        return all(map(math.isfinite, errors)) and all(
            np.isfinite(tensor).all() for tensor in self.weights.values()
        )


class EpochDone(NamedTuple):
    """An event: one trial has finished one epoch."""

    trial: str  # for people
    epoch: int  # counted from 1
    train_mse: float


class Samples(NamedTuple):
    """Windows as a network sees them: scaled, on its device."""

    inputs: Tensor  # [window, seq_len]
    targets: Tensor  # [window]


def train(task: TrainingTask, checkpoints: Path, until: int) -> TrainedModel:
    """Train one network for `until` epochs in all, going on from its checkpoint if it has one.

    This is what workers run. checkpoints: the folder that all trials share. The state stays there
    until `forget_checkpoints`, so that any worker can go on. A worker on a machine that has no such
    project keeps it to itself, and a trial that it loses starts again.
    """
    shared = checkpoints.parent.is_dir()
    with nullcontext(checkpoints) if shared else TemporaryDirectory(prefix="seqcompare-") as folder:
        return fit(task, checkpoint_of(task, Path(folder)), until, on_epoch=report)


def fit(
    task: TrainingTask,
    checkpoint: Checkpoint,
    until: int,
    on_epoch: Callable[[EpochDone], None] = lambda _: None,
) -> TrainedModel:
    """The training loop: what it does depends on the task alone, not on interruptions."""
    device = choose_device(task.device)
    seen = samples(task, task.parts.train, device)
    held_out = samples(task, task.parts.validation, device)
    probed = probes(seen)
    trial = resumed(task, device, checkpoint)
    pace = Pace()
    while trial.epoch < until:
        started_at = time.perf_counter()
        trial.train_mse.append(train_epoch(trial, seen, task.training))
        trial.epoch_seconds.append(time.perf_counter() - started_at)
        trial.eval_mse.append(error_of(trial.network, probed))
        if task.parts.validation:
            trial.validation_mse.append(error_of(trial.network, held_out))
        if task.training.keep == "best" and last_is_lowest(trial.validation_mse):
            trial.best = {k: v.clone() for k, v in trial.network.state_dict().items()}
        if trial.epoch == until or pace.is_due():
            pace.measure(lambda: checkpoint.save(capture(trial)))
        on_epoch(EpochDone(seed_and_fold(task), trial.epoch, trial.train_mse[-1]))
    kept = trial.best or trial.network.state_dict()
    return TrainedModel(
        task.seed,
        task.fold,
        {name: tensor.cpu().numpy() for name, tensor in kept.items()},
        [mse * task.parts.scale.std**2 for mse in trial.train_mse],
        [mse * task.parts.scale.std**2 for mse in trial.eval_mse],
        [mse * task.parts.scale.std**2 for mse in trial.validation_mse],
        trial.epoch_seconds,
        torch.get_num_threads(),
    )


def last_is_lowest(errors: Sequence[float]) -> bool:
    """Is the last error lower than all before it? What is no number is higher than any number."""
    *before, last = (math.inf if math.isnan(error) else error for error in errors)
    return last < min(before, default=math.inf) or not before


def samples(task: TrainingTask, targets: range, device: torch.device) -> Samples:
    """Those before each of the targets. On a CPU no copy is made of what `cut_scaled` cuts."""
    windows = cut_scaled(task.values, task.seq_len, targets, task.parts.scale)
    return Samples(
        torch.from_numpy(windows.inputs).to(device), torch.from_numpy(windows.targets).to(device)
    )


def probes(seen: Samples) -> Samples:
    """Training windows, evenly spaced, whose error tells how far training has come.

    That of the epoch itself does not: it is a mean over weights that change, with dropout on.
    """
    chosen = torch.from_numpy(evenly_spaced(len(seen.targets), PROBED)).to(seen.targets.device)
    return Samples(seen.inputs[chosen], seen.targets[chosen])


def error_of(network: nn.Module, samples: Samples) -> float:
    """Mean squared error in evaluation mode. It draws no random number."""
    return mse_loss(models.predict(network, samples.inputs), samples.targets).item()


def start(task: TrainingTask, device: torch.device) -> Trial:
    """A trial before its first epoch. Each random stream has its own seed, made from the task's.

    torch's own streams draw the first weights, and serve models whose layers know no other.
    """
    streams = {
        "torch": torch.default_generator,
        "order": torch.Generator(),
        "dropout": torch.Generator(device),
    }
    if device.type == "cuda":
        torch.cuda.init()  # type: ignore[no-untyped-call]
        streams["torch_on_device"] = torch.cuda.default_generators[device.index]
    own = np.random.SeedSequence(task.seed, spawn_key=(task.fold,) if task.fold else ())
    seeds = own.generate_state(len(streams), np.uint32)
    for stream, seed in zip(streams.values(), seeds, strict=True):
        stream.manual_seed(int(seed))
    network = models.build(task.model, task.settings, task.seq_len).to(device)
    optimizer = Adam(network.parameters())
    step = make_step(network, optimizer, streams["dropout"], task.training.precision)
    return Trial(network, optimizer, step, streams)


def resumed(task: TrainingTask, device: torch.device, checkpoint: Checkpoint) -> Trial:
    """A trial where its checkpoint has it; at its start without one, or with one of another."""
    trial = start(task, device)
    saved = checkpoint.load()
    if saved is None:
        return trial
    try:
        restore(trial, saved)
        check_records(trial, task.training.epochs, bool(task.parts.validation))
    except (LookupError, RuntimeError, TypeError, ValueError):
        checkpoint.say_damaged()
        return start(task, device)
    return trial


def train_epoch(trial: Trial, samples: Samples, training: Training) -> float:
    """One pass over the samples in a new random order.

    Returns the mean squared error over them, each as it was when its batch was trained on.
    """
    inputs, targets = samples
    trial.network.train()
    order = torch.randperm(len(targets), generator=trial.streams["order"]).to(targets.device)
    total = torch.zeros((), dtype=torch.float64, device=targets.device)
    batches = torch.split(order, training.batch_size)
    first = trial.epoch * len(batches)  # steps taken in the epochs before
    for step, batch in enumerate(batches, first):  # inputs[batch] is a copy; windows overlap
        rate = learning_rate(training, step, training.epochs * len(batches))
        loss = trial.step(inputs[batch], targets[batch], rate)
        total += loss * len(batch)  # no .item(): it would wait for the device
    return total.item() / len(targets)


def checkpoint_of(task: TrainingTask, checkpoints: Path) -> Checkpoint:
    return Checkpoint(checkpoints, trial_name(task), task.fingerprint())


def trial_name(task: TrainingTask) -> str:
    """As a file is named."""
    return f"{task.model}-{seed_and_fold(task)}".replace(",", "").replace(" ", "-")


def seed_and_fold(task: TrainingTask | TrainedModel) -> str:
    """For people; without the fold where it is the first, which may be the only one."""
    return f"seed {task.seed}" + (f", fold {task.fold}" if task.fold else "")


class Pace:
    """Spaces out something costly so that it takes at most 1 % of the time."""

    def __init__(self) -> None:
        self._cost_s = 0.0
        self._last = time.perf_counter()

    def is_due(self) -> bool:
        return time.perf_counter() - self._last >= 100 * self._cost_s

    def measure(self, action: Callable[[], None]) -> None:
        started_at = time.perf_counter()
        action()
        self._last = time.perf_counter()
        self._cost_s = self._last - started_at
