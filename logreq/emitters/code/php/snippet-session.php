<?php
$send = function ($form) use (&$size) {
    $size = 0; // Content-Length
    $told = function (...$told) use (&$size) { $size = max($size, $told[5]); };
    return file_get_contents(URL, false, stream_context_create(['http' => [
        'method' => 'POST', 'header' => 'Content-Type: application/x-www-form-urlencoded',
        'content' => $form, 'max_redirects' => 1, 'timeout' => 600]], ['notification' => $told]));
};
$who = ['username' => getenv('PANEL_USER'), 'password' => getenv('PANEL_PASSWORD')];
$login = $send(http_build_query(['func' => 'auth', 'out' => 'xml'] + $who, '', '&'));
if (!preg_match('/<auth [^>]*\bid="([^"]+)"/', $login, $auth))
    throw new \RuntimeException('auth: ' . preg_replace('/[\p{C}\p{Zl}\p{Zp}]/u', '?', $login));
