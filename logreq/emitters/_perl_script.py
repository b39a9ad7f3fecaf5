"""Perl around the calls of a script: arguments, logins kept between calls, the end."""

ARGUMENTS = r"""
my %arg = (
ARGS);
my ($restart, $stale) = (0, 0);
while (@ARGV) {
    my $given = shift @ARGV;
    if ($given eq '-h' || $given eq '--help') {
        print map { "$_\n" } (
USAGE        );
        exit 0;
    }
    if ($given eq '--restart') {
        $restart = 1;
        next;
    }
    my ($name, $text) = $given =~ /\A--([a-z][a-z0-9-]*)(?:=(.*))?\z/s;
    if (!defined $name || !exists $arg{$name}) {
        print STDERR $show->("unknown argument: $given; --help lists them"), "\n";
        exit 2;
    }
    if (!defined $text && !@ARGV) {
        print STDERR "--$name needs a value\n";
        exit 2;
    }
    $arg{$name} = defined $text ? $text : shift @ARGV;
}
my @missing = grep { !defined $ENV{$_} || !length $ENV{$_} } (VARIABLES);
if (@missing) {
    print STDERR map { "the environment variable $_ is not set\n" } @missing;
    exit 1;
}
"""

RUN = r"""
my (%logged_in, %restarts);
my $stop = sub {
    print STDERR $@;
    exit 1;
};
my $call = sub {
    my ($where, $pairs) = @_;
    my ($url, $user) = @$where;
    my $id = "$url $user";
    my $answer;
    $stale = 0;
ANSWER    $restarts{$id} = $where if $stale;
    return $answer;
};
my $run = sub {
    my ($where, @pairs) = @_;
    my $done = eval {
        my $answer = $call->($where, \@pairs);
        PRINT
        1;
    };
    $stop->() if !$done;
    print STDERR $show->($pairs[0][1]), ": ok\n";
};
"""

ANSWER = {
    "none": "    $answer = $value->($send->($url, $pairs));\n",
    "authinfo": """\
    my @login = (['authinfo', $env->('PANEL_AUTHINFO')]);
    $answer = $value->($send->($url, [@$pairs, @login]));
""",
    "session": r"""    for my $again (0, 1) {
        $logged_in{$id} ||= [$login->($url, $user)];
        my ($login, $cookie) = @{$logged_in{$id}};
        last if eval {
            $answer = $value->($send->($url, [@$pairs, @$login], $cookie));
            1;
        };
        # A session that is over or unknown: nothing was done, another one may do it.
        my $over = substr($@, length $show->($func)) =~ /\A: error\b.*(?:auth|session|access)/i;
        die $@ if $again || !$over;
        delete $logged_in{$id};
    }
""",
}
ANSWER["key"] = ANSWER["session"]

END = r"""
if ($restart) {
    for my $where (map { $restarts{$_} } sort keys %restarts) {
        eval { $call->($where, [['func', 'restart'], ['out', 'FORMAT']]); 1 } or $stop->();
        print STDERR "restart: ok\n";
    }
}
"""

JSON_LINE = r"print JSON::PP->new->ascii->canonical->allow_nonref->encode($answer), qq(\n);"
BYTES = "print $answer;"
