<?php
// A script that is run again: run() has its calls and gets its arguments and secrets.
function start(array $data, array $given): void { // nothing is sent before everything is checked
    global $panel;
    $own = array_diff_key($data['arg'], ['url' => 1]);
    $more = ['from' => 0, 'existing' => 0, 'pause' => 0, 'dry-run' => false, 'keep-going' => false, 'yes' => false];
    $arg = array_fill_keys(array_keys($own), 0) + $data['arg'] + $more + ($own ? ['each' => 0] : []);
    $panel = options(['arg' => $arg, 'variables' => []] + $data, $given);
    $said = array_filter($panel['arg'], 'is_string'); // 0 stands for what the command line does not give
    $from = $said['from'] ?? '1';
    preg_match('/^0*[1-9][0-9]*$/D', $from) || stop("--from $from: no number from 1 on", 2);
    $existing = $said['existing'] ?? 'skip';
    $existing === 'skip' || stop("--existing $existing: the word is skip", 2);
    $pause = $said['pause'] ?? '0';
    preg_match('/^([0-9]+\.?[0-9]*|\.[0-9]+)$/D', $pause) || stop("--pause $pause: no number of seconds", 2);
    isset($said['each']) || !$panel['arg']['keep-going'] || stop('--keep-going: only with --each FILE', 2);
    $rows = isset($said['each']) ? read_rows($said['each'], array_keys($own), $said, $data['variables']) : [];
    $count = $rows ? count($rows) : $data['calls'];
    (int) $from > $count && stop("--from $from: there are $count " . ($rows ? 'rows' : 'calls'), 2);
    [$dry, $secrets] = [$panel['arg']['dry-run'], []];
    foreach ($data['variables'] as $name) {
        $dry || isset($rows[1][$name]) || getenv($name) != '' || stop("$name is not set", 1);
        $secrets[$name] = $dry ? "\$$name" : getenv($name);
    }
    $panel = ['arg' => $secrets + $said + $own + $panel['arg'], 'hidden' => $dry ? $secrets : []] + $panel;
    $panel['rows'] = array_slice($rows, $from - 1, null, true);
    $what = implode(', ', $data['asks']);
    if ($what === '' || $panel['arg']['yes'] || $dry) {
        return;
    }
    $asked = stream_isatty(STDIN) && ($said['each'] ?? '') !== '-';
    $asked || stop("$what deletes or spends: --yes runs it unasked", 2);
    $often = $rows ? ' in each of ' . count($panel['rows']) . ' rows' : '';
    fwrite(STDERR, shown("This deletes or spends: $what$often. Go on? [y/N] "));
    preg_match('/^y/i', (string) fgets(STDIN)) || stop('nothing was sent', 1);
}

function again(): void { // once, or for each row
    global $panel;
    $panel['rows'] ? run_rows() : run($panel['arg']);
    finish();
    isset($panel['failed']) && stop($panel['failed'], 1);
}

function call(string $func, $pairs = []) { // $pairs: as in other scripts, or a function that gives them
    global $panel;
    $arg = $panel['arg'];
    $panel['call'] = ($panel['call'] ?? 0) + 1;
    if (!$panel['rows'] && $panel['call'] < $arg['from']) {
        return tell("$func: left out");
    }
    $panel['func'] = $func;
    $arg['dry-run'] || usleep($panel['wait'] ?? 0);
    $panel['wait'] = (int) min(1e6 * $arg['pause'], 1e15);
    $pairs = is_array($pairs) ? $pairs : $pairs();
    if ($arg['dry-run']) {
        echo shown($func), "\n";
        foreach ($pairs as $name => $value) {
            echo shown('  ' . implode('=', is_array($value) ? $value : [$name, $value])), "\n";
        }
        return null;
    }
    unset($panel['answers'][$func]); // also that of the row before
    try {
        $answer = ask($func, $pairs);
    } catch (RuntimeException $problem) {
        if ($arg['existing'] !== 'skip' || error_type($panel['answer']) !== 'exists') {
            throw $problem;
        }
        return tell("$func: exists, skipped");
    }
    echo is_string($answer) ? as_text($answer) : shown(json($answer)) . "\n";
    tell("$func: ok");
    return $panel['answers'][$func] = $answer;
}

function ask(string $func, array $pairs) { // gives a document; text where the format is not JSON
    global $panel;
    $pairs += $panel['common'];
    $sent = [['func', $func]];
    foreach ($pairs as $name => $value) {
        $sent[] = is_array($value) ? $value : [$name, $value];
    }
    $panel['answer'] = '';
    $post = function ($auth, $cookie) use ($func, $pairs, $sent) {
        $GLOBALS['panel']['answer'] = $answer = post([...$sent, ...$auth], $cookie)[0];
        return read($func, $pairs['out'] ?? '', $answer);
    };
    return function_exists('in_session') ? in_session($post) : $post($panel['auth'], '');
}

function error_type(string $answer): string { // of a document that tells an error
    $doc = json_decode($answer);
    $type = '~<error\b(?:[^>"\']|"[^"]*"|\'[^\']*\')*?\stype="([^"]*)"|^ERROR\s+([\w-]+)\(~';
    preg_match($type, $answer, $found); // no JSON has such a quote
    return ($doc->doc ?? $doc)->error->{'$type'} ?? array_pop($found) ?? '';
}
function tell(string $text): void { fwrite(STDERR, shown($text) . "\n"); }
