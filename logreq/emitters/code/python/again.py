"""What scripts that are run again have beside panel.py: `Again` for `Panel`.

It has rows of arguments, ids that are known when a call is made, safeguards.
"""

import argparse
import contextlib
import os
import re
import signal
import sys
import time

from panel import Exists, Panel, shown, stop


def misuse(told):
    print(shown(told), file=sys.stderr)
    sys.exit(2)


def count(text):  # from 1
    if re.fullmatch("[0-9]{1,9}", text) and int(text):
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")


def seconds(text):
    with contextlib.suppress(ValueError):
        if 0 <= float(text) < 1e6:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")


# only rows
def mark_of(text):  # of CSV: names hold no semicolon, with which some spreadsheets write it
    return ";" if re.match(r"[\r\n]*[^\r\n;]*;", text) else ","


def table(name, text):  # rows of CSV (RFC 4180), each with the number of its first line
    at, begin, line, row, mark, width = 0, 1, 1, [], mark_of(text), 0
    value = re.compile(rf'(?:"([^"]*(?:""[^"]*)*)"|([^"{mark}\r\n]*))({mark}|\r?\n)')
    text += "" if text.endswith("\n") else "\n"
    while at < len(text):
        field = value.match(text, at) or misuse(f"{name}:{begin}: misplaced quote or CR")
        row.append(field[2] if field[1] is None else field[1].replace('""', '"'))
        at, line = field.end(), line + field[0].count("\n")
        if field[3] != mark:
            # Spreadsheets leave rows of empty values; an only one counts where it is quoted.
            if any(row) or (width < 2 and (row[1:] or field[1] is not None)):
                yield begin, row
                width = width or len(row)
            begin, row = line, []


# end
def plain(value):  # the text of a document's field
    value = value.get("$") if isinstance(value, dict) else value
    return "" if value is None or isinstance(value, (dict, list)) else str(value)


class Again(Panel):
    def __init__(self, variables, defaults, calls, asks=(), **more):
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback
        signal.signal(getattr(signal, "SIGPIPE", signal.SIGINT), signal.SIG_DFL)
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
        add(
            "--from",
            type=count,
            default=1,
            metavar="N",
            help="begin with call N, with --each row N",
        )
        add("--dry-run", action="store_true", help="show the calls and send nothing")
        add("--existing", choices=["skip"], help="what exists already counts as done")
        add("--pause", type=seconds, default=0, metavar="S", help="seconds between two calls")
        add("--yes", action="store_true", help="do not ask before what deletes or spends")
        # only rows
        add("--each", metavar="FILE", help="CSV, names first: all calls per row (-: stdin)")
        add(
            "--keep-going",
            action="store_true",
            help="past rows that fail; FILE.failed.csv has them",
        )
        # end
        # Those that are not given are None here, not their defaults.
        blank = argparse.Namespace(each=None, **dict.fromkeys(self.names.values()))
        options = vars(parser.parse_args(namespace=blank))
        first, most = options["from"], max(1, self.calls)
        # only rows
        if options["each"] is not None:
            self.read(
                options["each"], [n for n, at in self.names.items() if options[at] is not None]
            )
            most = len(self.rows)
        elif options["keep_going"]:
            parser.error("--keep-going is for --each")
        # end
        if first > most:
            parser.error(f"--from {first}: there are {most} {'rows' if self.rows else 'calls'}")
        needed = [name for name in variables if name not in self.head]
        variables[:] = [] if options["dry_run"] else needed

    # only rows
    def read(self, file, given):
        try:
            with open(0 if file == "-" else file, "rb", closefd=file != "-") as opened:
                text = opened.read().decode("utf-8-sig", "surrogateescape")
        except OSError as error:
            misuse(f"{file}: {error.strerror}")
        self.mark, lines = mark_of(text), [*table(file, text)]
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
            if name not in [*self.head, *given]:
                misuse(f"{file}: no column: {name}; --{name} VALUE gives it to all rows")
        for line, row in lines:
            self.check(f"{file}:{line}", row)
        self.rows = [row for _, row in lines]

    def check(self, where, row):
        if len(row) != len(self.head):
            misuse(f"{where}: {len(row)} values for {len(self.head)} columns")
        for name, value in zip(self.head, row):
            if name in self.secrets and not value:
                misuse(f"{where}: {name} is empty")

    def row(self, number, values, calls):  # gives whether all went well
        self.ids, self.number = {}, 0
        for name, value in zip(self.head, values):
            if name in self.names or not self.dry:
                self.options[self.names.get(name, name)] = value
        try:
            calls()
        except SystemExit as error:
            print(f"row {number}: {error.code}", file=sys.stderr)
            if not self.options["keep_going"]:
                sys.exit(f"--from {number} goes on there")
            self.keep(values)
            return False
        print(f"row {number}: {'not sent' if self.dry else 'ok'}", file=sys.stderr)
        return True

    def keep(self, values):  # at once: who knows how this ends
        file, lines = self.options["each"], [values]
        self.other = ("" if file == "-" else re.sub(r"\.csv\Z", "", file) + ".") + "failed.csv"
        try:
            if not self.failed:  # for nobody else to read, and nowhere else by a link
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self.other)
                new = os.open(self.other, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                self.failed, lines = os.fdopen(new, "wb"), [self.head, values]
            for line in lines:
                text = self.mark.join('"' + value.replace('"', '""') + '"' for value in line) + "\n"
                self.failed.write(text.encode("utf-8", "surrogateescape"))
            self.failed.flush()
        except OSError as error:
            sys.exit(shown(f"{self.other}: {error.strerror}"))

    # end
    # only asks
    def ask(self, each):
        names = shown(", ".join(self.asks))
        if self.options.get("each") == "-" or not (sys.stdin and sys.stdin.isatty()):
            misuse(f"{names} deletes or spends: --yes runs it unasked")
        told = f"This deletes or spends: {names}{each}. Go on? [y/N] "
        print(told, end="", file=sys.stderr, flush=True)
        if sys.stdin.buffer.readline()[:1] not in (b"y", b"Y"):
            sys.exit("nothing was sent")

    # end
    def run(self, calls):
        first = self.options["from"]
        rows = len(self.rows) - first + 1 if self.rows else 0
        # only asks
        if self.asks and not self.dry and not self.options["yes"]:
            self.ask(f" in each of {rows} rows" if rows else "")
        # end
        try:
            # only rows
            tried = enumerate(self.rows[first - 1 :], first)
            bad = [number for number, row in tried if not self.row(number, row, calls)]
            # end
            if not rows:
                calls()
        except SystemExit:
            for url in self.restarts:
                print(f"{url} asks for a restart", file=sys.stderr)
            raise
        self.restart()
        # only rows
        if bad:
            self.failed.close()
            sys.exit(shown(f"{len(bad)} of {rows} rows failed; they are in {self.other}"))
        # end

    def once(self, func, /, *pairs, **named):  # a call, unless it is only shown or left out
        self.number += 1
        pairs = [*pairs, *named.items()]
        if not self.rows and self.number < self.options["from"]:
            print(shown(f"{func}: left out"), file=sys.stderr)
            return
        if self.sent:
            time.sleep(self.options["pause"])
        # only later
        self.caller = func
        pairs = [(name, value() if callable(value) else value) for name, value in pairs]
        # end
        if self.dry:
            print("\n".join(map(shown, [func, *(f"  {name}={value}" for name, value in pairs)])))
            return
        doc, self.sent = None, True
        try:
            doc = self.call(func, *pairs)
        except Exists:
            if not self.options["existing"]:
                raise
            print(shown(f"{func}: exists, skipped"), file=sys.stderr)
        self.ids[func] = plain(doc.get("id")) if isinstance(doc, dict) else ""

    # only the_id
    def the_id(self, func):  # that the last call of a function answered
        if self.dry:
            return f"<id of {func}>"
        return self.ids.get(func) or stop(self.caller, f"{func} answered no id")

    # end
    # only look_up
    def look_up(self, func, field, value):  # the id of the row in a list whose field has a value
        told = f"{func} where {field}={value}"
        if self.dry:
            return f"<id of {told}>"
        # JSON is always read, whatever the calls ask for.
        doc = self.send([("func", func), *{**self.common, "out": "json"}.items()])
        rows = doc if isinstance(doc, list) else doc.get("elem", [])
        rows = [row for row in (rows if isinstance(rows, list) else [rows]) if type(row) is dict]
        found = [row for row in rows if plain(row.get(field)) == value]
        if len(found) != 1:
            stop(self.caller, f"{len(found) or 'no'} {told}")
        return plain(found[0].get("id")) or stop(self.caller, f"{told} has no id")

    # end
    # only login
    def log_in(self, user=""):
        if not self.dry:
            super().log_in(user)

    # end
