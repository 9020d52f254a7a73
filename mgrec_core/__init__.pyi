from .engine.engine import Engine as Engine
from .engine.info import info as info
from .evaluation.evaluate import evaluate as evaluate
from .foundation import errors as errors
from .foundation.results import Weights as Weights
from .learning.tune import tune as tune
from .model.config import Config as Config
from .operations.adapting import adapt as adapt
from .operations.building import build as build
from .operations.compressing import compress as compress
from .operations.forgetting import forget as forget
from .operations.importing import import_data as import_data
from .operations.updating import update as update
from .workspace.folder import Workspace as Workspace

__version__: str
__all__ = [
    "Config",
    "Engine",
    "Weights",
    "Workspace",
    "adapt",
    "build",
    "compress",
    "errors",
    "evaluate",
    "forget",
    "import_data",
    "info",
    "tune",
    "update",
]
