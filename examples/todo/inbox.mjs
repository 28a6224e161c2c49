// The mails that `bedplate serve --dev` catches instead of sending them.
import { setTimeout as pause } from 'node:timers/promises'
import { url } from './project.mjs'

// The newest mail to an address whose subject matches, once it is there: mail is sent after the answer.
export async function mail(address, subject, { after = new Date(0) } = {}) {
  for (const begun = Date.now(); Date.now() - begun < 10_000; await pause(50)) {
    const response = await fetch(`${url}/_bedplate/inbox.json?to=${encodeURIComponent(address)}`)
    if (!response.ok) throw new Error(`the inbox answers ${response.status}: ${await response.text()}`)
    const found = (await response.json()).find((message) =>
      subject.test(message.subject) && new Date(message.received_at) >= after)
    if (found) return read(found)
  }
  throw new Error(`no mail to ${address} about ${subject} within 10 s`)
}

// What a person would click on or type in.
function read({ subject, text, links }) {
  return {
    subject,
    link: links.find((link) => link.includes('/auth/v1/verify')),
    code: links.reduce((rest, link) => rest.replace(link, ''), text).match(/\b\d{6}\b/)?.[0],
  }
}
