"""Every command with every fault of a workspace's files: true words, nothing lost, the others answer as ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from mgrec_core.workspace.folder import Workspace
from tests.cli.hurts import EVERY, HURTS, Outcome, attempt, used, wrong
from tests.worlds import full
