// A real mail server (smtp-server) for the tests. Its options come as JSON in the first argument:
//   secure: TLS from the start; user, pass: a sign-in is needed (and TLS before it);
//   delay: milliseconds before each answer to a message;
//   refusals: codes to answer the first messages with, in order: [451], [550].
// It writes a JSON object a line: first {port}, then {accepted} or {refused} for each message.
import { readFileSync } from "node:fs";
import { SMTPServer } from "smtp-server";

const options = JSON.parse(process.argv[2] ?? "{}");
const refusals = [...(options.refusals ?? [])];
const file = (name) => readFileSync(new URL(`tls/${name}`, import.meta.url));
const say = (object) => process.stdout.write(`${JSON.stringify(object)}\n`);

const server = new SMTPServer({
  secure: options.secure ?? false,
  key: file("server.key"),
  cert: file("server.pem"),
  authOptional: options.user === undefined,
  hideSTARTTLS: options.plain ?? false,
  disableReverseLookup: true,
  logger: false,
  onAuth(auth, _session, done) {
    const known = auth.username === options.user && auth.password === options.pass;
    done(known ? null : Object.assign(new Error("Unknown user or password"), { responseCode: 535 }), { user: auth.username });
  },
  onData(stream, session, done) {
    const parts = [];
    stream.on("data", (part) => parts.push(part));
    stream.on("end", () => {
      const code = refusals.shift();
      const id = /^Message-ID: <([^@>]+)@/im.exec(Buffer.concat(parts).toString())?.[1];
      if (code !== undefined) {
        say({ refused: { id, code } });
        return done(Object.assign(new Error("Not now, says the test"), { responseCode: code }));
      }
      const { mailFrom, rcptTo } = session.envelope;
      say({
        accepted: {
          id,
          from: mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          secure: session.secure,
          user: session.user ?? null,
          data: Buffer.concat(parts).toString(),
        },
      });
      setTimeout(() => done(null, "Accepted"), options.delay ?? 0);
    });
  },
});
server.on("error", () => {});
server.listen(0, "127.0.0.1", () => say({ port: server.server.address().port }));
// Whoever started it went away.
process.stdin.resume().on("end", () => process.exit(0));
