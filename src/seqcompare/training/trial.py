"""Trial: one model trained once, on one series with one seed, from task to weights.

A killed trial continues from its checkpoint: a file of safetensors after their SHA-256, named by
the fingerprint of the trial, so that one of other params, data or code is never found.
"""

import hashlib
import json
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from seqcompare import models
from seqcompare.core.params import Recipe
from seqcompare.core.tables import write_bytes
from seqcompare.core.types import Floats, Setting
from seqcompare.data.windows import PROBED, Fold, cut_scaled, evenly_spaced, trained_with
from seqcompare.execution.devices import choose_device
from seqcompare.execution.provenance import decides_bytes, environment, trial_code
from seqcompare.execution.workers import report
from seqcompare.models.kernels.dropout import set_generator
from seqcompare.training.step import Adam, Step, learning_rate, make_step

SECONDS_BETWEEN_SAVES = 5.0
ERRORS = ("train_mse", "eval_mse", "validation_mse")
RECORDS = (*ERRORS, "epoch_seconds")
DIGEST = hashlib.sha256().digest_size  # bytes
State: TypeAlias = Mapping[str, Mapping[str, Tensor]]  # part, without a dot -> name -> tensor
Samples: TypeAlias = tuple[Tensor, Tensor]  # inputs [window, seq_len], targets [window]: scaled
OnEpoch: TypeAlias = Callable[[tuple[str, int, float]], object]  # gets trial, epoch, train MSE


@dataclass(frozen=True)
class TrialKey:
    """Which of a model's trials."""

    series: str
    seed: int
    fold: int

    @property
    def name(self) -> str:
        """For messages; without the first fold, and without a series that its seed names."""
        of_series = "" if self.series == str(self.seed) else f"{self.series}, "
        return f"{of_series}seed {self.seed}" + (f", fold {self.fold}" if self.fold else "")


@dataclass(frozen=True)
class TrialTask(TrialKey):
    """Everything that determines one trial: plain data, which can be sent to any worker."""

    model: str
    settings: Mapping[str, Setting]
    recipe: Recipe  # of this model: `Training.of`
    seq_len: int
    values: Floats  # [time], those before the test part, in the series' unit
    split: Fold
    device: str

    def trained_with(self) -> dict[str, Any]:
        where = self.series, self.seed, self.fold
        return trained_with(self.settings, self.recipe, self.seq_len, *where, self.split)

    def fingerprint(self) -> str:
        """A hash of all that the bytes of the result depend on."""
        everything = self.trained_with() | {
            "model": self.model,
            "validation": [self.split.validation.start, self.split.validation.stop],
            "values": hashlib.sha256(self.values.tobytes()).hexdigest(),
            "device": self.device,
            "code": trial_code(self.model),
            "environment": _decides_bytes(self.device),
        }
        return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()

    def checkpoint(self, folder: Path) -> Path:
        return folder / f"{self.model}-{self.fingerprint()[:32]}"


@dataclass(frozen=True)
class TrainedTrial(TrialKey):
    """The result of a trial. Errors are squared, in the series' unit."""

    weights: dict[str, NDArray[Any]]  # [tested epoch, ...] each; one epoch with keep best or mean
    train_mse: list[float]  # [epoch], mean over the samples of the epoch, while it trained
    eval_mse: list[float]  # [epoch], after it, nothing dropped, on up to PROBED training windows
    validation_mse: list[float]  # [epoch], after it; empty without a validation part
    epoch_seconds: list[float]  # [epoch]
    threads: int

    def is_finite(self) -> bool:
        """False when training diverged."""
        errors = np.array([*self.train_mse, *self.eval_mse, *self.validation_mse])
        return all(np.isfinite(each).all() for each in (errors, *self.weights.values()))


@dataclass
class Trial:
    """The whole state of a trial in training."""

    network: nn.Module
    optimizer: Adam
    step: Step  # of both
    streams: dict[str, torch.Generator]  # each random stream has its own seed
    records: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in RECORDS})
    kept: Mapping[str, Tensor] = field(default_factory=dict)  # [tested epoch, ...] each: weights

    @property
    def epoch(self) -> int:
        return len(self.records["train_mse"])

    def state(self) -> State:
        return {
            "network": copied(self.network.state_dict()),
            "optimizer": copied(self.optimizer.state),
            "streams": {name: stream.get_state() for name, stream in self.streams.items()},
            "records": {name: torch.tensor(values, dtype=torch.float64)
                        for name, values in self.records.items()},
            "kept": self.kept,
        }  # fmt: skip

    def load(self, state: State) -> None:
        """Raises LookupError, RuntimeError, TypeError or ValueError for another network's."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load(state["optimizer"])
        for name, stream in self.streams.items():
            stream.set_state(state["streams"][name])
        self.records = {name: state["records"][name].tolist() for name in RECORDS}
        self.kept = state.get("kept", {})


def save_state(path: Path, state: State) -> None:
    """Replace the file, completely or not at all."""
    flat = {f"{part}.{name}": tensor for part in state for name, tensor in state[part].items()}
    content = safetensors.torch.save(flat)
    write_bytes(path, hashlib.sha256(content).digest() + content)


def load_state(path: Path) -> State:
    """Raises FileNotFoundError without a file, ValueError for a damaged one."""
    stored = path.read_bytes()
    if hashlib.sha256(stored[DIGEST:]).digest() != stored[:DIGEST]:
        raise ValueError(f"{path} is damaged")
    state: dict[str, dict[str, Tensor]] = {}
    for key, tensor in safetensors.torch.load(stored[DIGEST:]).items():
        part, _, name = key.partition(".")
        state.setdefault(part, {})[name] = tensor
    return state


def train(task: TrialTask, checkpoints: Path, until: int) -> TrainedTrial:
    """Train for `until` epochs in all, continuing from the checkpoint if there is one.

    checkpoints: a folder that all workers share, but those on machines without this project.
    """
    shared = checkpoints.parent.is_dir()
    with nullcontext(checkpoints) if shared else TemporaryDirectory(prefix="seqcompare-") as folder:
        return fit(task, task.checkpoint(Path(folder)), until, on_epoch=report)


def fit(task: TrialTask, checkpoint: Path, until: int, on_epoch: OnEpoch) -> TrainedTrial:
    """The training loop; its result depends on the task alone."""
    device, unit = choose_device(task.device), task.split.scale.std**2
    seen = samples(task, task.split.train, device)
    held_out = samples(task, task.split.validation, device)
    # the error of an epoch itself is a mean over changing weights, with dropout on
    chosen = torch.from_numpy(evenly_spaced(len(seen[1]), PROBED)).to(device)
    probes = seen[0][chosen], seen[1][chosen]
    trial = resumed(task, device, checkpoint)
    records, saved_at = trial.records, time.monotonic()
    while trial.epoch < until:
        started_at = time.perf_counter()
        records["train_mse"].append(unit * train_epoch(trial, seen, task.recipe))
        records["epoch_seconds"].append(time.perf_counter() - started_at)
        records["eval_mse"].append(unit * error_of(trial.network, probes))
        if task.split.validation:
            records["validation_mse"].append(unit * error_of(trial.network, held_out))
        keep_weights(trial, task.recipe)
        if trial.epoch == until or time.monotonic() - saved_at >= SECONDS_BETWEEN_SAVES:
            save_state(checkpoint, trial.state())
            saved_at = time.monotonic()
        on_epoch((task.name, trial.epoch, records["train_mse"][-1]))
    weights = {name: (tensor.float() if tensor.is_floating_point() else tensor).numpy()
               for name, tensor in trial.kept.items()}  # fmt: skip
    threads = torch.get_num_threads()
    return TrainedTrial(task.series, task.seed, task.fold, weights, **records, threads=threads)


def resumed(task: TrialTask, device: torch.device, checkpoint: Path) -> Trial:
    """The trial as its checkpoint has it; at its start without a usable checkpoint."""
    trial = start(task, device)
    try:
        trial.load(load_state(checkpoint))
    except FileNotFoundError:
        pass
    except (LookupError, RuntimeError, TypeError, ValueError):
        # one write, which no other worker's message can split
        sys.stderr.write(f"{task.model}, {task.name}: its checkpoint is damaged: starting over\n")
        return start(task, device)
    return trial


def start(task: TrialTask, device: torch.device) -> Trial:
    """A trial before its first epoch. The seed of each random stream is derived from the task's."""
    # torch's own draws the first weights, and whatever layers other than `Dropout` do
    streams = {"torch": torch.default_generator, "order": torch.Generator(),
               "dropout": torch.Generator(device)}  # fmt: skip
    if device.type == "cuda":
        torch.cuda.init()  # type: ignore[no-untyped-call]
        streams["torch_on_device"] = torch.cuda.default_generators[device.index]
    sequence = np.random.SeedSequence(task.seed, spawn_key=(task.fold,) if task.fold else ())
    seeds = sequence.generate_state(len(streams), np.uint32)
    for stream, seed in zip(streams.values(), seeds, strict=True):
        stream.manual_seed(int(seed))
    network = models.build(task.model, task.settings, task.seq_len).to(device)
    set_generator(network, streams["dropout"])
    optimizer = Adam(network.parameters())
    step = make_step(network, optimizer, streams["dropout"], task.recipe.precision)
    return Trial(network, optimizer, step, streams)


def samples(task: TrialTask, targets: range, device: torch.device) -> Samples:
    """The windows before these targets; on a CPU, views of one scaled series."""
    cut = cut_scaled(task.values, task.seq_len, targets, task.split.scale)
    return torch.from_numpy(cut.inputs).to(device), torch.from_numpy(cut.targets).to(device)


def train_epoch(trial: Trial, samples: Samples, recipe: Recipe) -> float:
    """One pass over the samples in random order; returns the mean of their squared errors."""
    inputs, targets = samples
    trial.network.train()
    order = torch.randperm(len(targets), generator=trial.streams["order"]).to(targets.device)
    total = torch.zeros((), dtype=torch.float64, device=targets.device)
    batches = torch.split(order, recipe.batch_size)
    for step, batch in enumerate(batches, trial.epoch * len(batches)):
        rate = learning_rate(recipe, step, recipe.epochs * len(batches))
        loss = trial.step(inputs[batch], targets[batch], rate)  # copies: windows overlap
        total += loss * len(batch)  # no .item(): it would wait for the device
    return total.item() / len(targets)


def keep_weights(trial: Trial, recipe: Recipe) -> None:
    """Keep the weights after an epoch, if they are to be tested.

    last: of each of the last tested_epochs epochs, at most all; mean: their mean (Izmailov et al.
    2018), but the last of integers; best: of the epoch with the lowest validation error.
    """
    count = trial.epoch - max(0, recipe.epochs - recipe.tested_epochs)  # to test so far
    if recipe.keep == "best":
        errors = np.array(trial.records["validation_mse"])
        count = int(np.where(np.isnan(errors), np.inf, errors).argmin() == len(errors) - 1)
    if count < 1:
        return
    now = {name: last[None] for name, last in copied(trial.network.state_dict()).items()}
    if count == 1:
        trial.kept = now
    elif recipe.keep == "last":
        trial.kept = {name: torch.cat([trial.kept[name], last]) for name, last in now.items()}
    else:
        means = ((name, trial.kept[name], last) for name, last in now.items())
        trial.kept = {name: mean + (last - mean) / count if last.is_floating_point() else last
                      for name, mean, last in means}  # fmt: skip


def copied(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """On the CPU, with memory of their own."""
    return {name: tensor.detach().cpu().clone() for name, tensor in tensors.items()}


def error_of(network: nn.Module, samples: Samples) -> float:
    """Mean squared error with nothing dropped."""
    inputs, targets = samples
    return mse_loss(models.predict(network, inputs), targets).item()


@cache
def _decides_bytes(device: str) -> dict[str, Any]:
    # "fast" also where params.yaml says portable: the record holds the variables that this sets
    return decides_bytes(environment("fast", torch.device(device)))
