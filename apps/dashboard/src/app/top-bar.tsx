import {
  ActionIcon,
  Badge,
  Burger,
  Group,
  Menu,
  Select,
  Text,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { IconLogout, IconMoon, IconSun, IconUserCircle } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { ConnectionPill } from '../features/live/connection-pill.tsx'
import { api } from '../shared/api.ts'
import { accessText } from '@crossfade/contracts/access-text'
import { useEnvironmentId } from '../shared/environment.ts'
import { environmentsQuery, meQuery } from '../shared/queries.ts'
import { useEnvironmentNames } from '../shared/use-environment-names.ts'
import { MenuItemLink } from '../shared/ui/links.tsx'
import { toastProblem } from '../shared/ui/toast.ts'
import { z } from 'zod'
import { KillSwitchButton } from './kill-switch.tsx'
import { Wordmark } from './wordmark.tsx'

export function TopBar(props: { navOpened: boolean; onToggleNav: () => void }) {
  return (
    <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="xs">
      <Group gap="sm" wrap="nowrap" style={{ minWidth: 0 }}>
        <Burger
          opened={props.navOpened}
          onClick={props.onToggleNav}
          hiddenFrom="sm"
          size="sm"
          aria-label={props.navOpened ? 'Close the navigation' : 'Open the navigation'}
        />
        <UnstyledButton component={Link} to="/mappings" aria-label="Crossfade, to the mappings">
          <Wordmark />
        </UnstyledButton>
        <EnvironmentSwitch />
      </Group>
      <Group gap="xs" wrap="nowrap" style={{ flexShrink: 0 }}>
        <ConnectionPill />
        <KillSwitchButton />
        <ThemeToggle />
        <AccountMenu />
      </Group>
    </Group>
  )
}

function EnvironmentSwitch() {
  const current = useEnvironmentId()
  const environments = useQuery(environmentsQuery())
  const navigate = useNavigate()
  const choices = (environments.data ?? []).map(({ id, name }) => ({ value: id, label: name }))
  if (choices.length <= 1) {
    return (
      <Badge variant="light" color="gray" size="lg" tt="none" fw={500} visibleFrom="xs">
        {choices[0]?.label ?? current}
      </Badge>
    )
  }
  return (
    <Select
      aria-label="Environment"
      size="xs"
      maw={160}
      rightSectionWidth={22}
      styles={{ input: { paddingInlineStart: 8, textOverflow: 'ellipsis' } }}
      data={choices}
      value={current}
      allowDeselect={false}
      onChange={(environment) => {
        if (environment !== null) void navigate({ to: '/mappings', search: { environment } })
      }}
    />
  )
}

function ThemeToggle() {
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light')
  const next = scheme === 'dark' ? 'light' : 'dark'
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      onClick={() => setColorScheme(next)}
      aria-label={`Switch to the ${next} theme`}
    >
      {scheme === 'dark' ? <IconSun size={18} aria-hidden /> : <IconMoon size={18} aria-hidden />}
    </ActionIcon>
  )
}

function AccountMenu() {
  const me = useQuery(meQuery())
  const nameOf = useEnvironmentNames()
  const client = useQueryClient()
  const navigate = useNavigate()
  const signOut = useMutation({
    mutationFn: () => api.send('DELETE', '/session', undefined, z.unknown()),
    onSuccess: async () => {
      await navigate({ to: '/sign-in' })
      client.clear()
    },
    onError: (error) => toastProblem(error, 'Could not sign out'),
  })
  return (
    <Menu position="bottom-end" width={240} withArrow>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Account">
          <IconUserCircle size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)" truncate>
            {me.data?.name}
          </Text>
          <Text size="xs" truncate>
            {me.data?.email}
          </Text>
          {me.data !== undefined && <Text size="xs">{accessText(me.data.access, nameOf)}</Text>}
        </Menu.Label>
        <MenuItemLink
          to="/people"
          search={{ tab: 'account' }}
          leftSection={<IconUserCircle size={16} aria-hidden />}
        >
          Your account
        </MenuItemLink>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => signOut.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
