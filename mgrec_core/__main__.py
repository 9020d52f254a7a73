"""``python -m mgrec_core``."""

import signal
import sys

# Until the command line answers Ctrl-C itself, end at once and without a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from mgrec_core.cli.main import main  # noqa: E402

sys.exit(main())
