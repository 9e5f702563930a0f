import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { configurationPage } from './configuration.ts'

/** Rules about files themselves: size, names, links, and words that mean something else here. */
export function houseProblems(): string[] {
  return [
    ...tooLong(),
    ...misnamed(),
    ...brokenLinks(),
    ...bannedWords(),
    ...stalePages(),
    ...unprovenClaims(),
  ]
}

const sources = () =>
  globSync('{apps,packages,examples,e2e,bench,tools}/**/*.{ts,tsx,mjs}').filter(
    (file) => !/node_modules|\/dist\/|\/generated\//.test(file),
  )

function tooLong(): string[] {
  return sources().flatMap((file) => {
    const lines = readFileSync(file, 'utf8').split('\n').length
    return lines > 400 ? [`${file}: ${lines} lines; a file is one idea`] : []
  })
}

function misnamed(): string[] {
  return sources()
    .filter(
      (file) =>
        !/^[a-z0-9-]+(\.(?:test|long|config|contract|cases|property))*\.(ts|tsx|mjs)$/.test(
          path.basename(file),
        ),
    )
    .map((file) => `${file}: file names are kebab-case`)
}

function brokenLinks(): string[] {
  return globSync('{*.md,docs/**/*.md,bench/*.md}').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(path.join(path.dirname(file), target)))
      .map((target) => `${file}: the link to ${target} leads nowhere`),
  )
}

/** GLOSSARY.md says which word stands for what; these are the ones people reach for by habit. */
function bannedWords(): string[] {
  const banned = /\b(?:canary|blue-green|rollout weight)\b/i
  return globSync('apps/dashboard/src/**/*.tsx').flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        banned.test(line) ? [`${file}:${index + 1}: say it with a word of GLOSSARY.md`] : [],
      ),
  )
}

/**
 * docs/security.md names a test for each claim: a file in backquotes, then titles in quotes; a title without a file
 * belongs to the one before.
 */
function unprovenClaims(): string[] {
  const page = 'docs/security.md'
  const problems: string[] = []
  let file = ''
  let tests = ''
  for (const [, named, title] of readFileSync(page, 'utf8').matchAll(/`([\w/.-]+\.test\.ts)`|"([^"\n]+)"/g)) {
    if (named !== undefined) {
      file = named
      tests = existsSync(file) ? readFileSync(file, 'utf8') : ''
      if (tests === '') problems.push(`${page}: ${file} is not there`)
    } else if (title !== undefined && !tests.includes(title)) {
      problems.push(`${page}: ${file} has no test "${title}"`)
    }
  }
  return problems
}

function stalePages(): string[] {
  const fresh = readFileSync('docs/configuration.md', 'utf8') === configurationPage()
  return fresh ? [] : ['docs/configuration.md: out of date; run node tools/write-docs.ts']
}
