// What a todo app asks of its backend, with the official client, and what it must get. Run it against a fresh database:
//
//   bedplate serve examples/todo --dev --ephemeral
//   npm install && npm start
import assert from 'node:assert/strict'
import { createClient } from '@supabase/supabase-js'
import { mail } from './inbox.mjs'
import { key, url } from './project.mjs'

const client = (token) => createClient(url, key, {
  ...(token && { accessToken: async () => token }),
  auth: { persistSession: false, autoRefreshToken: false },
  // Node before 22 has no WebSocket, and this program needs none.
  realtime: { transport: globalThis.WebSocket ?? class {} },
})
// Each has a client of their own, as in a browser each.
const [nobody, ofAlice, ofBob] = [client(), client(), client()]
const alice = { email: 'alice@example.com', password: 'a garden in spring', name: 'Alice' }
const bob = { email: 'bob@example.com', password: 'a bench of oak', name: 'Bob' }
const dora = { id: 'd02a0000-0000-4000-8000-000000000001', email: 'dora@example.com', password: 'sample-password' }

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

// The data of an answer that must be one.
function data({ data, error, status }) {
  assert.equal(error, null, `${status}: ${JSON.stringify(error)}`)
  return data
}

// The code of an answer that must be an error. Accounts have the status in the error.
function refused({ data, error, status }, code, wantedStatus) {
  assert.ok(error, `expected ${code}, got ${status} ${JSON.stringify(data)}`)
  assert.equal(error.code, code, JSON.stringify(error))
  assert.equal(status ?? error.status, wantedStatus)
  return error
}

const signUp = (client, { email, password, name }) => client.auth.signUp({ email, password, options: { data: { name } } })
const signIn = (client, { email, password }) => client.auth.signInWithPassword({ email, password })

await step('nobody sees a row', async () => {
  for (const table of ['profiles', 'lists', 'todos', 'tags', 'todo_tags', 'open_todos']) {
    assert.deepEqual(data(await nobody.from(table).select('*')), [], table)
  }
  const { count } = await nobody.from('todos').select('*', { count: 'exact', head: true })
  assert.equal(count, 0)
})

await step('nobody writes a row', async () => {
  refused(await nobody.from('lists').insert({ title: 'Mine?', owner: dora.id }), '42501', 401)
  assert.deepEqual(data(await nobody.from('todos').update({ title: 'x' }).neq('id', 0).select()), [])
  assert.deepEqual(data(await nobody.from('todos').delete().neq('id', 0).select()), [])
})

await step('a person signs up, and may not in before the address is confirmed', async () => {
  const { user, session } = data(await signUp(ofAlice, alice))
  assert.deepEqual([session, user.email, user.identities.length], [null, alice.email, 1])
  alice.id = user.id
  refused(await signIn(ofAlice, alice), 'email_not_confirmed', 400)
  refused(await signIn(ofAlice, { ...alice, password: 'a garden in autumn' }), 'invalid_credentials', 400)
  assert.deepEqual(refused(await signUp(client(), { ...bob, password: 'short' }), 'weak_password', 422).reasons, ['length'])
})

await step('the link in the mail confirms it and leads back to the app', async () => {
  const { link } = await mail(alice.email, /confirm/i)
  const followed = await fetch(link, { redirect: 'manual' })
  assert.equal(followed.status, 303)
  const back = new URL(followed.headers.get('location'))
  assert.equal(back.origin, 'http://127.0.0.1:5173')
  assert.equal(new URLSearchParams(back.hash.slice(1)).get('type'), 'signup')
  const again = new URL((await fetch(link, { redirect: 'manual' })).headers.get('location'))
  assert.equal(new URLSearchParams(again.hash.slice(1)).get('error_code'), 'otp_expired', 'a link works once')
  assert.equal(data(await signIn(ofAlice, alice)).user.id, alice.id)
})

await step('so does the code in it', async () => {
  bob.id = data(await signUp(ofBob, bob)).user.id
  const { code } = await mail(bob.email, /confirm/i)
  const wrong = code === '000000' ? '000001' : '000000'
  refused(await ofBob.auth.verifyOtp({ email: bob.email, token: wrong, type: 'email' }), 'otp_expired', 403)
  const { session } = data(await ofBob.auth.verifyOtp({ email: bob.email, token: code, type: 'email' }))
  assert.equal(session.user.id, bob.id)
})

await step('a trigger has given each a profile', async () => {
  assert.deepEqual(data(await ofAlice.from('profiles').select('id, name')), [{ id: alice.id, name: 'Alice' }])
  assert.deepEqual(data(await ofBob.from('profiles').select('id, name')), [{ id: bob.id, name: 'Bob' }])
})

await step('a session is refreshed', async () => {
  const before = data(await ofAlice.auth.getSession()).session
  const { session } = data(await ofAlice.auth.refreshSession())
  assert.notEqual(session.refresh_token, before.refresh_token)
  assert.equal(data(await ofAlice.auth.getUser()).user.id, alice.id)
  refused(await client().auth.refreshSession({ refresh_token: 'abcdefghijkl' }), 'refresh_token_not_found', 400)
})

await step('a forgotten password is reset by mail, and other sessions end with it', async () => {
  data(await nobody.auth.resetPasswordForEmail(alice.email))
  data(await nobody.auth.resetPasswordForEmail('nobody@example.com'))
  const { code } = await mail(alice.email, /new password/i)
  const elsewhere = client()
  data(await elsewhere.auth.verifyOtp({ email: alice.email, token: code, type: 'recovery' }))
  const old = alice.password
  alice.password = 'a garden in summer'
  data(await elsewhere.auth.updateUser({ password: alice.password }))
  assert.equal((await ofAlice.auth.getUser()).error?.name, 'AuthSessionMissingError')
  refused(await signIn(client(), { ...alice, password: old }), 'invalid_credentials', 400)
  data(await signIn(ofAlice, alice))
})

await step('who was there before signs in as well, and out', async () => {
  const ofDora = client()
  assert.equal(data(await signIn(ofDora, dora)).user.id, dora.id)
  assert.deepEqual(data(await ofDora.from('lists').select('title')), [{ title: 'Kitchen' }])
  assert.equal((await ofDora.auth.signOut()).error, null)
  assert.deepEqual(data(await ofDora.from('lists').select('title')), [])
})

await step('each begins with a list', async () => {
  const [garden] = data(await ofAlice.from('lists').insert({ title: 'Garden' }).select('id'))
  const [workshop] = data(await ofBob.from('lists').insert({ title: 'Workshop' }).select('id'))
  const todos = data(await ofAlice.from('todos').insert([
    { list_id: garden.id, title: 'Water the tomatoes', priority: 'high', estimate: 0.5, due_on: '2025-05-01' },
    { list_id: garden.id, title: 'Mow the lawn', estimate: 1.25, due_on: '2025-05-03' },
    { list_id: garden.id, title: 'Buy seeds', priority: 'low', done_at: '2025-04-20T10:00:00Z' },
  ], { defaultToNull: false }).select('id, title'))
  data(await ofBob.from('todos').insert({ list_id: workshop.id, title: 'Sharpen the chisels', estimate: 2, due_on: '2025-06-01' }))
  const tags = data(await ofAlice.from('tags').insert([{ name: 'outside' }, { name: 'daily' }]).select('id, name'))
  const idOf = (rows, property, value) => rows.find((row) => row[property] === value).id
  data(await ofAlice.from('todo_tags').insert([
    ['Water the tomatoes', 'outside'], ['Water the tomatoes', 'daily'], ['Mow the lawn', 'outside'],
  ].map(([todo, tag]) => ({ todo_id: idOf(todos, 'title', todo), tag_id: idOf(tags, 'name', tag) }))))
})

await step('two people see their own rows', async () => {
  assert.deepEqual(data(await ofAlice.from('profiles').select('name')), [{ name: 'Alice' }])
  assert.deepEqual(data(await ofBob.from('profiles').select('name')), [{ name: 'Bob' }])
  assert.deepEqual(data(await ofAlice.from('lists').select('title')), [{ title: 'Garden' }])
  assert.deepEqual(data(await ofBob.from('todos').select('title')), [{ title: 'Sharpen the chisels' }])
})

await step('types arrive as JSON has them', async () => {
  const todo = data(await ofAlice.from('todos').select('title,priority,estimate,due_on,done_at,is_done,details').eq('title', 'Mow the lawn').single())
  assert.deepEqual(todo, {
    title: 'Mow the lawn', priority: 'normal', estimate: 1.25, due_on: '2025-05-03', done_at: null, is_done: false, details: {},
  })
  const done = data(await ofAlice.from('todos').select('done_at,is_done').eq('title', 'Buy seeds').single())
  assert.deepEqual(done, { done_at: '2025-04-20T10:00:00+00:00', is_done: true })
})

await step('embedding: to many, to one, many to many', async () => {
  const lists = data(await ofAlice.from('lists').select('title, profiles(name), todos(title, tags(name))')
    .order('title', { referencedTable: 'todos' }).order('name', { referencedTable: 'todos.tags' }))
  assert.deepEqual(lists, [{
    title: 'Garden',
    profiles: { name: 'Alice' },
    todos: [
      { title: 'Buy seeds', tags: [] },
      { title: 'Mow the lawn', tags: [{ name: 'outside' }] },
      { title: 'Water the tomatoes', tags: [{ name: 'daily' }, { name: 'outside' }] },
    ],
  }])
  const outside = data(await ofAlice.from('todos').select('title, tags!inner(name)').eq('tags.name', 'daily'))
  assert.deepEqual(outside, [{ title: 'Water the tomatoes', tags: [{ name: 'daily' }] }])
})

await step('filters, logic, order and ranges', async () => {
  const titles = async (query) => data(await query).map(({ title }) => title)
  const todos = () => ofAlice.from('todos').select('title')
  assert.deepEqual(await titles(todos().in('priority', ['high', 'low']).order('title')), ['Buy seeds', 'Water the tomatoes'])
  assert.deepEqual(await titles(todos().gte('priority', 'normal').order('priority', { ascending: false })), ['Water the tomatoes', 'Mow the lawn'])
  assert.deepEqual(await titles(todos().ilike('title', '%THE%').order('title')), ['Mow the lawn', 'Water the tomatoes'])
  assert.deepEqual(await titles(todos().is('due_on', null)), ['Buy seeds'])
  assert.deepEqual(await titles(todos().or('estimate.gt.1,is_done.is.true').order('title')), ['Buy seeds', 'Mow the lawn'])
  assert.deepEqual(await titles(todos().not('priority', 'eq', 'normal').lt('due_on', '2025-06-01')), ['Water the tomatoes'])
  assert.deepEqual(await titles(todos().order('due_on', { nullsFirst: true }).range(0, 1)), ['Buy seeds', 'Water the tomatoes'])
})

await step('counts come with the rows', async () => {
  const { data: rows, count, status } = await ofAlice.from('todos').select('title', { count: 'exact' }).order('title').range(1, 1)
  assert.deepEqual([rows, count, status], [[{ title: 'Mow the lawn' }], 3, 206])
})

let shed
await step('insert, bulk insert and defaults', async () => {
  shed = data(await ofAlice.from('lists').insert({ title: 'Shed' }).select().single())
  assert.equal(shed.owner, alice.id)
  const rows = data(await ofAlice.from('todos').insert([
    { list_id: shed.id, title: 'Sweep' },
    { list_id: shed.id, title: 'Paint', priority: 'high', estimate: '3.5', details: { colours: ['red', 'green'] } },
  ], { defaultToNull: false }).select('title,priority,estimate,is_done,details').order('title'))
  assert.deepEqual(rows, [
    { title: 'Paint', priority: 'high', estimate: 3.5, is_done: false, details: { colours: ['red', 'green'] } },
    { title: 'Sweep', priority: 'normal', estimate: null, is_done: false, details: {} },
  ])
  const [{ colour }] = data(await ofAlice.from('todos').select('colour:details->colours->>0').eq('title', 'Paint'))
  assert.equal(colour, 'red')
})

await step('upsert changes what is there and adds what is not', async () => {
  const rows = data(await ofAlice.from('todos').upsert([
    { list_id: shed.id, title: 'Sweep', priority: 'low' },
    { list_id: shed.id, title: 'Lock up', priority: 'low' },
  ], { onConflict: 'list_id,title' }).select('title,priority').order('title'))
  assert.deepEqual(rows, [{ title: 'Lock up', priority: 'low' }, { title: 'Sweep', priority: 'low' }])
  const ignored = data(await ofAlice.from('todos').upsert({ list_id: shed.id, title: 'Sweep', priority: 'high' },
    { onConflict: 'list_id,title', ignoreDuplicates: true }).select('title'))
  assert.deepEqual(ignored, [])
})

await step('update and delete tell what they did', async () => {
  const done = data(await ofAlice.from('todos').update({ done_at: '2025-05-05T12:00:00Z' }).eq('list_id', shed.id).eq('priority', 'low').select('title,is_done').order('title'))
  assert.deepEqual(done, [{ title: 'Lock up', is_done: true }, { title: 'Sweep', is_done: true }])
  const gone = data(await ofAlice.from('todos').delete().eq('title', 'Lock up').select('title'))
  assert.deepEqual(gone, [{ title: 'Lock up' }])
  assert.equal((await ofAlice.from('todos').delete().eq('title', 'Lock up')).status, 204)
})

await step('nobody changes another person\'s rows', async () => {
  assert.deepEqual(data(await ofBob.from('todos').update({ title: 'Taken' }).eq('list_id', shed.id).select()), [])
  assert.deepEqual(data(await ofBob.from('lists').delete().eq('id', shed.id).select()), [])
  refused(await ofBob.from('todos').insert({ list_id: shed.id, title: 'Slipped in' }), '42501', 403)
  refused(await ofBob.from('lists').insert({ title: 'For Alice', owner: alice.id }), '42501', 403)
  assert.equal(data(await ofAlice.from('todos').select('title').eq('list_id', shed.id)).length, 2)
})

await step('a view and functions, as whoever asks', async () => {
  assert.deepEqual(data(await ofAlice.from('open_todos').select('title,list').eq('list', 'Garden').order('title')),
    [{ title: 'Mow the lawn', list: 'Garden' }, { title: 'Water the tomatoes', list: 'Garden' }])
  assert.deepEqual(data(await ofAlice.rpc('list_progress')),
    [{ list: 'Garden', total: 3, done: 1 }, { list: 'Shed', total: 2, done: 1 }])
  assert.deepEqual(data(await ofBob.rpc('list_progress')), [{ list: 'Workshop', total: 1, done: 0 }])
  assert.deepEqual(data(await ofAlice.rpc('todos_due_by', { day: '2025-05-02' }).select('title')), [{ title: 'Water the tomatoes' }])
})

await step('a function of its owner\'s rights tells nobody two numbers', async () => {
  assert.deepEqual(data(await nobody.rpc('site_statistics')), { people: 3, todos: 8 })
})

await step('errors have PostgreSQL\'s and PostgREST\'s codes', async () => {
  const todos = ofAlice.from('todos')
  const twice = refused(await todos.insert({ list_id: shed.id, title: 'Sweep' }), '23505', 409)
  assert.match(twice.message, /duplicate key value violates unique constraint "todos_list_id_title_key"/)
  refused(await todos.insert({ list_id: shed.id }), '23502', 400)
  refused(await todos.insert({ list_id: shed.id, title: '' }), '23514', 400)
  refused(await ofAlice.from('todo_tags').insert({ todo_id: 999999, tag_id: 1 }), '42501', 403)
  refused(await todos.insert({ list_id: shed.id, title: 'x', priority: 'urgent' }), '22P02', 400)
  refused(await todos.insert({ list_id: shed.id, title: 'x', estimate: 1000 }), '22003', 400)
  refused(await todos.insert({ list_id: shed.id, title: 'x', is_done: true }), '428C9', 400)
  refused(await todos.select('nope'), '42703', 400)
  refused(await todos.insert({ list_id: shed.id, nope: 1 }), 'PGRST204', 400)
  refused(await ofAlice.from('nope').select(), 'PGRST205', 404)
  refused(await ofAlice.rpc('nope'), 'PGRST202', 404)
  refused(await todos.select('title, profiles(name)'), 'PGRST200', 400)
  refused(await todos.select('title').single(), 'PGRST116', 406)
  const { access_token: token } = data(await ofAlice.auth.getSession()).session
  refused(await client(token.slice(0, -8) + 'xxxxxxxx').from('todos').select(), 'PGRST301', 401)
})

await step('a list takes its todos with it', async () => {
  data(await ofAlice.from('lists').delete().eq('id', shed.id))
  assert.equal(data(await ofAlice.from('todos').select('id').eq('list_id', shed.id)).length, 0)
  assert.deepEqual(data(await nobody.rpc('site_statistics')), { people: 3, todos: 6 })
})

console.log(`${steps} steps, all as they must be, at ${url}`)
