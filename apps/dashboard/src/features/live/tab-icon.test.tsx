import { manualClock } from '@crossfade/testkit/manual-clock'
import { act, cleanup } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fakeApi } from '../../testing/fake-api.ts'
import { fakeSocket } from '../../testing/fake-socket.ts'
import { renderScreen } from '../../testing/screen.tsx'
import { TabIcon } from './tab-icon.tsx'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
  document.head.innerHTML = ''
})

describe('the icon of the tab', () => {
  it('changes when nothing is heard any more', () => {
    document.head.innerHTML = '<link rel="icon" href="/favicon.svg">'
    fakeApi({})
    const clock = manualClock(1_700_000_000_000)
    const socket = fakeSocket()
    const icon = () => document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.href ?? ''
    renderScreen(<TabIcon />, { clock, socket })
    act(() =>
      socket.say({
        type: 'hello',
        now: clock.now(),
        version: '0.1.0',
        environmentId: 'default',
        epoch: 'e1',
        revision: 3,
        shares: [],
        agents: [],
      }),
    )
    const live = icon()
    expect(live).toMatch(/^data:image\/svg/)
    act(() => clock.advance(12_000))
    expect(icon()).toMatch(/^data:image\/svg/)
    expect(icon()).not.toBe(live)
  })
})
