import { z } from 'zod'
import {
  agentTokenCreatedSchema,
  agentTokenViewSchema,
  agentViewSchema,
} from '@crossfade/contracts/api/agents'
import { approvalViewSchema } from '@crossfade/contracts/api/approvals'
import { agentCredentialSchema } from '@crossfade/contracts/agent-identity'
import { changeSchema } from '@crossfade/contracts/api/changes'
import { cohortSchema } from '@crossfade/contracts/api/cohorts'
import { environmentRollbackSchema, environmentViewSchema } from '@crossfade/contracts/api/environments'
import { freezeViewSchema, governanceViewSchema } from '@crossfade/contracts/api/freezes'
import { groupViewSchema } from '@crossfade/contracts/api/groups'
import { mappingViewSchema, shareResultSchema } from '@crossfade/contracts/api/mappings'
import {
  apiTokenCreatedSchema,
  apiTokenViewSchema,
  meSchema,
  sessionViewSchema,
  userViewSchema,
} from '@crossfade/contracts/api/people'
import { explanationSchema, mappingPreviewSchema, movesSchema } from '@crossfade/contracts/api/preview'
import { segmentViewSchema } from '@crossfade/contracts/api/segments'
import { seriesPointSchema } from '@crossfade/contracts/api/series'
import { serviceViewSchema } from '@crossfade/contracts/api/services'
import {
  deliveryViewSchema,
  notificationSchema,
  webhookCreatedSchema,
  webhookViewSchema,
} from '@crossfade/contracts/api/webhooks'
import { snapshotFileSchema } from '@crossfade/contracts/snapshot'

/** What the answers are called in the OpenAPI document, and so in clients generated from it. */
const names: Readonly<Record<string, z.ZodType>> = {
  Agent: agentViewSchema,
  AgentCredential: agentCredentialSchema,
  AgentToken: agentTokenViewSchema,
  AgentTokenCreated: agentTokenCreatedSchema,
  Approval: approvalViewSchema,
  ApiToken: apiTokenViewSchema,
  ApiTokenCreated: apiTokenCreatedSchema,
  Change: changeSchema,
  Cohort: cohortSchema,
  Delivery: deliveryViewSchema,
  Environment: environmentViewSchema,
  EnvironmentRollback: environmentRollbackSchema,
  Explanation: explanationSchema,
  Freeze: freezeViewSchema,
  Governance: governanceViewSchema,
  Group: groupViewSchema,
  Mapping: mappingViewSchema,
  MappingPreview: mappingPreviewSchema,
  Me: meSchema,
  Moves: movesSchema,
  Notification: notificationSchema,
  Segment: segmentViewSchema,
  SeriesPoint: seriesPointSchema,
  Service: serviceViewSchema,
  Session: sessionViewSchema,
  ShareResult: shareResultSchema,
  SnapshotFile: snapshotFileSchema,
  User: userViewSchema,
  Webhook: webhookViewSchema,
  WebhookCreated: webhookCreatedSchema,
}

/** Idempotent: the registry is the process's own. */
export function nameSchemas(): void {
  for (const [id, schema] of Object.entries(names)) {
    if (!z.globalRegistry.has(schema)) z.globalRegistry.add(schema, { id })
  }
}
