# Tests of options.pl, panel.pl and text.pl, whose folder is the first argument.
use strict;
use warnings;
use utf8;
use Test::More import => [qw(is is_deeply unlike done_testing)];

binmode $_, ':utf8' for map { Test::More->builder->$_ } qw(output failure_output);
my ($folder) = splice @ARGV, 0, 1;
my $tests = do { local $/; open my $file, "<", __FILE__ =~ s{panel\.t\z}{answers.json}r or die; <$file> };
# One scope, as in a script.
my $code = join '', map { local (@ARGV, $/) = "$folder/$_.pl"; <> } qw(options panel text);
eval $code . <<'END' or die $@;
for my $case (@{JSON::PP::decode_json($tests)}) {
    my $answer = $case->{answer};
    utf8::encode($answer);
    (%restarts, $lost) = ();
    %panel = (url => 'u', user => 'x');
    %arg = (restart => 1);
    my $doc = eval { read_answer('f.g', $case->{out} // 'json', $answer) };
    if (defined $doc) {
        my $gives = $case->{gives} // (ref $doc ? '' : $case->{answer});
        my $found = ref $doc ? json($doc) : $doc;
        utf8::decode($found);
        is($found, $gives, $answer);
        is_deeply([values %restarts], $case->{restart} ? [['u', 'x']] : [], "restart: $answer");
    } else {
        utf8::decode(my $found = $@);
        is($found, 'f.g: ' . ($case->{words} // '') . "\n", $answer);
        is(!!$lost, !!$case->{lost}, "lost: $answer");
    }
}

my %shown = (
    'plain text, и' => 'plain text, и', "\x1b[2J\n\x7f" => '\u001b[2J\n\u007f',
    "\x{9b}\x{202e}\x{2028}" => '\u009b\u202e\u2028', "\x{a0}\x{e0041}" => '\u00a0\udb40\udc41', '' => '',
);
for my $text (keys %shown) {
    utf8::encode(my $bytes = $text);
    utf8::decode(my $found = shown($bytes));
    is($found, $shown{$text}, $shown{$text});
}
unlike(shown("\xff\x1b\x9b"), qr/[\x1b\x9b]/, 'no UTF-8');

eval { utf8::encode(my $long = 'и' x 300); no_document('f', $long) };
utf8::decode(my $said = $@);
is($said, 'f: no document in the answer: ' . 'и' x 200 . "\n", 'long');

my @data = (panel => 'p', arg => [name => 'default', url => 'http://a'], insecure => 0, variables => [], url => 'http://a');
@ARGV = ('--name', 'a=b', '-k', '--url=http://b=c');
options(@data);
is_deeply({%arg}, {name => 'a=b', url => 'http://b=c/p', insecure => 1, restart => 0, help => 0}, 'options');
is($panel{url}, 'http://b=c/p', 'url');
@ARGV = ('--name=', '--restart', '--insecure');
options(@data);
is($arg{name}, '', 'an empty value');
1;
END
done_testing();
