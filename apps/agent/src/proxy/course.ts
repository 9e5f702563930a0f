import type { ProblemCode } from '@crossfade/contracts/problems'
import type { FailureKind } from '@crossfade/contracts/stats'
import type { Side } from '@crossfade/core/model'
import type { Admission } from '@crossfade/core/policy/breaker'
import {
  afterTry,
  caresAbout,
  isFailedStatus,
  place,
  type Detour,
  type Ending,
  type NextStep,
  type SideState,
} from '@crossfade/core/policy/resilience'
import { fullJitter } from '@crossfade/runtime/backoff'
import type { Clock } from '@crossfade/runtime/clock'
import type { Guards, ShedReason } from '../resilience/guards.ts'
import type { MappingGuard } from '../resilience/mapping-guard.ts'
import type { Lease, ServicePools } from '../services/service-pools.ts'
import { valueOf } from './check-request.ts'
import type { Forwarding } from './forward.ts'
import { prepareRequest } from './prepare-request.ts'
import type { BodyOptions } from './request-body.ts'
import { viaLegacy, type Route } from './route-request.ts'

export interface CourseParts {
  readonly services: ServicePools
  readonly guards: Guards
  readonly clock: Clock
  readonly random: () => number
  readonly pseudonym: string
}

/** What the request brought that is needed to send it. */
export interface Sender {
  readonly peer: string
  readonly scheme: 'http' | 'https'
  readonly requestId: string
  readonly expectContinue: boolean
}

export interface Refusal {
  readonly kind: 'refusal'
  readonly code: ProblemCode
  readonly retryAfterMs?: number
  /** The rest of the body is not wanted. */
  readonly close?: boolean
}

/** Bytes of a body that are kept while a write may be sent again. */
const KEPT_BODY_BYTES = 64 * 1024
/** Between tries, so that those whom one failure hit do not all come back at once. */
const RETRY_WAIT = { baseMs: 25, capMs: 250 } as const

/**
 * Where a routed request goes first: limits, room and breakers are asked here, before anything is sent. Which
 * answer they give is decided in core (`policy/resilience.ts`); this only fetches what that needs.
 */
export function plotCourse(route: Route, sender: Sender, parts: CourseParts): Course | Refusal {
  const { mapped, label } = route
  if (mapped === null) return setOut(new Course(route, sender, parts, null, 'legacy'))

  const { mapping } = mapped
  const guard = parts.guards.of(mapping)
  const now = parts.clock.monotonic()
  const refuse = (code: ShedReason, more: Partial<Refusal> = {}): Refusal => {
    parts.guards.count(mapping.id, code)
    return { kind: 'refusal', code, ...more }
  }
  const waitMs = guard.overLimit(label.side, route.facts, now)
  if (waitMs > 0) return refuse('rate_limited', { retryAfterMs: waitMs })
  const { bodyLimitBytes } = mapping.policy
  const { body } = route.head
  if (bodyLimitBytes !== null && body.kind === 'length' && body.bytes > bodyLimitBytes) {
    return refuse('body_too_large', { close: true })
  }

  if (guard.isQuiet()) return setOut(new Course(route, sender, parts, guard, label.side))
  const asked: Record<Side, Admission> = { legacy: 'go', new: 'go' }
  const placement = place(mapping, route.head.method, label.side, (side): SideState => {
    if (!guard.hasRoom(side)) return { admission: 'go', hasRoom: false }
    asked[side] = guard.admit(side, now)
    return { admission: asked[side], hasRoom: true }
  })
  if (placement.kind === 'refuse') {
    return refuse(placement.code, { retryAfterMs: guard.waitMs(label.side, now) })
  }
  const course = new Course(route, sender, parts, guard, placement.side, asked[placement.side] === 'probe')
  if (placement.detour !== null && !course.detourTo(placement.detour, 503)) return refuse('over_capacity')
  return setOut(course)
}

function setOut(course: Course): Course | Refusal {
  return course.begin() ? course : { kind: 'refusal', code: course.refusal }
}

/** What to do instead of telling the client. */
export interface Next {
  readonly plan: Forwarding
  /** Over a connection of its own. */
  readonly fresh: boolean
  /** 0 for at once. */
  readonly waitMs: number
}

/** One request's way through tries and detours, and what is to be counted of it. */
export class Course {
  readonly kind = 'course'
  /** The try under way. Set by `begin`. */
  plan!: Forwarding
  retries = 0
  detour: Detour | null = null
  /** What the decided side answered before the other did; see `Outcome`. */
  replaced: number | null = null
  /** How the decided side failed before the other answered. */
  blame: FailureKind | null = null
  #route: Route
  readonly #sender: Sender
  readonly #parts: CourseParts
  readonly #guard: MappingGuard | null
  #side: Side
  #probe: boolean
  #lease: Lease | null = null
  #made = 0
  #isUnderWay = false
  #answered = false
  #settled = false

  constructor(
    route: Route,
    sender: Sender,
    parts: CourseParts,
    guard: MappingGuard | null,
    side: Side,
    probe = false,
  ) {
    this.#route = route
    this.#sender = sender
    this.#parts = parts
    this.#guard = guard
    this.#side = side
    this.#probe = probe
  }

  /** How long the try under way may wait for a connection, in ms; null when it need not. */
  get patienceMs(): number | null {
    return this.#lease?.patienceMs ?? null
  }

  /** Null for a body that needs no more than to pass through. */
  get bodyOptions(): BodyOptions | null {
    const policy = this.#route.mapped?.mapping.policy
    if (policy === undefined || (policy.bodyLimitBytes === null && !policy.idempotentWrites)) return null
    const limitBytes = policy.bodyLimitBytes ?? Number.POSITIVE_INFINITY
    return { limitBytes, keepBytes: policy.idempotentWrites ? KEPT_BODY_BYTES : 0 }
  }

  /** Why `begin` said no. */
  get refusal(): ProblemCode {
    return this.#parts.services.isFull(this.#route.serviceId) ? 'over_capacity' : 'service_unhealthy'
  }

  /** False when legacy cannot take the request as its rewrite makes it. */
  detourTo(why: Detour, replaced: number | null): boolean {
    const route = viaLegacy(this.#route)
    if (route === null) return false
    this.#parts.guards.count(this.#route.label.mappingId ?? '', why)
    this.#route = route
    this.#side = 'legacy'
    this.detour = why
    if (why !== 'slow_start' && why !== 'new_at_capacity') this.replaced = replaced
    return true
  }

  /** Takes an instance and prepares the request for it; false when there is none. */
  begin(): boolean {
    const { services } = this.#parts
    const { serviceId } = this.#route
    const before = this.#lease
    const lease = services.pick(serviceId, before?.instance)
    if (lease === null) {
      if (this.#probe) this.#settle(null)
      return false
    }
    this.#lease = lease
    this.#isUnderWay = true
    this.#made += 1
    this.#answered = false
    this.#settled = false
    this.#guard?.began(this.#side)
    if (this.#made === 1) services.retriesOf(serviceId)?.budget.requested()
    this.plan = this.#planFor(lease)
    return true
  }

  /** `kind` says how it failed, `sent` whether bytes of the request may have reached the service. */
  afterFailure(kind: FailureKind, sent: boolean, stale: boolean, replayable: boolean): Next | null {
    if (kind === 'client-closed') return null
    this.#settle(false)
    return this.#goOn({ kind: 'failed', sent, staleConnection: stale }, replayable, null, kind)
  }

  /** Null takes the answer, as it does on the way that nearly all answers take. */
  afterAnswer(status: number, rawHeaders: readonly string[], replayable: boolean): Next | null {
    this.#answered = true
    if (isFailedStatus(status)) this.#settle(false)
    else if (this.#probe) this.#settle(true)
    const mapping = this.#route.mapped?.mapping
    if (status !== 503 && (mapping === undefined || !caresAbout(mapping, status))) return null
    const retryAtOnce = status === 503 && asksForAnother(rawHeaders)
    return this.#goOn({ kind: 'answered', status, retryAtOnce }, replayable, status, null)
  }

  /** The exchange with the client is over. */
  end(failure: FailureKind | null): void {
    if (!this.#settled) {
      if (failure === null || failure === 'client-closed') this.#settle(this.#answered ? true : null)
      else this.#settle(false)
    }
    this.#leave()
  }

  #goOn(
    ending: Ending,
    replayable: boolean,
    status: number | null,
    failure: FailureKind | null,
  ): Next | null {
    const step = this.#decide(ending, replayable)
    if (step.kind === 'accept') return null
    // An answer that another one replaces says all the same that the service is there.
    this.#settle(true)
    const standing = { route: this.#route, side: this.#side, detour: this.detour, replaced: this.replaced }
    this.#leave()
    if (step.kind === 'detour') {
      if (!this.detourTo(step.why, status)) return null
      this.#made = 0
    }
    this.#probe = false
    if (!this.begin()) {
      this.#route = standing.route
      this.#side = standing.side
      this.detour = standing.detour
      this.replaced = standing.replaced
      return null
    }
    if (step.kind === 'detour') this.blame = failure
    else this.retries += 1
    if (step.kind === 'detour') return { plan: this.plan, fresh: false, waitMs: 0 }
    // An old connection that has ended says nothing about the service.
    const waitMs = step.fresh ? 0 : fullJitter(this.#made - 2, RETRY_WAIT, this.#parts.random)
    return { plan: this.plan, fresh: step.fresh, waitMs }
  }

  #decide(ending: Ending, replayable: boolean): NextStep {
    const { services, clock } = this.#parts
    const { mapped, head, serviceId } = this.#route
    const retries = services.retriesOf(serviceId)
    const guard = this.#guard
    return afterTry(mapped?.mapping ?? null, ending, {
      method: head.method,
      side: mapped === null ? 'legacy' : this.#side,
      made: this.#made,
      // A retry of somebody before us is not multiplied.
      allowed: Number(valueOf(head, 'x-attempt') ?? 1) >= 2 ? 1 : (retries?.tries ?? 1),
      replayable,
      detoured: this.detour !== null,
      legacyIsOpen: () => guard !== null && guard.isClosed('legacy') && guard.hasRoom('legacy'),
      takeRetry: () =>
        (guard === null || guard.isClosed(this.#side)) && retries?.budget.take(clock.monotonic()) === true,
    })
  }

  #settle(succeeded: boolean | null): void {
    if (this.#settled) return
    this.#settled = true
    this.#guard?.settle(this.#side, succeeded, this.#probe, this.#parts.clock.monotonic())
    if (succeeded !== null) this.#lease?.note(succeeded)
  }

  #leave(): void {
    if (!this.#isUnderWay) return
    this.#isUnderWay = false
    this.#lease?.release()
    this.#guard?.ended(this.#side)
  }

  #planFor({ instance }: Lease): Forwarding {
    const { peer, scheme, requestId, expectContinue } = this.#sender
    const { pseudonym, random } = this.#parts
    const prepared = prepareRequest(this.#route, instance, {
      peer,
      scheme,
      requestId,
      pseudonym,
      random,
    })
    const { head, debug } = this.#route
    const plan = { ...prepared, head, requestId, expectContinue }
    if (this.#made > 1) plan.headers = numbered(plan.headers, this.#made)
    if (debug.length > 0 && this.detour !== null) {
      plan.added = [...plan.added, 'X-Crossfade-Detour', this.detour]
    }
    return plan
  }
}

/** Whatever the client called its own, this is the number of the try. */
function numbered(headers: readonly string[], attempt: number): string[] {
  const others = headers.filter((_, i) => headers[i - (i % 2)]?.toLowerCase() !== 'x-attempt')
  return [...others, 'X-Attempt', String(attempt)]
}

function asksForAnother(rawHeaders: readonly string[]): boolean {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === 'retry-after') return rawHeaders[i + 1]?.trim() === '0'
  }
  return false
}
