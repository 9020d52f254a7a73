"""``python -m mgrec_core``, and the command ``mgrec``."""

import signal
import sys

# Until the command line answers Ctrl-C itself, end at once and without a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)


def run() -> None:
    """Run one command and end the process with its exit code."""
    from mgrec_core.cli.main import main

    sys.exit(main())


if __name__ == "__main__":
    run()
