<?php
// Ids that a panel answered.
function the_id(string $func): string { // of the last answer to a call in this row
    global $panel;
    $answer = $panel['answers'][$func] ?? null;
    $id = is_string($answer) ? xml_id($answer) : word($answer->id ?? null);
    return $panel['arg']['dry-run'] ? "<id of $func>" : sure($id, "$func answered no id");
}

function id_where(string $func, string $field, string $value): string { // of a row in a list
    global $panel;
    $row = "$func where $field=$value";
    if ($panel['arg']['dry-run']) {
        return "<id of $row>";
    }
    $doc = ask($func, ['out' => 'json']); // whatever calls print
    $rows = is_array($doc) ? $doc : $doc->elem ?? [];
    $same = fn ($one) => word($one->$field ?? null) === $value;
    $found = array_values(array_filter(is_array($rows) ? $rows : [$rows], $same));
    $many = count($found);
    return $many === 1 ? sure(word($found[0]->id ?? null), "$row has no id") : sure('', ($many ?: 'no') . " $row");
}

function sure(?string $id, string $problem): string {
    return (string) $id === '' ? fail($GLOBALS['panel']['func'], $problem) : $id;
}

function word($value): ?string { // of JSON
    $value = $value->{'$'} ?? $value;
    return is_string($value) || is_int($value) || is_float($value) ? (string) $value : null;
}

function xml_id(string $xml): string { // of a child of the document
    $element = '<(/?)([^\s<>/!?]++)(?:"[^"]*+"|\'[^\']*+\'|/(?!>)|[^"\'<>/]++)*+(/?)>([^<]*)';
    preg_match_all("~<!--.*?-->|<!\\[CDATA\\[.*?\\]\\]>|$element~s", $xml, $tags, PREG_SET_ORDER);
    $depth = 0;
    foreach ($tags as $tag) {
        [, $close, $name, $empty, $text] = $tag + array_fill(0, 5, '');
        if ("$depth$close$name" === '1id') {
            return html_entity_decode($text, ENT_QUOTES | ENT_XML1, 'UTF-8');
        }
        $depth += $name === '' || $empty ? 0 : ($close ? -1 : 1);
    }
    return '';
}
