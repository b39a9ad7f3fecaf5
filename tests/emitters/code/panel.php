<?php
// Tests of options.php, panel.php and text.php, whose folder is the first argument.
declare(strict_types=1);
require "$argv[1]/options.php";
require "$argv[1]/panel.php";
require "$argv[1]/text.php";

function same($found, $wanted, string $what): void {
    if ($found !== $wanted) {
        throw new Exception("$what: " . var_export($found, true) . ' instead of ' . var_export($wanted, true));
    }
}

foreach (json_decode(file_get_contents(__DIR__ . '/answers.json')) as $case) {
    $panel = ['url' => 'u', 'user' => 'x', 'arg' => ['restart' => true]];
    $answer = $case->answer;
    try {
        $doc = read('f.g', $case->out ?? 'json', $answer);
        same(is_string($doc) ? $doc : json($doc), $case->gives ?? (is_string($doc) ? $answer : ''), $answer);
        same(array_values($panel['restarts'] ?? []), isset($case->restart) ? [['u', 'x']] : [], $answer);
    } catch (RuntimeException $problem) {
        same($problem->getMessage(), 'f.g: ' . ($case->words ?? ''), $answer);
        same((bool) $problem->getCode(), isset($case->lost), $answer);
    }
}

foreach ([
    'plain text, и' => 'plain text, и', "\x1b[2J\n\x7f" => '\u001b[2J\n\u007f', "\u{9b}\u{202e}\u{2028}" => '\u009b\u202e\u2028',
    "\u{a0}\u{e0041}" => '\u00a0\udb40\udc41', "\xff\x1b" => '\377\033', '' => '',
] as $text => $shown) {
    same(shown((string) $text), $shown, bin2hex((string) $text));
}

try {
    no_document('f', str_repeat('и', 300));
} catch (RuntimeException $problem) {
    same($problem->getMessage(), 'f: no document in the answer: ' . str_repeat('и', 200), 'long');
}

$data = ['panel' => 'p', 'arg' => ['name' => 'default', 'url' => 'http://a'], 'insecure' => false, 'variables' => [], 'url' => 'http://a'];
same(options($data, ['--name', 'a=b', '-k', '--url=http://b=c'])['arg'], [
    'name' => 'a=b', 'url' => 'http://b=c/p', 'insecure' => true, 'restart' => false, 'help' => false,
], 'options');
same(options($data, ['--name=', '--restart', '--insecure'])['arg']['name'], '', 'an empty value');
echo "ok\n";
