"""The four programs: how each keeps its tasks and what it is called with.

Each has a store of its own, built once (`template`), and a fixed place the
measured commands work in (`work`): a copy of the template made before each
command that writes, outside the measured time.
"""

import json
import os
import re
import shutil
import subprocess

from data import TAG
from launcher import Failure

START, LIST, FILTER, ADD, DONE, IMPORT = "start-up", "list", "filter", "add", "done", "import"
OPERATIONS = (START, LIST, FILTER, ADD, DONE, IMPORT)
WRITES = (ADD, DONE, IMPORT)
TITLE = "Buy milk"

TASKRC = """\
data.location={work}
confirmation=no
hooks=off
verbose=nothing
color=off
detection=off
defaultwidth=120
recurrence=no
news.version=2.6.0
report.bench.description=All pending tasks
report.bench.columns=id,priority,project,tags,due,description
report.bench.labels=ID,P,Project,Tags,Due,Description
report.bench.filter=status:pending
report.bench.sort=due+
"""

TODO_TXT_CONFIG = """\
export TODO_DIR='{work}'
export TODO_FILE="$TODO_DIR/todo.txt"
export DONE_FILE="$TODO_DIR/done.txt"
export REPORT_FILE="$TODO_DIR/report.txt"
"""


class Program:
    """What the four have in common."""

    name = ""
    start_exit = 0

    def __init__(self, path, environment):
        self.path = path
        self.environment = environment
        self.home = self.work = self.data = ""
        self.target = 0

    def settle(self, home, data):
        """Builds the store of the tasks in `data` under `home`."""
        self.home, self.data = home, data
        self.work = os.path.join(home, "work")
        os.makedirs(self.work)
        self.build()
        os.rename(self.work, os.path.join(home, "template"))
        self.reset()

    def reset(self, empty=False):
        """Puts a fresh copy of the store, or none, where commands work."""
        shutil.rmtree(self.work, ignore_errors=True)
        if empty:
            os.mkdir(self.work)
        else:
            shutil.copytree(os.path.join(self.home, "template"), self.work)

    def say(self, argv, expect=0):
        """What a command prints; for checks, not for measuring."""
        done = subprocess.run(
            argv,
            cwd=self.home or None,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
        if done.returncode != expect:
            raise Failure(f"exit status {done.returncode}: {' '.join(argv)}\n{done.stderr}")
        return done.stdout

    def version(self):
        """The first line of what it says of itself that has a number in it."""
        said = self.say(self.argv(START), self.start_exit).splitlines()
        return next((line.strip() for line in said if re.search(r"\d", line)), self.name)

    def source(self, name):
        """A file of the data set."""
        return os.path.join(self.data, name)

    def build(self):
        """Fills `work` with the tasks."""
        raise NotImplementedError

    def argv(self, operation):
        """The command line, or None for what the program does not do."""
        raise NotImplementedError

    def pending(self):
        """How many pending tasks it lists."""
        return len(self.say(self.argv(LIST)).splitlines())

    def hits(self):
        """How many tasks its filter finds."""
        return len(self.say(self.argv(FILTER)).splitlines())


class Todo(Program):
    """Ours."""

    name = "todo"

    def build(self):
        self.say(self.argv(IMPORT))
        numbers = sorted(task["id"] for task in self.listed())
        self.target = numbers[len(numbers) // 2]

    def listed(self, *words):
        """The tasks of a listing in JSON."""
        return json.loads(self.say([*self.argv(LIST), *words, "--format", "json"]))["tasks"]

    def argv(self, operation):
        if operation == START:
            return [self.path, "--version"]
        return [self.path, "--file", os.path.join(self.work, "tasks.json")] + {
            LIST: ["list"],
            FILTER: ["list", "--tag", TAG, "--priority", "high"],
            ADD: ["add", TITLE],
            DONE: ["done", str(self.target), "--yes"],
            IMPORT: ["import", "--from", "taskwarrior", self.source("taskwarrior.json")],
        }[operation]

    def pending(self):
        pending = len(self.listed())
        lines = super().pending()
        if lines < pending:
            raise Failure(f"todo: {pending} pending tasks, but only {lines} lines")
        return pending

    def hits(self):
        words = ["--tag", TAG, "--priority", "high"]
        counted = int(self.say([*self.argv(LIST)[:-1], "count", *words]))
        if counted != len(self.listed(*words)):
            raise Failure(f"todo: count says {counted}, list {len(self.listed(*words))}")
        return counted


class Task(Program):
    """Taskwarrior."""

    name = "task"

    def build(self):
        with open(os.path.join(self.home, "rc"), "w", encoding="utf-8") as file:
            file.write(TASKRC.format(work=self.work))
        self.say(self.argv(IMPORT))
        # Once through its gc, so that numbers are settled and stay so.
        numbers = self.numbers(self.say(self.argv(LIST)))
        self.target = sorted(numbers)[len(numbers) // 2]

    @staticmethod
    def numbers(report):
        """The task numbers in a report; lines a title was wrapped to have none."""
        return [int(found) for found in re.findall(r"^ *(\d+) ", report, re.MULTILINE)]

    def argv(self, operation):
        if operation == START:
            return [self.path, "--version"]
        return [self.path, "rc:" + os.path.join(self.home, "rc")] + {
            LIST: ["bench"],
            FILTER: ["+" + TAG, "priority:H", "bench"],
            ADD: ["add", TITLE],
            DONE: [str(self.target), "done"],
            IMPORT: ["import", self.source("taskwarrior.json")],
        }[operation]

    def pending(self):
        return len(self.numbers(self.say(self.argv(LIST))))

    def hits(self):
        return len(self.numbers(self.say(self.argv(FILTER))))


class TodoTxt(Program):
    """todo.txt-cli, a shell script; it has no import."""

    name = "todo-txt"
    start_exit = 1  # what its -V ends with

    def build(self):
        with open(os.path.join(self.home, "config"), "w", encoding="utf-8") as file:
            file.write(TODO_TXT_CONFIG.format(work=self.work))
        for name in ("todo.txt", "done.txt"):
            shutil.copy(self.source(name), self.work)
        # The number of a task is that of its line.
        with open(self.source("todo.txt"), encoding="utf-8") as file:
            self.target = sum(1 for _ in file) // 2

    def argv(self, operation):
        if operation == START:
            return [self.path, "-V"]
        words = {
            LIST: ["ls"],
            FILTER: ["lsp", "A", "@" + TAG],
            ADD: ["add", TITLE],
            DONE: ["do", str(self.target)],
        }.get(operation)
        return words and [self.path, "-d", os.path.join(self.home, "config"), "-p", *words]

    def shown(self, operation):
        """The number in "TODO: 3 of 7 tasks shown"."""
        said = self.say(self.argv(operation))
        found = re.search(r"^TODO: (\d+) of \d+ tasks shown$", said, re.MULTILINE)
        if not found:
            raise Failure("todo-txt did not say how many tasks it showed")
        return int(found[1])

    def pending(self):
        return self.shown(LIST)

    def hits(self):
        return self.shown(FILTER)


class Floor(Program):
    """The least a program with one JSON file can do; see todo-floor.rs."""

    name = "floor"

    def build(self):
        shutil.copy(self.source("floor.json"), os.path.join(self.work, "tasks.json"))

    def argv(self, operation):
        file = os.path.join(self.work, "tasks.json")
        words = {
            START: ["startup"],
            LIST: ["list", file],
            FILTER: ["filter", file, TAG, "high"],
            ADD: ["add", file, TITLE],
        }.get(operation)
        return words and [self.path, *words]


PROGRAMS = (Todo, Task, TodoTxt, Floor)
