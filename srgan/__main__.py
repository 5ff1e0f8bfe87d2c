"""`python -m srgan`, the same as the command `srgan`."""

import sys

from srgan.cli import main

sys.exit(main())
