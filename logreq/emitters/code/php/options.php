<?php
// PHP 7.4 or later without extensions; https needs openssl. $panel is the script's data.
function options(array $panel, array $given): array { // the data after a look at the command line
    set_exception_handler(fn ($problem) => stop($problem->getMessage(), 1));
    $arg = $panel['arg'] + ['insecure' => $panel['insecure'] ?? false, 'restart' => false, 'help' => false];
    while ($given) {
        [$word, $value] = explode('=', array_shift($given), 2) + [1 => null];
        $name = ['-k' => 'insecure', '-h' => 'help'][$word] ?? (strncmp($word, '--', 2) ? '' : substr($word, 2));
        $switch = is_bool($arg[$name] ?? null);
        isset($arg[$name]) && !($switch && isset($value)) || stop("unknown argument: $word; --help lists them", 2);
        $arg[$name] = $switch ?: $value ?? array_shift($given) ?? stop("$word needs a value", 2);
    }
    $head = strstr(file_get_contents($_SERVER['SCRIPT_FILENAME']), "\n\n", true) . "\n"; // the first comments
    $arg['help'] && exit(preg_replace('~^#!.*\n|^<\?php\n|^// ?~m', '', $head));
    foreach ($panel['variables'] as $name) {
        getenv($name) != '' || stop("$name is not set", 1);
    }
    if (preg_match('~^\w+://([^/]+|.*/|.*/manager)$~D', $arg['url'] ?? '')) { // as logreq's --url
        $arg['url'] .= (substr($arg['url'], -1) === '/' ? '' : '/') . $panel['panel'];
    }
    return ['arg' => $arg, 'url' => $arg['url'] ?? $panel['url'] ?? ''] + $panel + ['user' => '', 'auth' => []];
}
