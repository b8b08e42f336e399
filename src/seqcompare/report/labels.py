"""Labels of predictors and devices: names and colours, the same wherever they are shown."""

from collections.abc import Iterable

from seqcompare.report.texts import Texts

# Okabe & Ito's hues, told apart by colour-blind readers, darkened until letters in them stand out
# from white by 4.5:1 (WCAG AA).
COLOURS = ("#0072B2", "#C45500", "#00805A", "#A94F86", "#8A6500", "#6B4FA0")
REFERENCE = "#595959"  # the limit and the baselines
MODEL_NAMES = {"lstm": "LSTM", "transformer": "Transformer", "gru": "GRU"}
LONGEST_NAME = 14  # letters that a picture has room for


def model_name(model: str) -> str:
    return MODEL_NAMES.get(model, model)


def device_name(device: str) -> str:
    return device.upper()  # CPU, CUDA:0, MPS


def short_name(model: str) -> str:
    """For a picture, in which a long name would leave no room for what it names."""
    name = model_name(model)
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def size_name(size: str, texts: Texts) -> str:
    """Of the models in a study; one that a user has added keeps its name."""
    return texts.get(f"size.{size}", size)


def predictor_name(predictor: str, texts: Texts) -> str:
    """A baseline's name in the reader's language; models keep theirs."""
    return texts.get(f"predictor.{predictor}", model_name(predictor))


def short_predictor_name(predictor: str, texts: Texts) -> str:
    return texts.get(f"predictor.{predictor}", short_name(predictor))


def colours_of(models: Iterable[str]) -> dict[str, str]:
    """A colour for each model, by its place among them."""
    return {model: COLOURS[place % len(COLOURS)] for place, model in enumerate(models)}
