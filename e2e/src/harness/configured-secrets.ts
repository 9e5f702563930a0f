import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { apiKeyCreatedSchema } from '@crossfade/contracts/api/api-keys'
import { webhookCreatedSchema } from '@crossfade/contracts/api/webhooks'
import { z } from 'zod'
import type { Marks } from './marks.ts'
import { until } from './program.ts'
import type { Scene } from './scene.ts'

const identitySchema = z.looseObject({ current: z.looseObject({ privateKey: z.string() }) })

/**
 * Secrets that Crossfade makes or keeps itself, all marked: a caller's API key, a webhook's signing secret and the
 * secret in its address, which is tried in vain, and the agents' own keys. Answers the API key and what was said on
 * the way.
 */
export async function configureSecrets(
  scene: Scene,
  marks: Marks,
): Promise<{ apiKey: string; said: string }> {
  const { api } = scene.controlPlane
  const made = await api.call('POST', '/api/v1/environments/default/api-keys', apiKeyCreatedSchema, {
    body: { name: 'shop' },
  })
  const body = {
    name: 'pager',
    kind: 'webhook',
    url: `http://127.0.0.1:9/hooks/${marks.make("the secret of a webhook's address")}`,
    events: ['share.changed'],
  }
  const webhook = await api.call('POST', '/api/v1/webhooks', webhookCreatedSchema, { body })
  marks.know("a webhook's signing secret", (webhook.secret ?? '').replace('whsec_', ''))
  await scene.call.share(scene.mapping.id, 60)
  const deliveries = `/api/v1/webhooks/${webhook.id}/deliveries`
  const said = await until('an attempt to deliver', async () => {
    const log = JSON.stringify(await api.call('GET', deliveries, z.unknown()))
    return /"attempts":[1-9]/.test(log) && log
  })
  for (const { name, stateDir } of scene.agents) {
    const stored: unknown = JSON.parse(await readFile(path.join(stateDir, 'identity.json'), 'utf8'))
    marks.know(`the key of agent ${name}`, identitySchema.parse(stored).current.privateKey)
  }
  return { apiKey: marks.know('an API key', made.key), said }
}
