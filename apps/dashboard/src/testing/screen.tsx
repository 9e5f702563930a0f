import { MantineProvider } from '@mantine/core'
import type { Clock } from '@crossfade/runtime/clock'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import {
  createMemoryHistory,
  createRootRoute,
  createRouter,
  RouterContextProvider,
} from '@tanstack/react-router'
import { render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { LiveProvider } from '../features/live/live-provider.tsx'
import type { LiveSocket } from '../features/live/store.ts'
import { ClockProvider } from '../shared/clock.tsx'

/** A part of the screen with everything around it that pages count on: theme, queries, router, clock and feed. */
export function renderScreen(ui: ReactNode, parts: { clock: Clock; socket: LiveSocket }) {
  const client = new QueryClient({
    defaultOptions: {
      queries: { retry: false, networkMode: 'always' },
      mutations: { networkMode: 'always' },
    },
  })
  const router = createRouter({ routeTree: createRootRoute(), history: createMemoryHistory() })
  return render(
    <ClockProvider clock={parts.clock}>
      <QueryClientProvider client={client}>
        <MantineProvider env="test">
          {/* The router's type is that of the whole application; here any will do. */}
          <RouterContextProvider router={router as never}>
            <LiveProvider environmentId="default" open={() => parts.socket}>
              {ui}
            </LiveProvider>
          </RouterContextProvider>
        </MantineProvider>
      </QueryClientProvider>
    </ClockProvider>,
  )
}
