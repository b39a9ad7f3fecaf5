# A script that is run again: its calls are in sub run.
sub start {    # takes the data; nothing is sent before everything is checked
    my %data = @_;
    $| = 1;    # answers stand where they belong among the reports
    my %default = @{$data{arg}};
    my @own = grep { $_ ne 'url' } map { $data{arg}[2 * $_] } 0 .. @{$data{arg}} / 2 - 1;
    my (%switch, @words);
    while (defined(my $word = shift @ARGV)) {    # options() knows no other switches than its own
        if ($word =~ /\A--(dry-run|keep-going|yes)\z/) {
            $switch{$1} = 1;
        } else {
            my $alone = $word =~ /\A(?:-.|--(?:help|insecure|restart)|.*=.*)\z/s;
            push @words, $word, $alone ? () : splice @ARGV, 0, 1;
        }
    }
    @ARGV = @words;
    my %url = map { $_ => $default{$_} } grep { $_ eq 'url' } keys %default;
    options(%data, variables => [], arg => [%url, map { $_ => undef } @own, @own ? 'each' : (), qw(from existing pause)]);
    %arg = (%arg, 'dry-run' => 0, %switch);
    my %said = map { defined $arg{$_} ? ($_ => $arg{$_} = bytes($arg{$_})) : () } keys %arg;
    my ($from, $existing, $pause) = ($said{from} // 1, $said{existing} // 'skip', $said{pause} // 0);
    $from =~ /\A0*[1-9][0-9]*\z/ or stop("--from $from: no number from 1 on", 2);
    $existing eq 'skip' or stop("--existing $existing: the word is skip", 2);
    $pause =~ /\A(?:[0-9]+\.?[0-9]*|\.[0-9]+)\z/ or stop("--pause $pause: no number of seconds", 2);
    !$said{'keep-going'} || defined $said{each} or stop('--keep-going: only with --each FILE', 2);
    my @rows = defined $said{each} ? read_rows($said{each}, \@own, \%said, $data{variables}) : ();
    my ($count, $what) = @rows ? (scalar @rows, 'rows') : ($data{calls}, 'calls');
    $from > $count and stop("--from $from: there are $count $what", 2);
    $arg{$_} //= $default{$_} for @own;
    for my $name (@{$data{variables}}) {
        $arg{$name} = $arg{'dry-run'} ? "\$$name" : $ENV{$name} // '';
        length $arg{$name} || @rows && exists $rows[0]{values}{$name} or stop("$name is not set", 1);
        $arg{'dry-run'} and delete $_->{values}{$name} for @rows;
    }
    $panel{rows} = [@rows[$from - 1 .. $#rows]];
    my $asks = join ', ', @{$data{asks}};
    return if !length $asks || $arg{yes} || $arg{'dry-run'};
    -t STDIN && ($said{each} // '') ne '-' or stop("$asks deletes or spends: --yes runs it unasked", 2);
    my $often = @rows ? ' in each of ' . @{$panel{rows}} . ' rows' : '';
    print STDERR shown("This deletes or spends: $asks$often. Go on? [y/N] ");
    (<STDIN> // '') =~ /\Ay/i or stop('nothing was sent', 1);
}

sub again {    # once, or for each row
    my $told = eval { @{$panel{rows}} ? run_rows() : run(); finish(); 1 };
    $told or stop($@, 1);
    defined $panel{failed} and stop($panel{failed}, 1);
}

sub call {    # name => value, ..., or a sub that gives them
    my ($func, @pairs) = @_;
    if (!@{$panel{rows}} && ++$panel{calls_begun} < ($arg{from} // 0)) {
        print STDERR shown("$func: left out"), "\n";
        return;
    }
    $panel{func} = $func;
    select undef, undef, undef, $panel{wait} if $panel{wait};
    $panel{wait} = $arg{pause} if !$arg{'dry-run'};
    @pairs = $pairs[0]->() if ref $pairs[0];
    if ($arg{'dry-run'}) {
        print shown($func), "\n", map { shown("  $pairs[2 * $_]=$pairs[2 * $_ + 1]") . "\n" } 0 .. @pairs / 2 - 1;
        return;
    }
    delete $panel{answers}{$func};    # also that of the row before
    my $answer = eval { ask($func, @pairs) };
    if (!defined $answer) {
        die $@ if !defined $arg{existing} || error_type($panel{answer}) ne 'exists';
        print STDERR shown("$func: exists, skipped"), "\n";
        return;
    }
    print ref $answer ? shown(json($answer)) . "\n" : as_text($answer);
    print STDERR shown("$func: ok"), "\n";
    return $panel{answers}{$func} = $answer;
}

sub ask {    # gives a document, text where the format is not JSON
    my ($func, @pairs) = @_;
    my %own = @pairs;
    push @pairs, map { exists $own{$_->[0]} ? () : @$_ } @{$panel{common}};
    my $out = {@pairs}->{out} // '';
    $panel{answer} = '';
    my $post = sub {
        ($panel{answer}) = post([func => $func, @pairs, @{$_[0]}], $_[1]);
        read_answer($func, $out, $panel{answer});
    };
    return defined &in_session ? in_session($post) : $post->($panel{auth}, '');
}

sub error_type {    # of a document that tells an error
    my ($answer) = @_;
    my $doc = eval { JSON::PP::decode_json($answer) };
    if (ref $doc eq 'HASH') {
        $doc = $doc->{doc} if ref $doc->{doc} eq 'HASH';
        return ref $doc->{error} eq 'HASH' ? $doc->{error}{'$type'} // '' : '';
    }
    my ($xml, $text) = $answer =~ /<error\b(?:[^>"']|"[^"]*"|'[^']*')*?\stype="([^"]*)"|\AERROR\s+([\w-]+)\(/;
    return $xml // $text // '';
}
