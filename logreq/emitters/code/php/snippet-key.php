<?php
$send = function ($form, $cookie = '') use (&$cookies, &$size) {
    $size = 0; // Content-Length
    $told = function (...$told) use (&$size) { $size = max($size, $told[5]); };
    $http = ['method' => 'POST', 'content' => $form, 'max_redirects' => 1, 'timeout' => 600,
        'header' => "Content-Type: application/x-www-form-urlencoded\r\nCookie: $cookie"];
    $reply = fopen(URL, 'r', false, stream_context_create(['http' => $http], ['notification' => $told]));
    $headers = implode("\n", stream_get_meta_data($reply)['wrapper_data']);
    preg_match_all('/^Set-Cookie: *([^;\s]+)/im', $headers, $cookies);
    return stream_get_contents($reply);
};
$key = ['username' => USER, 'key' => bin2hex(random_bytes(16)), 'out' => 'xml'];
$admin = ['authinfo' => getenv('PANEL_USER') . ':' . getenv('PANEL_PASSWORD')];
$login = $send(http_build_query(['func' => 'session.newkey'] + $key + $admin, '', '&'));
if (!preg_match('/<ok\b/', $login))
    throw new \RuntimeException('session.newkey: ' . preg_replace('/[\p{C}\p{Zl}\p{Zp}]/u', '?', $login));
$login = $send(http_build_query(['func' => 'auth', 'checkcookie' => 'no'] + $key, '', '&'));
preg_match('/<auth [^>]*\bid="([^"]+)"/', $login, $auth);
if (preg_match('/<(error|authfail)\b/', $login) || !$auth && !$cookies[1])
    throw new \RuntimeException('auth: ' . preg_replace('/[\p{C}\p{Zl}\p{Zp}]/u', '?', $login));
