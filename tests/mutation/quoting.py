r"""Weakens each quoting function and sees its test fail: `python -m tests.mutation.quoting`.

A row: the target, the file, what stands there, what stands there in the mutant. Each target
has its tests, a `-k` of `test_quoting.py`. Exits with 1 if a mutant survives.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.mutation.run import ROOT, status

SHELL, BASE, PROGRAM = "emitters/shell.py", "emitters/base.py", "emitters/scripting.py"
PYTHON, LITERALS = "emitters/python.py", "emitters/_python_script.py"
SCRIPT, ANSIBLE = "emitters/javascript_text.py", "emitters/ansible.py"
JAVASCRIPT = "emitters/javascript.py"
CODEC = "text/codec.py"
JSON, ESCAPE, MGRCTL = "emitters/json.py", "text/escape.py", "emitters/mgrctl_words.py"
OUTPUT, CLIPBOARD = "cli/terminal/output.py", "cli/terminal/clipboard.py"

TESTS = {
    "sh word": "sh_word",
    "sh pair": "sh_pair",
    "sh printable": "sh_printable",
    "sh comment_text": "sh_comment",
    "sh required": "sh_required",
    "percent": "percent",
    "python literal": "python_literal",
    "python func": "python_func",
    "python comment": "python_comment",
    "perl literal": "perl_literal",
    "php literal": "php_literal",
    "javascript literal": "javascript",
    "ansible": "ansible",
    "json _text": "json_text",
    "visible": "visible",
    "copy": "copy",
    "terminal _shown": "terminal",
    "messages": "messages",
    "mgrctl words": "mgrctl",
}

WORD = """return text if _SAFE(text) else "'" + text.replace("'", "'\\\\''") + "'\""""
SAFE = "[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+:,./=-]*"
LEAD = """return f"{word(name)}=" if name else "'='\""""
PLAIN_SH = '    if plain(text.replace("\\n", "")):\n'
COMMENT = 'return _UNSAFE.sub(_escaped, visible(text.replace("\\\\", "\\\\x5c")))'
NEUTRAL = "\\w .,:@%+=/#-"
REQUIRED = "f'\"${{{variable}:?must hold {meaning(variable)}}}\"'"
CHECKS = "[required(name) for name in dict.fromkeys(variables)]"
CODING_OF_URLS, PERCENT = "text/percent.py", "quote(encode(text))"
QUOTED_PY = "return _double(shown if plain(shown) else ascii(text))"
CODING = 'return _CODING.sub(r"\\\\x63", line) if "coding" in line else line'
COMMENT_LINE = 'return self.prefix + visible(text) + "\\n"'
SINGLE = """"'" + text.replace("\\\\", "\\\\\\\\").replace("'", "\\\\'") + "'\""""
SPECIAL = "[^ !#-;=-\\[\\]-~]"
SHORT = """{'"': '\\\\"', "\\\\": "\\\\\\\\", """
TEXT = "return _dumps(text if is_utf8(text) else percent(text))"
CHAR = 'if char.isprintable() and not unicodedata.combining(char) and char != "\\u3164":'

_PERL_PHP = [
    (PROGRAM, SINGLE, """"'" + text.replace("'", "\\\\'") + "'\""""),
    (PROGRAM, SINGLE, """"'" + text.replace("\\\\", "\\\\\\\\") + "'\""""),
    (PROGRAM, SINGLE, """"'" + text.replace("'", "\\\\'").replace("\\\\", "\\\\\\\\") + "'\""""),
    (PROGRAM, SINGLE, """"'" + text.replace("\\\\", "\\\\\\\\").replace("'", "\\\\'", 1) + "'\""""),
    (PROGRAM, SINGLE, """'"' + text + '"'"""),
    (PROGRAM, r""" "$": "\\$",""", ""),
    (PROGRAM, r""" '"': '\\"',""", ""),
    (PROGRAM, r""" "\\": "\\\\",""", ""),
    (PROGRAM, r'"\n": "\\n"', r'"\n": "\\r"'),
    (PROGRAM, r"\\x{byte:02x}", r"\\x{byte:x}"),
    (PROGRAM, "return short if plain(short) else", "return short if True else"),
    (PROGRAM, "    if plain(text):\n        return", "    if True:\n        return"),
]

MUTANTS: dict[str, list[tuple[str, str, str]]] = {
    "sh word": [
        (SHELL, WORD, "return text"),
        (SHELL, WORD, "return '\"' + text + '\"'"),
        (SHELL, WORD, """return "'" + text + "'\""""),
        (SHELL, WORD, """return text if _SAFE(text) else "'" + text.replace("'", "") + "'\""""),
        (
            SHELL,
            WORD,
            """return text if _SAFE(text) else "'" + text.replace("'", "'\\\\''", 1) + "'\"""",
        ),
        (
            SHELL,
            WORD,
            """return text if _SAFE(text) else "$'" + text.replace("'", "\\\\'") + "'\"""",
        ),
        (SHELL, WORD, WORD.replace("if _SAFE(text)", "if ' ' not in text")),
        (SHELL, WORD, WORD.replace("if _SAFE(text)", "if text[:1] == '~'")),
        (SHELL, WORD, WORD.replace("if _SAFE(text)", "if not text or _SAFE(text)")),
        (SHELL, SAFE, SAFE.replace("/=-]*", "/=~-]*").replace("[A", "[~A", 1)),
        (SHELL, SAFE, SAFE.replace("/=-]*", "/=*-]*")),
        (SHELL, SAFE, SAFE.replace("/=-]*", "/=$-]*")),
        (SHELL, SAFE, SAFE.replace("/=-]*", "/=\\n-]*")),
    ],
    "sh pair": [
        (SHELL, SAFE, SAFE.replace("[A", "[=A", 1)),
        (SHELL, SAFE, SAFE.replace("/=-]*", "/=~-]*").replace("[A", "[~A", 1)),
        (SHELL, LEAD, 'return f"{word(name)}="'),
        (SHELL, LEAD, LEAD.replace("word(name)", "name")),
        (SHELL, '(word(value) if value else "")', "value"),
    ],
    "sh printable": [
        (SHELL, PLAIN_SH, "    if True:\n"),
        (SHELL, PLAIN_SH, "    if text.isprintable():\n"),
        (SHELL, '    if "\\0" in text:\n', "    if False:\n"),
        (SHELL, "\\\\{byte:03o}", "\\\\x{byte:02x}"),
        (SHELL, "word(text[end : match.start()])", "text[end : match.start()]"),
        (SHELL, "pieces.append(word(text[end:]))", "pieces.append(text[end:])"),
        (SHELL, "pieces.append(word(text[end:]))", "pass"),
        (SHELL, """or "''"\n\n\ndef _print""", """or ""\n\n\ndef _print"""),
    ],
    "sh comment_text": [
        (SHELL, COMMENT, 'return visible(text.replace("\\\\", "\\\\x5c"))'),
        (SHELL, COMMENT, "return _UNSAFE.sub(_escaped, visible(text))"),
        (SHELL, COMMENT, 'return _UNSAFE.sub(_escaped, text.replace("\\\\", "\\\\x5c"))'),
        (SHELL, NEUTRAL, "\\w .,:@%+=/#'-"),
        (SHELL, NEUTRAL, "\\w .,:@%+=/#$`-"),
        (SHELL, NEUTRAL, "\\w .,:@%+=/#;&|-"),
        (SHELL, NEUTRAL, "\\w .,:@%+=/#!-"),
        (SHELL, NEUTRAL, "\\w .,:@%+=/#*?~-"),
    ],
    "sh required": [
        (SHELL, REQUIRED, REQUIRED.replace(":?", "?")),
        (SHELL, REQUIRED, REQUIRED.replace(":?", ":-")),
        (SHELL, REQUIRED, "f'\"${variable}\"'"),
        (SHELL, REQUIRED, REQUIRED.replace("'\"$", "'$").replace("}\"'", "}'")),
        (SHELL, CHECKS, "[required(name) for name in list(variables)[:1]]"),
        (SHELL, CHECKS, "[]"),
    ],
    "percent": [
        (CODING_OF_URLS, PERCENT, 'quote(encode(text), "/")'),
        (CODING_OF_URLS, PERCENT, 'quote(encode(text), "&")'),
        (CODING_OF_URLS, PERCENT, 'quote(encode(text), "%")'),
        (CODING_OF_URLS, PERCENT, 'quote(encode(text), "+")'),
        (CODING_OF_URLS, PERCENT, 'quote(text.encode(errors="replace"))'),
        (CODING_OF_URLS, PERCENT, 'quote(encode(text)).replace("%20", "+")'),
        (CODING_OF_URLS, PERCENT, "quote(encode(text)).lower()"),
        (CODING_OF_URLS, "[A-Za-z0-9._~-]*", "[A-Za-z0-9._~+-]*"),
    ],
    "python literal": [
        (LITERALS, QUOTED_PY, "return _double(shown)"),
        (LITERALS, QUOTED_PY, "return '\"' + text + '\"'"),
        (LITERALS, QUOTED_PY, 'return "\'" + text.replace("\'", "\\\\\'") + "\'"'),
        (LITERALS, QUOTED_PY, "import json; return json.dumps(text)"),
        (LITERALS, QUOTED_PY, "return _double(shown.replace('\\\\\\\\', '\\\\'))"),
        (LITERALS, QUOTED_PY, "return 'r' + shown if '\\\\' in text else shown"),
        (LITERALS, QUOTED_PY, "return repr(visible(text))"),
        (LITERALS, "return shown if '\"' in inner else ", "return "),
        (LITERALS, "[\\udc80-\\udcff]", "[\\udc80-\\udcfe]"),
    ],
    "python func": [
        (PYTHON, '"FUNC", percent(context.func)', '"FUNC", context.func'),
        (PYTHON, '"FUNC", percent(context.func)', '"FUNC", literal(context.func)[1:-1]'),
    ],
    "python comment": [
        (PYTHON, CODING, "return line"),
        (PYTHON, "c(?=oding[:=])", "c(?=oding:)"),
        (PYTHON, "c(?=oding[:=])", "c(?=oding=)"),
        (PYTHON, CODING, CODING.replace(", line)", ", line, count=1)")),
        (BASE, COMMENT_LINE, 'return self.prefix + text + "\\n"'),
        (BASE, COMMENT_LINE, 'return visible(text) + "\\n"'),
        (BASE, COMMENT_LINE, 'return self.prefix + text.replace("\\n", " ") + "\\n"'),
    ],
    "perl literal": [
        *_PERL_PHP,
        (PROGRAM, r'"@": "\\x40"', '"@": "@"'),
    ],
    "php literal": [*_PERL_PHP, (PROGRAM, r'"@": "\\x40"', r'"@": "\\@"')],
    "javascript literal": [
        (SCRIPT, SPECIAL, "[^ !-;=-\\[\\]-~]"),
        (SCRIPT, SPECIAL, "[^ !#-;=-~]"),
        (SCRIPT, SPECIAL, "[^ !#-\\[\\]-~]"),
        (SCRIPT, SPECIAL, "[^\\n !#-;=-\\[\\]-~]"),
        (SCRIPT, "_SPECIAL.sub(_escape, text)", "_SPECIAL.sub(_escape, text, count=1)"),
        (
            SCRIPT,
            """return f'"{_SPECIAL.sub(_escape, text)}"'""",
            """return f'`{_SPECIAL.sub(_escape, text)}`'""",
        ),
        (SCRIPT, "char.isprintable() and plain(char):", "ord(char) > 127:"),
        (SCRIPT, "char.isprintable() and plain(char):", "char.isprintable():"),
        (SCRIPT, 'char != "<" and ', ""),
        (SCRIPT, "\\u{units[i]:02x}{units[i + 1]:02x}", "\\u{units[i]:x}{units[i + 1]:x}"),
        (SCRIPT, SHORT, SHORT.replace("""'\\\\"'""", """'"'""")),
        (SCRIPT, "        literal(percent(part))\n", "        literal(part)\n"),
        (SCRIPT, "return name if _IDENTIFIER(name) else", 'return name if " " not in name else'),
        (SCRIPT, "[A-Za-z_$][A-Za-z0-9_$]*", "[A-Za-z_$-][A-Za-z0-9_$-]*"),
        (SCRIPT, 'not name.isdecimal() and name != "__proto__"', 'name != "__proto__"'),
        (SCRIPT, 'not name.isdecimal() and name != "__proto__"', "not name.isdecimal()"),
        (JAVASCRIPT, "literal(percent(name) + '=')", "literal(name + '=')"),
        (JAVASCRIPT, "{percent(name)}={percent(str(value))}", "{percent(name)}={value}"),
    ],
    "ansible": [
        (ANSIBLE, "text or percent(str(value))", "text or str(value)"),
        (ANSIBLE, "&{percent(name)}={text", "&{name}={text"),
        (ANSIBLE, "func={percent(func)}", "func={func}"),
        (ANSIBLE, "        name = percent(func)\n", "        name = func\n"),
        (ANSIBLE, '{"username": scalar(other), ', '{"username": f\'"{other}"\', '),
        (ANSIBLE, '"!unsafe " * ("{" in text) + ', ""),
        (ANSIBLE, '("{" in text)', '("{{" in text)'),
        (ANSIBLE, """f'"{shown}"'""", """f"'{shown}'\""""),
        (ANSIBLE, ".replace('\"', '\\\\\"')", ""),
        (ANSIBLE, '.replace("\\\\", "\\\\\\\\")', ""),
        (ANSIBLE, "visible(text.replace", "(text.replace"),
        (ANSIBLE, "return name if _WORD(name) else scalar(name)", "return name"),
        (
            ANSIBLE,
            "return name if _WORD(name) else scalar(name)",
            "return name if name.isidentifier() else scalar(name)",
        ),
        (ANSIBLE, '"{" in name or len', "len"),
        (ANSIBLE, " or len(name) > _LONGEST", ""),
    ],
    "json _text": [
        (JSON, TEXT, "return _dumps(text)"),
        (JSON, TEXT, "return '\"' + (text if is_utf8(text) else percent(text)) + '\"'"),
        (JSON, TEXT, "return '\"' + text.replace('\"', '\\\\\"') + '\"'"),
        (JSON, "ensure_ascii=True", "ensure_ascii=False"),
        (CODEC, '"\\ud800" <= char <= "\\udfff"', '"\\ud800" <= char < "\\udcff"'),
        (CODEC, '"\\ud800" <= char <= "\\udfff"', '"\\udcc4" <= char <= "\\udfff"'),
    ],
    "visible": [
        (ESCAPE, "[^ -~]", "[^\\n -~]"),
        (ESCAPE, "[^ -~]", "[^ -\\x7f]"),
        (
            ESCAPE,
            "if not (text.isascii() and text.isprintable()) else text",
            "if not text.isascii() else text",
        ),
        (ESCAPE, CHAR, 'if char.isprintable() and char != "\\u3164":'),
        (ESCAPE, CHAR, "if char.isprintable() and not unicodedata.combining(char):"),
        (ESCAPE, CHAR, "if ord(char) > 0x9f:"),
        (ESCAPE, "\\\\x{code:02x}", "\\\\x{code:x}"),
        (ESCAPE, "code -= 0xDC00", "pass"),
        (ESCAPE, "\\\\U{code:08x}", "\\\\U{code:x}"),
    ],
    "copy": [
        (CLIPBOARD, "base64.b64encode(encode(text))", "encode(text)"),
        (CLIPBOARD, "base64.b64encode(encode(text))", "base64.encodebytes(encode(text))"),
        (CLIPBOARD, 'if not all(map(plain, text.split("\\n"))):', "if False:"),
        (CLIPBOARD, 'if not all(map(plain, text.split("\\n"))):', 'if "\\x1b" in text:'),
        (
            CLIPBOARD,
            'if not all(map(plain, text.split("\\n"))):',
            "if not all(map(plain, text.splitlines())):",
        ),
        (CLIPBOARD, "if len(data) > self.LIMIT:", "if False:"),
        (CLIPBOARD, "{visible(what)}: sent", "{what}: sent"),
        (CLIPBOARD, "{visible(what)} is not copied", "{what} is not copied"),
        (CLIPBOARD, '+ data + b"\\x07")', "+ data)"),
    ],
    "terminal _shown": [
        (OUTPUT, "_shown if seen else _same", "_same"),
        (OUTPUT, "_shown if seen else _same", "_same if seen else _shown"),
        (OUTPUT, "_shown if seen else _same", "_shown"),
        (OUTPUT, '"\\n".join(map(visible, text.split("\\n")))', "visible(text)"),
        (
            OUTPUT,
            '"\\n".join(map(visible, text.split("\\n")))',
            '"\\n".join(map(visible, text.splitlines()))',
        ),
        (OUTPUT, '"\\n".join(map(visible, text.split("\\n")))', 'text.replace("\\x1b", "\\\\x1b")'),
    ],
    "messages": [
        (
            OUTPUT,
            'click.echo(f"logreq: {visible(str(problem))}", err=True)',
            'click.echo(f"logreq: {problem}", err=True)',
        ),
        (
            OUTPUT,
            'click.echo(f"logreq: {visible(text)}", err=True)',
            'click.echo(f"logreq: {text}", err=True)',
        ),
    ],
    "mgrctl words": [
        (MGRCTL, 'if func.startswith("-") or "=" in func:', 'if "=" in func:'),
        (MGRCTL, 'if func.startswith("-") or "=" in func:', 'if func.startswith("-"):'),
        (
            MGRCTL,
            'if func.startswith("-") or "=" in func:',
            'if func.startswith("--") or "=" in func:',
        ),
        (MGRCTL, 'if "\\0" in func:', "if False:"),
        (
            MGRCTL,
            'if not name or name.startswith("-") or "=" in name or "\\0" in name:',
            'if name.startswith("-") or "=" in name or "\\0" in name:',
        ),
        (
            MGRCTL,
            'if not name or name.startswith("-") or "=" in name or "\\0" in name:',
            'if not name or "=" in name or "\\0" in name:',
        ),
        (
            MGRCTL,
            'if not name or name.startswith("-") or "=" in name or "\\0" in name:',
            'if not name or name.startswith("-") or "\\0" in name:',
        ),
        (
            MGRCTL,
            'if not name or name.startswith("-") or "=" in name or "\\0" in name:',
            'if not name or name.startswith("-") or "=" in name:',
        ),
    ],
}


def tested(place: Path, target: str) -> int:
    """Run a target's tests in a copy; give pytest's status."""
    return status(place, "-m", "", "-k", TESTS[target], "tests/emitters/test_quoting.py")


def killed(place: Path, target: str, name: str, old: str, new: str) -> bool:
    """Tell whether the tests fail with a mutant in place."""
    path = place / "logreq" / name
    text = path.read_text()
    if text.count(old) != 1:
        raise SystemExit(f"{name}: {text.count(old)} times in the code: {old}")
    path.write_text(text.replace(old, new))
    try:
        compile(path.read_text(), name, "exec")
        return tested(place, target) == 1
    finally:
        path.write_text(text)


def main() -> None:
    wanted = sys.argv[1:] or list(MUTANTS)
    begun = time.monotonic()
    count: Counter[bool] = Counter()
    with tempfile.TemporaryDirectory() as top:
        place = Path(top)
        for folder in ("logreq", "tests", "rules", "samples"):
            shutil.copytree(
                ROOT / folder, place / folder, ignore=shutil.ignore_patterns("__pycache__")
            )
        shutil.copy(ROOT / "pyproject.toml", place)
        for target in wanted:
            if tested(place, target) != 0:
                raise SystemExit(f"{target}: its tests fail without a mutant")
            for name, old, new in MUTANTS[target]:
                dead = killed(place, target, name, old, new)
                count[dead] += 1
                print(
                    f"{'killed' if dead else 'SURVIVES':9} {target:20} {new.strip()[:70]!r}",
                    flush=True,
                )
    seconds = time.monotonic() - begun
    all_ = sum(count.values())
    print(f"{count[True]} of {all_} mutants killed, {len(wanted)} targets, {seconds:.0f} s")
    raise SystemExit(count[False] > 0)


if __name__ == "__main__":
    main()
