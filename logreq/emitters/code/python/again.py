"""What a script that is run again has beside panel.py: rows of arguments, ids, safeguards."""

import argparse
import contextlib
import os
import re
import signal
import sys
import time

from panel import Exists, Panel, shown, stop

FIELD = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n)')


def misuse(told):
    print(shown(told), file=sys.stderr)
    sys.exit(2)


def count(text):  # from 1
    if re.fullmatch("[0-9]{1,9}", text) and int(text):
        return int(text)
    raise ValueError


def seconds(text):
    if 0 <= float(text) < 1e6:
        return float(text)
    raise ValueError


def table(name, text):  # the rows of a CSV file (RFC 4180), each with its first line's number
    at, begin, line, row = 0, 1, 1, []
    text += "" if text.endswith("\n") else "\n"
    while at < len(text):
        field = FIELD.match(text, at) or misuse(f"{name}:{begin}: misplaced quote")
        row.append(field[2] if field[1] is None else field[1].replace('""', '"'))
        at, line = field.end(), line + field[0].count("\n")
        if field[3] != ",":
            if row != [""] or field[1] is not None:  # not empty
                yield begin, row
            begin, row = line, []


def plain(value):  # the text of a field of a document
    value = value.get("$") if isinstance(value, dict) else value
    return "" if value is None or isinstance(value, (dict, list)) else str(value)


class Later(list):  # parts of a value that is known when its call is made
    def __add__(self, other):
        return Later([*self, other])

    def __radd__(self, other):
        return Later([other, *self])


def the_id(func):
    return Later([(func,)])


def look_up(func, field, value):
    return Later([(func, field, value)])


class Again(Panel):
    def __init__(self, variables, defaults, calls, asks=(), **more):
        self.calls, self.asks, self.head, self.rows = calls, asks, [], []
        self.number, self.ids, self.sent, self.failed = 0, {}, False, None
        self.names = {name: name.replace("-", "_") for name in defaults if name != "url"}
        self.secrets = [name for name in variables if not name.startswith("PANEL_")]
        super().__init__(variables, defaults, **more)
        self.dry = self.options["dry_run"]
        for name in self.secrets:
            self.options[name] = f"${name}" if self.dry else os.environ.get(name)

    def extend(self, parser, variables):
        add = parser.add_argument
        if self.names:
            add("--each", metavar="FILE", help="CSV: all calls once per row (-: standard input)")
            add("--keep-going", action="store_true", help="with --each: past a row that fails")
        add("--from", type=count, default=1, metavar="N", help="begin with row N, else call N")
        add("--dry-run", action="store_true", help="show the calls and send nothing")
        add("--existing", choices=["skip"], help="what exists already counts as done")
        add("--pause", type=seconds, default=0, metavar="S", help="seconds between two calls")
        add("--yes", action="store_true", help="do not ask before what deletes or spends")
        # An argument's default is not taken for one that is given.
        blank = argparse.Namespace(
            each=None, keep_going=False, **dict.fromkeys(self.names.values())
        )
        options = vars(parser.parse_args(namespace=blank))
        file, first = options["each"], options["from"]
        if options["keep_going"] and file is None:
            parser.error("--keep-going is for --each")
        if file is not None:
            self.read(file, [name for name, at in self.names.items() if options[at] is not None])
        if first > max(1, len(self.rows) if file is not None else self.calls):
            parser.error(f"--from {first}: there is no such {'call' if file is None else 'row'}")
        needed = [name for name in variables if name not in self.head]
        variables[:] = [] if options["dry_run"] else needed

    def read(self, file, given):
        try:
            with open(0 if file == "-" else file, "rb", closefd=file != "-") as opened:
                lines = [*table(file, opened.read().decode("utf-8-sig", "surrogateescape"))]
        except OSError as error:
            misuse(f"{file}: {error.strerror}")
        if len(lines) < 2:
            misuse(f"{file}: no rows")
        self.head = [name.strip() for name in lines.pop(0)[1]]
        takes = [*self.names, *self.secrets]
        for name in self.head:
            if name not in takes:
                misuse(f"{file}: unknown column: {name}; this script takes {', '.join(takes)}")
            if self.head.count(name) > 1:
                misuse(f"{file}: two columns: {name}")
            if name in given:
                misuse(f"{file}: {name} is a column and --{name} is given")
        for name in self.names:
            if name not in self.head and name not in given:
                misuse(f"{file}: no column: {name}; --{name} VALUE gives it to all rows")
        for line, row in lines:
            if len(row) != len(self.head):
                misuse(f"{file}:{line}: {len(row)} values for {len(self.head)} columns")
        self.rows = [row for _, row in lines]

    def run(self, calls):
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback
        first, rows = self.options["from"], len(self.rows)
        if self.asks and not self.dry and not self.options["yes"]:
            self.ask(f" in each of {rows - first + 1} rows" if rows else "")
        if not rows:
            calls()
        bad = 0
        for number, row in enumerate(self.rows[first - 1 :], first):
            self.ids, self.number = {}, 0
            for name, value in zip(self.head, row):
                if name in self.names or not self.dry:
                    self.options[self.names.get(name, name)] = value
            try:
                calls()
                print(f"row {number}: {'not sent' if self.dry else 'ok'}", file=sys.stderr)
            except SystemExit as error:
                print(f"row {number}: {error.code}", file=sys.stderr)
                if not self.options["keep_going"]:
                    sys.exit(f"--from {number} goes on there")
                self.keep(row)
                bad += 1
        self.restart()
        if bad:
            sys.exit(shown(f"{bad} of {rows} rows failed; they are in {self.other}"))

    def keep(self, row):  # at once: it may end at any time
        file = self.options["each"]
        self.other = "failed.csv" if file == "-" else re.sub(r"\.csv\Z", "", file) + ".failed.csv"
        try:
            if not self.failed:  # nobody else reads it, and nothing that is there is followed
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self.other)
                self.failed = os.open(self.other, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                self.write(self.head)
            self.write(row)
        except OSError as error:
            sys.exit(shown(f"{self.other}: {error.strerror}"))

    def write(self, row):
        text = ",".join('"' + value.replace('"', '""') + '"' for value in row) + "\n"
        with open(self.failed, "wb", closefd=False) as file:
            file.write(text.encode("utf-8", "surrogateescape"))

    def ask(self, each):
        names = shown(", ".join(self.asks))
        if self.options.get("each") == "-" or not (sys.stdin and sys.stdin.isatty()):
            misuse(f"{names} deletes or spends: --yes runs it unasked")
        told = f"This deletes or spends: {names}{each}. Go on? [y/N] "
        print(told, end="", file=sys.stderr, flush=True)
        if sys.stdin.buffer.readline()[:1] not in (b"y", b"Y"):
            sys.exit("nothing was sent")

    def once(self, func, /, *pairs, **named):  # a call, unless it is only shown or left out
        self.number += 1
        pairs = [*pairs, *named.items()]
        if not self.rows and self.number < self.options["from"]:
            print(shown(f"{func}: left out"), file=sys.stderr)
            return
        if self.dry:
            pairs = [f"  {name}={self.value(func, value)}" for name, value in pairs]
            print("\n".join(map(shown, [func, *pairs])))
            return
        if self.sent:
            time.sleep(self.options["pause"])
        self.sent = True
        pairs = [(name, self.value(func, value)) for name, value in pairs]
        doc = None
        try:
            doc = self.call(func, *pairs)
        except Exists:
            if not self.options["existing"]:
                raise
            print(shown(f"{func}: exists, skipped"), file=sys.stderr)
        self.ids[func] = plain(doc.get("id")) if isinstance(doc, dict) else ""

    def value(self, func, value):
        if isinstance(value, str):
            return value
        if isinstance(value, Later):
            return "".join(self.value(func, part) for part in value)
        of, *where = value
        told = f"{of} where {where[0]}={self.value(func, where[1])}" if where else of
        if self.dry:
            return f"<id of {told}>"
        if not where:
            return self.ids.get(of) or stop(func, f"{of} answered no id")
        # JSON is read whatever the calls ask for.
        doc = self.send([("func", of), *{**self.common, "out": "json"}.items()])
        rows = doc if isinstance(doc, list) else doc.get("elem", [])
        rows = [
            row for row in (rows if isinstance(rows, list) else [rows]) if isinstance(row, dict)
        ]
        field, wanted = where[0], self.value(func, where[1])
        found = [row for row in rows if field in row and plain(row[field]) == wanted]
        if len(found) != 1:
            stop(func, f"{len(found) or 'no'} {told}")
        return plain(found[0].get("id")) or stop(func, f"{told} has no id")

    # only login
    def log_in(self, user=""):
        if not self.dry:
            super().log_in(user)

    # end
