# Calls in sessions, one for each address and user; a session that is over is opened anew, once.
my %sessions;

sub in_session {
    my ($post) = @_;
    my $name = "$panel{url} $panel{user}";
    my $again = $sessions{$name};
    $lost = 0;
    my $answer = eval { $post->(@{$sessions{$name} ||= [login()]}) };
    return $answer if defined $answer;
    die $@ if !$again || !$lost;
    $sessions{$name} = [login()];
    return $post->(@{$sessions{$name}});
}

sub login {    # gives the pairs and the cookie that calls need
    my ($user, $password) = @ENV{qw(PANEL_USER PANEL_PASSWORD)};
    my @who = (username => $user, password => $password);
    if (length $panel{user}) {    # by a key of one use, which the administrator makes
        open my $random, '<:raw', '/dev/urandom' or fail('session.newkey', "/dev/urandom: $!");
        read($random, my $bytes, 16) == 16 or fail('session.newkey', '/dev/urandom gives too little');
        @who = (username => $panel{user}, key => unpack 'H*', $bytes);
        my @admin = (authinfo => "$user:$password");
        my ($made) = post([func => 'session.newkey', @who, out => 'json', @admin], '');
        read_answer('session.newkey', 'json', $made);
        push @who, checkcookie => 'no';
    }
    my ($answer, $cookie) = post([func => 'auth', @who, out => 'json'], '');
    my $doc = read_answer('auth', 'json', $answer);
    my $auth = ref $doc eq 'HASH' ? $doc->{auth} : undef;
    my ($id) = grep { defined && !ref } ref $auth eq 'HASH' ? @$auth{'$id', '$', 'id'} : $auth;
    fail('auth', 'the login gave no session') if !defined $id && !length $cookie;
    return (defined $id ? [auth => $id] : [], $cookie);
}
