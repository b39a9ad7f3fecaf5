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
