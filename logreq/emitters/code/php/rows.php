<?php
// --each: a file of rows by RFC 4180, and a run for each of them.
function read_rows(string $file, array $own, array $said, array $variables): array { // by number, from 1
    global $panel;
    $records = read_records($file);
    [, $panel['head'], $names] = array_shift($records);
    // Spreadsheets leave rows of empty values below a table.
    $filled = fn ($record) => count($names) < 2 || implode('', $record[2]) !== '';
    $records = array_values(array_filter($records, $filled));
    $records || stop("$file: no rows", 2);
    $names = array_map('trim', $names);
    $takes = array_merge($own, preg_grep('/^PANEL_/', $variables, PREG_GREP_INVERT));
    foreach ($names as $at => $name) {
        $known = in_array($name, $takes, true);
        $known || stop("$file: unknown column: $name; this script takes " . implode(', ', $takes), 2);
        in_array($name, array_slice($names, 0, $at), true) && stop("$file: two columns: $name", 2);
        isset($said[$name]) && stop("$file: $name is a column and --$name is given", 2);
    }
    foreach (array_diff($own, $names, array_keys($said)) as $name) {
        stop("$file: no column: $name; --$name VALUE gives it to all rows", 2);
    }
    $rows = [];
    foreach ($records as $at => [$line, $text, $values]) {
        $count = count($values);
        $count === count($names) || stop("$file:$line: $count values for " . count($names) . ' columns', 2);
        $panel['texts'][$at + 1] = $text;
        $rows[$at + 1] = $row = array_combine($names, $values);
        foreach ($variables as $name) {
            ($row[$name] ?? 'no column') === '' && stop("$file:$line: $name is empty", 2);
        }
    }
    return $rows;
}

function read_records(string $file): array { // of each: its line, its text as it stands there, its values
    $path = preg_replace(['~^(-|/dev/stdin)$~D', '~^/dev/fd/(\d+)$~D'], ['php://stdin', 'php://fd/$1'], $file);
    $path = $path === $file ? path($file) : $path; // PHP opens no pipe by its name
    error_clear_last();
    $text = (string) @file_get_contents($path);
    $problem = error_get_last()['message'] ?? '';
    $problem === '' || stop("$file: " . preg_replace('/^.*: /s', '', $problem), 2);
    [$line, $at, $records] = [1, strncmp($text, "\xEF\xBB\xBF", 3) ? 0 : 3, []];
    // Names hold no semicolon, with which some spreadsheets write such files.
    $mark = preg_match('/\G[\r\n]*+[^\r\n;]*+;/', $text, $found, 0, $at) ? ';' : ',';
    $bare = "[^\"$mark\r\n]*+";
    $field = "~(?|\"([^\"]*+(?:\"\"[^\"]*+)*+)\"|($bare(?:\r(?!\n|\z)$bare)*+))($mark|\r?\n|\r?\z)~A";
    for ($begin = $at; $begin < strlen($text); $begin = $at) {
        $values = [];
        do {
            preg_match($field, $text, $found, 0, $at) || stop("$file:$line: misplaced quote", 2);
            $values[] = strncmp($found[0], '"', 1) ? $found[1] : str_replace('""', '"', $found[1]);
            $at += strlen($found[0]);
        } while ($found[2] === $mark);
        $record = substr($text, $begin, $at - $begin - strlen($found[2]));
        $record === '' || $records[] = [$line, $record, $values];
        $line += substr_count($text, "\n", $begin, $at - $begin);
    }
    return $records;
}

function run_rows(): void {
    global $panel;
    ['arg' => $arg, 'hidden' => $hidden, 'rows' => $rows] = $panel;
    $file = $arg['each'] === '-' ? 'failed.csv' : preg_replace('/\.csv$/D', '', $arg['each']) . '.failed.csv';
    $failed = 0;
    foreach ($rows as $number => $row) {
        try {
            run($hidden + $row + $arg);
            tell("row $number: " . ($arg['dry-run'] ? 'not sent' : 'ok'));
        } catch (RuntimeException $problem) {
            tell("row $number: " . $problem->getMessage());
            $arg['keep-going'] || stop("--from $number goes on there", 1);
            $failed += 1;
            keep($file, ($failed === 1 ? "$panel[head]\n" : '') . $panel['texts'][$number] . "\n");
            $panel['failed'] = "$failed of " . count($rows) . " rows failed; they are in $file";
        }
    }
}

function keep(string $file, string $text): void { // in a new file that nobody else may read
    static $stream;
    if (!$stream) {
        umask(077);
        @unlink(path($file));
        $stream = @fopen(path($file), 'x');
    }
    $stream && @fwrite($stream, $text) === strlen($text) || stop("$file: cannot be written", 1);
}
function path(string $file): string { return ($file[0] ?? '') === '/' ? $file : "./$file"; } // no php:filter
