import { everywhere } from '@crossfade/contracts/roles'
import type { Principal } from './principal.ts'

/** Whoever reaches the socket in the data directory: who can read that directory owns the installation. */
export const localAdministrator: Principal = {
  kind: 'token',
  id: 'local',
  name: 'local administrator',
  email: null,
  access: everywhere('admin'),
  sessionId: null,
  remembered: false,
}
