// The helpers of scripts by themselves: `node --test`; PANEL_CODE is their folder.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";

const code = ["panel", "run", "text", "login"].map((name) =>
  readFileSync(`${process.env.PANEL_CODE}/${name}.mjs`, "utf8"),
);
const names = "panel raw encode shown check read readText element post call help run login over";
const load = () => new Function(`${code.join("\n")}\nreturn { ${names.split(" ").join(", ")} };`)();
const { raw, encode, shown, check, read, element, help } = load();

const message = (make) => {
  try {
    make();
  } catch (error) {
    return error.message;
  }
  return undefined;
};

// A server that remembers what it was sent and answers what `answers` say, one after another.
const serve = async (answers, use) => {
  const asked = [];
  const server = createServer((request, reply) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      asked.push(Buffer.concat(parts).toString());
      reply.end(answers.shift());
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { log, error } = console;
  const said = [];
  console.log = (line) => said.push(`out ${line}`);
  console.error = (line) => said.push(`err ${line}`);
  try {
    await use(`http://127.0.0.1:${server.address().port}`);
  } finally {
    Object.assign(console, { log, error });
    server.close();
    server.closeAllConnections();
  }
  return { asked, said };
};

test("what is shown drives no terminal and reads as JSON", () => {
  assert.equal(shown("a \u0436 \u{1f600} «»"), "a \u0436 \u{1f600} «»");
  assert.equal(shown("\x1b\x7f\x9b\n\t"), "\\u001b\\u007f\\u009b\\n\\t");
  assert.equal(shown("\u202e\u2028\u00a0\u{e0041}"), "\\u202e\\u2028\\u00a0\\udb40\\udc41");
  for (const text of ["\x1b\u202e", "\u{e0041}", "\ud800", "\x7f\u2028"])
    assert.equal(JSON.parse(`"${shown(text)}"`), text);
});

test("bytes that are no text are encoded already", () => {
  assert.equal(encode("a b&\u0436"), "a%20b%26%D0%B6");
  assert.equal(encode(raw("%FF")), "%FF");
  assert.equal(`${raw("%FF")}`, "%FF");
});

test("an error's words", () => {
  const said = (error) => message(() => check("f", { error }));
  assert.equal(said({ $type: "a", $object: "b", msg: { $: "m" }, $: "t" }), "f: m");
  assert.equal(said({ $type: "a", $object: "b", $: "t" }), "f: a(b)");
  assert.equal(said({ $: "t" }), "f: t");
  assert.equal(said("t"), "f: t");
  assert.equal(said({ $code: "3" }), 'f: {"$code":"3"}');
  assert.equal(
    message(() => check("f", { authfail: "" })),
    "f: login failed",
  );
  assert.equal(
    message(() => check("f", { ok: false })),
    'f: {"ok":false}',
  );
  assert.deepEqual(check("f", { ok: true }), { ok: true });
});

test("answers by format", () => {
  const from = (out, text) => read("f", out, Buffer.from(text));
  assert.deepEqual(from("json", '{"doc":{"id":{"$":"7"}}}'), { id: { $: "7" } });
  assert.deepEqual(from("JSONdata", "[]"), []);
  assert.equal(from("xml", "<doc/>").toString(), "<doc/>");
  assert.equal(
    message(() => from("json", "null")),
    "f: no document in the answer: null",
  );
  assert.equal(
    message(() => from("xml", "x")),
    "f: no document in the answer: x",
  );
  assert.equal(
    message(() => from("text", "ERROR a(b): c\nd")),
    "f: c",
  );
  assert.deepEqual(element("<error type='a&lt;' object=\"b\"> t <msg>m</msg></error>"), {
    $type: "a<",
    $object: "b",
    $: "t",
    msg: "m",
  });
  assert.equal(element("<error><msg>m</msg></error>").msg, "m");
});

test("a call sends its pairs, what is common and not its own, and the session", async () => {
  const { panel, call } = load();
  const { asked, said } = await serve(['{"doc":{"ok":{"$":"restart"}}}', "[]"], async (url) => {
    Object.assign(panel, { url, common: { out: "json", lang: "ru" } });
    assert.deepEqual(await call("a.b", { x: "1 2", lang: "en" }), { ok: { $: "restart" } });
    await call("c", [["x", "1"], ["x", raw("%FF")]]); // prettier-ignore
    assert.deepEqual([...panel.restarts.values()], [{ url, user: "" }]);
  });
  assert.deepEqual(asked, [
    "func=a.b&x=1%202&lang=en&out=json",
    "func=c&x=1&x=%FF&out=json&lang=ru",
  ]);
  assert.deepEqual(said, ['out {"ok":{"$":"restart"}}', "err a.b: ok", "out []", "err c: ok"]);
});

test("a session is opened once, and anew when it is over", async () => {
  const { panel, call, login, over } = load();
  Object.assign(process.env, { PANEL_USER: "u", PANEL_PASSWORD: "p" });
  const opened = (id) => `{"doc":{"auth":{"$id":"${id}"}}}`;
  const lost = '{"doc":{"error":{"$type":"access"}}}';
  const answers = [opened(1), "{}", "{}", lost, opened(2), "{}", lost, opened(3), lost];
  const { asked } = await serve(answers, async (url) => {
    Object.assign(panel, { url, common: { out: "json" }, login, over });
    for (const name of ["a", "b", "c"]) await call(name);
    await assert.rejects(call("d"), { message: "d: access()" });
  });
  assert.deepEqual(asked, [
    "func=auth&username=u&password=p&out=json",
    "func=a&out=json&auth=1",
    "func=b&out=json&auth=1",
    "func=c&out=json&auth=1",
    "func=auth&username=u&password=p&out=json",
    "func=c&out=json&auth=2",
    "func=d&out=json&auth=2",
    "func=auth&username=u&password=p&out=json",
    "func=d&out=json&auth=3",
  ]);
});

test("help names all there is", () => {
  const told = help({ options: { domain: "a.b" }, variables: { PASSWD: "the value of passwd" } });
  assert.deepEqual(told.slice(2), [
    "--domain VALUE: a.b unless given",
    "environment PASSWD: the value of passwd",
  ]);
});
