    my $login = $http->post_form(URL, [
        func => 'auth',
        username => decode_utf8("$ENV{PANEL_USER}", Encode::FB_CROAK),
        password => decode_utf8("$ENV{PANEL_PASSWORD}", Encode::FB_CROAK),
        out => 'xml',
    ]);
    my ($auth) = $login->{content} =~ /<auth [^>]*\bid="([^"]+)"/;
    (my $said = decode_utf8("auth: $login->{status} $login->{content}")) =~ s/[\p{C}\p{Zl}\p{Zp}]/?/g;
    die encode_utf8("$said\n") if !$auth;
