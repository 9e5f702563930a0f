import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './app/app.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { systemClock } from '@crossfade/runtime/clock'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createQueryClient } from './app/query-client.ts'
import { createDashboardRouter } from './app/router.tsx'
import { theme } from './app/theme.ts'
import { ClockProvider } from './shared/clock.tsx'
import { styleNonce } from './app/style-nonce.ts'

const queryClient = createQueryClient()
const router = createDashboardRouter(queryClient)

createRoot(document.querySelector('#root') as HTMLElement).render(
  <StrictMode>
    <ClockProvider clock={systemClock}>
      <QueryClientProvider client={queryClient}>
        <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={styleNonce}>
          <Notifications position="bottom-right" limit={4} />
          <RouterProvider router={router} />
        </MantineProvider>
      </QueryClientProvider>
    </ClockProvider>
  </StrictMode>,
)
