/** Every way we can say no. Codes are for ever; wording may improve. Documented in docs/problems.md. */
export const problems = {
  // input
  invalid_input: { status: 400, title: 'Some fields are not acceptable' },
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  body_too_large: { status: 413, title: 'The body is larger than accepted here' },
  unsupported_media_type: { status: 415, title: 'Send application/json' },
  invalid_match: { status: 422, title: 'The match cannot be used' },
  invalid_rewrite: { status: 422, title: 'The rewrite does not fit its match' },
  invalid_plan: { status: 422, title: 'The plan of the ramp cannot be followed' },
  invalid_guardrail: { status: 422, title: 'The guardrail cannot be judged' },
  invalid_address: { status: 422, title: 'The address is not allowed here' },
  invalid_reference: { status: 422, title: 'Something named here does not exist in this environment' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'This resource does not take that method' },
  // who
  unauthenticated: { status: 401, title: 'Sign in or send a token' },
  wrong_credentials: { status: 401, title: 'Name and password do not match' },
  client_certificate_required: {
    status: 403,
    title: 'Agents must show a certificate of the configured authority',
  },
  forbidden: { status: 403, title: 'Your role does not allow this' },
  cross_site: { status: 403, title: 'This request came from another site' },
  unknown_host: { status: 421, title: 'This is not an address of this control plane' },
  link_used: { status: 410, title: 'This link was used or has expired' },
  join_refused: { status: 401, title: 'This token lets no agent join' },
  credential_revoked: { status: 401, title: 'This agent was revoked' },
  credential_expired: { status: 401, title: 'This credential of an agent is no longer good' },
  assertion_untimely: { status: 401, title: 'The assertion is not of this time; compare the clocks' },
  rate_limited: { status: 429, title: 'Too many requests; wait as Retry-After says' },
  // conflicts
  version_required: { status: 428, title: 'Say in If-Match which version this is based on' },
  version_conflict: { status: 409, title: 'Somebody changed this since you loaded it' },
  duplicate_match: { status: 409, title: 'Another mapping already has this match' },
  duplicate_name: { status: 409, title: 'That name is taken in this environment' },
  in_use: { status: 409, title: 'Something still uses this' },
  in_group: { status: 409, title: 'The share belongs to the group' },
  moves_users: { status: 409, title: 'This would move users; look at the preview and confirm' },
  point_of_no_return: { status: 409, title: 'The data of this mapping has moved; it cannot be rolled back' },
  ramp_exists: { status: 409, title: 'There is a ramp for this already' },
  ramp_under_way: { status: 409, title: 'The ramp is under way; pause it first' },
  ramp_state: { status: 409, title: 'The ramp is not in a state for that' },
  stage_left: { status: 409, title: 'The ramp has left the stage this was meant for' },
  reason_required: { status: 422, title: 'Say why' },
  checklist_open: { status: 409, title: 'Items of the checklist are not ticked' },
  approval_required: { status: 409, title: 'This needs an approval' },
  guardrail_fails: { status: 409, title: 'A guardrail fails' },
  share_moved: { status: 409, title: 'The share is not where the plan left it' },
  freeze: { status: 409, title: 'A freeze blocks raises' },
  stop_the_line: { status: 409, title: 'Somebody stopped the line: no raises' },
  own_request: { status: 403, title: 'Nobody approves what they asked for themselves' },
  already_voted: { status: 409, title: 'You have voted on this already' },
  approval_over: { status: 409, title: 'This request for approval is over' },
  schedule_over: { status: 409, title: 'This change was made or cancelled already' },
  idempotency_conflict: { status: 409, title: 'This Idempotency-Key was used for another request' },
  agent_online: { status: 409, title: 'An agent of this name is connected' },
  webhook_disabled: { status: 409, title: 'The webhook is disabled; enable it first' },
  agent_offline: { status: 409, title: 'The agent is not connected' },
  last_administrator: { status: 409, title: 'The last administrator cannot be removed' },
  // state of the house
  store_unavailable: { status: 503, title: 'The database does not answer' },
  internal: { status: 500, title: 'Something broke on our side' },
  // the agent's answers on the request path
  ambiguous_path: { status: 400, title: 'The path can be read two ways' },
  bad_request: { status: 400, title: 'The request is not valid HTTP for a proxy' },
  credentials_required: { status: 401, title: 'The caller has to say who it is' },
  credentials_invalid: { status: 401, title: 'What the caller shows is not accepted' },
  caller_forbidden: { status: 403, title: 'The caller is known, and may not do this' },
  issuer_unavailable: { status: 503, title: 'Nobody can tell yet whether the caller is who it says' },
  no_default_service: { status: 404, title: 'No mapping matches and there is no default service' },
  unsupported_method: { status: 405, title: 'The proxy does not serve this method' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  expectation_failed: { status: 417, title: 'The expectation cannot be met' },
  target_too_long: { status: 414, title: 'The request line is too long' },
  header_too_large: { status: 431, title: 'The header section is too large' },
  loop_detected: { status: 508, title: 'The request came through this proxy before' },
  service_unreachable: { status: 502, title: 'The service did not accept the connection' },
  service_certificate: {
    status: 502,
    title: 'The service did not prove who it is, or refused our certificate',
  },
  client_certificate_missing: {
    status: 502,
    title: 'This agent lacks the certificate to show to the service',
  },
  service_failed: { status: 502, title: 'The service broke the connection or the protocol' },
  service_timeout: { status: 504, title: 'The service did not answer in time' },
  service_unhealthy: { status: 503, title: 'No instance of the service is healthy' },
  breaker_open: { status: 503, title: 'The service fails too often and is left alone for a while' },
  over_capacity: { status: 503, title: 'The service has as many requests under way as it may have' },
  overloaded: { status: 503, title: 'This agent has more to do than it can' },
  no_configuration: { status: 503, title: 'This agent has no configuration yet' },
  agent_revoked: { status: 503, title: 'This agent was revoked and has stopped serving' },
  draining: { status: 503, title: 'This agent is shutting down' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof problems

/** One unacceptable field: where (`match.path.template`) and why. */
export interface FieldError {
  readonly path: string
  readonly message: string
}

/** An expected refusal. `extra` goes into the problem document beside the standard members (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly errors: readonly FieldError[]
  readonly extra: Readonly<Record<string, unknown>>

  constructor(
    code: ProblemCode,
    options: {
      readonly detail?: string
      readonly errors?: readonly FieldError[]
      readonly extra?: Readonly<Record<string, unknown>>
      readonly cause?: unknown
    } = {},
  ) {
    super(options.detail ?? problems[code].title, { cause: options.cause })
    this.code = code
    this.errors = options.errors ?? []
    this.extra = options.extra ?? {}
  }

  get status(): number {
    return problems[this.code].status
  }

  /** The problem document (RFC 9457). */
  toDocument(requestId?: string): ProblemDocument {
    return {
      type: `https://crossfade.example/problems/${this.code}`,
      title: problems[this.code].title,
      status: this.status,
      code: this.code,
      detail: this.message,
      ...(this.errors.length > 0 && { errors: this.errors }),
      ...(requestId !== undefined && { requestId }),
      ...this.extra,
    }
  }
}

export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ProblemCode
  readonly detail: string
  readonly errors?: readonly FieldError[]
  readonly requestId?: string
  readonly [extra: string]: unknown
}
