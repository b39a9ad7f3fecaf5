<?php
function call(string $func, array $pairs = []) { // $pairs: name => value, or [name, value] where one repeats
    global $panel;
    $pairs += $panel['common'];
    $sent = [['func', $func]];
    foreach ($pairs as $name => $value) {
        $sent[] = is_array($value) ? $value : [$name, $value];
    }
    $post = fn ($auth, $cookie) => read($func, $pairs['out'] ?? '', post([...$sent, ...$auth], $cookie)[0]);
    $answer = function_exists('in_session') ? in_session($post) : $post($panel['auth'], '');
    echo is_string($answer) ? as_text($answer) : shown(json($answer)) . "\n";
    fwrite(STDERR, shown("$func: ok") . "\n");
    return $answer; // a document; text where the format is not JSON
}
