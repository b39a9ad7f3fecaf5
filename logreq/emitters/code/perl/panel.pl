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
    $lost = $reply->{status} =~ /^3/;
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
        $lost = $type =~ /^(auth|sess|access)/;    # and nothing was done
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
sub no_document {
    my ($func, $text) = @_;
    $lost = page($text);
    utf8::decode($text);
    fail($func, 'no document in the answer: ' . substr $text, 0, 200);
}
sub page { $_[0] =~ /\A\s*(<\?.*?\?>\s*)?<(!DOCTYPE )?html\b/is }    # also what answers a session that is over
sub fail { die join(': ', map { bytes($_) } @_) . "\n" }
sub stop { my ($text, $status) = @_; chomp $text; print STDERR shown($text), "\n"; exit $status }
sub json { JSON::PP->new->utf8->canonical->allow_nonref->encode($_[0]) }
sub shown {    # nothing in it drives a terminal
    utf8::decode(my $text = shift);
    $text =~ s/(?! )([\p{C}\p{Z}])/$1 eq "\x7f" ? '\u007f' : substr JSON::PP->new->ascii->allow_nonref->encode("$1"), 1, -1/ge;
    utf8::encode($text);
    return $text;
}
