import type { Notification } from '@crossfade/contracts/api/webhooks'

const mostLines = 20
/** Slack's own limit on the text of a section is 3000 characters. */
const longestLine = 500
const longestSection = 2_900

/**
 * The body for an incoming webhook: `text` for notifications and screen readers, blocks for the channel. Such a
 * webhook cannot answer in a thread, so what belongs together is one message.
 */
export function slackBody(notifications: readonly Notification[]): string {
  const shown = notifications.slice(0, mostLines)
  const lines = shown.map(lineOf)
  const more = notifications.length - shown.length
  if (more > 0) lines.push(`…and ${more} more`)
  const text = shown.map(({ data }) => escaped(cut(data.summary, longestLine))).join('\n')
  const sections = chunked(lines).map((chunk) => ({
    type: 'section',
    text: { type: 'mrkdwn', text: chunk },
  }))
  return JSON.stringify({ text: cut(text, longestSection), blocks: [...sections, contextOf(shown)] })
}

/** Slack reads these three characters as markup: https://api.slack.com/reference/surfaces/formatting#escaping */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function lineOf({ data }: Notification): string {
  const line = escaped(cut(data.summary, longestLine))
  return data.reason === null ? line : `${line}\n> ${escaped(cut(oneLine(data.reason), longestLine))}`
}

function contextOf(shown: readonly Notification[]) {
  const [first] = shown
  const parts: string[] = []
  if (first?.data.environment) parts.push(escaped(first.data.environment.name))
  if (first) parts.push(`<${escaped(first.data.link)}|Open in Crossfade>`)
  return { type: 'context', elements: [{ type: 'mrkdwn', text: parts.join(' · ') }] }
}

function chunked(lines: readonly string[]): string[] {
  const chunks: string[] = []
  for (const line of lines) {
    const last = chunks.at(-1)
    if (last !== undefined && last.length + line.length < longestSection) {
      chunks[chunks.length - 1] = `${last}\n${line}`
    } else chunks.push(cut(line, longestSection))
  }
  return chunks
}

/** By characters, so that none is cut in two. */
function cut(text: string, most: number): string {
  const characters = Array.from(text)
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
