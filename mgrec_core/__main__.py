"""``python -m mgrec_core``, and the command ``mgrec``."""

import resource
import signal
import sys

# Until the command line answers Ctrl-C itself, end at once and without a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)


def run() -> None:
    """Run one command and end the process with its exit code."""
    if resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
        sys.exit(_main())
    from mgrec_core.cli import capped

    sys.exit(capped.run(_main))


def _main() -> int:
    from mgrec_core.cli.main import main

    return main()


if __name__ == "__main__":
    run()
