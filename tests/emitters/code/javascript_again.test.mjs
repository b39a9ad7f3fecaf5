// The helpers of scripts that are run again by themselves; PANEL_CODE is their folder.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const code = ["panel", "again", "rows", "ids", "xml", "text"].map((name) =>
  readFileSync(`${process.env.PANEL_CODE}/${name}.mjs`, "utf8"),
);
const names = "panel now prepare records rows theId word xmlId";
const load = () => new Function(`${code.join("\n")}\nreturn { ${names.split(" ").join(", ")} };`)();
const { now, prepare, records, theId, word, xmlId } = load();

const read = (text) => records("f", Buffer.from(text, "latin1"));
const values = (text) => read(text).map((record) => record.values);

test("records as RFC 4180 has them", () => {
  assert.deepEqual(values("a,b\r\nc,d\n"), [["a", "b"], ["c", "d"]]); // prettier-ignore
  assert.deepEqual(values("a,\n,\n,b"), [["a", ""], ["", ""], ["", "b"]]); // prettier-ignore
  assert.deepEqual(values('"a,""\r\n\n",b'), [['a,"\r\n\n', "b"]]);
  assert.deepEqual(values('""\n\n\r\n" "\n \n\n'), [[""], [" "], [" "]]);
  assert.deepEqual(values("\xef\xbb\xbfa\n\xef\xbb\xbfb"), [["a"], ["\ufeffb"]]);
  assert.deepEqual(values("\xd0\xb6,\xf0\x9f\x98\x80,\xef\xbf\xbd"), [["\u0436", "\u{1f600}", "\ufffd"]]); // prettier-ignore
  assert.deepEqual(values("a\rb,c\r\r\n"), [["a\rb", "c\r"]]);
  assert.deepEqual([values(""), values("\n\r\n"), values("\xef\xbb\xbf")], [[], [], []]);
  const text = 'a,b\r\n\n"c\nd",e\nf,g';
  assert.deepEqual(
    read(text).map((record) => record.line),
    [1, 3, 5],
  );
  const own = read(text).map((record) => record.text);
  assert.deepEqual(own, ["a,b\r\n", '"c\nd",e\n', "f,g"]);
  const long = `"${'""'.repeat(2_000_000)}"`;
  assert.equal(values(long)[0][0].length, 2_000_000);
});

test("what is no record is refused by line", () => {
  const quote = [
    'a"',
    'a"b',
    '"a"b',
    '"a" ,',
    '"',
    '"a',
    '"""',
    ' "a"',
    'x\n"y',
    '"a"\r',
    'a,"b\nc',
  ];
  for (const text of quote)
    assert.throws(() => values(`a\n${text}`), { message: "f:2: misplaced quote".replace("2", text[0] === "x" ? 3 : 2), status: 2 }); // prettier-ignore
  const bytes = ["\xff", "\xc3\n", "\xef", "\xef\xbf", "a\0b", "\xed\xa0\x80", "\xf0\x9f\x98", "\xc0\x80"]; // prettier-ignore
  for (const text of bytes)
    assert.throws(() => values(`a\n\xd0\xb6\n${text}`), { message: "f:3: not UTF-8", status: 2 });
});

test("an id is a word", () => {
  assert.equal(word({ $: "7" }), "7");
  assert.equal(word({ $: 7 }), "7");
  assert.equal(word("a"), "a");
  assert.equal(word(0), "0");
  for (const value of [undefined, null, {}, [], { $: {} }, true])
    assert.equal(word(value), undefined);
});

test("an id in XML is a child of doc", () => {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  assert.equal(xmlId(`${head}<doc><id>7</id><ok/></doc>`), "7");
  assert.equal(xmlId(`${head}<doc a="/>"><ok/><id x='>'>a&amp;lt;</id></doc>`), "a&lt;");
  assert.equal(xmlId("<doc><elem><id>1</id></elem><a/><b>x</b>\n<id>2</id></doc>"), "2");
  assert.equal(xmlId("<doc><!--<id>1</id>--><a><![CDATA[</a><id>2</id>]]></a></doc>"), "");
  assert.equal(xmlId("<doc><elem><id>1</id></elem></doc><id>3</id>"), "");
  for (const text of ["", "<id>1</id>", "<doc><id/><ids>1</ids></doc>", "<doc>id", "<doc><id"])
    assert.equal(xmlId(text), "");
});

test("the id of an answer", () => {
  now.calls.push("b");
  const from = (answer) => {
    now.answers.set("a", answer);
    return theId("a");
  };
  assert.equal(from({ id: { $: "7" } }), "7");
  assert.equal(from({ id: 8 }), "8");
  assert.equal(from(Buffer.from("<doc><id>9</id></doc>")), "9");
  for (const answer of [undefined, [], {}, { id: "" }, { id: { $: "" } }, Buffer.from("OK id=7")])
    assert.throws(() => from(answer), { message: "b: a answered no id" });
  now.from = 2;
  assert.equal(theId("a"), "<id of a>");
});

test("options that are none", async () => {
  const settings = { options: {}, variables: {}, asks: [] };
  const given = (options) => prepare(settings, (_, call) => call("f"), options);
  for (const pause of ["", "-1", "x", "1e3", "Infinity", ".", " 1"])
    await assert.rejects(given({ pause }), { message: `--pause ${pause}: no number of seconds`, status: 2 }); // prettier-ignore
  for (const from of ["", "0", "-1", "x", "1.5", "01"])
    await assert.rejects(given({ from }), { message: `--from ${from}: no number from 1 on` });
  await given({ pause: "99999999999" });
  assert.equal(now.pause, 2 ** 31 - 1);
  for (const pause of ["0", "0.25", ".25", "1."]) await given({ pause });
  assert.equal(now.pause, 1000);
});
