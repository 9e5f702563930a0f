import { watch } from 'node:fs'
import { CertificateError, readCertificate, type Certificate, type CertificateSource } from './certificate.ts'
import { every, type Clock } from './clock.ts'
import type { Part } from './lifecycle.ts'
import type { Logger } from './logger.ts'
import { SettingsError } from './settings.ts'

/**
 * Certificates in files, read again when the files change. A change that cannot be used is logged and warned of,
 * and what was there before stays.
 */
export interface CertificateFiles extends Part {
  get(name: string): Certificate | null
  names(): readonly string[]
  /** Called after a change, with the names of what came, changed or went; the answer ends it. */
  onChange(listener: (names: ReadonlySet<string>) => void): () => void
  /** Refused changes, and what runs out soon, each in one line. */
  warnings(): readonly string[]
}

export interface CertificateFilesParts {
  /** Which there are; asked at every look. A rejection at the start is a `SettingsError`. */
  readonly sources: () => Promise<readonly CertificateSource[]>
  /** Where they lie: a change there is seen at once, one that is not told of at the next look. */
  readonly folders: readonly string[]
  readonly clock: Clock
  readonly logger: Logger
}

const lookEveryMs = 10_000
/** Files of a pair are written one after the other. */
const settleMs = 250
const dayMs = 86_400_000

export function createCertificateFiles(parts: CertificateFilesParts): CertificateFiles {
  const { clock, logger } = parts
  let held = new Map<string, Certificate>()
  let refused = new Map<string, string>()
  const listeners = new Set<(names: ReadonlySet<string>) => void>()
  let stops: (() => void)[] = []

  const look = async () => {
    const sources = await parts.sources()
    const next = new Map<string, Certificate>()
    const refusals = new Map<string, string>()
    for (const source of sources) {
      const known = held.get(source.name) ?? null
      try {
        next.set(source.name, await readCertificate(source, known))
      } catch (error) {
        if (known !== null) next.set(source.name, known)
        refusals.set(source.name, messageOf(error))
      }
    }
    const changed = new Set(
      [...next.keys(), ...held.keys()].filter((name) => next.get(name)?.digest !== held.get(name)?.digest),
    )
    held = next
    return { changed, refusals }
  }

  const adopt = async () => {
    const { changed, refusals } = await look().catch((error: unknown) => ({
      changed: new Set<string>(),
      refusals: new Map([['', messageOf(error)]]),
    }))
    for (const [name, why] of refusals) {
      if (refused.get(name) !== why)
        logger.error({ why }, 'A changed certificate is refused; the one before stays')
    }
    refused = refusals
    if (changed.size === 0) return
    logger.info({ certificates: [...changed] }, 'Certificates changed')
    for (const listener of listeners) listener(changed)
  }

  const oneAtATime = serially(adopt)
  const failed = (error: unknown) => logger.error({ err: error }, 'Certificates could not be looked at')

  return {
    name: 'certificates',
    get: (name) => held.get(name) ?? null,
    names: () => [...held.keys()],
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    warnings: () => [
      ...[...refused.values()].map((why) => `${why}; the certificate before stays in use`),
      ...[...held].flatMap(([name, certificate]) => endingSoon(name, certificate, clock.now())),
    ],
    async start() {
      const { refusals } = await look().catch((error: unknown) => ({
        refusals: new Map([['', messageOf(error)]]),
      }))
      if (refusals.size > 0) {
        throw new SettingsError(
          ['Cannot start:', ...[...refusals.values()].map((why) => `  ${why}`)].join('\n'),
        )
      }
      const soon = delayed(clock, settleMs, () => void oneAtATime().catch(failed))
      stops = [
        soon.cancel,
        every(clock, lookEveryMs, oneAtATime, failed),
        ...parts.folders.map((folder) => follow(folder, () => soon.ask())),
      ]
    },
    async stop() {
      for (const stop of stops) stop()
      stops = []
    },
  }
}

function messageOf(error: unknown): string {
  if (error instanceof CertificateError) return error.message
  throw error
}

/** Warned of in the last tenth of its life, or the last fortnight of a long one. */
function endingSoon(name: string, { validFrom, validTo }: Certificate, now: number): string[] {
  const day = new Date(validTo).toISOString().slice(0, 16).replace('T', ' ')
  if (now >= validTo) return [`The certificate ${name} ran out on ${day} UTC`]
  const early = Math.min(14 * dayMs, (validTo - validFrom) / 10)
  return validTo - now < early ? [`The certificate ${name} runs out on ${day} UTC`] : []
}

/** Calls that come while one is under way are joined into one more. */
function serially(job: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null
  let next: Promise<void> | null = null
  const run = (): Promise<void> => {
    running = job().finally(() => (running = null))
    return running
  }
  return () => {
    if (running === null) return run()
    next ??= running
      .catch(() => {})
      .then(() => {
        next = null
        return run()
      })
    return next
  }
}

function delayed(clock: Clock, ms: number, job: () => void) {
  let cancel = () => {}
  return {
    ask() {
      cancel()
      cancel = clock.after(ms, job)
    },
    cancel: () => cancel(),
  }
}

/** A folder that cannot be watched is still looked at. */
function follow(folder: string, onEvent: () => void): () => void {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent)
    watcher.on('error', () => watcher.close())
    return () => watcher.close()
  } catch {
    return () => {}
  }
}
