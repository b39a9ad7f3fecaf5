const rowOptions = [
  "--each FILE: run once for each row of a CSV file (-: standard input) that begins with names",
  "--keep-going: with --each, go on after rows that failed; FILE.failed.csv keeps them",
];

// Splits a file by RFC 4180: each record's line, its text as it stands there, its values.
const records = (file, data) => {
  const text = data.toString();
  const odd = Buffer.from(text).findIndex((byte, at) => byte !== data[at] || !byte);
  const before = data.subarray(0, odd).toString("latin1").split("\n");
  if (odd >= 0) refuse(`${file}:${before.length}: not UTF-8`);
  // Names hold no semicolon, with which some spreadsheets write such files.
  const mark = /^\ufeff?[\r\n]*[^\r\n;]*;/.test(text) ? ";" : ",";
  const field = new RegExp(`(?:"([^"]*(?:""[^"]*)*)"|([^"${mark}\\n]*?))(${mark}|\\r?\\n|$)`, "y");
  const found = [];
  let next = { line: 1, begin: text.startsWith("\ufeff") ? 1 : 0, values: [] };
  field.lastIndex = next.begin;
  while (field.lastIndex < text.length || next.values.length) {
    const [all, quoted, bare, end] =
      field.exec(text) ?? refuse(`${file}:${next.line}: misplaced quote`);
    next.values.push(quoted?.replaceAll('""', '"') ?? bare);
    if (end === mark) continue;
    next.text = text.slice(next.begin, field.lastIndex);
    if (all !== end || next.values.length > 1) found.push(next);
    const line = next.line + next.text.split("\n").length - 1;
    next = { line, begin: field.lastIndex, values: [] };
  }
  return found;
};

// Gives the rows of a file, after a check of all of it; `values` by column.
const readRows = async (file, { options, variables }, given) => {
  const { readFile } = await import("node:fs/promises");
  const failed = ({ message }) => refuse(`${file}: ${message}`);
  const stdin = file === "-" && (await process.stdin.toArray());
  const data = stdin ? Buffer.concat(stdin) : await readFile(file).catch(failed);
  const [head, ...found] = records(file, data);
  // Spreadsheets leave empty rows below a table.
  const rows = found.filter(({ values }) => head.values.length < 2 || values.some(Boolean));
  if (!rows.length) refuse(`${file}: no rows`);
  const names = Object.keys(options).filter((name) => name !== "url");
  const takes = [...names, ...Object.keys(variables).filter((name) => !name.startsWith("PANEL_"))];
  const columns = head.values.map((name) => name.trim());
  for (const [at, name] of columns.entries()) {
    if (!takes.includes(name))
      refuse(`${file}: unknown column: ${name}; this script takes ${takes.join(", ")}`);
    if (columns.indexOf(name) < at) refuse(`${file}: two columns: ${name}`);
    if (name in given) refuse(`${file}: ${name} is a column and --${name} is given`);
  }
  const absent = names.find((name) => !columns.includes(name) && !(name in given));
  if (absent) refuse(`${file}: no column: ${absent}; --${absent} VALUE gives it to all rows`);
  return rows.map(({ line, text, values }) => {
    if (values.length !== columns.length)
      refuse(`${file}:${line}: ${values.length} values for ${columns.length} columns`);
    const pairs = columns.map((name, at) => [name, values[at]]);
    const [empty] = pairs.find(([name, value]) => name in variables && !value) ?? [];
    if (empty) refuse(`${file}:${line}: ${empty} is empty`);
    return { head: head.text, text, values: Object.fromEntries(pairs) };
  });
};

// Runs the calls for each row and tells of it; gives what is to be said in the end.
const runRows = async (rows, calls, args) => {
  const { appendFileSync, rmSync, writeFileSync } = await import("node:fs");
  const file = args.each === "-" ? "failed.csv" : `${args.each.replace(/\.csv$/, "")}.failed.csv`;
  const { from = 1 } = args;
  let failed = 0;
  for (const [at, { head, text, values }] of rows.entries()) {
    if (at + 1 < from) continue;
    const row = `row ${at + 1}`;
    Object.assign(now, { at: 0, answers: new Map() });
    for (const name of Object.keys(panel.variables))
      if (name in values && !now.dry) process.env[name] = values[name];
    try {
      await calls({ ...args, ...values }, again);
      console.error(`${row}: ${now.dry ? "not sent" : "ok"}`);
    } catch ({ message }) {
      console.error(shown(`${row}: ${message}`));
      if (!args["keep-going"]) throw new Error(`--from ${at + 1} goes on there`);
      failed += 1;
      if (failed === 1) {
        rmSync(file, { force: true });
        writeFileSync(file, head, { flag: "wx", mode: 0o600 });
      }
      appendFileSync(file, text.endsWith("\n") ? text : `${text}\n`);
    }
  }
  const tried = rows.length - from + 1;
  return failed && `${failed} of ${tried} rows failed; they are in ${file}`;
};

const rows = { more: rowOptions, read: readRows, run: runRows };
