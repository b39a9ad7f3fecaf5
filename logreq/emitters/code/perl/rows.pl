# --each: a file of rows by RFC 4180, and a run for each of them.
use Fcntl qw(O_CREAT O_EXCL O_WRONLY);

sub read_rows {    # gives for each its number, its text as it stands there, its values by name
    my ($file, $own, $said, $variables) = @_;
    my ($head, @rows) = read_records($file);
    my @names = map { /\A\s*(.*?)\s*\z/s } @{$head->{values} // []};
    # Spreadsheets leave rows of empty values below a table.
    @rows = grep { @names < 2 || length join '', @{$_->{values}} } @rows;
    @rows or stop("$file: no rows", 2);
    $panel{head} = $head->{text};
    my @takes = (@$own, grep { !/\APANEL_/ } @$variables);
    my %column;
    for my $name (@names) {
        my $known = grep { $_ eq $name } @takes;
        $known or stop("$file: unknown column: $name; this script takes " . join(', ', @takes), 2);
        $column{$name}++ and stop("$file: two columns: $name", 2);
        exists $said->{$name} and stop("$file: $name is a column and --$name is given", 2);
    }
    for my $name (grep { !$column{$_} && !exists $said->{$_} } @$own) {
        stop("$file: no column: $name; --$name VALUE gives it to all rows", 2);
    }
    for my $at (0 .. $#rows) {
        my ($row, @values) = ($rows[$at], @{$rows[$at]{values}});
        @values == @names or stop("$file:$row->{line}: " . @values . ' values for ' . @names . ' columns', 2);
        my %values;
        @values{@names} = @values;
        for my $name (grep { defined $values{$_} && !length $values{$_} } @$variables) {
            stop("$file:$row->{line}: $name is empty", 2);
        }
        @$row{qw(number values)} = ($at + 1, \%values);
    }
    return @rows;
}

sub read_records {
    my ($file) = @_;
    my $in;
    $file eq '-' ? $in = \*STDIN : open $in, '<', $file or stop("$file: $!", 2);
    binmode $in;
    defined(my $text = do { local $/; <$in> }) or stop("$file: $!", 2);
    my ($line, @records) = 1;
    pos($text) = $text =~ /\A\xEF\xBB\xBF/ ? 3 : 0;
    # Names hold no semicolon, with which some spreadsheets write such files.
    my $comma = $text =~ /\G[\r\n]*+[^\r\n;]*+;/ ? ';' : ',';
    while ((my $begin = pos $text) < length $text) {
        my ($mark, @values) = $comma;
        while ($mark eq $comma) {
            my $from = pos $text;
            if ($text =~ /\G"/gc) {
                1 while $text =~ /\G[^"]*+""/gc;
                $text =~ /\G[^"]*+"($comma|\r?\n|\r?\z)/gc or stop("$file:$line: misplaced quote", 2);
                $mark = $1;
                push @values, substr $text, $from + 1, pos($text) - $from - 2 - length $mark;
                $values[-1] =~ s/""/"/g;
            } else {
                $text =~ /\G([^"$comma\n]*?)($comma|\r?\n|\r?\z)/gc or stop("$file:$line: misplaced quote", 2);
                $mark = $2;
                push @values, $1;
            }
        }
        my $record = substr $text, $begin, pos($text) - $begin - length $mark;
        push @records, {line => $line, text => $record, values => \@values} if length $record;
        $line += "$record$mark" =~ tr/\n//;
    }
    return @records;
}

sub run_rows {
    my $file = $arg{each} eq '-' ? 'failed.csv' : ($arg{each} =~ /\A(.*?)(?:\.csv)?\z/s)[0] . '.failed.csv';
    my ($failed, $out) = 0;
    for my $row (@{$panel{rows}}) {
        my $name = "row $row->{number}";
        @arg{keys %{$row->{values}}} = values %{$row->{values}};
        if (eval { run(); 1 }) {
            print STDERR $arg{'dry-run'} ? "$name: not sent\n" : "$name: ok\n";
            next;
        }
        chomp(my $problem = $@);
        print STDERR shown("$name: $problem"), "\n";
        $arg{'keep-going'} or stop("--from $row->{number} goes on there", 1);
        my $text = "$row->{text}\n";
        if (!$failed++) {    # a new file that nobody else may read
            unlink $file;
            sysopen $out, $file, O_CREAT | O_EXCL | O_WRONLY, 0600 or stop("$file: $!", 1);
            binmode $out;
            $text = "$panel{head}\n$text";
        }
        (syswrite($out, $text) // 0) == length $text or stop("$file: cannot be written", 1);
        my $of = @{$panel{rows}};
        $panel{failed} = "$failed of $of rows failed; they are in $file";
    }
}
