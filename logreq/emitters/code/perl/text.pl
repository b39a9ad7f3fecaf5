# Answers that are not JSON: given as they came, if they are no error document.
sub read_text {
    my ($func, $out, $answer) = @_;
    my $before = qr{\A\s*(?:<\?.*?\?>\s*)?<doc\b[^>]*>\s*(?:<metadata\b(?:[^>]*/>|.*?</metadata>)\s*)?}s;
    my $doc = eval { JSON::PP::decode_json($answer) };
    $doc = $doc->{doc} if ref $doc eq 'HASH' && ref $doc->{doc};
    $doc = {} if ref $doc ne 'HASH';
    if ($answer =~ m{$before<(error|authfail|ok)\b([^>]*?)(?:/>|>(.*?)</\1>)}s) {
        $doc = {$1 => element($2, $3 // '')};
    } elsif ($answer =~ /\A(?:ERROR\s+(?=([^\s(]*\()?)(?:\S+\([^)]*\):\s*)?([^\r\n]+)|OK\s+(restart)\b)/) {
        $doc = defined $3 ? {ok => $3} : {error => {'$type' => $1, msg => $2}};
    } elsif ($out =~ /\A(?:xml|devel)\z/ ? !%$doc && $answer !~ /<doc\b/ : $out =~ /\A(?:text|csv)\z/ && page($answer)) {
        no_document($func, $answer);
    }
    check($func, $doc);
    return $answer;
}

sub element {    # as JSON has it
    my ($attributes, $text) = @_;
    my %element = ('$' => $text =~ /\A\s*([^<]*?)\s*(?:<|\z)/);
    $element{"\$$1"} = $3 while $attributes =~ /([\w:.-]+)\s*=\s*(["'])(.*?)\2/gs;
    $element{msg} = $1 if $text =~ m{<msg\b[^>]*>(.*?)</msg>}s;
    my %entity = (lt => '<', gt => '>', quot => '"', apos => "'", amp => '&');
    for (values %element) {
        utf8::decode($_);
        s/&(?:#x([0-9A-Fa-f]{1,5})|#([0-9]{1,6})|(lt|gt|quot|apos|amp));/defined $3 ? $entity{$3} : chr($2 || hex $1)/ge;
    }
    return {map { length $element{$_} ? ($_ => $element{$_}) : () } keys %element};
}

sub as_text {    # as it is, but to a terminal
    my ($answer) = @_;
    return -t STDOUT ? join("\n", map { shown($_) } split /\n/, $answer, -1) : $answer;
}
