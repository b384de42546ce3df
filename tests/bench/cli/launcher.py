"""Starts programs one at a time and says what each one cost.

The peak memory the kernel reports for a child is at least that of the process
that started it, so this is a process of its own that imports next to nothing.
`SOURCE` is given to `python3 -I -S -c`, which keeps it near 8 MiB; what a
child's peak cannot be seen below is measured (`Launcher.floor`) and printed.
"""

import collections
import subprocess
import sys

# One line in: the hexadecimal form of directory, file for errors, program and
# arguments, NUL between them. One line out: exit status, user and system
# seconds (with those of children that were waited for), wall seconds, peak
# KiB, bytes of output. The output is read to the end and thrown away.
SOURCE = r"""
import os, sys, time
for line in sys.stdin:
    where, errors, *argv = bytes.fromhex(line.strip()).split(b"\0")
    os.chdir(where)
    reading, writing = os.pipe()
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, writing, 1),
        (os.POSIX_SPAWN_OPEN, 2, errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
    ]
    begin = time.perf_counter()
    child = os.posix_spawn(argv[0], argv, os.environ, file_actions=actions)
    os.close(writing)
    size = 0
    while chunk := os.read(reading, 65536):
        size += len(chunk)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - begin
    os.close(reading)
    code = os.waitstatus_to_exitcode(status)
    print(code, used.ru_utime, used.ru_stime, wall, used.ru_maxrss, size, flush=True)
"""

Sample = collections.namedtuple("Sample", "code user system wall peak_kib size")


class Failure(Exception):
    """A program did not do what it was started for."""


class Launcher:
    """The small process, and the environment its children get."""

    def __init__(self, environment, errors):
        self.errors = errors
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", SOURCE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )

    def run(self, argv, directory, expect=0):
        """Runs one program (by its full path) in `directory` and measures it."""
        fields = "\0".join([directory, self.errors, *argv]).encode()
        self.process.stdin.write(fields.hex() + "\n")
        self.process.stdin.flush()
        reply = self.process.stdout.readline().split()
        if not reply:
            raise Failure("the launcher ended: " + " ".join(argv))
        code, peak, size = int(reply[0]), int(reply[4]), int(reply[5])
        if code != expect:
            with open(self.errors, encoding="utf-8", errors="replace") as file:
                raise Failure(f"exit status {code}: {' '.join(argv)}\n{file.read()}")
        return Sample(code, *map(float, reply[1:4]), peak, size)

    def floor(self, directory):
        """The peak in KiB that even `true` is reported to have."""
        return self.run(["/bin/true"], directory).peak_kib

    def close(self):
        """Lets the process end."""
        self.process.stdin.close()
        self.process.wait()
