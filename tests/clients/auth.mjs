// Accounts with the official JavaScript client, against the project beside this file:
//
//   bedplate serve tests/clients/project --dev --ephemeral
//   npm ci && node auth.mjs
import assert from 'node:assert/strict'
import { createClient } from '@supabase/supabase-js'
import { mail } from '../../examples/todo/inbox.mjs'
import { key, url } from '../../examples/todo/project.mjs'

// As `bedplate serve --dev` has it.
const secretKey = process.env.SUPABASE_SECRET_KEY ?? 'sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz'
const site = 'http://127.0.0.1:3000'

const options = (auth) => ({
  auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false, ...auth },
  realtime: { transport: globalThis.WebSocket ?? class {} },
})
const browser = (auth) => createClient(url, key, options(auth)).auth
const admin = createClient(url, secretKey, options()).auth.admin

let steps = 0
async function step(title, run) {
  try {
    await run()
    console.log(`ok ${++steps} ${title}`)
  } catch (error) {
    console.error(`not ok ${steps + 1} ${title}`)
    throw error
  }
}

function data({ data, error }) {
  assert.equal(error, null, error && `${error.status} ${error.code}: ${error.message}`)
  return data
}

function refused({ data, error }, code, status) {
  assert.ok(error, `expected ${code}, got ${JSON.stringify(data)}`)
  assert.deepEqual([error.code, error.status], [code, status], error.message)
  return error
}

// Where a link of a mail leads: the address, and what is handed over in its fragment or query.
async function follow(link) {
  const answer = await fetch(link, { redirect: 'manual' })
  assert.equal(answer.status, 303)
  const target = new URL(answer.headers.get('location'))
  return { target, query: target.searchParams, fragment: new URLSearchParams(target.hash.slice(1)) }
}

const ada = { email: 'ada@example.com', password: 'the analytical engine' }
const first = browser()

await step('sign up, confirm by the link, and be signed in by it', async () => {
  const { user, session } = data(await first.signUp({ ...ada, options: { data: { name: 'Ada' }, emailRedirectTo: `${site}/welcome` } }))
  assert.equal(session, null)
  assert.equal(user.user_metadata.name, 'Ada')
  assert.ok(user.confirmation_sent_at)
  refused(await first.signInWithPassword(ada), 'email_not_confirmed', 400)
  const { target, fragment } = await follow((await mail(ada.email, /confirm/i)).link)
  assert.equal(target.origin + target.pathname, `${site}/welcome`)
  assert.equal(fragment.get('token_type'), 'bearer')
  const set = data(await first.setSession({ access_token: fragment.get('access_token'), refresh_token: fragment.get('refresh_token') }))
  assert.equal(set.user.id, user.id)
  assert.ok(set.user.email_confirmed_at)
})

await step('a taken address looks like a new one, and gets nothing', async () => {
  const { user, session } = data(await browser().signUp({ ...ada, password: 'somebody else' }))
  assert.deepEqual([session, user.identities], [null, []])
  refused(await browser().signInWithPassword({ ...ada, password: 'somebody else' }), 'invalid_credentials', 400)
  refused(await browser().signInWithPassword({ email: 'nobody@example.com', password: ada.password }), 'invalid_credentials', 400)
})

await step('sign in, get and update the user', async () => {
  const { user } = data(await first.signInWithPassword(ada))
  assert.deepEqual(data(await first.getUser()).user.id, user.id)
  assert.equal(data(await first.updateUser({ data: { name: 'Countess', born: 1815 } })).user.user_metadata.name, 'Countess')
  data(await first.updateUser({ data: { born: null } }))
  const { user_metadata: kept } = data(await first.getUser()).user
  assert.equal(kept.name, 'Countess')
  assert.ok(!('born' in kept), 'null takes a key away')
  refused(await first.updateUser({ password: ada.password }), 'same_password', 422)
  refused(await first.updateUser({ password: 'short' }), 'weak_password', 422)
  assert.equal((await browser().getUser()).error.name, 'AuthSessionMissingError')
})

await step('claims are checked with the published keys alone', async () => {
  const { claims, header } = data(await first.getClaims())
  const { keys } = await (await fetch(`${url}/auth/v1/.well-known/jwks.json`)).json()
  assert.ok(keys.some(({ kid }) => kid === header.kid), 'the signing key is published')
  assert.ok(keys.every((published) => !('d' in published) && !('k' in published)), 'no private part is')
  assert.deepEqual([claims.email, claims.role, claims.aal, claims.amr[0].method, claims.is_anonymous], [ada.email, 'authenticated', 'aal1', 'password', false])
})

await step('refresh rotates, and what is used twice ends the family', async () => {
  const { session: before } = data(await first.signInWithPassword(ada))
  const { session: after } = data(await first.refreshSession())
  assert.notEqual(after.refresh_token, before.refresh_token)
  assert.notEqual(after.access_token, before.access_token)
  data(await first.refreshSession())
  refused(await browser().refreshSession({ refresh_token: before.refresh_token }), 'refresh_token_already_used', 400)
  assert.ok((await first.refreshSession()).error, 'the newest of the family is revoked too')
})

await step('sign out here, elsewhere, everywhere', async () => {
  const [one, two, three] = [browser(), browser(), browser()]
  for (const client of [one, two, three]) data(await client.signInWithPassword(ada))
  const session = async (client) => data(await client.getSession()).session
  const tokens = [await session(one), await session(two), await session(three)]
  const alive = async () => Promise.all(tokens.map(async ({ access_token }) => !(await browser().getUser(access_token)).error))
  assert.equal((await one.signOut({ scope: 'local' })).error, null)
  assert.deepEqual(await alive(), [false, true, true])
  assert.equal((await two.signOut({ scope: 'others' })).error, null)
  assert.deepEqual(await alive(), [false, true, false])
  assert.equal((await two.signOut()).error, null)
  assert.deepEqual(await alive(), [false, false, false])
  refused(await browser().refreshSession({ refresh_token: tokens[1].refresh_token }), 'refresh_token_not_found', 400)
})

await step('a forgotten password is reset by mail', async () => {
  data(await browser().resetPasswordForEmail(ada.email, { redirectTo: `${site}/reset` }))
  const { target, fragment } = await follow((await mail(ada.email, /new password/i)).link)
  assert.equal(target.pathname, '/reset')
  assert.equal(fragment.get('type'), 'recovery')
  const client = browser()
  data(await client.setSession({ access_token: fragment.get('access_token'), refresh_token: fragment.get('refresh_token') }))
  data(await client.updateUser({ password: 'the difference engine' }))
  refused(await browser().signInWithPassword(ada), 'invalid_credentials', 400)
  ada.password = 'the difference engine'
  data(await browser().signInWithPassword(ada))
})

await step('a code by mail signs in, new people too where asked', async () => {
  const grace = 'grace@example.com'
  refused(await browser().signInWithOtp({ email: grace, options: { shouldCreateUser: false } }), 'otp_disabled', 422)
  const client = browser()
  data(await client.signInWithOtp({ email: grace, options: { data: { rank: 'admiral' } } }))
  const { code } = await mail(grace, /./)
  const { user } = data(await client.verifyOtp({ email: grace, token: code, type: 'email' }))
  assert.equal(user.user_metadata.rank, 'admiral')
  refused(await browser().verifyOtp({ email: grace, token: code, type: 'email' }), 'otp_expired', 403)
  const asked = new Date()
  data(await client.signInWithOtp({ email: grace }))
  const again = await mail(grace, /./, { after: asked })
  assert.equal(data(await client.verifyOtp({ email: grace, token: again.code, type: 'email' })).user.id, user.id)
})

await step('an address is changed once both have said yes', async () => {
  const client = browser()
  const [from, to] = ['joan@example.com', 'joan@example.net']
  data(await admin.createUser({ email: from, password: 'hut eight bletchley', email_confirm: true }))
  data(await client.signInWithPassword({ email: from, password: 'hut eight bletchley' }))
  const { user } = data(await client.updateUser({ email: to }))
  assert.deepEqual([user.email, user.new_email], [from, to])
  const one = await follow((await mail(to, /change/i)).link)
  assert.match(one.fragment.get('message'), /other email/)
  assert.equal(data(await client.getUser()).user.email, from)
  const two = await follow((await mail(from, /change/i)).link)
  assert.ok(two.fragment.get('access_token'))
  assert.equal(data(await browser().signInWithPassword({ email: to, password: 'hut eight bletchley' })).user.email, to)
  refused(await browser().signInWithPassword({ email: from, password: 'hut eight bletchley' }), 'invalid_credentials', 400)
})

await step('the operator makes, lists, changes, bans and deletes users', async () => {
  const { user } = data(await admin.createUser({
    email: 'alan@example.com', password: 'on computable numbers', email_confirm: true,
    user_metadata: { name: 'Alan' }, app_metadata: { team: 'logic' },
  }))
  assert.deepEqual([user.app_metadata.team, user.app_metadata.provider, user.user_metadata.name], ['logic', 'email', 'Alan'])
  refused(await admin.createUser({ email: 'alan@example.com', password: 'on computable numbers' }), 'email_exists', 422)
  const { users, total } = data(await admin.listUsers({ page: 1, perPage: 2 }))
  assert.equal(users.length, 2)
  assert.equal(total, 4)
  const all = data(await admin.listUsers()).users.map(({ email }) => email).sort()
  assert.deepEqual(all, ['ada@example.com', 'alan@example.com', 'grace@example.com', 'joan@example.net'])
  assert.equal(data(await admin.getUserById(user.id)).user.email, 'alan@example.com')
  assert.equal(data(await admin.updateUserById(user.id, { app_metadata: { team: 'codes' } })).user.app_metadata.team, 'codes')
  const signIn = () => browser().signInWithPassword({ email: 'alan@example.com', password: 'on computable numbers' })
  data(await signIn())
  data(await admin.updateUserById(user.id, { ban_duration: '24h' }))
  refused(await signIn(), 'user_banned', 400)
  data(await admin.updateUserById(user.id, { ban_duration: 'none' }))
  data(await signIn())
  data(await admin.deleteUser(user.id))
  refused(await admin.getUserById(user.id), 'user_not_found', 404)
  refused(await signIn(), 'invalid_credentials', 400)
  refused(await createClient(url, key, options()).auth.admin.listUsers(), 'not_admin', 403)
  const page = await fetch(`${url}/auth/v1/admin/users`, { headers: { apikey: secretKey, origin: 'http://localhost:3000' } })
  assert.match(page.headers.get('access-control-expose-headers'), /X-Total-Count, Link, X-Supabase-Api-Version/)
})

await step('links are made without a mail, and invitations with one', async () => {
  const { properties, user } = data(await admin.generateLink({ type: 'signup', email: 'kay@example.com', password: 'eniac programmer', options: { redirectTo: `${site}/joined` } }))
  assert.equal(properties.verification_type, 'signup')
  const { target, fragment } = await follow(properties.action_link)
  assert.equal(target.pathname, '/joined')
  assert.ok(fragment.get('access_token'))
  const magic = data(await admin.generateLink({ type: 'magiclink', email: 'kay@example.com' })).properties
  assert.equal(data(await browser().verifyOtp({ token_hash: magic.hashed_token, type: 'email' })).user.id, user.id)
  refused(await admin.generateLink({ type: 'recovery', email: 'nobody@example.com' }), 'user_not_found', 404)
  const invited = data(await admin.inviteUserByEmail('betty@example.com', { data: { name: 'Betty' }, redirectTo: `${site}/invited` })).user
  assert.ok(invited.invited_at)
  const { fragment: accepted } = await follow((await mail('betty@example.com', /invited/i)).link)
  assert.equal(accepted.get('type'), 'invite')
  refused(await admin.inviteUserByEmail('kay@example.com'), 'email_exists', 422)
})

await step('a guest becomes somebody and stays the same user', async () => {
  const client = browser()
  const { user } = data(await client.signInAnonymously({ options: { data: { theme: 'dark' } } }))
  assert.deepEqual([user.is_anonymous, user.user_metadata.theme], [true, 'dark'])
  refused(await client.updateUser({ password: 'without an address' }), 'validation_failed', 422)
  data(await client.updateUser({ email: 'guest@example.com' }))
  const { link } = await mail('guest@example.com', /change|confirm/i)
  assert.ok((await follow(link)).fragment.get('access_token'))
  data(await client.refreshSession())
  data(await client.updateUser({ password: 'no longer a guest' }))
  const { user: promoted } = data(await browser().signInWithPassword({ email: 'guest@example.com', password: 'no longer a guest' }))
  assert.deepEqual([promoted.id, promoted.is_anonymous, promoted.user_metadata.theme], [user.id, false, 'dark'])
})

await step('PKCE: only who asked can use the code', async () => {
  const client = browser({ flowType: 'pkce' })
  data(await client.signInWithOtp({ email: ada.email, options: { emailRedirectTo: `${site}/callback` } }))
  const { target, query, fragment } = await follow((await mail(ada.email, /magic|sign in|log in/i)).link)
  assert.equal(target.pathname, '/callback')
  assert.ok(query.get('code') && !fragment.get('access_token'))
  const stranger = browser({ flowType: 'pkce' })
  data(await stranger.signInWithOtp({ email: 'grace@example.com' }))
  refused(await stranger.exchangeCodeForSession(query.get('code')), 'bad_code_verifier', 400)
  const { user } = data(await client.exchangeCodeForSession(query.get('code')))
  assert.equal(user.email, ada.email)
  assert.ok((await client.exchangeCodeForSession(query.get('code'))).error, 'a code works once')
})

await step('identities are listed, and the last stays', async () => {
  const client = browser()
  data(await client.signInWithPassword(ada))
  const { identities } = data(await client.getUserIdentities())
  assert.deepEqual(identities.map(({ provider }) => provider), ['email'])
  refused(await client.unlinkIdentity(identities[0]), 'single_identity_not_deletable', 422)
})

await step('a redirect that is not on the list leads to the site', async () => {
  const asked = new Date()
  data(await browser().resetPasswordForEmail(ada.email, { redirectTo: 'https://evil.example/steal' }))
  const { target } = await follow((await mail(ada.email, /new password/i, { after: asked })).link)
  assert.equal(target.origin, site)
})

console.log(`${steps} steps, all as they must be, at ${url}`)
