"""Perl 5.10 or later with HTTP::Tiny and JSON::PP (core modules since 5.14).

A snippet dies where the panel refuses. It is a block: in one file with others, no variable
is declared twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Callable

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
from logreq.errors import EmitError
from logreq.model.call import Arg, Argument, Call, Id, Lookup, Value
from logreq.text.codec import is_utf8
from logreq.text.escape import visible

# Words in capitals are put in by `fill`.
_BEGIN = """\
{   use strict; use warnings; use Encode; use HTTP::Tiny 0.025;MODULES
CHECKS    my $http = HTTP::Tiny->new(verify_SSL => VERIFY, max_redirect => 0, timeout => 600);
"""
# HTTP::Tiny makes UTF-8 of what is in a form: what is no UTF-8 has to go another way.
_FORM = "    my $reply = $http->post_form(URL, [\n", "    ]HEADERS);\n"
_BYTES = (
    "    my @call = map { (my $hex = unpack 'H*', $_) =~ s/(..)/%$1/g; $hex } (\n",
    """\
    );
    my $reply = $http->post(URL, {headers => {'Content-Type' => 'application/x-www-form-urlencoded'COOKIE},
        content => join '&', map { "$call[2 * $_]=$call[2 * $_ + 1]" } 0 .. $#call / 2});
""",  # noqa: E501
)
_JSON = """\
    my $doc = $reply->{success} && eval { my $all = decode_json($reply->{content}); ref $all eq 'HASH' ? $all->{doc} // $all : $all };
    (my $text = ref $doc ? JSON::PP->new->canonical->encode($doc) : decode_utf8("@$reply{qw(status reason content)}")) =~ s/[\\p{C}\\p{Zl}\\p{Zp}]/?/g;
    die encode_utf8(MESSAGE) if FAILED;
    print encode_utf8("$text\\n");
}
"""  # noqa: E501
_TEXT = """\
    (my $text = decode_utf8("@$reply{qw(status reason content)}")) =~ s/[\\p{C}\\p{Zl}\\p{Zp}]/?/g;
    die encode_utf8(MESSAGE) if !$reply->{success} || FAILED;
    ($text = decode_utf8($reply->{content})) =~ s/(?!\\n)[\\p{C}\\p{Zl}\\p{Zp}]/?/g;
    print -t STDOUT ? encode_utf8($text) : $reply->{content};
}
"""
_ERROR = "grep { exists $doc->{$_} } qw(error authfail)"
# By format; `bjson` tells success beside the data, `JSONdata` is a list.
_FAILED = {
    "json": f"ref $doc ne 'HASH' || {_ERROR}",
    "bjson": f"ref $doc ne 'HASH' || !($doc->{{ok}} // 1) || {_ERROR}",
    "JSONdata": f"!ref $doc || ref $doc eq 'HASH' && {_ERROR}",
}


class Perl(Emitter):
    """A form, one POST, one check, the answer."""

    summary = "Perl, core modules only"
    auths = ("authinfo", "session", "key", "none")

    def comment(self, text: str) -> str:
        # "# line 5" would set the line number that messages tell.
        if text.lstrip().startswith("line"):
            text = text.replace("line", "l\\x69ne", 1)
        return super().comment(text)

    def pair(self, name: str, value: Value) -> str:
        return f"        {_name(name, _decoded)} => {_expression(value, _decoded)},\n"

    def _bytes(self, name: str, value: Value) -> str:
        return f"        {_name(name, literal)} => {_expression(value, literal)},\n"

    def frame(self, context: Context) -> Frame:
        auth, out = self.connection.auth or "none", output_format(self.connection, context)
        odd = (text for pair in (*context.odd, (context.func,)) for text in pair)
        as_bytes = not all(map(is_utf8, odd))
        begin, end = _BYTES if as_bytes else _FORM
        pair = self._bytes if as_bytes else self.pair
        extra = [pair(name, value) for name, value in extra_pairs(self.connection, context)]
        if auth == "authinfo":
            extra[-1] = extra[-1].rstrip("\n") + f"  # {VARIABLES[auth]['PANEL_AUTHINFO']}\n"
        elif auth == "session":
            extra.append("        auth => $auth,\n")
        elif auth == "key":
            extra.append("        $auth ? (auth => $auth) : (),\n")
        texts = {
            "URL": literal(self.address(context.panel)),
            "USER": _decoded(key_user(self.connection, context)) if auth == "key" else "",
            "VERIFY": str(int(not self.connection.insecure)),
            "CHECKS": _checks(context, auth),
            "MODULES": " use JSON::PP;" if family(out) == "json" else "",
            "HEADERS": ", {headers => {Cookie => $cookie}}" if auth == "key" else "",
            "COOKIE": ", Cookie => $cookie" if auth == "key" else "",
            "MESSAGE": _message(context.func),
        }
        login = code(f"perl/snippet-{auth}.pl") if auth in ("session", "key") else ""
        if out in _FAILED:
            texts["FAILED"] = _FAILED[out]
        else:
            none = "$reply->{content} !~ /<doc\\b/ || " if family(out) else ""
            texts["FAILED"] = f"{none}$reply->{{content}} =~ m{{{failure(out)}}}s"
        rest = end + (_JSON if out in _FAILED else _TEXT)
        return Frame(
            *self.heading(context),
            fill(_BEGIN + login + begin, **texts),
            pair("func", context.func),
            PAIRS,
            *extra,
            fill(rest, **texts),
            pair=self._bytes if as_bytes else None,
        )

    def script(
        self, calls: Sequence[Call], arguments: Sequence[Argument], again: bool = False
    ) -> Iterator[str]:
        plan = ProgramPlan(self.connection, calls, arguments, again)
        usage = "".join(self.comment(line) for line in plan.usage("perl SCRIPT"))
        yield f"#!/usr/bin/env perl\n{usage}\n{plan.files('perl', 'pl')}\n"
        common = ", ".join(f"[{_pairs([pair])}]" for pair in plan.common)
        data = plan.data(
            "%s", auth="[authinfo => $ENV{PANEL_AUTHINFO}]", common=f"[{common}]", yes="1",
            variables=f"[qw({' '.join(plan.variables)})]", arg=f"[{_pairs(plan.arguments)}]",
            asks=f"[{', '.join(map(literal, asks(calls)))}]",
        )  # fmt: skip
        yield f"{'start' if again else 'options'}(\n{data});\n"
        if again:
            yield "\nsub run {\n"
        address = "$arg{url}" if plan.url else ""
        for number, (call, place) in enumerate(plan.moves()):
            text = self.filled(Frame(*self.heading(Context.of(call))), call, "")
            if place:
                url, user = address or literal(place[0]), literal(place[1])
                text += f"@panel{{qw(url user)}} = ({url}, {user});\n"
            yield plan.placed(text + self._call(call, again), not number)
        yield "}\n\nagain();\n" if again else "\nfinish();\n"

    def _call(self, call: Call, again: bool) -> str:
        values = [(n, all_given(v) if again else v) for n, v in call.arguments]
        pairs = "".join(self._bytes(name, value)[4:] for name, value in values)
        if needs_id(call):  # what an answer gives is asked for when its call comes
            return f"call({literal(call.func)}, sub {{\n{pairs}}});\n"
        sent = f",\n{pairs}" if pairs else ""
        return f"call({literal(call.func)}{sent});\n"


def _decoded(text: str) -> str:
    """Give the expression for text as characters; EmitError if it is none."""
    if not is_utf8(text):
        raise EmitError("a name that is not UTF-8 cannot be sent here")
    return literal(text) if text.isascii() else f"decode_utf8({literal(text)})"


def _name(text: str, quote: Callable[[str], str]) -> str:
    # Perl has words of 250 letters at most.
    return text if re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,60}", text) else quote(text)


def _pairs(pairs: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{_name(name, literal)} => {literal(text)}" for name, text in pairs)


def _message(func: str) -> str:
    """Give the expression for what a snippet dies of: nothing in it drives a terminal."""
    if re.fullmatch("[A-Za-z0-9_.-]+", func):
        return f'"{func}: $text\\n"'
    return f'{_decoded(visible(func))} . ": $text\\n"'


def _checks(context: Context, auth: str) -> str:
    """Give the text that ends a snippet where a variable is unset or empty."""
    names = dict.fromkeys([*(name for _, name in context.secrets), *VARIABLES[auth]])
    if not names:
        return ""
    test = """length($ENV{$_} // '') or die "$_ is not set\\n" for qw"""
    return f"    {test}({' '.join(names)});\n"


def _expression(value: Value, quote: Callable[[str], str]) -> str:
    texts = []
    for part in parts(value):
        if isinstance(part, Arg):
            texts.append(f"$arg{{{literal(part.name)}}}")
        elif isinstance(part, str):
            texts.append(quote(part))
        elif isinstance(part, Id):
            texts.append(f"the_id({literal(part.func)})")
        elif isinstance(part, Lookup):
            row = f"{literal(part.func)}, {literal(part.field)}, {_expression(part.value, quote)}"
            texts.append(f"id_where({row})")
        elif quote is literal:
            texts.append(f"$ENV{{{part.name}}}")
        else:
            texts.append(f'decode_utf8("$ENV{{{part.name}}}", Encode::FB_CROAK)')
    return " . ".join(texts)
