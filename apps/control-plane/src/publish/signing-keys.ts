import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyChainSchema, type KeyChain } from '@crossfade/contracts/snapshot'
import { parseJson } from '@crossfade/runtime/safe-json'
import { createSigner, type Signer } from '@crossfade/runtime/seal'

/** The key that signs, and the chain that leads agents with an older pin to it (rule 25). */
export interface SigningKeys {
  readonly signer: Signer
  readonly chain: KeyChain
}

const keyFile = 'signing-key.pem'
const chainFile = 'signing-keys.json'

/**
 * Takes the key given, or the one in the data directory, made there (mode 0600) when absent. A key that is
 * new to the chain is signed by the one before: `previous`, or the data directory's.
 */
export function openSigningKeys(
  dataDir: string,
  given: { readonly signingKey: string | null; readonly previousSigningKey: string | null },
): SigningKeys {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const stored = readIfThere(join(dataDir, keyFile))
  const pem = given.signingKey ?? stored ?? makeKey(join(dataDir, keyFile))
  const signer = createSigner(pem)
  const chain = chainTo(signer, readChain(dataDir), given.previousSigningKey ?? stored)
  writePrivate(join(dataDir, chainFile), JSON.stringify(chain))
  return { signer, chain }
}

function chainTo(signer: Signer, stored: KeyChain | null, previousPem: string | null): KeyChain {
  if (stored?.at(-1)?.publicKey === signer.publicKey) return stored
  if (stored?.some((link) => link.publicKey === signer.publicKey)) {
    throw new Error('The signing key was replaced by a newer one before; agents no longer accept it')
  }
  const previous = previousPem === null ? null : createSigner(previousPem)
  if (previous === null || previous.publicKey === signer.publicKey) {
    if (stored === null) return [{ publicKey: signer.publicKey, signature: null }]
    throw new Error(
      'The signing key changed and nothing vouches for it: give the old one in CROSSFADE_PREVIOUS_SIGNING_KEY',
    )
  }
  const before = stored ?? [{ publicKey: previous.publicKey, signature: null }]
  if (before.at(-1)?.publicKey !== previous.publicKey) {
    throw new Error('CROSSFADE_PREVIOUS_SIGNING_KEY is not the key that signed last')
  }
  const raw = Buffer.from(signer.publicKey, 'base64')
  return [...before, { publicKey: signer.publicKey, signature: previous.sign(raw) }]
}

function readChain(dataDir: string): KeyChain | null {
  const text = readIfThere(join(dataDir, chainFile))
  return text === null ? null : keyChainSchema.parse(parseJson(text))
}

function makeKey(path: string): string {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  writePrivate(path, pem)
  return pem
}

function readIfThere(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}

/** Whole or not at all: a half-written key would lock every agent out. */
function writePrivate(path: string, content: string): void {
  const temporary = `${path}.new`
  writeFileSync(temporary, content, { mode: 0o600, flush: true })
  chmodSync(temporary, 0o600)
  renameSync(temporary, path)
}
