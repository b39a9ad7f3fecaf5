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
    $panel{url} = $arg{url} // $panel{url};
}

sub call {    # name => value, ...; gives a document, text where the format is not JSON
    my ($func, @pairs) = @_;
    my %own = @pairs;
    push @pairs, map { exists $own{$_->[0]} ? () : @$_ } @{$panel{common}};
    my $out = {@pairs}->{out} // '';
    my $post = sub { read_answer($func, $out, (post([func => $func, @pairs, @{$_[0]}], $_[1]))[0]) };
    my $answer = eval { defined &in_session ? in_session($post) : $post->($panel{auth}, '') };
    stop($@, 1) if !defined $answer;
    print ref $answer ? shown(json($answer)) . "\n" : as_text($answer);
    print STDERR shown("$func: ok"), "\n";
    return $answer;
}

sub post {    # gives the answer and its cookies
    my ($pairs, $cookie) = @_;
    my @form = map { bytes($_) } @$pairs;
    s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ge for @form;
    my $form = join '&', map { "$form[2 * $_]=$form[2 * $_ + 1]" } 0 .. $#form / 2;
    my %headers = ('Content-Type' => 'application/x-www-form-urlencoded', $cookie ? (Cookie => $cookie) : ());
    my $http = HTTP::Tiny->new(verify_SSL => !$arg{insecure}, max_redirect => 0, timeout => 600);
    my $reply = $http->post($panel{url}, {headers => \%headers, content => $form});
    my $to = defined $reply->{headers}{location} ? " (redirected to $reply->{headers}{location})" : '';
    my $why = "HTTP status $reply->{status}$to";
    ($why = "no answer from $panel{url}: $reply->{content}") =~ s/\s+/ /g if $reply->{status} == 599;
    $why .= '(Debian: libio-socket-ssl-perl; AlmaLinux: perl-IO-Socket-SSL)' if $why =~ /IO::Socket::SSL/;
    fail($pairs->[1], $why) if !$reply->{success};
    my $cookies = $reply->{headers}{'set-cookie'} // '';
    return ($reply->{content}, join '; ', map { /\A([^;]+)/ } ref $cookies ? @$cookies : $cookies);
}

sub read_answer {
    my ($func, $out, $answer) = @_;
    return read_text($func, $out, $answer) if $out !~ /\A(?:json|bjson|JSONdata)\z/;
    my $doc = eval { JSON::PP::decode_json($answer) };
    $doc = $doc->{doc} if ref $doc eq 'HASH' && exists $doc->{doc};
    no_document($func, $answer) if ref $doc ne 'HASH' && ref $doc ne 'ARRAY';
    return check($func, $doc);
}

sub check {    # words: the message, else type and object, else the text
    my ($func, $doc) = @_;
    return $doc if ref $doc eq 'ARRAY';
    $lost = 1, fail($func, 'login failed') if exists $doc->{authfail};
    my $ok = $doc->{ok};
    my $error = $doc->{error} // (ref $ok eq 'JSON::PP::Boolean' && !$ok ? $doc : undef);
    if (defined $error) {
        my %part = ref $error eq 'HASH' ? %$error : ();
        my $message = ref $part{msg} eq 'HASH' ? $part{msg}{'$'} : $part{msg};
        my $type = defined $part{'$type'} ? "$part{'$type'}(" . ($part{'$object'} // '') . ')' : '';
        my ($words) = grep { defined && !ref && length } $message, $type, $part{'$'}, $error, json($error);
        $lost = json($error) =~ /auth|session|access/i;    # and nothing was done
        fail($func, $words);
    }
    if (((ref $ok eq 'HASH' ? $ok->{'$'} : $ok) // '') eq 'restart') {
        $restarts{"$panel{url} $panel{user}"} = [$panel{url}, $panel{user}];
        $arg{restart} or print STDERR "the panel's web server has to be restarted: --restart does it\n";
    }
    return $doc;
}

sub finish {
    for my $place ($arg{restart} ? @restarts{sort keys %restarts} : ()) {
        @panel{qw(url user)} = @$place;
        call('restart');
    }
}

sub bytes { my ($text) = @_; utf8::is_utf8($text) && utf8::encode($text); $text }
sub no_document { utf8::decode(my $text = $_[1]); fail($_[0], 'no document in the answer: ' . substr $text, 0, 200) }
sub fail { die join(': ', map { bytes($_) } @_) . "\n" }
sub stop { my ($text, $status) = @_; chomp $text; print STDERR shown($text), "\n"; exit $status }
sub json { JSON::PP->new->utf8->canonical->allow_nonref->encode($_[0]) }
sub shown {    # nothing in it drives a terminal
    utf8::decode(my $text = shift);
    $text =~ s/(?! )([\p{C}\p{Z}])/$1 eq "\x7f" ? '\u007f' : substr JSON::PP->new->ascii->allow_nonref->encode("$1"), 1, -1/ge;
    utf8::encode($text);
    return $text;
}
