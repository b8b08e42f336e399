"""One trial: the same bytes from the same task, however often it is interrupted."""

import dataclasses
import itertools
import math
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_trials import (
    CPU,
    CUDA,
    MODELS,
    VALUES,
    every_device,
    every_model,
    fold,
    needs_bfloat16,
    recipe,
    same_result,
    same_weights,
    task,
    trained,
)
from torch.optim.swa_utils import AveragedModel

from seqcompare import models
from seqcompare.data.windows import Scale
from seqcompare.execution.devices import make_deterministic
from seqcompare.training import trial as trial_module
from seqcompare.training.step import Adam, make_step
from seqcompare.training.trial import Trial, TrialTask, start


@pytest.fixture(autouse=True)
def as_in_a_worker(torch_as_it_was: None) -> None:
    make_deterministic(CPU)


# ---- the same bytes ----


@every_device
@every_model
@pytest.mark.parametrize(
    ("epoch", "changes"),
    [
        (2, {"schedule": "cosine"}),
        (1, {"keep": "best", "learning_rate": 0.1}),
        (2, {"tested_epochs": 3}),
        (2, {"keep": "mean", "tested_epochs": 3}),
        pytest.param(2, {"precision": "bfloat16"}, marks=needs_bfloat16),
    ],
    ids=str,
)
def test_a_killed_trial_ends_in_the_bytes_of_one_that_was_not(
    model: str, device: str, epoch: int, changes: dict[str, Any], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    make_deterministic(torch.device(device))
    monkeypatch.setattr(trial_module, "SECONDS_BETWEEN_SAVES", 0.0)
    this = task(model, validation=10, device=device, **changes)
    seen: list[int] = []

    def kill(event: tuple[str, int, float]) -> None:
        seen.append(event[1])
        if len(seen) == epoch:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(this, tmp_path / "killed", kill)
    resumed = trained(this, tmp_path / "killed", kill)
    assert seen == [1, 2, 3]  # none was trained twice
    assert same_result(resumed, trained(this, tmp_path / "never killed"))


@pytest.mark.cuda
@every_model
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_recorded_steps_give_the_same_bytes_as_steps_that_are_not(
    model: str, precision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_deterministic(CUDA)
    this = task(model, device=str(CUDA), precision=precision, schedule="cosine")
    recorded = trained(this, tmp_path / "recorded")
    monkeypatch.setattr("seqcompare.training.step.has_static_graph", lambda _: False)
    assert same_result(recorded, trained(this, tmp_path / "not recorded"))
    assert recorded.train_mse[-1] < recorded.train_mse[0]


DIFFERENT: list[dict[str, Any]] = [
    {"seed": 1}, {"fold": 1}, {"series": "other"}, {"seq_len": 11}, {"model": "transformer"},
    {"settings": {"hidden_size": 9, "num_layers": 2}}, {"recipe": recipe(epochs=4)},
    {"recipe": recipe(keep="mean", tested_epochs=2)}, {"recipe": recipe(precision="bfloat16")},
    {"values": VALUES[:100] + 1e-12}, {"split": fold(validation=1)}, {"split": fold(train=50)},
    {"split": fold(scale=Scale(0.0, 2.0, "none"))}, {"device": "mps"},
]  # fmt: skip


@pytest.mark.parametrize("changes", DIFFERENT, ids=str)
def test_a_task_that_differs_in_anything_has_another_fingerprint(changes: dict[str, Any]) -> None:
    assert dataclasses.replace(task(), **changes).fingerprint() != task().fingerprint()


@pytest.mark.parametrize("source", ["_decides_bytes", "trial_code"])
def test_another_machine_or_other_code_has_another_fingerprint(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = task().fingerprint()
    monkeypatch.setattr(trial_module, source, lambda _: "another")
    assert task().fingerprint() != here


# ---- checkpoints ----


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_a_trial_with_a_damaged_checkpoint_starts_over_and_reports_it_in_one_line(
    share: float, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = task().checkpoint(tmp_path / "other")
    trial_module.save_state(file, {"network": start(task(), CPU).state()["network"]})  # no records
    os.truncate(file, int(share * file.stat().st_size))
    assert same_result(trained(task(), tmp_path / "other"), trained(task(), tmp_path / "whole"))
    assert capfd.readouterr().err == "lstm, seed 0: its checkpoint is damaged: starting over\n"


@settings(max_examples=30)
@given(st.data())
def test_a_state_with_a_flipped_bit_is_never_used(tmp_path: Path, data: st.DataObject) -> None:
    file = tmp_path / "state"
    trial_module.save_state(file, {"network": {"layers.0.w": torch.arange(6.0).reshape(2, 3)}})
    content = bytearray(file.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    file.write_bytes(content)
    with pytest.raises(ValueError, match="is damaged"):
        trial_module.load_state(file)


# ---- random streams ----


def streams_of(this: TrialTask) -> dict[str, int]:
    return {name: stream.initial_seed() for name, stream in start(this, CPU).streams.items()}


@pytest.mark.parametrize("seed", [0, 2**32 - 1])
def test_the_streams_of_the_first_fold_are_those_of_the_seed_alone(seed: int) -> None:
    torchs, order, dropout = np.random.SeedSequence(seed).generate_state(3, np.uint32)
    expected = {"torch": torchs, "order": order, "dropout": dropout}
    assert streams_of(task(seed=seed)) == expected


def test_no_two_streams_of_any_seeds_and_folds_are_the_same() -> None:
    places = itertools.product(range(4), range(4))
    tasks = [dataclasses.replace(task(seed=seed), fold=number) for seed, number in places]
    seeds = [seed for each in tasks for seed in streams_of(each).values()]
    assert len(set(seeds)) == len(seeds) == 4 * 4 * 3


@pytest.mark.cuda
def test_a_layer_that_draws_from_torchs_default_stream_has_the_trials_seed() -> None:
    this = task(device=str(CUDA))
    streams = start(this, CUDA).streams
    first = torch.rand(4, device=CUDA)
    torch.rand(4, device=CUDA)
    assert streams.keys() == {"torch", "order", "dropout", "torch_on_device"}
    start(this, CUDA)
    assert torch.equal(first, torch.rand(4, device=CUDA))


# ---- the loop ----


def test_the_error_of_an_epoch_is_the_mean_over_its_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Adam, "step", lambda *_: None)  # weights stay as they are
    whole = trained(task("lstm", batch_size=80), tmp_path / "one batch").train_mse
    uneven = trained(task("lstm", batch_size=32), tmp_path / "batches of 32, 32 and 26").train_mse
    assert uneven == pytest.approx(whole)


def test_errors_are_in_the_unit_of_the_series(tmp_path: Path) -> None:
    split = fold(scale=Scale(0.0, 10.0, "none"))
    tenfold = dataclasses.replace(task(), values=VALUES[:100] * 10, split=split)
    plain = trained(task(), tmp_path).train_mse
    assert trained(tenfold, tmp_path).train_mse == pytest.approx([mse * 100 for mse in plain])


def test_the_error_after_an_epoch_is_that_of_its_weights_on_evenly_spaced_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial_module, "PROBED", 30)
    result = trained(task("transformer", tested_epochs=3), tmp_path)
    targets = [10 + place * 90 // 30 for place in range(30)]  # of 10 to 99
    windows = np.stack([VALUES[target - 10 : target] for target in targets]).astype(np.float32)
    network = models.build("transformer", MODELS["transformer"], 10)
    for epoch, error in enumerate(result.eval_mse):
        network.load_state_dict({k: torch.from_numpy(v[epoch]) for k, v in result.weights.items()})
        predictions = models.predict(network, torch.from_numpy(windows)).numpy()
        assert error == pytest.approx(np.mean((predictions - VALUES[targets]) ** 2), rel=1e-4)


def test_measuring_errors_changes_no_weight_and_counts_as_no_time_of_an_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = trained(task("transformer"), tmp_path / "measured")
    clock = itertools.count()

    def takes_long(*_: object) -> float:
        return float(sum(next(clock) for _ in range(100)))

    monkeypatch.setattr(trial_module, "error_of", takes_long)
    monkeypatch.setattr(time, "perf_counter", lambda: float(next(clock)))
    without = trained(task("transformer"), tmp_path / "without")
    assert same_weights(measured, without)
    assert without.epoch_seconds == [1.0, 1.0, 1.0]


# ---- which weights are kept ----


def weights_after(epochs: int, folder: Path, **changes: Any) -> dict[str, np.ndarray]:
    """Of a trial that is as long, with a constant learning rate."""
    this = task("transformer", validation=10, epochs=epochs, **changes)
    return {name: each[0] for name, each in trained(this, folder).weights.items()}


def test_the_last_tested_epochs_are_kept_in_order(tmp_path: Path) -> None:
    this = task("transformer", validation=10, epochs=5, tested_epochs=3)
    for name, stacked in trained(this, tmp_path).weights.items():
        for place, epoch in enumerate((3, 4, 5)):
            assert np.array_equal(stacked[place], weights_after(epoch, tmp_path)[name]), name
        assert len(stacked) == 3


def test_the_epoch_with_the_lowest_validation_error_is_kept_alone(tmp_path: Path) -> None:
    this = task("transformer", validation=10, epochs=6, learning_rate=0.1, keep="best")
    result = trained(this, tmp_path)
    lowest = 1 + int(np.argmin(result.validation_mse))
    assert lowest < 6  # or it would be the last anyway
    for name, weights in weights_after(lowest, tmp_path, learning_rate=0.1).items():
        assert np.array_equal(result.weights[name], weights[None]), name


def test_the_mean_of_the_last_epochs_weights_is_torchs_own(tmp_path: Path) -> None:
    this = task("transformer", epochs=5, keep="mean", tested_epochs=3)
    network = models.build("transformer", MODELS["transformer"], 10)
    averaged = AveragedModel(network)
    for epoch in (3, 4, 5):
        weights = weights_after(epoch, tmp_path)
        network.load_state_dict({k: torch.from_numpy(v) for k, v in weights.items()})
        averaged.update_parameters(network)
    result = trained(dataclasses.replace(this, split=fold(10)), tmp_path)
    for name, mean in averaged.module.state_dict().items():
        assert result.weights[name].shape == (1, *mean.shape)
        assert np.allclose(result.weights[name][0], mean, rtol=1e-6, atol=1e-8), name


def trial_of(network: torch.nn.Module) -> Trial:
    optimizer, order = Adam(network.parameters()), torch.Generator()
    return Trial(network, optimizer, make_step(network, optimizer, order), {"order": order})


def test_what_is_no_float_is_kept_as_it_was_at_the_last_epoch() -> None:
    """Such as the number of batches that nn.BatchNorm1d counts."""
    trial = trial_of(network := torch.nn.BatchNorm1d(2))
    for _ in range(3):
        network(torch.randn(4, 2))
        trial.records["train_mse"].append(0.0)
        trial_module.keep_weights(trial, recipe(keep="mean", tested_epochs=3))
    assert trial.kept["num_batches_tracked"].tolist() == [3]


@pytest.mark.parametrize(
    ("errors", "lowest"),
    [
        ([1.0], True), ([math.nan], True), ([2.0, 1.0], True), ([1.0, 1.0], False),
        ([1.0, math.nan], False), ([math.nan, 1.0], True), ([1.0, math.nan, 2.0], False),
    ],
)  # fmt: skip
def test_nan_is_never_the_lowest_error_but_at_first(errors: list[float], lowest: bool) -> None:
    trial = trial_of(torch.nn.Linear(1, 1))
    trial.records["validation_mse"] = errors
    trial_module.keep_weights(trial, recipe(keep="best"))
    assert bool(trial.kept) == lowest


def test_the_windows_of_a_long_series_are_never_copied_all_at_once() -> None:
    count, seq_len, batch = 2_000, 5_000, 500
    windows = torch.zeros(count + seq_len - 1).unfold(0, seq_len, 1)
    trial = trial_of(torch.nn.Sequential(torch.nn.Linear(seq_len, 1), torch.nn.Flatten(0)))
    with torch.profiler.profile(profile_memory=True) as profile:
        trial_module.train_epoch(trial, (windows, torch.zeros(count)), recipe(batch_size=batch))
    largest = max(event.self_cpu_memory_usage for event in profile.events())
    assert 4 * batch * seq_len <= largest < 2 * 4 * batch * seq_len
