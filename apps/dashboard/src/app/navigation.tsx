import { NavLink, Stack } from '@mantine/core'
import {
  IconArrowsSplit2,
  IconBell,
  IconCalendar,
  IconChecks,
  IconFilter,
  IconHistory,
  IconServer2,
  IconSettings,
  IconStack2,
  IconUsers,
  IconWorldShare,
  type Icon,
} from '@tabler/icons-react'
import { Link, useLocation } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'

const ApprovalsBadge = lazy(async () => ({
  default: (await import('../features/approvals/approvals-badge.tsx')).ApprovalsBadge,
}))

const sections: readonly { to: string; label: string; icon: Icon }[] = [
  { to: '/mappings', label: 'Mappings', icon: IconArrowsSplit2 },
  { to: '/groups', label: 'Groups', icon: IconStack2 },
  { to: '/services', label: 'Services', icon: IconServer2 },
  { to: '/segments', label: 'Segments', icon: IconFilter },
  { to: '/agents', label: 'Agents', icon: IconWorldShare },
  { to: '/approvals', label: 'Approvals', icon: IconChecks },
  { to: '/calendar', label: 'Calendar', icon: IconCalendar },
  { to: '/audit', label: 'Audit', icon: IconHistory },
  { to: '/notifications', label: 'Notifications', icon: IconBell },
  { to: '/people', label: 'People & tokens', icon: IconUsers },
  { to: '/environment', label: 'Environment', icon: IconSettings },
]

const readable = 'light-dark(var(--mantine-color-indigo-9), var(--mantine-color-indigo-2))'

export function Navigation(props: { onNavigate: () => void }) {
  const path = useLocation({ select: (location) => location.pathname })
  return (
    <Stack component="nav" aria-label="Sections" gap={2}>
      {sections.map(({ to, label, icon: SectionIcon }) => {
        const active = path === to || path.startsWith(`${to}/`)
        return (
          <NavLink
            key={to}
            component={Link}
            to={to}
            label={label}
            active={active}
            aria-current={active ? 'page' : undefined}
            onClick={props.onNavigate}
            rightSection={
              to === '/approvals' && (
                <Suspense>
                  <ApprovalsBadge />
                </Suspense>
              )
            }
            leftSection={<SectionIcon size={18} stroke={1.7} aria-hidden />}
            style={{ borderRadius: 'var(--mantine-radius-md)' }}
            // Mantine's own tone falls short of 4.5:1 on the tint under the pointer.
            vars={() => ({
              root: { '--nl-color': readable, '--nl-hover': 'var(--mantine-primary-color-light)' },
              children: {},
            })}
          />
        )
      })}
    </Stack>
  )
}
