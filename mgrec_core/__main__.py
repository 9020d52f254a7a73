"""``python -m mgrec_core``."""

import sys

from mgrec_core.cli import main

sys.exit(main())
