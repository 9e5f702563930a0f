import { idParamsSchema, pageOf } from '@crossfade/contracts/api/common'
import {
  guardrailsViewSchema,
  guardrailTrialInputSchema,
  guardrailTrialSchema,
} from '@crossfade/contracts/api/guardrails'
import {
  forecastInputSchema,
  forecastSchema,
  rampActBodies,
  rampCreateSchema,
  rampDetailSchema,
  rampInputSchema,
  rampsQuerySchema,
  rampViewSchema,
  templatesViewSchema,
  type RampActName,
} from '@crossfade/contracts/api/ramps'
import { defaultGuardrails } from '@crossfade/core/guardrail/defaults'
import { templateViews } from '../../acts/templates.ts'
import type { HttpParts } from '../http-parts.ts'
import { noContent } from '../plumbing/answers.ts'
import type { App } from '../plumbing/app.ts'
import { amongOf, authorOf } from '../plumbing/author.ts'
import { ifMatchOf, setETag } from '../plumbing/if-match.ts'

const environment = { of: 'ramp' } as const
const tags = ['ramps']

export function rampRoutes(app: App, { acts: { ramps } }: HttpParts): void {
  app.get(
    '/ramps',
    {
      config: { permission: 'read', environment: 'list' },
      schema: {
        operationId: 'listRamps',
        summary: 'List ramps; of a member of a group, the ramp of the group',
        tags,
        querystring: rampsQuerySchema,
        response: { 200: pageOf(rampViewSchema) },
      },
    },
    async (request) => {
      const { environmentId: _in, ...query } = request.query
      return await ramps.list({ ...query, among: amongOf(request) })
    },
  )

  app.get(
    '/ramps/:id',
    {
      config: { permission: 'read', environment },
      schema: {
        operationId: 'getRamp',
        summary: 'Where a ramp stands, and why; the version of its definition is the ETag',
        tags,
        params: idParamsSchema,
        response: { 200: rampDetailSchema },
      },
    },
    async ({ params }, reply) => {
      const ramp = await ramps.detail(params.id)
      setETag(reply, ramp.version)
      return ramp
    },
  )

  app.post(
    '/ramps',
    {
      config: { permission: 'ramp.edit', environment: 'body' },
      schema: {
        operationId: 'createRamp',
        summary: 'Give a mapping or a group a plan: its own, or a copy of a template; it does not start yet',
        tags,
        body: rampCreateSchema,
        response: { 201: rampViewSchema },
      },
    },
    async (request, reply) => {
      const ramp = await ramps.create(authorOf(request), request.body)
      setETag(reply, ramp.version)
      return reply.code(201).header('location', `${app.prefix}/ramps/${ramp.id}`).send(ramp)
    },
  )

  app.put(
    '/ramps/:id',
    {
      config: { permission: 'ramp.edit', environment },
      schema: {
        operationId: 'updateRamp',
        summary:
          'Replace plan, guardrails and acceptance of a ramp that does not run; If-Match names the version',
        tags,
        params: idParamsSchema,
        body: rampInputSchema,
        response: { 200: rampViewSchema },
      },
    },
    async (request, reply) => {
      const version = ifMatchOf(request)
      const ramp = await ramps.update(authorOf(request), request.params.id, version, request.body)
      setETag(reply, ramp.version)
      return ramp
    },
  )

  app.delete(
    '/ramps/:id',
    {
      config: { permission: 'ramp.edit', environment },
      schema: {
        operationId: 'deleteRamp',
        summary: 'Delete a ramp that does not run; the share stays. If-Match names the version',
        tags,
        params: idParamsSchema,
        response: { 204: noContent },
      },
    },
    async (request, reply) => {
      await ramps.remove(authorOf(request), request.params.id, ifMatchOf(request))
      return reply.code(204).send()
    },
  )

  act('start', 'startRamp', 'Begin the plan; If-Match names the version that was seen', true)
  act('pause', 'pauseRamp', 'Stand still; the hold keeps what it has')
  act('resume', 'resumeRamp', 'Go on with the stage where it stood')
  act('resume-from-here', 'resumeRampFromHere', 'Go on with the plan from the share in force')
  act('advance', 'advanceRamp', 'Go to the next stage, naming the one that is left')
  act('skip', 'skipStages', 'Go to a later stage, with a reason')
  act('hold-longer', 'holdRampLonger', 'Add to the hold of this stage')
  act('checklist', 'tickRampItem', 'Tick an item of the checklist, or take the tick back')
  act('approve', 'approveRampStage', 'Approve that a stage is left')
  act('stop', 'stopRamp', 'Give up the rest of the plan; the share stays')
  act('step-back', 'stepRampBack', 'Walk the plan down, one stage at a time')
  act('note', 'noteOnRamp', 'Add a remark to the history')

  function act(name: RampActName, operationId: string, summary: string, isVersioned = false): void {
    app.post(
      `/ramps/:id/${name}`,
      {
        config: { permission: 'ramp.run', environment },
        schema: {
          operationId,
          summary,
          tags,
          params: idParamsSchema,
          body: rampActBodies[name],
          response: { 200: rampViewSchema },
        },
      },
      async (request, reply) => {
        const version = isVersioned ? ifMatchOf(request) : null
        const { params, body } = request
        const ramp = await ramps.perform(authorOf(request), params.id, name, body, version)
        setETag(reply, ramp.version)
        return ramp
      },
    )
  }

  app.post(
    '/ramps/forecast',
    {
      config: { permission: 'read', environment: 'body', idempotency: false },
      schema: {
        operationId: 'forecastRamp',
        summary: 'How long each stage of a plan takes to have enough data, at the traffic of the last day',
        tags,
        body: forecastInputSchema,
        response: { 200: forecastSchema },
      },
    },
    async ({ body }) => ramps.forecast(body),
  )

  app.post(
    '/guardrails/trial',
    {
      config: { permission: 'read', environment: 'body', idempotency: false },
      schema: {
        operationId: 'tryGuardrail',
        summary: 'How often a guardrail would have fired on what is stored',
        tags: ['guardrails'],
        body: guardrailTrialInputSchema,
        response: { 200: guardrailTrialSchema },
      },
    },
    async ({ body }) => ramps.trial(body),
  )

  app.get(
    '/templates',
    {
      config: { permission: 'public' },
      schema: {
        operationId: 'listTemplates',
        summary: 'Plans to copy',
        tags: ['templates'],
        response: { 200: templatesViewSchema },
      },
    },
    async () => ({ items: templateViews() }),
  )

  app.get(
    '/guardrails',
    {
      config: { permission: 'public' },
      schema: {
        operationId: 'listDefaultGuardrails',
        summary: 'What a ramp is guarded by when nobody says otherwise',
        tags: ['guardrails'],
        response: { 200: guardrailsViewSchema },
      },
    },
    async () => ({ items: defaultGuardrails() }),
  )
}
