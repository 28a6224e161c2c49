// Serves index.html and the official client out of node_modules, with nothing but Node:
//
//   npm install && npm run page
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { alice, bob, key, url } from './people.mjs'

const port = Number(process.env.PORT ?? 5173)
const here = (path) => new URL(path, import.meta.url)
const files = {
  '/': ['text/html; charset=utf-8', () => readFile(here('index.html'))],
  '/supabase.js': ['text/javascript', () => readFile(here('node_modules/@supabase/supabase-js/dist/umd/supabase.js'))],
  // In an app each person has a token of their own from signing in; this page lets one be either of two.
  '/project.json': ['application/json', () => JSON.stringify({ url, key, people: [alice, bob] })],
}

createServer(async (request, response) => {
  const file = files[new URL(request.url, 'http://localhost').pathname]
  // Tokens are in what is served: only for a browser on this machine that means this machine.
  const isHere = /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(request.headers.host ?? '')
  if (!file || !isHere) return response.writeHead(404).end()
  try {
    response.writeHead(200, { 'content-type': file[0], 'cache-control': 'no-store' }).end(await file[1]())
  } catch (error) {
    response.writeHead(500).end(`${error.message}\nDid you run npm install?`)
  }
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port} (the project is at ${url})`))
