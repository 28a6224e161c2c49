// A real browser does the whole on the page of examples/todo:
//
//   bedplate serve examples/todo --dev --ephemeral
//   (cd examples/todo && npm ci) && npm ci && node browser.mjs
//
// It serves the page itself. CHROMIUM names the browser, else it is looked for on the path.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'
import { mail } from '../../examples/todo/inbox.mjs'
import { url } from '../../examples/todo/project.mjs'

const patience = 15_000
const port = process.env.PORT ?? '5173'
const page = `http://127.0.0.1:${port}`

async function browserProgram() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    for (const folder of process.env.PATH.split(delimiter)) {
      const program = join(folder, name)
      if (await access(program).then(() => true, () => false)) return program
    }
  }
  throw new Error('no Chromium on the path (Debian: apt-get install chromium)')
}

// The example's own small server, in a process of its own.
async function servePage() {
  const child = spawn(process.execPath, ['page.mjs'], {
    cwd: new URL('../../examples/todo/', import.meta.url), stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, PORT: port },
  })
  for await (const line of createInterface(child.stdout)) if (line.startsWith(page)) return child
  throw new Error('the page is not served')
}

let steps = 0
const problems = []

async function run(tab) {
  const step = async (title, scenario) => {
    try {
      await scenario()
      assert.deepEqual(problems, [], 'what the page complained of')
      console.log(`ok ${++steps} ${title}`)
    } catch (error) {
      console.error(`not ok ${steps + 1} ${title}\n${await tab.locator('body').innerText().catch(() => '')}`)
      throw error
    }
  }
  const nina = { name: 'Nina', email: 'nina@example.com', password: 'a row of beehives' }
  const field = (label) => tab.getByLabel(label, { exact: true })
  const press = (name) => tab.getByRole('button', { name, exact: true }).click()
  const says = (role, text) => tab.getByRole(role).filter({ hasText: text }).waitFor()
  const sees = (text) => tab.getByText(text, { exact: true }).waitFor()
  const open = async (title) => {
    await tab.locator('nav').getByRole('button', { name: title, exact: true }).click()
    await tab.getByRole('heading', { name: title, exact: true }).waitFor()
  }
  // The button of a form has the name of the link that leads to it.
  const submit = (title) => tab.getByRole('form', { name: title }).getByRole('button').click()
  const signIn = async ({ email, password }) => {
    await field('E-mail').fill(email)
    await field('Password').fill(password)
    await submit('Sign in')
  }

  await step('who is nobody is asked who they are', async () => {
    await tab.goto(page)
    await tab.getByRole('heading', { name: 'Sign in' }).waitFor()
    assert.equal(await tab.locator('li').count(), 0)
  })

  await step('signs up, and is told to look for a mail', async () => {
    await open('Sign up')
    await field('Name').fill(nina.name)
    await field('E-mail').fill(nina.email)
    await field('New password').fill(nina.password)
    await submit('Sign up')
    await says('status', nina.email)
    await open('Sign in')
    await signIn(nina)
    await says('alert', 'email_not_confirmed')
  })

  await step('the inbox shows the mail, and its link signs her in, with a profile', async () => {
    const { link } = await mail(nina.email, /confirm/i)
    await tab.goto(`${url}/_bedplate/inbox`)
    await tab.getByText(nina.email).first().waitFor()
    await tab.goto(link)
    await sees('Sign out')
    assert.equal(new URL(tab.url()).origin, page)
    assert.match(await tab.locator('#who').innerText(), /^Nina/)
  })

  await step('the link does not work twice', async () => {
    const { link } = await mail(nina.email, /confirm/i)
    await tab.goto(link)
    await says('alert', 'otp_expired')
  })

  await step('makes a list, and does what is on it', async () => {
    await field('A new list').fill('Bees')
    await press('Make')
    await field('To do in Bees').fill('Build a hive')
    await press('Add')
    await sees('Build a hive')
    await field('To do in Bees').fill('Learn to dance')
    await press('Add')
    await field('Build a hive').check()
    await tab.locator('li.done').filter({ hasText: 'Build a hive' }).waitFor()
    await press('Delete Learn to dance')
    await tab.getByText('Learn to dance').waitFor({ state: 'detached' })
  })

  await step('is still herself after a reload', async () => {
    await tab.reload()
    await tab.locator('li.done').filter({ hasText: 'Build a hive' }).waitFor()
  })

  await step('an expired session is refreshed', async () => {
    const tokens = () => tab.evaluate(() => {
      const [name] = Object.keys(localStorage).filter((name) => name.endsWith('-auth-token'))
      return { name, session: JSON.parse(localStorage.getItem(name)) }
    })
    const before = await tokens()
    await tab.evaluate(({ name, session }) => localStorage.setItem(name, JSON.stringify({ ...session, expires_at: 1 })), before)
    const refreshed = tab.waitForResponse((answer) => answer.url().includes('grant_type=refresh_token'))
    await tab.reload()
    assert.equal((await refreshed).status(), 200)
    await tab.locator('li.done').filter({ hasText: 'Build a hive' }).waitFor()
    const after = await tokens()
    assert.notEqual(after.session.refresh_token, before.session.refresh_token)
    assert.ok(after.session.expires_at > Date.now() / 1000)
  })

  await step('signs out and in again; a wrong password does not do', async () => {
    await press('Sign out')
    await tab.getByRole('heading', { name: 'Sign in' }).waitFor()
    assert.equal(await tab.getByText('Build a hive').count(), 0)
    await signIn({ ...nina, password: 'a row of wasps' })
    await says('alert', 'invalid_credentials')
    await signIn(nina)
    await sees('Build a hive')
  })

  await step('forgets the password and chooses another by mail', async () => {
    await press('Sign out')
    await tab.getByRole('heading', { name: 'Sign in' }).waitFor()
    await open('Forgot password')
    await field('E-mail').fill(nina.email)
    await submit('Forgot password')
    await says('status', 'If nina@example.com has an account')
    await tab.goto((await mail(nina.email, /new password/i)).link)
    await field('New password').fill('a field of clover')
    await submit('Set password')
    await says('status', 'Your password is changed.')
    await sees('Build a hive')
    await press('Sign out')
    await signIn(nina)
    await says('alert', 'invalid_credentials')
    await signIn({ ...nina, password: 'a field of clover' })
    await sees('Build a hive')
  })

  await step('another person sees nothing of hers', async () => {
    await press('Sign out')
    await signIn({ email: 'dora@example.com', password: 'sample-password' })
    await sees('Sort the spices')
    assert.equal(await tab.getByText('Build a hive').count(), 0)
  })
}

const folder = await mkdtemp(join(tmpdir(), 'bedplate-browser-'))
let context, served
try {
  served = await servePage()
  context = await chromium.launchPersistentContext(folder, {
    executablePath: await browserProgram(),
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
  context.setDefaultTimeout(patience)
  const tab = context.pages()[0] ?? await context.newPage()
  tab.on('pageerror', (error) => problems.push(String(error)))
  // A refused sign-in is an answer; what the browser itself refuses (another origin, a policy) is not.
  tab.on('console', (message) => {
    if (message.type() === 'error' && !/the server responded with a status of 4\d\d/.test(message.text())) problems.push(message.text())
  })
  await run(tab)
  console.log(`${steps} steps, all as they must be, at ${page}`)
} finally {
  await context?.close()
  served?.kill()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}
