import type { Administrators } from '@crossfade/contracts/api/environments'
import { can, neededRole, permissions, roleIn, type Permission } from '@crossfade/contracts/roles'
import { Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useEnvironmentId } from './environment.ts'
import { administratorsQuery, environmentsQuery, meQuery } from './queries.ts'

export interface Allowed {
  readonly allowed: boolean
  /** Why not, what it would take and who can help; empty when allowed. */
  readonly why: string
}

/** Asked of the table the server asks, about the environment on screen. */
export function useAllowed(permission: Permission): Allowed {
  const environmentId = useEnvironmentId()
  const me = useQuery(meQuery())
  const allowed = me.data !== undefined && can(me.data.access, permission, environmentId)
  const isKnownNot = me.data !== undefined && !allowed
  const helpers = useQuery({ ...administratorsQuery(environmentId), enabled: isKnownNot })
  const environments = useQuery({ ...environmentsQuery(), enabled: isKnownNot })
  if (allowed) return { allowed, why: '' }
  if (me.data === undefined) return { allowed, why: 'Waiting for your account' }
  const ofInstallation = permissions[permission].of === 'installation'
  const name = environments.data?.find(({ id }) => id === environmentId)?.name ?? 'this environment'
  const mine = roleIn(me.data.access, ofInstallation ? null : environmentId)
  const where = ofInstallation ? 'everywhere' : `in ${name}`
  const yours = mine === null ? `you have none ${ofInstallation ? '' : 'there'}` : `yours is ${mine}`
  return {
    allowed,
    why: `Needs the ${neededRole(permission)} role ${where}; ${yours.trim()}. ${whoCanHelp(helpers.data, ofInstallation)}`,
  }
}

const namesShown = 3

/** Those of the environment first: they are nearer. */
export function whoCanHelp(found: Administrators | undefined, ofInstallation: boolean): string {
  const here = ofInstallation ? [] : (found?.here ?? [])
  const names = [...new Set([...here, ...(found?.everywhere ?? [])])].slice(0, namesShown)
  if (names.length === 0) return 'An administrator can change it.'
  return `${new Intl.ListFormat('en', { type: 'disjunction' }).format(names)} can change it.`
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
