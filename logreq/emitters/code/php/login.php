<?php
// Calls in sessions, one for each address and user; a session that is over is opened anew, once.
function in_session(callable $post) {
    global $panel;
    $known = &$panel['sessions']["$panel[url] $panel[user]"];
    $again = isset($known);
    $known = $known ?? login();
    try {
        return $post(...$known);
    } catch (RuntimeException $problem) {
        if (!$again || !$problem->getCode()) {
            throw $problem;
        }
        $known = login();
        return $post(...$known);
    }
}

function login(): array { // gives the pairs and the cookie that calls need
    global $panel;
    [$user, $password] = [getenv('PANEL_USER'), getenv('PANEL_PASSWORD')];
    $who = [['username', $user], ['password', $password]];
    if ($panel['user'] !== '') { // by a key of one use, which the administrator makes
        $who = [['username', $panel['user']], ['key', bin2hex(random_bytes(16))]];
        $made = post([['func', 'session.newkey'], ...$who, ['out', 'json'], ['authinfo', "$user:$password"]]);
        read('session.newkey', 'json', $made[0]);
        $who[] = ['checkcookie', 'no'];
    }
    [$answer, $cookie] = post([['func', 'auth'], ...$who, ['out', 'json']]);
    $auth = read('auth', 'json', $answer)->auth ?? null;
    $id = $auth->{'$id'} ?? $auth->{'$'} ?? $auth->id ?? $auth;
    is_string($id) || $cookie || fail('auth', 'the login gave no session');
    return [is_string($id) ? [['auth', $id]] : [], $cookie];
}
