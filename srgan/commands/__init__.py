"""One module a command, imported only when it is called: see `srgan.cli`."""
