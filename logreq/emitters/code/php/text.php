<?php
// Answers that are not JSON: given as they came, if they are no error document.
function read_text(string $func, string $out, string $answer): string {
    $before = '^\s*(?:<\?.*?\?>\s*)?<doc\b[^>]*>\s*(?:<metadata\b(?:[^>]*/>|.*?</metadata>)\s*)?';
    $doc = json_decode($answer);
    $doc = is_object($doc) ? $doc->doc ?? $doc : null;
    $wrong = ['xml' => !preg_match('/<doc\b/', $answer), 'text' => page($answer), 'csv' => page($answer)];
    $wrong['devel'] = $wrong['xml'];
    if (preg_match("~$before<(error|authfail|ok)\\b([^>]*?)(?:/>|>(.*?)</\\1>)~s", $answer, $found)) {
        $doc = (object) [$found[1] => element($found[2], $found[3] ?? '')];
    } elseif (preg_match('/^(?:ERROR\s+(?=([^\s(]*\()?)(?:\S+\([^)]*\):\s*)?([^\r\n]+)|OK\s+(restart)\b)/', $answer, $found)) {
        $doc = (object) (isset($found[3]) ? ['ok' => $found[3]] : ['error' => (object) ['$type' => $found[1], 'msg' => $found[2]]]);
    } elseif ($doc === null && !empty($wrong[$out])) {
        no_document($func, $answer);
    }
    check($func, $doc);
    return $answer;
}

function element(string $attributes, string $text): stdClass { // as JSON has it
    $plain = fn ($xml) => html_entity_decode($xml, ENT_QUOTES | ENT_XML1, 'UTF-8');
    preg_match_all('/([\w:.-]+)\s*=\s*(["\'])(.*?)\2/s', $attributes, $found, PREG_SET_ORDER);
    $element = ['$' => $plain(trim(strstr("$text<", '<', true)))];
    foreach ($found as [, $name, , $value]) {
        $element["\$$name"] = $plain($value);
    }
    if (preg_match('~<msg\b[^>]*>(.*?)</msg>~s', $text, $found)) {
        $element['msg'] = $plain($found[1]);
    }
    return (object) array_filter($element, 'strlen');
}

function as_text(string $answer): string { // as it is, but to a terminal
    return stream_isatty(STDOUT) ? implode("\n", array_map('shown', explode("\n", $answer))) : $answer;
}
