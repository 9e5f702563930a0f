import { AppShell, Container } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { LiveProvider } from '../features/live/live-provider.tsx'
import { TabIcon } from '../features/live/tab-icon.tsx'
import { useEnvironmentId } from '../shared/environment.ts'
import { Navigation } from './navigation.tsx'
import { AccessGate } from './access-gate.tsx'
import { OfflineBanner } from './offline-banner.tsx'
import { TopBar } from './top-bar.tsx'

const RaiseBanner = lazy(async () => ({
  default: (await import('../features/governance/raise-banner.tsx')).RaiseBanner,
}))

/** Navigation, top bar and the live feed around every page of people who are signed in. */
export function Frame() {
  const environmentId = useEnvironmentId()
  const [navOpened, nav] = useDisclosure()
  return (
    <AccessGate>
      <LiveProvider environmentId={environmentId}>
        <TabIcon />
        <a href="#main" className="cf-skip">
          Skip to the content
        </a>
        <AppShell
          header={{ height: 56 }}
          navbar={{ width: 212, breakpoint: 'sm', collapsed: { mobile: !navOpened } }}
          padding="lg"
        >
          <AppShell.Header>
            <TopBar navOpened={navOpened} onToggleNav={nav.toggle} />
          </AppShell.Header>
          <AppShell.Navbar p="sm" component="div">
            <Navigation onNavigate={nav.close} />
          </AppShell.Navbar>
          <AppShell.Main id="main" tabIndex={-1} style={{ outline: 'none' }}>
            <Container size={1320} px={0}>
              <OfflineBanner />
              <Suspense>
                <RaiseBanner />
              </Suspense>
              <Outlet />
            </Container>
          </AppShell.Main>
        </AppShell>
      </LiveProvider>
    </AccessGate>
  )
}
