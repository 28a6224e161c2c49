// Where the project is, its keys, and two people's tokens: from the environment, else as `bedplate serve --dev` has them.
import { createHmac } from 'node:crypto'

export const url = process.env.SUPABASE_URL ?? 'http://127.0.0.1:54321'
export const key = process.env.SUPABASE_PUBLISHABLE_KEY ?? 'sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH'
const secret = process.env.SUPABASE_JWT_SECRET ?? 'super-secret-jwt-token-with-at-least-32-characters-long'

export const alice = { id: 'a11ce000-0000-4000-8000-000000000001', name: 'Alice' }
export const bob = { id: 'b0b00000-0000-4000-8000-000000000002', name: 'Bob' }
alice.token = process.env.ALICE_TOKEN ?? token(alice)
bob.token = process.env.BOB_TOKEN ?? token(bob)

// What `bedplate token --role authenticated --sub ID` prints. An app gets its users' tokens from its accounts service.
export function token({ id }) {
  const now = Math.floor(Date.now() / 1000)
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { sub: id, aud: 'authenticated', role: 'authenticated', iat: now, exp: now + 3600 }
  const message = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
  return `${message}.${createHmac('sha256', secret).update(message).digest('base64url')}`
}
