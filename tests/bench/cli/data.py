"""The tasks the benchmark runs on: the same ones, written for every program.

Everything follows from the seed and the number of tasks; neither the clock
nor the machine comes into it.
"""

import datetime
import json
import os
import random
import uuid

SEED = 20_260_101

# What the filter looks for. No tag begins with another one, because todo-txt
# searches text: "@home" would also find "@homework".
TAG = "errand"
TAGS = (
    "errand waiting phone email computer garden kitchen urgent someday weekend "
    "morning evening family friends office meeting reading writing review shopping "
    "repair travel health money paper idea learning music sport cleaning"
).split()
PROJECTS = (
    "home home.garden home.kitchen home.repair work work.clients work.clients.acme "
    "work.reports finance finance.tax travel health"
).split()
WORDS = (
    "buy call write send check book order clean fix plan pay read sort move paint water "
    "plant cook draft print scan sign renew cancel update compare collect return replace "
    "measure prepare finish the a new old next last second weekly annual final small large "
    "broken spare milk bread letter invoice report contract ticket bicycle window door "
    "printer laptop garden kitchen bathroom garage cellar roof tax insurance passport "
    "holiday hotel train flight birthday present party dinner recipe meeting agenda minutes "
    "slides budget forecast customer supplier neighbour teacher doctor dentist plumber "
    "electrician library book photo archive backup password account bank savings rent "
    "electricity heating tulips hedge lawn tiles shelf lamp battery charger cable phone for "
    "with about from and before after"
).split()

START = datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc)
MINUTES = 365 * 24 * 60


def minute(moment):
    """The moment some minutes after START."""
    return START + datetime.timedelta(minutes=moment)


def tasks(count):
    """Yields `count` tasks: 80 % pending, the rest completed."""
    pick = random.Random(SEED)
    for _ in range(count):
        entry = pick.randrange(MINUTES)
        modified = entry + pick.randrange(60 * 24 * 60)
        done = pick.random() >= 0.8
        words = " ".join(pick.choice(WORDS) for _ in range(pick.randint(3, 8)))
        yield {
            "uuid": str(uuid.UUID(int=pick.getrandbits(128), version=4)),
            "title": words[0].upper() + words[1:],
            "tags": sorted(pick.sample(TAGS, pick.randint(0, 3))),
            "project": pick.choice(PROJECTS),
            "priority": pick.choice(("H", "M", "L", None)),
            # On half of them; a quarter of an hour in the two years from START.
            "due": minute(15 * pick.randrange(2 * MINUTES // 15)) if pick.random() < 0.5 else None,
            "entry": minute(entry),
            "modified": minute(modified),
            "end": minute(modified) if done else None,
        }


def taskwarrior(task):
    """One task as `task export` has it."""

    def stamp(moment):
        return moment.strftime("%Y%m%dT%H%M%SZ")

    record = {"description": task["title"]}
    for name in ("due", "end"):
        if task[name]:
            record[name] = stamp(task[name])
    record["entry"] = stamp(task["entry"])
    record["modified"] = stamp(task["modified"])
    if task["priority"]:
        record["priority"] = task["priority"]
    record["project"] = task["project"]
    record["status"] = "completed" if task["end"] else "pending"
    record["uuid"] = task["uuid"]
    if task["tags"]:
        record["tags"] = task["tags"]
    return record


def document(number, task):
    """One task as the floor program's file has it."""

    def stamp(moment):
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    record = {
        "id": number,
        "uid": task["uuid"],
        "title": task["title"],
        "status": "completed" if task["end"] else "pending",
    }
    if task["priority"]:
        record["priority"] = {"H": "high", "M": "medium", "L": "low"}[task["priority"]]
    record["project"] = task["project"]
    if task["tags"]:
        record["tags"] = task["tags"]
    if task["due"]:
        record["due_date"] = stamp(task["due"])
    record["created_at"] = stamp(task["entry"])
    record["updated_at"] = stamp(task["modified"])
    if task["end"]:
        record["completed_at"] = stamp(task["end"])
    record["version"] = 1
    return record


def todo_txt(task):
    """One task as a line of todo.txt (or, completed, of done.txt)."""
    parts = []
    if task["end"]:
        parts += ["x", task["end"].strftime("%Y-%m-%d")]
    elif task["priority"]:
        parts.append({"H": "(A)", "M": "(B)", "L": "(C)"}[task["priority"]])
    parts += [task["entry"].strftime("%Y-%m-%d"), task["title"], "+" + task["project"]]
    parts += ["@" + tag for tag in task["tags"]]
    if task["due"]:
        parts.append(task["due"].strftime("due:%Y-%m-%dT%H:%M"))
    return " ".join(parts)


def write(directory, count):
    """Writes the files for `count` tasks into `directory`.

    Returns how many there are in all, pending, and found by the filter
    (TAG and high priority).
    """
    all_tasks = list(tasks(count))

    def to(name, text):
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(text)

    dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    to("taskwarrior.json", "[\n" + ",\n".join(dump(taskwarrior(t)) for t in all_tasks) + "\n]\n")
    floor = [document(number, task) for number, task in enumerate(all_tasks, 1)]
    to("floor.json", dump({"format": 1, "tasks": floor}) + "\n")
    to("todo.txt", "".join(todo_txt(t) + "\n" for t in all_tasks if not t["end"]))
    to("done.txt", "".join(todo_txt(t) + "\n" for t in all_tasks if t["end"]))
    pending = [task for task in all_tasks if not task["end"]]
    hits = [task for task in pending if TAG in task["tags"] and task["priority"] == "H"]
    return {"all": count, "pending": len(pending), "hits": len(hits)}
