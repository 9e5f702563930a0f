import { describe, expect, it } from 'vitest'
import {
  can,
  covers,
  environmentsFor,
  everywhere,
  permissions,
  roleIn,
  roles,
  type Access,
  type Permission,
} from './roles.ts'

const only = (...environments: Access['environments']): Access => ({ everywhere: null, environments })
const inA = (role: (typeof roles)[number]) => only({ environmentId: 'a', role })
const all = Object.keys(permissions) as Permission[]

describe('RBAC-01: the role in force', () => {
  it('is the higher of the one everywhere and the one in the environment', () => {
    for (const [i, general] of roles.entries()) {
      for (const [j, special] of roles.entries()) {
        const access = { everywhere: general, environments: [{ environmentId: 'a', role: special }] }
        expect(roleIn(access, 'a')).toBe(roles[Math.max(i, j)])
        expect(roleIn(access, 'b')).toBe(general)
      }
    }
  })

  it('is none where nothing was given', () => {
    expect(roleIn(inA('admin'), 'b')).toBeNull()
    expect(roleIn(inA('admin'), null)).toBeNull()
    expect(all.filter((permission) => can(inA('admin'), permission, 'b'))).toEqual(['account.own'])
  })

  it('of an administrator of one environment says nothing about the installation', () => {
    const refused = all.filter((permission) => !can(inA('admin'), permission, 'a'))
    expect(refused).toEqual(['environment.manage', 'audit.verify', 'user.manage', 'token.manage'])
    expect(all.every((permission) => can(everywhere('admin'), permission, 'a'))).toBe(true)
  })
})

describe('the environments somebody may read', () => {
  it('are all for a role everywhere, and the named ones otherwise', () => {
    expect(environmentsFor(everywhere('viewer'), 'read')).toBe('all')
    expect(environmentsFor(inA('viewer'), 'read')).toEqual(['a'])
    expect(environmentsFor(only(), 'read')).toEqual([])
  })

  it('are fewer for a permission that needs a higher role', () => {
    const access: Access = {
      everywhere: 'viewer',
      environments: [
        { environmentId: 'a', role: 'admin' },
        { environmentId: 'b', role: 'operator' },
      ],
    }
    expect(environmentsFor(access, 'agent.manage')).toEqual(['a'])
  })
})

describe('RBAC-01: nobody grants more than they have', () => {
  it('neither a higher role nor another environment', () => {
    expect(covers(everywhere('admin'), { ...inA('admin'), everywhere: 'admin' })).toBe(true)
    expect(covers(everywhere('editor'), everywhere('admin'))).toBe(false)
    expect(covers(inA('admin'), inA('admin'))).toBe(true)
    expect(covers(inA('editor'), inA('admin'))).toBe(false)
    expect(covers(inA('admin'), only({ environmentId: 'b', role: 'viewer' }))).toBe(false)
    expect(covers(inA('admin'), everywhere('viewer'))).toBe(false)
    expect(covers(everywhere('viewer'), inA('operator'))).toBe(false)
    expect(covers(only(), only())).toBe(true)
  })
})
