// Serves index.html and the official client out of node_modules, with nothing but Node:
//
//   npm install && npm run page
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { key, url } from './project.mjs'

const port = Number(process.env.PORT ?? 5173)
const here = (path) => new URL(path, import.meta.url)
const files = {
  '/': ['text/html; charset=utf-8', () => readFile(here('index.html'))],
  '/supabase.js': ['text/javascript', () => readFile(here('node_modules/@supabase/supabase-js/dist/umd/supabase.js'))],
  '/project.json': ['application/json', () => JSON.stringify({ url, key })],
}

const server = createServer(async (request, response) => {
  const file = files[new URL(request.url, 'http://localhost').pathname]
  if (!file) return response.writeHead(404).end()
  try {
    response.writeHead(200, { 'content-type': file[0], 'cache-control': 'no-store' }).end(await file[1]())
  } catch (error) {
    response.writeHead(500).end(`${error.message}\nDid you run npm install?`)
  }
})
server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port} (the project is at ${url})`))
