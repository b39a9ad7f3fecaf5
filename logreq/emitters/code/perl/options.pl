# Core modules of Perl 5.14; https needs IO::Socket::SSL. %panel is the script's data.
use strict; use warnings; use HTTP::Tiny 0.025; use JSON::PP ();
binmode $_ for *STDOUT, *STDERR;
my (%panel, %arg, %restarts, $lost);

sub options {    # takes the data, and what the command line says
    %panel = (url => '', user => '', insecure => 0, auth => [], @_);
    %arg = (@{$panel{arg}}, insecure => $panel{insecure}, restart => 0, help => 0);
    my %switch = map { $_ => 1 } qw(insecure restart help);
    while (@ARGV) {
        my ($word, $value) = (shift @ARGV) =~ /\A([^=]*)(?:=(.*))?\z/s;
        my $name = {'-k' => 'insecure', '-h' => 'help'}->{$word} // ($word =~ /\A--(.*)/s ? $1 : '');
        exists $arg{$name} && !($switch{$name} && defined $value) or stop("unknown argument: $word; --help lists them", 2);
        $arg{$name} = $switch{$name} // $value // shift @ARGV // stop("$word needs a value", 2);
    }
    if ($arg{help}) {    # the script's first comments
        local ($/, @ARGV) = ("\n\n", $0);
        (my $head = <>) =~ s{^#!.*\n|^# ?}{}gm;
        print $head;
        exit 0;
    }
    length($ENV{$_} // '') or stop("$_ is not set", 1) for @{$panel{variables}};
    if (($arg{url} // '') =~ m{\A\w+://(?:[^/]+|.*/|.*/manager)\z}) {    # as logreq's --url
        $arg{url} .= ($arg{url} =~ m{/\z} ? '' : '/') . $panel{panel};
    }
    $panel{url} = $arg{url} // $panel{url};
}
