import { serviceViewSchema } from '@crossfade/contracts/api/services'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fakeApi } from '../../testing/fake-api.ts'
import { fakeSocket } from '../../testing/fake-socket.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { DeleteService } from './delete-service.tsx'

const service = serviceViewSchema.parse({
  id: 's1',
  environmentId: 'default',
  version: 4,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  name: 'books-new',
  instances: ['http://127.0.0.1:4601'],
  health: null,
  timeouts: { connectMs: 1000, firstByteMs: 1000, idleMs: 1000 },
  pool: { connectionsPerInstance: 1 },
  tls: { verify: true, serverName: null },
})

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('deleting a service', () => {
  it('waits for its name, and names the mappings that still use it', async () => {
    const { calls } = fakeApi({
      'DELETE /services/s1': {
        status: 409,
        json: {
          title: 'Something still uses this',
          status: 409,
          code: 'in_use',
          detail: 'books-new is used by 1 mapping',
          mappings: [{ id: 'm1', name: 'Book details' }],
        },
      },
    })
    const onDeleted = vi.fn<() => void>()
    renderScreen(<DeleteService service={service} opened onClose={() => {}} onDeleted={onDeleted} />, {
      clock: manualClock(0),
      socket: fakeSocket(),
    })
    const user = userEvent.setup()
    const remove = screen.getByRole<HTMLButtonElement>('button', { name: 'Delete service' })
    expect(remove.disabled).toBe(true)
    await user.type(screen.getByRole('textbox', { name: /Type “books-new”/ }), 'books-new')
    await user.click(remove)
    const link = await screen.findByRole('link', { name: 'Book details' })
    expect(link.getAttribute('href')).toContain('/mappings/m1')
    expect(onDeleted).not.toHaveBeenCalled()
    expect(calls[0]).toMatchObject({ method: 'DELETE', headers: { 'if-match': '"4"' } })
  })
})
