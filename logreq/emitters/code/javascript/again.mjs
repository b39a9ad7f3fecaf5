// What a script that is run again understands beside the rest.
const more = [
  "--from N: begin with the Nth call, with --each with the Nth row",
  "--dry-run: show the calls and send nothing",
  "--existing skip: where what a call makes is there already, go on with the next call",
  "--pause SECONDS: wait before every call but the first",
  "--yes: do not ask before what deletes or spends",
];
// Where a run is: `calls` are the functions of all calls, `at` of them are behind.
const now = { calls: [], at: 0, from: 1, sent: 0, pause: 0, answers: new Map() };

const refuse = (message) => {
  throw Object.assign(new Error(message), { status: 2 });
};

// `call` as the options want it; its answer is remembered.
const again = async (func, pairs = {}, where = {}) => {
  now.at += 1;
  if (now.at < now.from) return console.error(shown(`${func}: left out`));
  const own = Array.isArray(pairs) ? pairs : Object.entries(pairs);
  const lines = [func, ...own.map(([name, value]) => `  ${name}=${value}`)];
  if (now.dry) return console.log(lines.map(shown).join("\n"));
  if (now.sent) await new Promise((done) => setTimeout(done, now.pause));
  now.sent += 1;
  now.answers.delete(`${func}`);
  try {
    now.answers.set(`${func}`, await call(func, pairs, where));
  } catch (error) {
    if (!now.skip || !/^exists(\(|$)/.test(error.type)) throw error;
    console.error(shown(`${func}: exists, skipped`));
  }
};

// Asks at the terminal; Ctrl-C and Ctrl-D are no answer.
const confirm = async (asks, often, { yes, each }) => {
  if (!asks.length || yes || now.dry) return;
  const what = asks.join(", ");
  if (!process.stdin.isTTY || each === "-")
    refuse(`${what} deletes or spends: --yes runs it unasked`);
  const { createInterface } = await import("node:readline");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const question = shown(`This deletes or spends: ${what}${often}. Go on? [y/N] `);
  const answer = await new Promise((resolve) => {
    terminal.on("close", () => resolve("")).question(question, resolve);
  });
  terminal.close();
  if (!/^y/i.test(answer)) throw new Error("nothing was sent");
};

// Checks the options, then the file, whose rows it gives, then the variables; then it asks.
const prepare = async (settings, calls, given) => {
  const { from = "1", pause = "0", existing = "skip", each } = given;
  if (!/^[1-9]\d*$/.test(from)) refuse(`--from ${from}: no number from 1 on`);
  if (!/^(\d+\.?\d*|\.\d+)$/.test(pause)) refuse(`--pause ${pause}: no number of seconds`);
  if (existing !== "skip") refuse(`--existing ${existing}: the word is skip`);
  if (given["keep-going"] && each === undefined) refuse("--keep-going: only with --each FILE");
  now.dry = true; // a run that does nothing tells the functions
  await calls({ ...settings.options, ...given }, async (func) => now.calls.push(func));
  const rows = each === undefined ? undefined : await settings.rows.read(each, settings, given);
  const count = (rows ?? now.calls).length;
  if (from > count) refuse(`--from ${from}: there are ${count} ${rows ? "rows" : "calls"}`);
  Object.assign(now, { dry: given["dry-run"], skip: given.existing });
  if (!rows) now.from = Number(from);
  now.pause = Math.min(pause * 1000, 2 ** 31 - 1);
  for (const name of Object.keys(settings.variables))
    if (now.dry) process.env[name] = `$${name}`;
    else if (!(rows && name in rows[0].values)) needed(name);
  const often = rows ? ` in each of ${count - from + 1} rows` : "";
  await confirm(settings.asks, often, given);
  return rows;
};

// Lets `calls` run, once or for each row, with the options of the command line.
const run = async (settings, calls) => {
  const { parseArgs } = await import("node:util");
  const type = "boolean";
  const options = { insecure: { type, short: "k" }, restart: { type }, help: { type, short: "h" } };
  for (const name of Object.keys(settings.options)) options[name] = { type: "string" };
  const all = [...(settings.rows?.more ?? []), ...more];
  for (const [, name, value] of all.map((line) => line.match(/^--([\w-]+)( \w+)?:/)))
    options[name] = { type: value ? "string" : type };
  try {
    const given = parseArgs({ options }).values;
    const args = { ...settings.options, ...given };
    if (args.help) return console.log([...help(settings), ...all].map(shown).join("\n"));
    if (settings.insecure || args.insecure) process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    const rows = await prepare(settings, calls, given);
    Object.assign(panel, settings, { url: address(args.url, settings.name) });
    const running = rows ? settings.rows.run(rows, calls, args) : calls(args, again);
    const problem = await running.catch((error) => {
      for (const { url } of panel.restarts.values())
        console.error(`${shown(url)} asks for a restart`);
      throw error;
    });
    for (const where of panel.restarts.values())
      if (args.restart) await call("restart", {}, where);
      else console.error(`${shown(where.url)} asks for a restart: --restart`);
    if (problem) throw new Error(problem);
  } catch (error) {
    const misused = String(error.code).startsWith("ERR_PARSE_ARGS");
    console.error(shown(error.message) + (misused ? "; --help lists the options" : ""));
    process.exitCode = misused ? 2 : (error.status ?? 1);
  }
};
