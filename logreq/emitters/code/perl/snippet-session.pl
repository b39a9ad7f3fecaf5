    my $login = $http->post_form(URL, [
        func => 'auth',
        username => decode_utf8($ENV{PANEL_USER}),
        password => decode_utf8($ENV{PANEL_PASSWORD}),
        out => 'xml',
    ]);
    my ($auth) = $login->{content} =~ /<auth [^>]*\bid="([^"]+)"/;
    (my $said = decode_utf8("auth: $login->{status} $login->{content}")) =~ s/\p{C}/?/g;
    die encode_utf8("$said\n") if !$auth;
