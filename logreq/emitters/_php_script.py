"""PHP around the calls of a script: arguments, logins kept between calls, the end."""

# `panel->show` comes before: an argument in a message may not drive the terminal either.
ARGUMENTS = r"""
$arg = [
ARGS];
$restart = false;
$given = array_slice($argv, 1);
$refuse = function (string $message, int $status) use ($panel): void {
    fwrite(STDERR, $panel->show($message) . "\n");
    exit($status);
};
while ($given) {
    $word = array_shift($given);
    if ($word === '-h' || $word === '--help') {
        echo implode("\n", [
USAGE        ]), "\n";
        exit(0);
    }
    if ($word === '--restart') {
        $restart = true;
        continue;
    }
    $known = preg_match('/^--([a-z][a-z0-9-]*)(?:=(.*))?$/sD', $word, $match);
    if (!$known || !array_key_exists($match[1], $arg)) {
        $refuse("unknown argument: $word; --help lists them", 2);
    }
    if (!isset($match[2]) && !$given) {
        $refuse("--$match[1] needs a value", 2);
    }
    $arg[$match[1]] = $match[2] ?? array_shift($given);
}
foreach ([VARIABLES] as $name) {
    if ((string) getenv($name) === '') {
        $refuse("the environment variable $name is not set", 1);
    }
}
"""

CALL = r"""
public $restarts = [];
private $stale = false;
private $logins = [];

public function call(array $where, array $pairs, callable $env)
{
    [$url, $user] = $where;
    $id = "$url $user";
    $this->stale = false;
ANSWER    if ($this->stale) {
        $this->restarts[$id] = $where;
    }
    return $answer;
}
"""

_LOGGED_IN = r"""
    for ($again = 0; $again < 2; $again++) {
        $this->logins[$id] = $this->logins[$id] ?? $this->login($url, WHO_IS);
        [$auth, $cookie] = $this->logins[$id];
        try {
            $answer = $this->value($this->send($url, array_merge($pairs, $auth), $cookie));
            break;
        } catch (\RuntimeException $problem) {
            // A session that is over or unknown: nothing was done, another one may do it.
            $text = substr($problem->getMessage(), strlen($this->show($this->func)));
            if ($again || !preg_match('/^: error\b.*(?:auth|session|access)/i', $text)) {
                throw $problem;
            }
            unset($this->logins[$id]);
        }
    }
""".lstrip("\n")
ANSWER = {
    "none": "    $answer = $this->value($this->send($url, $pairs));\n",
    "authinfo": """\
    $pairs[] = ['authinfo', $env('PANEL_AUTHINFO')];
    $answer = $this->value($this->send($url, $pairs));
""",
    "session": _LOGGED_IN,
    "key": _LOGGED_IN,
}

RUN = r"""
$run = function (array $where, array $pairs, bool $shown = true) use ($panel, $env, $refuse): void {
    try {
        $answer = $panel->call($where, $pairs, $env);
    } catch (\RuntimeException $problem) {
        $refuse($problem->getMessage(), 1);
    }
    if ($shown) {
        PRINT
    }
    fwrite(STDERR, $panel->show($pairs[0][1]) . ": ok\n");
};
"""
JSON_LINE = (
    r"""echo json_encode($answer, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE), "\n";"""
)
BYTES = "echo $answer;"

END = r"""
foreach ($restart ? $panel->restarts : [] as $where) {
    $run($where, [['func', 'restart'], ['out', 'FORMAT']], false);
}
"""
