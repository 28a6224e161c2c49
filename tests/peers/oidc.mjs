// An OpenID provider on a free port of loopback; prints its issuer as its first line.
//
// Who there is, is told by POST /people: `{"sub", ...claims}`. One signs in by the subject, with any password. It ends with its
// standard input.

import { createServer } from 'node:http';
import Provider from 'oidc-provider';

// Its development pages speak up about not being for production.
console.warn = console.info = () => {};

const people = new Map();

const account = (sub) => {
  const claims = people.get(sub);
  return claims && { accountId: sub, claims: () => claims };
};

const client = (client_id, redirect_uri, more) => ({
  client_id,
  client_secret: `secret-of-${client_id}`,
  redirect_uris: [redirect_uri],
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token'],
  ...more,
});

const configuration = {
  clients: [
    client('app', 'https://app.example/auth/v1/callback'),
    // Apps that obtain tokens themselves: one of ours, and one of somebody else.
    client('mobile', 'https://mobile.example/done'),
    client('stranger', 'https://stranger.example/done'),
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  findAccount: (_, sub) => account(sub),
  // As most providers do: what the scopes ask for stands in the ID token of mobile apps, for others at userinfo only.
  conformIdTokenClaims: process.env.CLAIMS_IN_TOKEN !== 'yes',
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ['of-a-test'] },
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration);
  const callback = provider.callback();
  server.on('request', async (request, response) => {
    if (request.url !== '/people') return callback(request, response);
    const person = JSON.parse((await request.toArray()).join(''));
    people.set(person.sub, person);
    response.end();
  });
  process.stdout.write(`${issuer}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
