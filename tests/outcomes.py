"""Made-up results for tests of figures and pages: any number of models and seeds, in no time."""

import numpy as np

from seqcompare.evaluation import predictions_by_seed, predictions_table, score
from seqcompare.figures import panels
from seqcompare.outcome import Outcome
from seqcompare.params import Evaluation
from seqcompare.report import Findings
from seqcompare.texts import load_texts

NAMES = ("lstm", "transformer", "gru", "a_model_with_a_long_name")
SETTINGS = Evaluation(confidence=0.95, horizon=1, resamples=200, seed=0)


def make_outcome(
    models: int = 2, seeds: int = 3, test: int = 120, gap: float = 0.05, oracle: bool = True
) -> Outcome:
    """A noisy sine, predicted the worse the later a model stands; gap: by how much."""
    rng = np.random.default_rng(7)
    names = NAMES[:models]
    times = 41 + 0.05 * np.arange(test)
    clean = np.sin(times)
    truth = clean + 0.1 * rng.standard_normal(test)
    made = {
        name: clean + (0.03 + gap * place) * rng.standard_normal((seeds, test))
        for place, name in enumerate(names)
    }
    baselines = {"persistence": np.append(truth[0], truth[:-1]), "ar": 0.97 * clean}
    if oracle:
        baselines["oracle"] = clean
    scores = score(truth, made, baselines, truth, SETTINGS)
    for place, name in enumerate(names):
        scores[name] |= {"final_train_mse": 0.012, "parameters": 50_000 * 11**place}
    epochs = np.arange(1, 21)
    losses = {
        name: np.concatenate(
            [0.01 + 0.005 * place + np.exp(-epochs / (1 + place)) * rng.uniform(0.3, 0.6)
             for _ in range(seeds)]
        )
        for place, name in enumerate(names)
    }  # fmt: skip
    columns = predictions_by_seed(times, range(seeds), made)
    return Outcome(
        seq_len=20,
        histories={
            name: {
                "seed": np.repeat(np.arange(seeds), epochs.size),
                "epoch": np.tile(epochs, seeds),
                "train_mse": losses[name],
            }
            for name in names
        },
        timings={
            name: {
                "seconds_per_epoch": 0.08 * 9**place,
                "device": "cpu",
                "threads_per_run": 1,
                "runs_side_by_side": 2,
            }
            for place, name in enumerate(names)
        },
        epoch_seconds={
            name: 0.08 * 9**place * rng.uniform(0.95, 1.3, 20 * seeds)
            for place, name in enumerate(names)
        },
        predictions=predictions_table(times, truth, made, baselines),
        by_seed={
            name: {seed: columns[f"{name}_seed_{seed}"] for seed in range(seeds)} for name in names
        },
        metrics=scores,
        forecast={},
        confidence=0.95,
        noise_std=0.1 if oracle else None,
        train_mse_limit=0.01 if oracle else None,
    )


def make_findings(outcome: Outcome, language: str = "en", studied: bool = False) -> Findings:
    """What a page of that outcome shows; studied: with claims and a table of costs too."""
    claim = {
        "id": "made_up",
        "claim": "LSTM time grows linearly | with seq_len",
        "measurement": "exponent of the time of a step",
        "value": 1.02,
        "low": 0.95,
        "high": 1.09,
        "verdict": "holds",
    }
    cost = [
        {"model": name, "seq_len": str(length), "step_seconds": str(0.001 * length), "note": ""}
        for name in outcome.models
        for length in (20, 400)
    ]
    return Findings(
        outcome=outcome,
        settings={"seq_len": outcome.seq_len, "seeds": outcome.seeds, "split": {"validation": 0}},
        figures={name: svg.decode() for name, svg in panels(outcome, load_texts(language)).items()},
        environments={name: {"python": "3.11.7", "cores": 2} for name in outcome.models},
        hashes={"data/series.csv": "0123456789abcdef" * 4},
        claims=[claim] if studied else [],
        studies={"cost": cost} if studied else {},
    )
