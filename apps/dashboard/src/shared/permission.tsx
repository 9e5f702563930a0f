import { can, neededRole, type Permission } from '@crossfade/contracts/roles'
import { Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { meQuery } from './queries.ts'

export interface Allowed {
  readonly allowed: boolean
  /** Why not, and what it would take; empty when allowed. */
  readonly why: string
}

export function useAllowed(permission: Permission): Allowed {
  const me = useQuery(meQuery())
  if (me.data === undefined) return { allowed: false, why: 'Waiting for your account' }
  if (can(me.data.role, permission)) return { allowed: true, why: '' }
  return {
    allowed: false,
    why: `Needs the ${neededRole(permission)} role; you have ${me.data.role}. An administrator can change it.`,
  }
}

/** Shows why a disabled control is disabled. Give the control `aria-disabled` or `data-disabled`, not `disabled`, to keep it focusable. */
export function WhyNot(props: { why: string; children: ReactElement }) {
  return (
    <Tooltip
      label={props.why}
      disabled={props.why === ''}
      multiline
      maw={320}
      withArrow
      events={{ hover: true, focus: true, touch: true }}
    >
      {props.children}
    </Tooltip>
  )
}
