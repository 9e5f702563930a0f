import type { Judgement, Verdict } from '../guardrail/model.ts'
import type { Share } from '../model.ts'

/**
 * Ramps (rules 13, 14 and 20a): a plan, where it stands, what is known at a moment, and what happens. Types only,
 * plain JSON, times in ms since the epoch. `tick.ts` moves a ramp by itself, `person-acts.ts` by hand.
 */

export type RampTarget =
  | { readonly kind: 'mapping'; readonly mappingId: string }
  | { readonly kind: 'group'; readonly groupId: string }

/** What it takes to leave a stage once its hold is over. An approval names the stage. */
export type Gate = 'automatic' | 'manual' | 'approval'

export interface ChecklistItem {
  readonly id: string
  readonly text: string
  /** The stage is not left before somebody ticked it. */
  readonly required: boolean
}

/** What is watched more closely on new while a stage is active, in whole percent of its requests. */
export interface SamplingRaise {
  readonly logPercent: number
  readonly tracePercent: number
  readonly shadowPercent: number
}

export interface Stage {
  readonly share: Share
  readonly gate: Gate
  /** How long new must have been healthy at this share. The clock stands while a verdict is missing. */
  readonly holdMs: number
  /** Requests on new that the stage must have seen, whatever the guardrails ask for. */
  readonly minimumRequests: number
  readonly checklist: readonly ChecklistItem[]
  /** Waited longer than this for anything but the hold or a freeze, somebody is called; null calls nobody. */
  readonly maxWaitMs: number | null
  readonly sampling: SamplingRaise | null
}

export interface Plan {
  /** The template it was copied from; only a name. */
  readonly template: string
  /** Shares rise from stage to stage. The last may be below 100 %: the plan ends there. */
  readonly stages: readonly Stage[]
  /** Time between two steps of a stepped roll back. */
  readonly stepBackMs: number
  /** What a new version of the service does to the stage (20a), besides restarting hold and sample. */
  readonly onNewVersion: 'restart' | 'step-back'
}

export type RampStatus = 'ready' | 'running' | 'paused' | 'stepping-back' | 'ended'

/** `complete` at 100 %, `below-100` where the plan ends earlier, `stopped` by a person where it stood. */
export type RampEnding = 'complete' | 'below-100' | 'rolled-back' | 'stopped'

/** What a running ramp waits for before it leaves its stage. */
export type WaitsFor =
  | 'hold'
  /** Too few requests to judge. */
  | 'sample'
  /** Numbers are missing or late. */
  | 'metrics'
  /** A guardrail fails and may not roll back. */
  | 'guardrail'
  /** A guardrail fails, but legacy is in worse health: a person decides. */
  | 'legacy-health'
  | 'checklist'
  | 'person'
  | 'approval'
  | 'freeze'
  | 'stop-the-line'

/** Time counts towards the hold, towards `maxWaitMs`, or not at all. */
export interface StageClock {
  readonly heldMs: number
  readonly waitedMs: number
  /** What the time since `at` counts as. */
  readonly counts: 'held' | 'waited' | 'nothing'
  readonly at: number
}

export interface Ticked {
  readonly itemId: string
  readonly by: string
  readonly at: number
}

/** Where a ramp stands. Every change but that of the clock's numbers raises `version` by one. */
export interface RampState {
  /** For compare-and-set, in the transaction that moves the share. */
  readonly version: number
  readonly status: RampStatus
  /** Only when ended. */
  readonly ending: RampEnding | null
  /** Only when paused. */
  readonly pausedBy: 'person' | 'hand-move' | 'guardrail' | null
  /** Index into the plan's stages; -1 before the first. */
  readonly stage: number
  /** The share in force as far as the ramp knows. */
  readonly share: Share
  readonly enteredAt: number | null
  /** Evidence counts from here: when the stage began, or the service's newest version. */
  readonly sampleSince: number
  readonly clock: StageClock
  /** Added by "hold longer". */
  readonly extraHoldMs: number
  /** In this stage. */
  readonly ticked: readonly Ticked[]
  /** To leave this stage. */
  readonly approval: { readonly by: string; readonly at: number } | null
  readonly waitsFor: WaitsFor | null
  readonly waitsSince: number | null
  /** Somebody was called during this stage. */
  readonly calledAt: number | null
  /** Keys of judgements whose roll back is held back because legacy is worse. */
  readonly withheld: readonly string[]
  readonly serviceVersion: string | null
  /** The last verdict by judgement key, so that only changes are told. */
  readonly verdicts: Readonly<Record<string, Verdict>>
  /** Of a stepped roll back. */
  readonly nextStepAt: number | null
}

/** Everything a ramp looks at besides its plan and state. */
export interface RampInputs {
  /** One per guardrail and mapping of the target; also those of dry runs. */
  readonly judgements: readonly Judgement[]
  /** When they were made. Older than a minute they count as missing. */
  readonly judgedAt: number
  /** Comparable requests on new since `sampleSince`; of a group, of the member with the fewest. */
  readonly requestsOnNew: number
  /** Null while legacy is no worse than new; else why it is (rule 17). */
  readonly legacyIsWorse: string | null
  /** What the database says the share is. */
  readonly shareInForce: Share
  readonly freeze: { readonly name: string; readonly until: number | null } | null
  readonly stopTheLine: { readonly by: string; readonly reason?: string } | null
  readonly pointOfNoReturn: boolean
  /** The environment asks for an approval before the next raise (rule 21). */
  readonly raiseNeedsApproval: boolean
  /** The version that all instances of the new service agree on; null while they do not, or say nothing. */
  readonly serviceVersion: string | null
}

export type RampActKind =
  | 'started'
  | 'advanced'
  | 'skipped'
  | 'completed'
  | 'paused'
  | 'resumed'
  | 'held-longer'
  | 'item-ticked'
  | 'item-unticked'
  | 'approved'
  | 'waits'
  | 'verdict'
  | 'person-called'
  | 'roll-back-withheld'
  | 'rolled-back'
  | 'stepping-back'
  | 'stepped-back'
  | 'hand-moved'
  | 'new-version'
  | 'stopped'

export interface Position {
  readonly stage: number
  readonly share: Share
}

/** Something that happened, ready for the audit. Where `to.share` differs from `from.share`, the share moves. */
export interface RampAct {
  readonly kind: RampActKind
  readonly at: number
  /** A person's name; null for the ramp itself. */
  readonly by: string | null
  readonly from: Position
  readonly to: Position
  readonly words: string
  readonly reason: string | null
  /** The judgement that caused it, with its numbers. */
  readonly cause: Judgement | null
  /** Where a stage was left: what its binding guardrails said then. */
  readonly evidence: readonly Judgement[]
  /** Worth telling people about (never one per tick). */
  readonly notify: boolean
  /** Somebody has to look now. */
  readonly callsPerson: boolean
}

/** Who acts, and why. `leaving` names the stage as the person saw it. */
export interface PersonAct {
  readonly by: string
  readonly at: number
  readonly reason: string | null
  readonly leaving: number
}

export type RefusalCode =
  | 'stage_left'
  | 'not_ready'
  | 'not_running'
  | 'not_paused'
  | 'ended'
  | 'last_stage'
  | 'reason_missing'
  | 'checklist_open'
  | 'approval_missing'
  | 'guardrail_fails'
  | 'freeze'
  | 'stop_the_line'
  | 'share_moved'
  | 'share_beyond_plan'
  | 'unknown_item'
  | 'unknown_stage'
  | 'bad_duration'
  | 'point_of_no_return'

export type Outcome =
  | { readonly ok: true; readonly state: RampState; readonly acts: readonly RampAct[] }
  | { readonly ok: false; readonly code: RefusalCode; readonly words: string }
