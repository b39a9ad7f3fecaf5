# Ids that a panel answered.
sub the_id {    # of the last answer to a call in this row
    my ($func) = @_;
    return "<id of $func>" if $arg{'dry-run'};
    my $answer = $panel{answers}{$func};
    my $id = ref $answer eq 'HASH' ? word($answer->{id}) : defined $answer && !ref $answer ? xml_id($answer) : undef;
    return sure($id, "$func answered no id");
}

sub id_where {    # of a row in a list
    my ($func, $field, $value) = @_;
    my $row = "$func where $field=$value";
    return "<id of $row>" if $arg{'dry-run'};
    my $doc = ask($func, out => 'json');    # whatever calls print
    my $rows = ref $doc eq 'HASH' ? $doc->{elem} // [] : $doc;
    utf8::decode($field);
    my $same = sub { ref $_[0] eq 'HASH' && defined word($_[0]{$field}) && word($_[0]{$field}) eq $value };
    my @found = grep { $same->($_) } ref $rows eq 'ARRAY' ? @$rows : $rows;
    return sure(@found == 1 ? (word($found[0]{id}), "$row has no id") : ('', (@found || 'no') . " $row"));
}

sub sure { my ($id, $problem) = @_; length($id // '') ? $id : fail($panel{func}, $problem) }
sub word {    # of JSON
    my ($value) = @_;
    $value = $value->{'$'} if ref $value eq 'HASH';
    return defined $value && !ref $value ? bytes($value) : undef;
}

sub xml_id {    # of a child of the document
    my ($xml) = @_;
    my $depth = 0;
    my $tag = qr{<(/?)([^\s<>/!?]++)(?:"[^"]*+"|'[^']*+'|/(?!>)|[^"'<>/]++)*+(/?)>([^<]*)};
    while ($xml =~ m{<!--.*?-->|<!\[CDATA\[.*?\]\]>|$tag}gs) {
        my ($close, $name, $empty, $text) = map { $_ // '' } $1, $2, $3, $4;
        return bytes(element('', $text)->{'$'}) if "$depth$close$name" eq '1id';
        $depth += !length $name || $empty ? 0 : $close ? -1 : 1;
    }
    return '';
}
