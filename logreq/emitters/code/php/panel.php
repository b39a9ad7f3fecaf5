<?php
function post(array $pairs, string $cookie = ''): array { // gives the answer and its cookies
    global $panel, $why;
    $form = implode('&', array_map(fn ($pair) => implode('=', array_map('rawurlencode', $pair)), $pairs));
    $http = ['method' => 'POST', 'content' => $form, 'timeout' => 600, 'follow_location' => 0, 'ignore_errors' => true, 'auto_decode' => false,
        'header' => 'Content-Type: application/x-www-form-urlencoded' . ($cookie ? "\r\nCookie: $cookie" : '')];
    $ssl = array_fill_keys(['verify_peer', 'verify_peer_name'], !$panel['arg']['insecure']);
    $why = "no answer from $panel[url]:";
    set_error_handler(fn ($level, $text) => (bool) $GLOBALS['why'] .= " $text"); // TLS has several for one
    $known = preg_match('~^https?://~i', $panel['url']);
    $reply = $known ? fopen($panel['url'], 'r', false, stream_context_create(['http' => $http, 'ssl' => $ssl])) : false;
    $answer = $reply ? stream_get_contents($reply) : '';
    restore_error_handler();
    $meta = $reply ? stream_get_meta_data($reply) : ['timed_out' => true];
    $head = $meta['timed_out'] ? fail($pairs[0][1], $why) : implode("\n", $meta['wrapper_data']);
    $to = preg_match('/^Location: *(.*)/im', $head, $found) ? " (redirected to $found[1])" : '';
    preg_match('~^HTTP/\S+ ((.)\S*)~', $head, $status) || fail($pairs[0][1], "$why no HTTP: $head");
    $status[2] === '2' || fail($pairs[0][1], "HTTP status $status[1]$to", (int) ($status[2] === '3'));
    preg_match_all('/^Set-Cookie: *([^;\n]+)/im', $head, $cookies);
    return [whole($answer, $head) ?? fail($pairs[0][1], "$why it breaks off"), implode('; ', $cookies[1])];
}

function whole(string $body, string $head): ?string { // null if it breaks off
    if (!preg_match('/^Transfer-Encoding: *chunked/im', $head)) {
        return preg_match('/^Content-Length: *(\d+)/im', $head, $size) && strlen($body) < $size[1] ? null : $body;
    }
    [$text, $at, $size] = ['', 0, 1];
    while ($size && preg_match('/\G([0-9a-f]{1,15})\b.*\n/i', $body, $found, 0, $at)) {
        $size = hexdec($found[1]);
        $text .= substr($body, $at += strlen($found[0]), $size);
        $at += $size + 2;
    }
    return $size ? null : $text;
}

function read(string $func, string $out, string $answer) {
    if (!in_array($out, ['json', 'bjson', 'JSONdata'], true)) {
        return read_text($func, $out, $answer);
    }
    $doc = json_decode($answer, false, 512, JSON_BIGINT_AS_STRING);
    $doc = $doc->doc ?? $doc;
    return is_object($doc) || is_array($doc) ? check($func, $doc) : no_document($func, $answer);
}

function check(string $func, $doc) { // words: the message, else type and object, else the text
    global $panel;
    isset($doc->authfail) && fail($func, 'login failed', 1);
    $error = $doc->error ?? (($doc->ok ?? true) === false ? $doc : null);
    $type = isset($error->{'$type'}) ? $error->{'$type'} . '(' . ($error->{'$object'} ?? '') . ')' : '';
    $words = [$error->msg->{'$'} ?? '', $error->msg ?? '', $type, $error->{'$'} ?? '', $error, json($error)];
    $words = array_filter($words, fn ($one) => is_string($one) && $one !== '');
    $lost = (int) preg_match('/^(auth|sess|access)/', $type); // and nothing was done
    $error === null || fail($func, reset($words), $lost);
    if (($doc->ok->{'$'} ?? $doc->ok ?? '') === 'restart') {
        $panel['restarts']["$panel[url] $panel[user]"] = [$panel['url'], $panel['user']];
        $panel['arg']['restart'] || fwrite(STDERR, "the panel's web server has to be restarted: --restart does it\n");
    }
    return $doc;
}

function finish(): void {
    global $panel;
    foreach ($panel['arg']['restart'] ? $panel['restarts'] ?? [] : [] as [$panel['url'], $panel['user']]) {
        call('restart');
    }
}

function no_document(string $func, string $answer): void {
    preg_match('/^.{0,200}/su', $answer, $head);
    fail($func, 'no document in the answer: ' . ($head[0] ?? substr($answer, 0, 200)), page($answer));
}
function page(string $answer): int { return preg_match('/^\s*(<\?.*?\?>\s*)?<(!DOCTYPE )?html\b/is', $answer); }
function fail(string $func, string $words, int $lost = 0): void { throw new RuntimeException("$func: $words", $lost); }
function stop(string $text, int $status): void { fwrite(STDERR, shown($text) . "\n") && exit($status); }
function json($data): string {
    return json_encode($data, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE);
}
function shown(string $text): string { // nothing in it drives a terminal
    $escape = fn ($found) => $found[0] === "\x7f" ? '\u007f' : trim(json_encode($found[0]), '"');
    return preg_replace_callback('/(?! )[\p{C}\p{Z}]/u', $escape, $text) ?? addcslashes($text, "\0..\37\177..\377");
}
