"""Perl that emitted snippets and scripts run: send, read the answer, log in.

Modules of the core only, syntax of Perl 5.10; HTTP::Tiny checks no certificate unless
it is told to, and cannot before 0.025.
"""

# Messages show what a panel or a log says: nothing in them may drive a terminal.
FAIL = r"""
my $func = '';    # the function that is called
my $show = sub {    # text for a message: nothing in it drives a terminal
    my $text = join '', map { utf8::decode(my $part = $_); $part } @_;
    $text =~ s/([\p{C}\p{Zl}\p{Zp}])/sprintf '\x{%x}', ord $1/ge;
    utf8::encode($text);
    return $text;
};
my $fail = sub {
    my $text = $show->($func, ': ', @_);
    $! = 1;    # the exit status if nobody catches this
    die "$text\n";
};
"""

SEND = r"""
my $send = sub {
    my ($url, $pairs, $cookie) = @_;
    $func = $pairs->[0][1];
HTTPS    my $form = join '&', map { join '=', map {
        my $text = $_;
        utf8::encode($text) if utf8::is_utf8($text);
        $text =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ge;
        $text;
    } @$_ } @$pairs;
    my %headers = ('Content-Type' => 'application/x-www-form-urlencoded'WITH_COOKIE);
    my $http = HTTP::Tiny->new(verify_SSL => VERIFY, max_redirect => 0, timeout => 600);
    my $reply = $http->request('POST', $url, {headers => \%headers, content => $form});
    return $reply if $reply->{success};
    my $why = $reply->{status} == 599 ? $reply->{content} : $reply->{reason};
    $why =~ s/\s+\z//;
    $fail->("HTTP $reply->{status} $why");
};
"""
HTTPS = """\
    eval { require IO::Socket::SSL } or $fail->('https needs the Perl module IO::Socket::SSL',
        ' (Debian: libio-socket-ssl-perl, AlmaLinux: perl-IO-Socket-SSL);',
        ' without it, curl does: logreq -t curl');
"""
WITH_COOKIE = ", $cookie ? (Cookie => $cookie) : ()"

JSON = r"""
my $parse = sub {
    my ($body) = @_;
    my $doc = eval { JSON::PP::decode_json($body) };
    $doc = $doc->{doc} if ref $doc eq 'HASH' && exists $doc->{doc};
    return ref $doc eq 'HASH' || ref $doc eq 'ARRAY' ? $doc
        : $fail->('the answer is no JSON document: ', substr $body, 0, 200);
};
"""

# Gives the same tree as JSON has: '$' is the text, '$name' an attribute, name the elements.
# Declarations (DOCTYPE, entities) are no part of a panel's answers, and refused.
XML = r"""
my $parse = sub {
    my ($body) = @_;
    my $fault = 'the answer is no XML document of a panel: ' . substr $body, 0, 200;
    utf8::decode($body) or $fail->($fault);
    my %entity = (lt => '<', gt => '>', amp => '&', quot => '"', apos => "'");
    my $decoded = sub {
        my ($raw) = @_;
        $raw =~ s{&(?:#(x[0-9A-Fa-f]{1,6}|[0-9]{1,7})|([A-Za-z]+));}{
            my ($code, $name) = ($1, $2);
            defined $name ? $entity{$name} || $fail->($fault)
                : chr($code =~ s/\Ax// ? hex $code : $code);
        }ge;
        return $raw;
    };
    my $attribute = qr/[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*')/;
    my @open = ({'$' => ''});
    my @names;
    pos($body) = 0;
    while (pos $body < length $body) {
        if ($body =~ /\G([^<]+)/gc) {
            $open[-1]{'$'} .= $decoded->($1);
        } elsif ($body =~ /\G<!\[CDATA\[(.*?)\]\]>/gcs) {
            $open[-1]{'$'} .= $1;
        } elsif ($body =~ m{\G</([\w:.-]+)\s*>}gc && @names && $names[-1] eq $1) {
            pop @names;
            pop @open;
        } elsif ($body =~ /\G<([\w:.-]+)((?:\s+$attribute)*)\s*(\/?)>/gc) {
            my ($name, $attributes, $empty) = ($1, $2, $3);
            my %node = ('$' => '');
            while ($attributes =~ /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g) {
                my ($key, $raw) = ($1, defined $2 ? $2 : $3);
                $node{"\$$key"} = $decoded->($raw);
            }
            push @{$open[-1]{$name}}, \%node;
            next if $empty;
            push @names, $name;
            push @open, \%node;
        } elsif ($body !~ /\G(?:<\?.*?\?>|<!--.*?-->)/gcs) {
            $fail->($fault);
        }
    }
    $fail->($fault) if @names || !$open[0]{doc} || $open[0]{'$'} =~ /\S/;
    return $open[0]{doc}[0];
};
"""

DOCUMENT = r"""
my $text = sub {    # {"$": "x"} is x; what has parts of its own is nothing
    my ($node) = @_;
    return if ref $node eq 'ARRAY' || ref $node eq 'HASH' && grep { !/\A\$/ } keys %$node;
    $node = $node->{'$'} if ref $node eq 'HASH';
    return defined $node ? "$node" : '';
};
my $all = sub { ref $_[0] eq 'ARRAY' ? @{$_[0]} : $_[0] };
my $document = sub {
    my ($reply) = @_;
    my $doc = $parse->($reply->{content});
    return $doc if ref $doc eq 'ARRAY';
    $fail->('error authfail: wrong user or password') if exists $doc->{authfail};
    return $doc if !exists $doc->{error};
    my ($error) = $all->($doc->{error});
    $error = {'$' => $error} if ref $error ne 'HASH';
    my ($type, $object, $message) = map {
        ((grep { length } map { $text->($all->($error->{$_} || '')) } @$_), '')[0];
    } ['$type', '$code', 'type', 'code'], ['$object', '$obj', 'object', 'obj'], ['msg', '$'];
    $fail->('error', length $type ? " $type" : '', length $object ? "($object)" : '',
        length $message ? ": $message" : '');
};
"""

VALUE = r"""
my $row = sub {    # the plain fields
    my ($node) = @_;
    my %row;
    for my $name (grep { !/\A\$|\Ametadata\z/ } keys %$node) {
        my @texts = map { $text->($_) } $all->($node->{$name});
        $row{$name} = @texts > 1 ? \@texts : $texts[0] if @texts;
    }
    return \%row;
};
my $value = sub {    # rows of a list, fields of a form, or 'ok'
    my $doc = $document->(@_);
    return [map { $row->($_) } @$doc] if ref $doc eq 'ARRAY';
BJSON    return [map { $row->($_) } $all->($doc->{elem})] if exists $doc->{elem};
    my ($ok) = ((map { $text->($_) } $all->($doc->{ok})), '');
    if ($ok eq 'restart') {
        RESTART
    }
    return 'ok' if exists $doc->{ok};
    my $fields = $row->($doc);
    return %$fields ? $fields : [];    # a list without rows looks like a form without fields
};
"""
# In bjson `ok` is a flag beside the data.
BJSON = """\
    if (exists $doc->{ok}) {
        delete $doc->{ok} or $fail->('error');
        return 'ok' if !%$doc;
    }
"""

RAW = r"""
my $value = sub {    # the answer as it is
    my $body = $_[0]{content};
    $fail->("error $1") if $body =~ /\AERROR\s+(.*)/;
    if ($body =~ /\AOK\s+restart\b/) {
        RESTART
    }
    return $body;
};
"""
RESTART = """warn "the panel's web server has to be restarted: func=restart\\n";"""
STALE = "\n        $stale = 1;"

SESSION = r"""
my $session = sub {    # what a login gives: pairs and a cookie for the calls
    my ($reply) = @_;
    my ($auth) = $all->($document->($reply)->{auth});
    my ($id) = grep { defined && length } ref $auth eq 'HASH' ? @$auth{'$id', '$', 'id'} : $auth;
    my $cookie = '';
COOKIES    $fail->('the login gave no session') if !defined $id && !$cookie;
    return ([defined $id ? ['auth', $id] : ()], $cookie);
};
"""
COOKIES = """\
    my @cookies = grep { defined } $all->($reply->{headers}{'set-cookie'});
    $cookie = join '; ', map { /\\A([^;]+)/ } @cookies;
"""

LOGIN = r"""
my $login = sub {
    my ($url) = @_;
    return $session->($send->($url, [
        ['func', 'auth'],
        ['username', $env->('PANEL_USER')],
        ['password', $env->('PANEL_PASSWORD')],
        ['out', 'PARSER'],
    ]));
};
"""

KEY = r"""
my $login = sub {
    my ($url, $user) = @_;
    my @admin = ($env->('PANEL_USER'), $env->('PANEL_PASSWORD'));
    open my $random, '<:raw', '/dev/urandom' or $fail->("/dev/urandom: $!");
    read($random, my $bytes, 16) == 16 or $fail->('/dev/urandom gives too little');
    my $key = unpack 'H*', $bytes;
    $document->($send->($url, [
        ['func', 'session.newkey'],
        ['username', $user],
        ['key', $key],
        ['out', 'PARSER'],
        ['authinfo', join ':', @admin],
    ]));
    return $session->($send->($url, [
        ['func', 'auth'],
        ['username', $user],
        ['key', $key],
        ['checkcookie', 'no'],
        ['out', 'PARSER'],
    ]));
};
"""

ENV = r"""my $env = sub {
    return $ENV{$_[0]} if defined $ENV{$_[0]} && length $ENV{$_[0]};
    $! = 1;    # the exit status
    die "the environment variable $_[0] is not set\n";
};
"""
