"""What logreq is measured against: the tools and the one-liners people would use instead."""

from __future__ import annotations

import sys
from pathlib import Path

ADDRESS = "https://localhost:1500/ispmgr"

# Does what `-t url` does with a panel's own queries: finds the line, strips the guide's
# list, puts func first, and brings the encoding to one form.
PERL = r"""
next unless /INFO Request/;
BEGIN { our $head = qr{[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d \[[\d: ]+\] \S+ (?:\e\[[\d;]*m)?}; }
next unless /^${main::head}INFO Request \[[^\]]*\]\[[^\]]*\] '(.*)'(?:\e\[[\d;]*m)?\s*$/o;
my $q = "&$1";
$q =~ s/&(?:sfrom|clicked_button|operafake|progressid)=[^&]*//g;
$q =~ s/&[^&=]*=\*?(?=&|$)//g;
next unless $q =~ s/&func=([^&]*)//;
my $f = $1;
$q =~ s/\+/%20/g;
$q =~ s/%(2D|2E|5F|7E|3\d|4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A])/chr hex $1/ge;
print "ADDRESS?func=$f$q\n";
""".replace("ADDRESS", ADDRESS)

# The recipe as people type it: no function first, no encoding.
SED = (
    r"s/.*\]\[[^]]*\] '(.*)'.*/\&\1/;"
    r"s/&(sfrom|clicked_button|operafake|progressid)=[^&]*//g;"
    r"s/&[^&=]*=\*?(&|$)/\1/g;s/&[^&=]*=\*?(&|$)/\1/g;"
    rf"s!^&!{ADDRESS}?!"
)


def grep(log: Path) -> list[str]:
    """Count with GNU grep; the pipe because it stops early for /dev/null."""
    return ["sh", "-c", 'grep -c "INFO Request" "$1" | cat', "sh", str(log)]


def perl(log: Path) -> list[str]:
    """Make URLs with Perl."""
    return ["perl", "-ne", PERL, str(log)]


def guide(log: Path) -> list[str]:
    """Make URLs with grep and sed."""
    return ["sh", "-c", 'grep \'INFO Request\' "$1" | sed -E "$2"', "sh", str(log), SED]


def click() -> list[str]:
    """Start Python and import click."""
    return [sys.executable, "-c", "import click"]


def logreq(*arguments: str) -> list[str]:
    """Run logreq of this checkout."""
    return [sys.executable, "-m", "logreq", *arguments]
