import type { ChecklistItem, Gate, Plan, Stage } from './model.ts'

/** Plans to copy (rule 13): a ramp gets its own, so that editing a template never touches a ramp. */
export const templateNames = ['careful', 'three-phases', 'checklist', 'quick'] as const
export type TemplateName = (typeof templateNames)[number]

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const WATCHED = { logPercent: 100, tracePercent: 10, shadowPercent: 0 }

/** A fresh plan; nothing of it is shared with the template or with another ramp. */
export function planFrom(template: TemplateName): Plan {
  return structuredPlan(template, stagesOf[template]())
}

/** A plan of one's own: `percents` with the same hold and gate for each stage, to be edited further. */
export function customPlan(percents: readonly number[], holdMs: number, gate: Gate = 'automatic'): Plan {
  return structuredPlan(
    'custom',
    percents.map((percent) => stage(percent, holdMs, gate)),
  )
}

const stagesOf: Readonly<Record<TemplateName, () => Stage[]>> = {
  careful: () => [
    stage(1, HOUR),
    stage(5, 2 * HOUR),
    stage(25, 6 * HOUR),
    stage(50, 12 * HOUR),
    stage(100, 24 * HOUR),
  ],
  'three-phases': () => [
    stage(1, HOUR),
    stage(10, 24 * HOUR, 'manual'),
    stage(25, 4 * HOUR),
    stage(50, 24 * HOUR, 'manual'),
    stage(75, 4 * HOUR),
    stage(100, 24 * HOUR),
  ],
  checklist: () => [
    {
      ...stage(1, 24 * HOUR, 'manual'),
      checklist: [
        item('dashboards', 'Dashboards and alerts of the new service were looked at'),
        item('support', 'Support knows, and has heard no new complaints'),
        item('logs', 'The new service logs no unexpected errors'),
        item('roll-back', 'Somebody who may roll back is on duty'),
      ],
    },
    stage(10, 4 * HOUR),
    stage(50, 4 * HOUR),
    stage(100, 24 * HOUR),
  ],
  quick: () => [stage(10, 10 * MINUTE), stage(50, 10 * MINUTE), stage(100, 10 * MINUTE)],
}

function structuredPlan(template: string, stages: readonly Stage[]): Plan {
  return { template, stages, stepBackMs: 5 * MINUTE, onNewVersion: 'restart' }
}

function stage(percent: number, holdMs: number, gate: Gate = 'automatic'): Stage {
  return {
    share: Math.round(percent * 100),
    gate,
    holdMs,
    minimumRequests: 50,
    checklist: [],
    maxWaitMs: Math.max(2 * holdMs, HOUR),
    sampling: { ...WATCHED },
  }
}

function item(id: string, text: string): ChecklistItem {
  return { id, text, required: true }
}
