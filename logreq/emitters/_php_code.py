"""PHP that emitted snippets and scripts run: send, read the answer, log in.

PHP 7.4, no extension but json. Methods of one object: several snippets in one file must not
declare a function twice.
"""

ENV = r"""$env = function (string $name): string {
    if ((string) getenv($name) === '') {
        throw new \RuntimeException("the environment variable $name is not set");
    }
    return getenv($name);
};
"""

# Messages show what a panel or a log says: nothing in them may drive a terminal.
# PHP warns of each step of a failed handshake; only all of them together say why.
SEND = r"""
private $func = '';

public function show(string $text): string // nothing in it drives a terminal
{
    $shown = preg_replace_callback('/[\p{C}\p{Zl}\p{Zp}]/u', function ($match) {
        return '\x' . bin2hex($match[0]);
    }, $text);
    return $shown ?? addcslashes($text, "\0..\37\177..\377");
}

private function fail(string $text): void
{
    throw new \RuntimeException($this->show("$this->func: $text"));
}

public function send(string $url, array $pairs, string $cookie = ''): array
{
    $this->func = $pairs[0][1];
    $known = array_intersect(['http', 'https'], stream_get_wrappers());
    if (!in_array(strstr(strtolower($url), ':', true), $known, true)) {
        $this->fail("cannot reach $url; https needs PHP's extension openssl");
    }
    $form = [];
    foreach ($pairs as [$name, $value]) {
        $form[] = rawurlencode($name) . '=' . rawurlencode($value);
    }
    $headers = ['Content-Type: application/x-www-form-urlencoded'];
WITH_COOKIE    $context = stream_context_create(['http' => [
        'method' => 'POST', 'header' => $headers, 'content' => implode('&', $form),
        'max_redirects' => 1, 'timeout' => 600]VERIFY]);
    $why = '';
    set_error_handler(function ($level, $message) use (&$why) {
        $why .= " $message";
        return true;
    });
    $stream = fopen($url, 'r', false, $context);
    $body = $stream ? stream_get_contents($stream) : false;
    restore_error_handler();
    if ($body === false) {
        $this->fail('HTTP' . $why);
    }
    return [$body, stream_get_meta_data($stream)['wrapper_data']];
}
"""
WITH_COOKIE = """\
    if ($cookie !== '') {
        $headers[] = "Cookie: $cookie";
    }
"""
UNVERIFIED = """,
        'ssl' => ['verify_peer' => false, 'verify_peer_name' => false]"""

JSON = r"""
private function parse(string $body): array
{
    $doc = json_decode($body, true, 512, JSON_BIGINT_AS_STRING);
    if (is_array($doc) && array_key_exists('doc', $doc)) {
        $doc = $doc['doc'];
    }
    if (!is_array($doc)) {
        $this->fail('the answer is no JSON document: ' . substr($body, 0, 200));
    }
    return $doc;
}
"""

# Gives the same tree as JSON has: '$' is the text, '$name' an attribute, name the elements.
# Declarations (DOCTYPE, entities) are no part of a panel's answers, and refused.
XML = r"""
private function parse(string $body): array
{
    $fault = 'the answer is no XML document of a panel: ' . substr($body, 0, 200);
    $decoded = function ($raw) use ($fault) {
        if (preg_match('/&(?!(?:lt|gt|amp|quot|apos);)[a-z]+;/i', $raw)) {
            $this->fail($fault);
        }
        return html_entity_decode($raw, ENT_QUOTES | ENT_XML1, 'UTF-8');
    };
    $opening = '~<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|\'[^\'<]*\'))*)\s*(/?)>~A';
    $open = [['', ['$' => '']]];
    $length = preg_match('//u', $body) ? strlen($body) : $this->fail($fault);
    for ($at = 0; $at < $length; $at = $end) {
        $last = count($open) - 1;
        $start = substr($body, $at, 9);
        if ($start[0] !== '<') {
            $end = $at + strcspn($body, '<', $at);
            $open[$last][1]['$'] .= $decoded(substr($body, $at, $end - $at));
        } elseif ($start === '<![CDATA[') {
            $end = (strpos($body, ']]>', $at) ?: $this->fail($fault)) + 3;
            $open[$last][1]['$'] .= substr($body, $at + 9, $end - $at - 12);
        } elseif (preg_match('/<(?:(\?)|!--)/A', $start, $match)) {
            $mark = isset($match[1]) ? '?>' : '-->';
            $end = (strpos($body, $mark, $at + 2) ?: $this->fail($fault)) + strlen($mark);
        } elseif (preg_match('~</([\w:.-]+)\s*>~A', $body, $match, 0, $at)) {
            $end = $at + strlen($match[0]);
            [$name, $node] = array_pop($open);
            if ($name !== $match[1]) {
                $this->fail($fault);
            }
            $open[$last - 1][1][$name][] = $node;
        } elseif (preg_match($opening, $body, $match, 0, $at)) {
            $end = $at + strlen($match[0]);
            $node = ['$' => ''];
            preg_match_all('/([\w:.-]+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')/', $match[2], $found);
            foreach ($found[1] as $number => $key) {
                $node['$' . $key] = $decoded($found[2][$number] . $found[3][$number]);
            }
            if ($match[3]) {
                $open[$last][1][$match[1]][] = $node;
            } else {
                $open[] = [$match[1], $node];
            }
        } else {
            $this->fail($fault);
        }
    }
    if (count($open) !== 1 || !isset($open[0][1]['doc']) || trim($open[0][1]['$']) !== '') {
        $this->fail($fault);
    }
    return $open[0][1]['doc'][0];
}
"""

DOCUMENT = r"""
private function all($node): array // one element may stand without a list
{
    return is_array($node) && ($node === [] || isset($node[0])) ? $node : [$node];
}

private function text($node): ?string // {"$": "x"} is x; null for what has parts of its own
{
    foreach (is_array($node) ? array_keys($node) : [] as $name) {
        if (substr((string) $name, 0, 1) !== '$') {
            return null;
        }
    }
    $node = is_array($node) ? $node['$'] ?? '' : $node;
    return is_array($node) ? null : ($node === false ? '0' : (string) $node);
}

private function document(array $reply): array
{
    $doc = $this->parse($reply[0]);
    if (array_key_exists('authfail', $doc)) {
        $this->fail('error authfail: wrong user or password');
    }
    if (array_key_exists('error', $doc)) {
        $error = $this->all($doc['error'])[0] ?? '';
        $error = is_array($error) ? $error : ['$' => $error];
        $found = [];
        foreach (['$type $code type code', '$object $obj object obj', 'msg $'] as $names) {
            $texts = array_map(function ($name) use ($error) {
                return $this->text($this->all($error[$name] ?? '')[0] ?? '') ?: null;
            }, explode(' ', $names));
            $found[] = array_values(array_filter($texts, 'is_string'))[0] ?? '';
        }
        [$type, $object, $text] = $found;
        $this->fail('error' . ($type === '' ? '' : " $type")
            . ($object === '' ? '' : "($object)") . ($text === '' ? '' : ": $text"));
    }
    return $doc;
}
"""

VALUE = r"""
private function row($node): array // the plain fields
{
    $row = [];
    foreach (is_array($node) ? $node : [] as $name => $part) {
        $texts = array_map([$this, 'text'], $part === [] ? [''] : $this->all($part));
        $texts = array_filter($texts, 'is_string');
        if ($texts && $name !== 'metadata' && substr((string) $name, 0, 1) !== '$') {
            $row[$name] = count($texts) > 1 ? array_values($texts) : reset($texts);
        }
    }
    return $row;
}

public function value(array $reply) // rows of a list, fields of a form, or 'ok'
{
    $doc = $this->document($reply);
    if (isset($doc[0])) {
        return array_map([$this, 'row'], $doc);
    }
BJSON    if (array_key_exists('elem', $doc)) {
        return array_map([$this, 'row'], $this->all($doc['elem']));
    }
    if (!array_key_exists('ok', $doc)) {
        return $this->row($doc);
    }
    if ($this->text($this->all($doc['ok'] ?: '')[0]) === 'restart') {
        RESTART
    }
    return 'ok';
}
"""
# In bjson `ok` is a flag beside the data.
BJSON = """\
    if (array_key_exists('ok', $doc)) {
        if (!$doc['ok']) {
            $this->fail('error');
        }
        unset($doc['ok']);
        if (!$doc) {
            return 'ok';
        }
    }
"""

RAW = r"""
public function value(array $reply) // the answer as it is
{
    if (preg_match('/^ERROR\s+(.*)/', $reply[0], $match)) {
        $this->fail("error $match[1]");
    }
    if (preg_match('/^OK\s+restart\b/', $reply[0])) {
        RESTART
    }
    return $reply[0];
}
"""
RESTART = """\
file_put_contents('php://stderr',
            "the panel's web server has to be restarted: func=restart\\n");"""
STALE = "\n        $this->stale = true;"

SESSION = r"""
private function session(array $reply): array // pairs and a cookie for the calls
{
    $auth = $this->all($this->document($reply)['auth'] ?? '')[0] ?? '';
    $auth = is_array($auth) ? $auth : ['$' => $auth];
    $id = ($auth['$id'] ?? '') ?: ($auth['$'] ?? '') ?: ($auth['id'] ?? '');
    $cookies = [];
COOKIES    if ($id === '' && !$cookies) {
        $this->fail('the login gave no session');
    }
    return [$id === '' ? [] : [['auth', (string) $id]], implode('; ', $cookies)];
}
"""
COOKIES = """\
    foreach ($reply[1] as $header) {
        if (preg_match('/^Set-Cookie:\\s*([^;]+)/i', $header, $match)) {
            $cookies[] = trim($match[1]);
        }
    }
"""

LOGIN = r"""
public function login(string $url, array $who): array
{
    return $this->session($this->send($url, [
        ['func', 'auth'],
        ['username', $who[0]],
        ['password', $who[1]],
        ['out', 'PARSER'],
    ]));
}
"""

KEY = r"""
public function login(string $url, array $who, string $user): array
{
    $key = bin2hex(random_bytes(16));
    $this->document($this->send($url, [
        ['func', 'session.newkey'],
        ['username', $user],
        ['key', $key],
        ['out', 'PARSER'],
        ['authinfo', implode(':', $who)],
    ]));
    return $this->session($this->send($url, [
        ['func', 'auth'],
        ['username', $user],
        ['key', $key],
        ['checkcookie', 'no'],
        ['out', 'PARSER'],
    ]));
}
"""
