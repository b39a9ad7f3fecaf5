// Lets `calls` run with the options of the command line; the first failure ends them.
const run = async (settings, calls) => {
  const { parseArgs } = await import("node:util");
  const type = "boolean";
  const options = { insecure: { type, short: "k" }, restart: { type }, help: { type, short: "h" } };
  for (const name of Object.keys(settings.options)) options[name] = { type: "string" };
  try {
    const args = { ...settings.options, ...parseArgs({ options }).values };
    if (args.help) return console.log(help(settings).map(shown).join("\n"));
    if (settings.insecure || args.insecure) process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    Object.keys(settings.variables).forEach(needed);
    Object.assign(panel, settings, { url: address(args.url, settings.name) });
    await calls(args);
    for (const where of panel.restarts.values())
      if (args.restart) await call("restart", {}, where);
      else console.error(`${shown(where.url)} asks for a restart: --restart`);
  } catch (error) {
    const misused = String(error.code).startsWith("ERR_PARSE_ARGS");
    console.error(shown(error.message) + (misused ? "; --help lists the options" : ""));
    process.exitCode = misused ? 2 : 1;
  }
};
