"""zsh completes a subcommand with the script in this folder: typed at a pseudo-terminal, as a person does it."""

import os
import pty
import select
import sys
import time

folder = sys.argv[1]
pid, terminal = pty.fork()
if pid == 0:
    os.environ.update(TERM="dumb", ZDOTDIR=folder, PS1="ready ")
    os.execvp("zsh", ["zsh", "-f", "-i"])


def read_until(wanted, seconds=20):
    seen, end = b"", time.monotonic() + seconds
    while wanted not in seen:
        left = end - time.monotonic()
        if left <= 0 or not select.select([terminal], [], [], left)[0]:
            sys.exit(f"zsh never shows {wanted!r}: {seen!r}")
        seen += os.read(terminal, 65536)
    return seen


os.write(terminal, f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; print re''ady-now\n".encode())
read_until(b"ready-now")
os.write(terminal, b"switchboard mess\t")
read_until(b"switchboard message")
os.write(terminal, b"\x15exit\n")
