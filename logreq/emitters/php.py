"""PHP 7.4 or later without extensions. A snippet throws where the panel refuses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from logreq.emitters.again import asks, needs_id
from logreq.emitters.base import Emitter
from logreq.emitters.context import (
    VARIABLES,
    Context,
    code,
    extra_pairs,
    family,
    key_user,
    output_format,
    parts,
)
from logreq.emitters.frame import PAIRS, Frame
from logreq.emitters.scripting import ProgramPlan, all_given, failure, fill, literal
from logreq.model.call import Arg, Argument, Call, Env, Id, Value
from logreq.text.escape import visible

# Words in capitals are put in by `fill`. A redirect is an error of PHP's own.
_SEND = """\
$http = ['method' => 'POST', 'header' => 'Content-Type: application/x-www-form-urlencoded', 'timeout' => 600,
    'max_redirects' => 1, 'content' => FORM];
$answer = file_get_contents(URL, false, stream_context_create(['http' => $http]));
"""  # noqa: E501
_UNVERIFIED = "\n    'ssl' => ['verify_peer' => false, 'verify_peer_name' => false], 'http' =>"
_FORM = "http_build_query($call, '', '&')"
# A mapping cannot hold a name twice.
_LISTED = (
    "implode('&', array_map(fn ($pair) => implode('=', array_map('urlencode', $pair)), $call))"
)
_TEXT = """\
$text = preg_replace('/\\p{C}/u', '?', json_encode(WHAT, JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_IGNORE));
if (FAILED) throw new \\RuntimeException(MESSAGE);
"""  # noqa: E501
# An answer that breaks off is shorter than it says; what is cut from JSON does not parse.
_SIZE = """\
$size = 0; // Content-Length
$told = function (...$told) use (&$size) { $size = max($size, $told[5]); };
"""
_SIZED = "if (strlen($answer) < $size) throw new \\RuntimeException(BROKEN);\n"
# Nothing in it drives a terminal; elsewhere it is as it came.
_ECHO = """\
$shown = preg_replace('/(?!\\n)[\\p{C}\\p{Zl}\\p{Zp}]/u', '?', $answer) ?? addcslashes($answer, "\\0..\\t\\v..\\37\\177..\\377");
echo stream_isatty(fopen('php://stdout', 'w')) ? $shown : $answer;
"""  # noqa: E501
_JSON = "$doc = json_decode($answer)->doc ?? json_decode($answer);\n"
# By format; `bjson` tells success beside the data, `JSONdata` is a list.
_FAILED = {
    "json": "!is_object($doc) || isset($doc->error) || isset($doc->authfail)",
    "bjson": "!is_object($doc) || isset($doc->error) || isset($doc->authfail) || !($doc->ok ?? true)",  # noqa: E501
    "JSONdata": "!is_array($doc) && (!is_object($doc) || isset($doc->error) || isset($doc->authfail))",  # noqa: E501
}


class Php(Emitter):
    """A mapping, one POST, one check, the answer."""

    summary = "PHP with streams, no extensions"
    auths = ("authinfo", "session", "key", "none")
    prefix = "// "
    mapping = True
    # Snippets that are put together, in one run or several, are one file; nothing is printed
    # between them.
    separator = "\n?>\n"
    closing = "?>\n"

    def comment(self, text: str) -> str:
        # This ends PHP even in a comment.
        return super().comment(text.replace("?>", "?\\x3e"))

    def refusal(self, call: Call, reason: str) -> str:
        return "<?php " + super().refusal(call, reason)

    def pair(self, name: str, value: Value) -> str:
        return f"    {literal(name)} => {_expression(value)},\n"

    def _listed(self, name: str, value: Value) -> str:
        return f"    [{literal(name)}, {_expression(value)}],\n"

    def frame(self, context: Context) -> Frame:
        auth, listed = self.connection.auth or "none", context.repeats
        pair = self._listed if listed else self.pair
        extra = extra_pairs(self.connection, context)
        texts = [pair(name, value) for name, value in extra]
        if auth == "authinfo":
            texts[-1] = texts[-1].rstrip("\n") + f" // {VARIABLES[auth]['PANEL_AUTHINFO']}\n"
        elif auth == "session":
            texts.append("    ['auth', $auth[1]],\n" if listed else "    'auth' => $auth[1],\n")
        pieces = ["<?php ", *self.heading(context), _checks(context, auth), self._login(context)]
        pieces += ["$call = [\n", pair("func", context.func), PAIRS, *texts, "];\n"]
        return Frame(*pieces, self._rest(context), pair=self._listed if listed else None)

    def _login(self, context: Context) -> str:
        """Give the text that logs in, if the call needs a session."""
        auth = self.connection.auth
        if auth not in ("session", "key"):
            return ""
        user = key_user(self.connection, context) if auth == "key" else ""
        text = code(f"php/snippet-{auth}.php").partition("<?php\n")[2]
        return self._filled(text, context, USER=literal(user))

    def _rest(self, context: Context) -> str:
        """Give the text after a call: it sends the call, checks the answer and prints it."""
        auth, listed = self.connection.auth, context.repeats
        form = _LISTED if listed else _FORM
        out = output_format(self.connection, context)
        failed = _FAILED.get(out)
        text = ""
        if auth == "session":
            text += f"$answer = $send({form});\n"
        elif auth == "key":
            session = "$call[] = ['auth', $auth[1]]" if listed else "$call['auth'] = $auth[1]"
            text = f"if ($auth) {session};\n"
            text += f"$answer = $send({form}, implode('; ', $cookies[1]));\n"
        elif failed:
            text += self._filled(_SEND, context, FORM=form)
        else:
            send = _SEND.replace("=> $http]", "=> $http], ['notification' => $told]")
            text += _SIZE + self._filled(send, context, FORM=form)
        simple = re.fullmatch(r"[\w.-]+", context.func, re.ASCII)
        shown = literal(visible(context.func))  # nothing in it drives a terminal
        message = f'"{context.func}: $text"' if simple else f"{shown} . ': ' . $text"
        if failed:
            text += _JSON
            what, printed = "$doc ?? $answer", 'echo "$text\\n";\n'
        else:
            broken = literal(f"{visible(context.func)}: the answer breaks off")
            text += fill(_SIZED, BROKEN=broken)
            none = "!preg_match('/<doc\\b/', $answer)" if family(out) else "$answer === false"
            failed = f"{none} || preg_match('~{failure(out)}~s', $answer)"
            what, printed = "$answer", _ECHO
        return text + fill(_TEXT, WHAT=what, FAILED=failed, MESSAGE=message) + printed

    def _filled(self, template: str, context: Context, **texts: str) -> str:
        if self.connection.insecure:
            template = template.replace("'http' =>", _UNVERIFIED)
        return fill(template, URL=literal(self.address(context.panel)), **texts)

    def script(
        self, calls: Sequence[Call], arguments: Sequence[Argument], again: bool = False
    ) -> Iterator[str]:
        plan = ProgramPlan(self.connection, calls, arguments, again)
        usage = "".join(self.comment(line) for line in plan.usage("php SCRIPT"))
        yield f"#!/usr/bin/env php\n<?php\n{usage}\n{plan.files('php', 'php')}\n"
        data = plan.data(
            "'%s'", auth="[['authinfo', getenv('PANEL_AUTHINFO')]]", common=_mapping(plan.common),
            yes="true", variables=_list(plan.variables), arg=_mapping(plan.arguments),
            asks=_list(asks(calls)),
        )  # fmt: skip
        yield f"{'start(' if again else '$panel = options('}[\n{data}], array_slice($argv, 1));\n"
        if again:
            yield "\nfunction run(array $arg): void {\n" + "    global $panel;\n" * plan.moving
        elif arguments:
            yield "$arg = $panel['arg'];\n"
        address = "$panel['arg']['url']" if plan.url else ""
        for number, (call, place) in enumerate(plan.moves()):
            text = self.filled(Frame(*self.heading(Context.of(call))), call, "")
            if place:
                url, user = address or literal(place[0]), literal(place[1])
                text += f"[$panel['url'], $panel['user']] = [{url}, {user}];\n"
            yield plan.placed(text + self._call(call, again), not number)
        yield "}\n\nagain();\n" if again else "\nfinish();\n"

    def _call(self, call: Call, again: bool) -> str:
        """Give a call of a script: of a name that comes again, all but the last are pairs.

        So are names that PHP would take for numbers.
        """
        left = Counter(name for name, _ in call.arguments)
        texts = []
        for name, value in call.arguments:
            left[name] -= 1
            listed = left[name] or re.fullmatch("-?[0-9]+", name)
            text = all_given(value) if again else value
            texts.append((self._listed if listed else self.pair)(name, text))
        # What an answer gives is asked for when its call comes.
        later = "fn () => " if needs_id(call) else ""
        pairs = f", {later}[\n{''.join(texts)}]" if texts else ""
        return f"call({literal(call.func)}{pairs});\n"


def _checks(context: Context, auth: str) -> str:
    """Give the text that ends a snippet where a variable is unset or empty."""
    names = dict.fromkeys([*(name for _, name in context.secrets), *VARIABLES[auth]])
    if len(names) == 1:
        (name,) = names
        return f"if (getenv('{name}') == '') throw new \\RuntimeException('{name} is not set');\n"
    test = """if (getenv($name) == '') throw new \\RuntimeException("$name is not set");"""
    listed = ", ".join(f"'{name}'" for name in names)
    return f"foreach ([{listed}] as $name) {test}\n" if names else ""


def _mapping(pairs: Sequence[tuple[str, str]]) -> str:
    return "[" + ", ".join(f"{literal(name)} => {literal(text)}" for name, text in pairs) + "]"


def _list(words: Iterable[str]) -> str:
    return f"[{', '.join(map(literal, words))}]"


def _expression(value: Value) -> str:
    texts = []
    for part in parts(value):
        if isinstance(part, str):
            texts.append(literal(part))
        elif isinstance(part, Env):
            texts.append(f"getenv('{part.name}')")
        elif isinstance(part, Arg):
            texts.append(f"$arg['{part.name}']")
        elif isinstance(part, Id):
            texts.append(f"the_id({literal(part.func)})")
        else:
            row = f"{literal(part.func)}, {literal(part.field)}, {_expression(part.value)}"
            texts.append(f"id_where({row})")
    return " . ".join(texts)
